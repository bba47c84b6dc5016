//! The standing bond of a validator: deposited, withdrawn, forfeited.
//!
//! The contract holds no TAO but bonds: its balance is their sum. What is forfeited leaves in the message that settles it.

use crate::{commits::Commits, incentive::Incentive, peers::Peers};
use ink::{codegen::Env, primitives::AccountId};
use inktensor_primitives::{
    incentive::{BondChanged, IncentiveError},
    rao,
    registry::Hotkey,
    HotkeyId, Netuid,
};

type Result<T> = core::result::Result<T, IncentiveError>;

/// A hotkey's record, settled, and what was forfeited by that, in rao.
struct Settled {
    owner: Hotkey,
    commits: Commits,
    forfeited: u64,
    /// Whether there still is a subnet with the netuid.
    subnet: bool,
}

impl Incentive {
    /// Adds to a bond what the caller allowed this contract to take.
    pub(crate) fn deposit(&mut self, peers: &Peers, netuid: Netuid, hotkey: AccountId, amount: u128) -> Result<()> {
        let amount = rao(amount).ok_or(IncentiveError::AmountTooLarge)?;
        let mut settled = self.settled(peers, netuid, hotkey)?;
        if !settled.subnet {
            return Err(IncentiveError::UnknownSubnet);
        }
        settled.commits.deposit(amount)?;
        self.keep(peers, netuid, &settled)?;
        peers.transfer(self.env().caller(), self.env().account_id(), amount)
    }

    /// Pays what is left of a bond to the hotkey's owner; in rao.
    pub(crate) fn withdraw(&mut self, peers: &Peers, netuid: Netuid, hotkey: AccountId) -> Result<u64> {
        let mut settled = self.settled(peers, netuid, hotkey)?;
        let (caller, coldkey) = (self.env().caller(), settled.owner.coldkey);
        if caller != hotkey && caller != coldkey {
            return Err(IncentiveError::NotHotkeyOwner);
        }
        // Where all of it was forfeited by now, that is what the message is for.
        let bond = match settled.commits.withdraw() {
            Err(IncentiveError::NoBond) if settled.forfeited > 0 => 0,
            bond => bond?,
        };
        self.keep(peers, netuid, &settled)?;
        peers.transfer(self.env().account_id(), coldkey, bond)?;
        Ok(bond)
    }

    /// Takes from a bond what it has forfeited by now; in rao.
    pub(crate) fn take_forfeited(&mut self, peers: &Peers, netuid: Netuid, hotkey: AccountId) -> Result<u64> {
        let settled = self.settled(peers, netuid, hotkey)?;
        if settled.forfeited == 0 {
            return Err(IncentiveError::NothingForfeited);
        }
        self.keep(peers, netuid, &settled)?;
        Ok(settled.forfeited)
    }

    /// A hotkey's record on a subnet; an empty one if there is none.
    pub(crate) fn commits_of(&self, netuid: Netuid, hotkey: HotkeyId) -> Commits {
        self.commits.get((netuid, hotkey)).unwrap_or_default()
    }

    /// A hotkey's record, settled. Commits of a subnet that is gone are void, and so are those of a hotkey that lost its
    /// uid: nobody can reveal them. Errors: `NotRegistered`.
    fn settled(&self, peers: &Peers, netuid: Netuid, hotkey: AccountId) -> Result<Settled> {
        let owner = peers.hotkey(hotkey)?;
        let mut commits = self.commits_of(netuid, owner.id);
        let epoch = self.clocks.get(netuid).unwrap_or_default().epoch;
        let terms = peers.weight_terms(netuid, hotkey, false)?;
        let subnet = terms.is_some();
        let (tenancy, forfeit) = terms.map_or((None, 0), |terms| {
            (terms.seat.map(|(_, registration_id, _)| registration_id), terms.rules.bond_forfeit)
        });
        let forfeited = commits.settle(tenancy, epoch, forfeit);
        Ok(Settled { owner, commits, forfeited, subnet })
    }

    /// Stores a record, tells of it and destroys what was forfeited.
    fn keep(&mut self, peers: &Peers, netuid: Netuid, settled: &Settled) -> Result<()> {
        let Settled { owner, commits, forfeited, .. } = settled;
        self.commits.insert((netuid, owner.id), commits);
        let (bond, forfeited) = (commits.bond, *forfeited);
        self.env().emit_event(BondChanged { netuid, hotkey: owner.hotkey, bond, forfeited });
        peers.recycle(forfeited)
    }
}
