//! How far the emission schedule is paid.
//!
//! The rate is a function of the issuance alone ([`inktensor_consensus::emission`]); this holds the issuance and the
//! time up to which it was issued. What is burned stays issued, what is recycled will be issued again.

use inktensor_consensus::emission;

/// Issuance in rao and the chain time in ms up to which the schedule is paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Schedule {
    /// Tokens issued and not recycled, in rao.
    pub issuance: u64,
    /// Whole slots are paid up to here.
    pub paid_until_ms: u64,
}

impl Schedule {
    /// The schedule after a genesis allocation of `genesis` rao; `None` if that is above the cap.
    pub fn new(genesis: u128, now_ms: u64) -> Option<Self> {
        let issuance = u64::try_from(genesis).ok().filter(|genesis| *genesis <= emission::CAP)?;
        Some(Self { issuance, paid_until_ms: now_ms })
    }

    /// Counts what is due as issued and returns it, in rao. A slot that has begun counts when it has ended.
    pub fn issue(&mut self, now_ms: u64) -> u64 {
        let due = emission::issue(self.issuance, now_ms.saturating_sub(self.paid_until_ms));
        self.paid_until_ms = self.paid_until_ms.saturating_add(due.consumed_ms);
        self.issuance = self.issuance.saturating_add(due.amount);
        due.amount
    }

    /// Makes `amount` rao available to be issued again. Slots that were not issued by then follow the rate after it:
    /// the schedule counts at most one TAO for a slot and never passes the cap, whoever recycles when.
    pub fn recycle(&mut self, amount: u64) {
        self.issuance = self.issuance.saturating_sub(amount);
    }

    /// Rao of the next slot.
    pub fn rate(&self) -> u64 {
        emission::slot_emission(self.issuance)
    }

    /// Chain time in ms at which the next slot is due.
    pub fn next_due_ms(&self) -> u64 {
        self.paid_until_ms.saturating_add(emission::SLOT_MS)
    }
}
