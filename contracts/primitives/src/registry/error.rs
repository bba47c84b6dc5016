//! Why the registry refuses.

use crate::psp22::TransferError;

/// Why a message of the registry refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum RegistryError {
    /// Only the deployer may wire, and only governance may set the terms of the network.
    NotAuthorised,
    /// The contract is wired already.
    AlreadyWired,
    /// The contract is not wired to its peers yet.
    NotWired,
    /// Only the incentive contract may record an epoch.
    NotIncentive,
    /// No subnet has this netuid.
    UnknownSubnet,
    /// Only the subnet's owner may do this; hyperparameters also governance.
    NotSubnetOwner,
    /// A subnet was created less than the network rate limit ago.
    NetworkRateLimited,
    /// The price is above the limit that the caller gave. `lock_cost` and `burn` tell the price of the moment.
    PriceAboveLimit,
    /// The subnet was started already.
    AlreadyStarted,
    /// The hotkey is registered on this subnet already.
    AlreadyRegistered,
    /// The hotkey is not registered on this subnet.
    NotRegistered,
    /// Another coldkey owns the hotkey.
    NotHotkeyOwner,
    /// Every uid is taken and none may be: too few neurons are outside their immunity period, and no other is inside.
    NoFreeUid,
    /// The value is outside its bounds.
    OutOfBounds,
    /// Only governance may set this hyperparameter.
    GovernanceOnly,
    /// Longer than the limit: 128 bytes for a uri or an axon record, 32 for a name.
    TooLong,
    /// An empty uri, name or axon record, or a size of zero.
    Empty,
    /// Written less than the serving rate limit ago.
    ServingRateLimited,
    /// No amount may be above 2^64 - 1 rao.
    AmountTooLarge,
    /// The token refused the transfer. Approve the registry for the price first.
    Transfer(TransferError),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
    /// A vector's length does not fit the subnet.
    WrongLength,
    /// The contract is paused. `paused_until` tells how long.
    Paused,
    /// The network holds as many subnets as it may, and all are inside their immunity: none may be dissolved for a new one.
    NoFreeNetuid,
    /// Owners change no hyperparameter from two minutes before an epoch's end until it is turned, so that nobody votes under
    /// terms he did not see.
    FreezeWindow,
    /// An owner may change one hyperparameter once in two tempos.
    OwnerRateLimited,
    /// The coldkey has announced a swap, or was swapped: it does nothing else any more.
    ColdkeyLocked,
    /// No swap of this coldkey is announced.
    SwapNotAnnounced,
    /// The swap may be made when its delay has passed. `coldkey_swap` tells when.
    SwapNotDue,
    /// The new key does not match the hash that was announced.
    SwapMismatch,
    /// The swap is disputed. Governance decides.
    SwapDisputed,
    /// The coldkey was swapped already, or the new one is in use.
    KeyInUse,
    /// A key was swapped, or a swap announced, less than the rate limit ago.
    SwapRateLimited,
    /// The owner's coldkey was not swapped: there is nothing to inherit.
    NotSwapped,
    /// The subnet is not offered to the caller.
    NotOffered,
}
