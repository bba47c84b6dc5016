//! What becomes of stake that unbonds: it is paid, or passes to the coldkey that its own became. The rules are in
//! [`crate::unbonding`].

use crate::{peers, settings::Config, staking::Staking, unbonding};
use ink::{codegen::Env, primitives::AccountId};
use inktensor_primitives::staking::StakingError;

impl Staking {
    /// Pays a coldkey what is due and returns it, in rao.
    /// Errors: `NothingToWithdraw`, `ColdkeyLocked`, `Transfer`, `PeerUnreachable`, `Overflow`.
    pub(crate) fn pay_due(&mut self, config: &Config, coldkey: AccountId) -> Result<u64, StakingError> {
        let mut entries = self.unbonding(coldkey);
        let amount = unbonding::take_due(&mut entries, self.env().block_timestamp())?;
        peers::check_unlocked(config.registry, coldkey)?;
        if entries.is_empty() {
            self.unbondings.remove(coldkey);
        } else {
            self.unbondings.insert(coldkey, &entries);
        }
        peers::pay(config.token, coldkey, amount)?;
        Ok(amount)
    }

    /// Passes all that unbonds for a swapped coldkey to the one that it became, as one entry; that coldkey, and rao.
    /// Errors: `NothingToWithdraw` where nothing unbonds, `NotSwapped`, `TooManyUnbondings`, `PeerUnreachable`, `Overflow`.
    pub(crate) fn pass_on(&mut self, config: &Config, old: AccountId) -> Result<(AccountId, u64), StakingError> {
        let moved = unbonding::sum(&self.unbondings.take(old).ok_or(StakingError::NothingToWithdraw)?)?;
        let new = peers::successor(config.registry, old)?;
        let mut entries = self.unbonding(new);
        unbonding::add(&mut entries, moved.amount, moved.due_ms)?;
        self.unbondings.insert(new, &entries);
        Ok((new, moved.amount))
    }
}
