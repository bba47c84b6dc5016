//! How what is owed is paid.

use crate::{emission::Emission, payment::Purse, peers::Peers};
use ink::{codegen::Env, primitives::AccountId};
use inktensor_primitives::{
    emission::{Claimed, EmissionError},
    Netuid,
};

impl Emission {
    /// Pays out what was owed and has been taken off the accounts already; the amount in rao.
    /// Errors: `NothingToClaim`, and those of the token.
    pub(crate) fn pay_claim(
        &self,
        peers: &Peers,
        netuid: Netuid,
        coldkey: AccountId,
        amount: u64,
    ) -> Result<u128, EmissionError> {
        if amount == 0 {
            return Err(EmissionError::NothingToClaim);
        }
        peers.send(coldkey, amount)?;
        self.env().emit_event(Claimed { netuid, coldkey, amount });
        Ok(u128::from(amount))
    }

    /// Pays the owner of a subnet what it is owed; the amount in rao.
    /// Errors: `NotActive`, `NothingToClaim`, `UnknownSubnet`, and those of the peers.
    pub(crate) fn pay_owner(&mut self, peers: &Peers, netuid: Netuid) -> Result<u128, EmissionError> {
        let generation = self.network().generation(netuid).ok_or(EmissionError::NotActive)?;
        let mut purse = self.purse(netuid);
        let amount = core::mem::take(&mut purse.owner_owed);
        if amount == 0 {
            return Err(EmissionError::NothingToClaim);
        }
        self.purses.insert(netuid, &purse);
        let life = peers.life(netuid)?.ok_or(EmissionError::UnknownSubnet)?;
        if life.generation != generation {
            return Err(EmissionError::NotActive);
        }
        self.pay_claim(peers, netuid, life.owner, amount)
    }

    /// Pays the owner of a subnet that is no more. Errors: those of the peers.
    pub(crate) fn pay_former(&self, peers: &Peers, netuid: Netuid, purse: &Purse) -> Result<(), EmissionError> {
        if let Some(owner) = purse.owner.filter(|_| purse.owner_owed > 0) {
            self.pay_claim(peers, netuid, peers.present(owner)?, purse.owner_owed)?;
        }
        Ok(())
    }
}
