//! Dividends: from the hotkeys that earned them to pools.

use crate::{
    book::Book,
    links::{self, Links},
    peers,
    pool::Pool,
    settings::Config,
    staking::Staking,
};
use ink::{codegen::Env, prelude::vec::Vec};
use inktensor_primitives::{
    staking::{Distributed, StakingError},
    HotkeyId, Netuid,
};

impl Staking {
    /// The links of the subnet that has `netuid` now.
    pub(crate) fn links_of(&self, netuid: Netuid) -> Links {
        // The registry is asked only where there are links. Those of a subnet that is gone are void.
        let stored = self.links.get(netuid).filter(|links| !links.is_empty());
        let current = || peers::generation(self.config().ok()?.registry, netuid).ok();
        stored.filter(|links| current() == Some(links.generation)).unwrap_or_default()
    }

    /// Divides `amounts` rao that `hotkeys` earned on a subnet with these links between their pools and their parents',
    /// and books it.
    /// Errors: `HotkeyNotAssociated`, `PeerUnreachable`, `Overflow`.
    pub(crate) fn reward(
        &mut self,
        config: &Config,
        netuid: Netuid,
        links: &Links,
        hotkeys: &[HotkeyId],
        amounts: &[u64],
    ) -> Result<(), StakingError> {
        let now_ms = self.env().block_timestamp();
        let mut book = Book::default();
        let (mut amount, mut pools, mut take) = (0_u64, 0_u16, 0_u64);
        // Contributions are of the stakes before any of this is added, whatever the order.
        for (id, due) in self.payouts(&mut book, netuid, links, hotkeys, amounts) {
            let mut pool = match book.pool(id) {
                Some(pool) => pool,
                None => Pool::new(peers::hotkey_by_id(config.registry, id)?.coldkey),
            };
            take = take.saturating_add(pool.reward(due, now_ms).ok_or(StakingError::Overflow)?);
            book.set(id, &pool);
        }
        for earned in amounts.iter().filter(|earned| **earned > 0) {
            amount = amount.checked_add(*earned).ok_or(StakingError::Overflow)?;
            pools = pools.saturating_add(1);
        }
        self.save(book, amount, 0)?;
        self.env().emit_event(Distributed { amount, pools, take });
        Ok(())
    }

    /// What each pool gets: of a child's dividends its parents' parts, less the child's take where parent and child have
    /// different owners, then the rest for the child. In sum what was earned.
    fn payouts(
        &self,
        book: &mut Book,
        netuid: Netuid,
        links: &Links,
        hotkeys: &[HotkeyId],
        amounts: &[u64],
    ) -> Vec<(HotkeyId, u64)> {
        let now_ms = self.env().block_timestamp();
        let loans = links.loans(|id| book.value(id));
        let mut payouts = Vec::with_capacity(hotkeys.len());
        for (id, earned) in hotkeys.iter().zip(amounts).filter(|(_, earned)| **earned > 0) {
            let mut rest = *earned;
            let parts = links::parts(&loans, *id, book.value(*id), *earned);
            if !parts.is_empty() {
                let take = self.childkey_takes.get((netuid, *id)).unwrap_or_default();
                let owner = book.pool(*id).map(|pool| pool.coldkey);
                for (parent, part) in parts {
                    let related = book.pool(parent).map(|pool| pool.coldkey) == owner;
                    let kept = if related { 0 } else { take.part(part, now_ms) };
                    let due = part.saturating_sub(kept);
                    if due > 0 {
                        payouts.push((parent, due));
                        rest = rest.saturating_sub(due);
                    }
                }
            }
            if rest > 0 {
                payouts.push((*id, rest));
            }
        }
        payouts
    }
}
