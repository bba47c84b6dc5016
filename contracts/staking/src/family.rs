//! Messages of child hotkeys. The rules are in [`crate::links`].

use crate::{
    book::Book,
    links::{self, Link, Links},
    peers,
    settings::Config,
    staking::Staking,
};
use ink::{codegen::Env, prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{
    staking::{PendingChildren, StakingError},
    HotkeyId, Netuid,
};

impl Staking {
    /// Announces the caller's children and returns the chain time in ms from which they can be activated.
    pub(crate) fn announce_children(
        &mut self,
        config: &Config,
        netuid: Netuid,
        hotkey: AccountId,
        children: &[AccountId],
        proportions: Vec<u64>,
    ) -> Result<u64, StakingError> {
        links::check(hotkey, children, &proportions)?;
        let parent = self.own_place(config, hotkey)?.hotkey.id;
        let set_ms = self.env().block_timestamp();
        let before = self.pending_children.get((netuid, parent));
        if before.is_some_and(|before| set_ms < before.set_ms.saturating_add(links::RATE_LIMIT_MS)) {
            return Err(StakingError::ChildrenRateLimited);
        }
        let generation = peers::generation(config.registry, netuid)?;
        let ids = children.iter().map(|child| Ok(peers::hotkey(config.registry, *child)?.id));
        let children = ids.collect::<Result<Vec<HotkeyId>, StakingError>>()?;
        let links = self.links.get(netuid).filter(|links| links.generation == generation).unwrap_or_default();
        if children.iter().any(|child| links.is_parent(*child)) {
            return Err(StakingError::ParentAndChild);
        }
        let due_ms = set_ms.saturating_add(links::ACTIVATION_MS);
        let pending = PendingChildren { generation, set_ms, due_ms, children, proportions };
        self.pending_children.insert((netuid, parent), &pending);
        Ok(due_ms)
    }

    /// Replaces a hotkey's children by those that were announced and are due.
    pub(crate) fn replace_children(
        &mut self,
        config: &Config,
        netuid: Netuid,
        hotkey: AccountId,
    ) -> Result<(), StakingError> {
        let parent = peers::hotkey(config.registry, hotkey)?.id;
        let pending = self.pending_children.take((netuid, parent)).ok_or(StakingError::ChildrenNotDue)?;
        let generation = peers::generation(config.registry, netuid)?;
        if pending.generation != generation || self.env().block_timestamp() < pending.due_ms {
            return Err(StakingError::ChildrenNotDue);
        }
        let current = self.links.get(netuid).filter(|links| links.generation == generation);
        let mut links = current.unwrap_or_else(|| Links::new(generation));
        let mut book = Book::default();
        links.replace(parent, &pending.children, &pending.proportions, |id| book.value(id))?;
        self.links.insert(netuid, &links);
        Ok(())
    }

    /// Sets the caller's take of its parents' dividends and returns the chain time in ms from which it counts.
    pub(crate) fn change_childkey_take(
        &mut self,
        config: &Config,
        netuid: Netuid,
        hotkey: AccountId,
        value: u16,
    ) -> Result<u64, StakingError> {
        let id = self.own_place(config, hotkey)?.hotkey.id;
        let mut take = self.childkey_takes.get((netuid, id)).unwrap_or_default();
        let from_ms = take.set(value, self.env().block_timestamp())?;
        self.childkey_takes.insert((netuid, id), &take);
        Ok(from_ms)
    }

    /// Those who are linked with a hotkey on a subnet, where `ends` tells the hotkey's end of a link and the other's, and
    /// the proportions of the links.
    pub(crate) fn relatives(
        &self,
        netuid: Netuid,
        hotkey: AccountId,
        ends: fn(&Link) -> (HotkeyId, HotkeyId),
    ) -> Vec<(HotkeyId, u64)> {
        let Some(id) = self.number(hotkey) else { return Vec::new() };
        let links = self.links_of(netuid);
        let own = links.iter().filter(|link| ends(link).0 == id);
        own.map(|link| (ends(&link).1, link.proportion)).collect()
    }

    /// A hotkey's number; nothing if nobody owns it, or the registry does not answer.
    pub(crate) fn number(&self, hotkey: AccountId) -> Option<HotkeyId> {
        Some(peers::hotkey(self.config().ok()?.registry, hotkey).ok()?.id)
    }
}
