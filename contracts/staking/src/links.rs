//! Child hotkeys: stake that a hotkey lends to others on one subnet.
//!
//! A parent lends each of its children a proportion of its pool there. The child validates with its own stake and what
//! it borrows; its dividends are divided by who contributed the stake. Nothing moves between pools, and inheritance is
//! one level deep: what a hotkey borrows it cannot lend on. Source: subtensor's child keys, in integers.

use ink::{prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{staking::StakingError, HotkeyId};

/// Children of a parent on a subnet.
pub const MAX_CHILDREN: usize = 5;
/// Links of a subnet.
pub const MAX_LINKS: usize = 256;
/// Announced children can be activated after this time: 7,200 blocks of 12 s, one day.
pub const ACTIVATION_MS: u64 = 7_200 * 12_000;
/// Children may be set once in this time: 150 blocks of 12 s, half an hour.
pub const RATE_LIMIT_MS: u64 = 150 * 12_000;

/// One link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Who lends.
    pub parent: HotkeyId,
    /// Who borrows.
    pub child: HotkeyId,
    /// Part of the parent's pool, out of 2^64 - 1.
    pub proportion: u64,
}

/// What one link lends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loan {
    /// Who lends.
    pub parent: HotkeyId,
    /// Who borrows.
    pub child: HotkeyId,
    /// How much, in rao.
    pub amount: u64,
}

/// All links of one subnet, in one cell: two words a link, since SCALE copies words in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Links {
    /// Generation of the subnet. For a later subnet of the same netuid they are void.
    pub generation: u32,
    /// For each link the parent's number above the child's, and the proportion.
    words: Vec<u64>,
}

impl Links {
    /// A subnet without links.
    pub fn new(generation: u32) -> Self {
        Self { generation, words: Vec::new() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Link> + '_ {
        self.words.chunks_exact(2).filter_map(|words| match *words {
            [ends, proportion] => Some(Link { parent: low(ends >> 32), child: low(ends), proportion }),
            _ => None,
        })
    }

    /// Whether a hotkey has children.
    pub fn is_parent(&self, id: HotkeyId) -> bool {
        self.iter().any(|link| link.parent == id)
    }

    /// Gives `parent` these children in place of those it had. Who has children stops being a child of others: so nobody
    /// keeps another from having children by naming it as a child. Where the subnet has no room, parents with less stake
    /// than `parent` lose theirs, the least first: so room cannot be taken up by hotkeys without stake.
    /// Errors: `ParentAndChild`, `TooManyChildren`; what is left then is of no use.
    pub fn replace(
        &mut self,
        parent: HotkeyId,
        children: &[HotkeyId],
        proportions: &[u64],
        mut value: impl FnMut(HotkeyId) -> u64,
    ) -> Result<(), StakingError> {
        if children.iter().any(|child| self.is_parent(*child)) {
            return Err(StakingError::ParentAndChild);
        }
        let is_parent = !children.is_empty();
        self.remove(parent, is_parent);
        let own = value(parent);
        while self.iter().count().saturating_add(children.len()) > MAX_LINKS {
            let least = self.iter().map(|link| (value(link.parent), link.parent)).min();
            match least {
                Some((stake, id)) if stake < own => self.remove(id, false),
                _ => return Err(StakingError::TooManyChildren),
            }
        }
        for (child, proportion) in children.iter().zip(proportions) {
            self.push(Link { parent, child: *child, proportion: *proportion });
        }
        Ok(())
    }

    /// What each link lends, where `value` tells what the pools hold.
    pub fn loans(&self, mut value: impl FnMut(HotkeyId) -> u64) -> Vec<Loan> {
        let loan = |link: Link| Loan {
            parent: link.parent,
            child: link.child,
            amount: part(value(link.parent), link.proportion, u64::MAX),
        };
        self.iter().map(loan).collect()
    }

    /// Removes the children of a hotkey, and if told so its parents.
    fn remove(&mut self, id: HotkeyId, and_parents: bool) {
        let mut kept = Self::new(self.generation);
        for link in self.iter() {
            if link.parent != id && !(and_parents && link.child == id) {
                kept.push(link);
            }
        }
        *self = kept;
    }

    fn push(&mut self, link: Link) {
        self.words.push(u64::from(link.parent) << 32 | u64::from(link.child));
        self.words.push(link.proportion);
    }
}

/// Turns pool values of `hotkeys` into the stakes that count: less what each lends, plus what it borrows.
pub fn inherit(loans: &[Loan], hotkeys: &[HotkeyId], stakes: &mut [u64]) {
    let index = |id| hotkeys.iter().position(|hotkey| *hotkey == id);
    for loan in loans {
        if let Some(stake) = index(loan.parent).and_then(|index| stakes.get_mut(index)) {
            *stake = stake.saturating_sub(loan.amount);
        }
        if let Some(stake) = index(loan.child).and_then(|index| stakes.get_mut(index)) {
            *stake = stake.saturating_add(loan.amount);
        }
    }
}

/// Each parent's part of `amount` rao that `child`, with a pool of `value` rao, earned: by contribution, rounded down.
/// The rest is the child's.
pub fn parts(loans: &[Loan], child: HotkeyId, value: u64, amount: u64) -> Vec<(HotkeyId, u64)> {
    let mut stake = [value];
    inherit(loans, &[child], &mut stake);
    let borrowed = loans.iter().filter(|loan| loan.child == child);
    borrowed.map(|loan| (loan.parent, part(amount, loan.amount, stake[0]))).collect()
}

#[allow(clippy::cast_possible_truncation)] // the lower half is meant
fn low(word: u64) -> HotkeyId {
    word as HotkeyId
}

/// `amount * share / whole`, rounded down; nothing of nothing. `share` is at most `whole`.
fn part(amount: u64, share: u64, whole: u64) -> u64 {
    let part = u128::from(amount).saturating_mul(u128::from(share)).checked_div(u128::from(whole)).unwrap_or(0);
    u64::try_from(part).unwrap_or(amount).min(amount)
}

/// Checks a list of children as it is given. Errors: `WrongLength`, `TooManyChildren`, `MalformedChildren`.
pub fn check(parent: AccountId, children: &[AccountId], proportions: &[u64]) -> Result<(), StakingError> {
    if children.len() != proportions.len() {
        return Err(StakingError::WrongLength);
    }
    if children.len() > MAX_CHILDREN {
        return Err(StakingError::TooManyChildren);
    }
    let repeats = |(index, child)| children.iter().skip(index).skip(1).any(|other| other == child);
    let sum = proportions.iter().try_fold(0_u64, |sum, proportion| sum.checked_add(*proportion));
    if sum.is_none() || children.contains(&parent) || children.iter().enumerate().any(repeats) {
        return Err(StakingError::MalformedChildren);
    }
    Ok(())
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
