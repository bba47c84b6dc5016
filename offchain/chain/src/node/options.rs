//! How a client of nodes behaves.

use std::time::Duration;

/// How patient a [`crate::Node`] is, and what it believes. The defaults serve an agent that runs for months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeOptions {
    /// Hash of the chain's genesis block. Without it, the first endpoint that answers says which chain is meant.
    pub genesis: Option<[u8; 32]>,
    /// How long opening a connection may take.
    pub connect_timeout: Duration,
    /// How long one answer may take before the endpoint counts as silent.
    pub request_timeout: Duration,
    /// How long a read is tried, on all endpoints, before it fails as `Unreachable`.
    pub patience: Duration,
    /// How often endpoints are asked for their newest blocks. They tell of them too, so this is for those that forget.
    pub poll: Duration,
    /// How many blocks an endpoint may lie behind the others before it is passed over.
    pub max_lag: u32,
    /// How long to wait for a head that was seen before to come back, before a lower one is believed.
    pub settle: Duration,
    /// How often an extrinsic that is in no block is sent again. It is the same extrinsic: it takes effect once.
    pub resend: Duration,
    /// How long contact may be lost before a submission is reported as `Unsettled`.
    pub lost_after: Duration,
    /// Most bytes of one answer.
    pub max_answer: u32,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            genesis: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(20),
            patience: Duration::from_secs(30),
            poll: Duration::from_secs(2),
            max_lag: 8,
            settle: Duration::from_secs(6),
            resend: Duration::from_secs(6),
            lost_after: Duration::from_secs(15 * 60),
            max_answer: 32 << 20,
        }
    }
}
