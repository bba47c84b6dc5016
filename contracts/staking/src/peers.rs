//! What staking asks of the other contracts.

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{
    peer::{ask, ask_bytes},
    psp22::{TransferError, PSP22},
    registry::{Hotkey, SubnetRegistry},
    staking::StakingError,
    HotkeyId, Netuid,
};
use scale::{DecodeAll, Encode};

type Registry = contract_ref!(SubnetRegistry, DefaultEnvironment);
type Token = contract_ref!(PSP22, DefaultEnvironment);

/// The number and the owner of `hotkey`, for `coldkey` to move stake on it.
/// Errors: `PeerUnreachable`, `ColdkeyLocked`, `HotkeyNotAssociated`.
pub fn stake_terms(registry: AccountId, hotkey: AccountId, coldkey: AccountId) -> Result<Hotkey, StakingError> {
    match terms(registry, hotkey, coldkey)? {
        (_, true) => Err(StakingError::ColdkeyLocked),
        (hotkey, false) => hotkey.ok_or(StakingError::HotkeyNotAssociated),
    }
}

/// The number and the owner of `hotkey`. Errors: `PeerUnreachable`, `HotkeyNotAssociated`.
pub fn hotkey(registry: AccountId, hotkey: AccountId) -> Result<Hotkey, StakingError> {
    terms(registry, hotkey, hotkey)?.0.ok_or(StakingError::HotkeyNotAssociated)
}

/// Refuses a coldkey that may move nothing. Errors: `PeerUnreachable`, `ColdkeyLocked`.
pub fn check_unlocked(registry: AccountId, coldkey: AccountId) -> Result<(), StakingError> {
    match terms(registry, coldkey, coldkey)? {
        (_, true) => Err(StakingError::ColdkeyLocked),
        (_, false) => Ok(()),
    }
}

/// The hotkey with a number. Errors: `PeerUnreachable`, `HotkeyNotAssociated`.
pub fn hotkey_by_id(registry: AccountId, id: HotkeyId) -> Result<Hotkey, StakingError> {
    let registry: Registry = registry.into();
    ask(registry.call().hotkey_by_id(id)).ok_or(StakingError::PeerUnreachable)?.ok_or(StakingError::HotkeyNotAssociated)
}

/// Generation of the subnet that has a netuid now. Errors: `PeerUnreachable`, `UnknownSubnet`.
pub fn generation(registry: AccountId, netuid: Netuid) -> Result<u32, StakingError> {
    let registry: Registry = registry.into();
    let life = ask(registry.call().life(netuid)).ok_or(StakingError::PeerUnreachable)?;
    Ok(life.ok_or(StakingError::UnknownSubnet)?.generation)
}

/// The coldkey that `coldkey` was swapped for. Errors: `PeerUnreachable`, `NotSwapped`.
pub fn successor(registry: AccountId, coldkey: AccountId) -> Result<AccountId, StakingError> {
    let registry: Registry = registry.into();
    ask(registry.call().successor(coldkey)).ok_or(StakingError::PeerUnreachable)?.ok_or(StakingError::NotSwapped)
}

/// Takes `amount` rao that `from` allowed this contract. Errors: `Transfer`, `PeerUnreachable`.
pub fn collect(token: AccountId, from: AccountId, to: AccountId, amount: u64) -> Result<(), StakingError> {
    let mut peer: Token = token.into();
    let call = peer.call_mut().transfer_from(from, to, u128::from(amount), Vec::new());
    transfer(token, &call.params().exec_input().encode())
}

/// Pays `amount` rao out of this contract's balance. Errors: `Transfer`, `PeerUnreachable`.
pub fn pay(token: AccountId, to: AccountId, amount: u64) -> Result<(), StakingError> {
    let mut peer: Token = token.into();
    let call = peer.call_mut().transfer(to, u128::from(amount), Vec::new());
    transfer(token, &call.params().exec_input().encode())
}

/// Makes an encoded call that moves tokens, and reads the answer by the errors that it can be.
fn transfer(token: AccountId, input: &[u8]) -> Result<(), StakingError> {
    let answer = ask_bytes(token, input).ok_or(StakingError::PeerUnreachable)?;
    let answer = Result::<(), TransferError>::decode_all(&mut &answer[..]);
    answer.map_err(|_| StakingError::PeerUnreachable)?.map_err(StakingError::Transfer)
}

/// The one question about hotkeys and coldkeys: each of three would have its own code.
fn terms(registry: AccountId, hotkey: AccountId, coldkey: AccountId) -> Result<(Option<Hotkey>, bool), StakingError> {
    let registry: Registry = registry.into();
    ask(registry.call().stake_terms(hotkey, coldkey)).ok_or(StakingError::PeerUnreachable)
}
