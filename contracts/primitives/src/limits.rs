//! Bounds that keep every message inside the budget of any contracts chain.

/// Neurons of a subnet.
pub const MAX_UIDS: u16 = 256;
/// Subnets of a network.
pub const MAX_SUBNETS: u16 = 128;
/// Neurons a page of a bulk getter or of packed storage holds.
pub const PAGE: u16 = 64;
/// Bytes of a uri (model, evaluator, identity).
pub const MAX_URI: usize = 128;
/// Bytes of an evaluator's parameters: three digests in hex and a few figures.
pub const MAX_PARAMETERS: usize = 512;
/// Bytes of a subnet's name.
pub const MAX_NAME: usize = 32;
/// Bytes of an axon record. Opaque to the chain, so that it can be encrypted to validators.
pub const MAX_AXON: usize = 128;
/// Unrevealed weight commits that one hotkey may hold on one subnet.
pub const MAX_COMMITS: usize = 10;
/// Hotkeys in one query or one distribution of dividends.
pub const MAX_BATCH: usize = 256;
/// All of a proportion.
pub const PROPORTION: u16 = 65_535;
/// Bytes of a proposed call: selector and arguments.
pub const MAX_CALL: usize = 1_024;
/// All of a split, in basis points.
pub const BPS: u16 = 10_000;
