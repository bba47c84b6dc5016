//! Events that more than one message emits. What an event costs in code is paid here once.

use crate::staking::Staking;
use ink::{codegen::Env, primitives::AccountId};
use inktensor_primitives::{
    staking::{ChildrenSet, StakeTransferred, TakeSet},
    Netuid,
};

impl Staking {
    /// Stake passed from one coldkey to another.
    #[inline(never)]
    pub(crate) fn transferred(&self, from: AccountId, to: AccountId, hotkey: AccountId, amount: u64) {
        self.env().emit_event(StakeTransferred { from, to, hotkey, amount });
    }

    /// Children were announced, or activated.
    #[inline(never)]
    pub(crate) fn children_set(&self, netuid: Netuid, hotkey: AccountId, due_ms: Option<u64>) {
        self.env().emit_event(ChildrenSet { netuid, hotkey, due_ms });
    }

    /// A take was set, on a subnet for that of a child.
    #[inline(never)]
    pub(crate) fn take_set(&self, netuid: Option<Netuid>, hotkey: AccountId, take: u16, from_ms: u64) {
        self.env().emit_event(TakeSet { hotkey, netuid, take, from_ms });
    }
}
