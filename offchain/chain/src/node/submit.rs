//! Signing an action and finding a node that takes it.

use super::{
    Inner, dispatch,
    era::Era,
    extension::Bound,
    extrinsic::{self, Extrinsic, blake2_256},
    follow::Follower,
    lane::Turn,
    rpc::{Rpc, RpcError},
    runtime::{CONTRACTS, Runtime},
};
use crate::{AccountId, Action, ChainError, Keypair, Limits, Progress, Submission};
use std::sync::Arc;
use tokio::time::{Instant, timeout};

/// How far behind the best block the block may be that a signature is bound to, where finality lags.
const DEPTH: u32 = 16;
/// Signatures that are made of one action, each after a node refused the one before.
const SIGNATURES: usize = 4;
/// Codes by which a node's pool says why it does not take an extrinsic.
const POOL: std::ops::RangeInclusive<i32> = 1010..=1019;
/// Of these: an extrinsic that the pool may take later, or has.
const BANNED: i32 = 1012;
const IMPORTED: i32 = 1013;
const CHEAP: i32 = 1014;
const FULL: i32 = 1016;

/// What came of offering an extrinsic to the endpoints.
enum Offer {
    Accepted,
    /// It may have been taken, or may be later.
    Unclear,
    /// It was not taken, and will not be as it is: the runtime's reason by name.
    Refused(String),
    /// No endpoint heard of it.
    Unheard,
}

impl Inner {
    /// Signs an action and hands it over. Returns once a node has accepted it. Who stops waiting before stops nothing,
    /// once it is the action's turn: an extrinsic that was sent must be followed.
    pub(super) async fn submit(
        self: &Arc<Self>,
        signer: &Keypair,
        action: Action,
        limits: Limits,
    ) -> Result<Submission, ChainError> {
        let turn = self.lanes.enter(signer.account()).await;
        let (node, signer) = (self.clone(), signer.clone());
        let sent = tokio::spawn(async move { node.submit_in(turn, &signer, &action, limits).await });
        sent.await.unwrap_or_else(|error| Err(ChainError::Broken(error.to_string())))
    }

    async fn submit_in(
        self: &Arc<Self>,
        mut turn: Turn,
        signer: &Keypair,
        action: &Action,
        limits: Limits,
    ) -> Result<Submission, ChainError> {
        let contract = action.name();
        let mut changes = self.pool.changes();
        let mut refusal = String::new();
        for _ in 0..SIGNATURES {
            let extrinsic = self.sign(signer, action, limits, &turn).await?;
            match self.offer(&extrinsic).await {
                Offer::Accepted => return self.follow(extrinsic, contract, turn, true).await,
                Offer::Unclear => return self.follow(extrinsic, contract, turn, false).await,
                Offer::Unheard => return Err(ChainError::Unreachable(self.pool.silence())),
                // The nonce or the birth block was another node's view: nothing was taken, so it may be signed again.
                Offer::Refused(error) if ["Stale", "TooLowPriority", "AncientBirthBlock"].contains(&error.as_str()) => {
                    turn.next = None;
                    refusal = error;
                    let _ = timeout(self.options.poll, changes.changed()).await;
                }
                Offer::Refused(error) => return Err(ChainError::Rejected { contract, error }),
            }
        }
        Err(ChainError::Rejected { contract, error: refusal })
    }

    /// Whether an endpoint's pool holds extrinsics of an account.
    pub(super) async fn has_pending(&self, account: AccountId) -> Result<bool, ChainError> {
        let mut silence = Some(ChainError::Unreachable(self.pool.silence()));
        for (index, connection) in self.pool.connections() {
            match pending(&*connection, account).await {
                Ok(true) => return Ok(true),
                Ok(false) => silence = None,
                Err(RpcError::Lost(reason)) => self.pool.lose(index, &connection, &reason),
                Err(error) => silence = silence.map(|_| error.into()),
            }
        }
        silence.map_or(Ok(false), Err)
    }

    /// Fee of an action in native tokens.
    pub(super) async fn fee(&self, action: &Action, limits: Limits) -> Result<Option<u128>, ChainError> {
        let (_, block) = self.newest().await?;
        let runtime = self.runtimes.at(&self.pool, block).await?;
        if !runtime.has("TransactionPayment") {
            return Ok(None);
        }
        let call = self.call(action, limits, &runtime, block).await?;
        let bound = self.bound(&runtime, 0).await?;
        let mut input = Extrinsic::unsigned(&call, &runtime, &bound)?.bytes;
        let length = u32::try_from(input.len()).unwrap_or(u32::MAX);
        input.extend_from_slice(&length.to_le_bytes());
        let answer = self.pool.runtime_call("TransactionPaymentApi_query_info", &input, block).await?;
        let fee = super::wire::fee(&answer, runtime.balance_bytes);
        fee.map(Some).map_err(|error| super::runtime::undecodable("fee", error))
    }

    async fn sign(
        &self,
        signer: &Keypair,
        action: &Action,
        limits: Limits,
        turn: &Turn,
    ) -> Result<Extrinsic, ChainError> {
        let (_, block) = self.newest().await?;
        let runtime = self.runtimes.at(&self.pool, block).await?;
        let call = self.call(action, limits, &runtime, block).await?;
        let nonce = self.pool.next_nonce(signer.account()).await?.max(turn.next.unwrap_or(0));
        Extrinsic::sign(signer, &call, &runtime, &self.bound(&runtime, nonce).await?)
    }

    async fn call(
        &self,
        action: &Action,
        limits: Limits,
        runtime: &Runtime,
        block: [u8; 32],
    ) -> Result<Vec<u8>, ChainError> {
        let stored = match action {
            Action::Call(_) | Action::Upload(_) | Action::Transfer { .. } => None,
            Action::Instantiate(code) => self.stored(&code.code, runtime, block).await?,
        };
        extrinsic::call(action, limits, stored, runtime)
    }

    /// Hash of a code if the chain has it.
    pub(super) async fn stored(
        &self,
        code: &[u8],
        runtime: &Runtime,
        block: [u8; 32],
    ) -> Result<Option<[u8; 32]>, ChainError> {
        let hash = blake2_256(code);
        let key = runtime.key_under(CONTRACTS, "PristineCode", hash)?;
        Ok(self.pool.stored(&key, block).await?.then_some(hash))
    }

    /// What a signature is bound to: a block that is final, or one so far back that it will hardly be replaced.
    async fn bound(&self, runtime: &Runtime, nonce: u32) -> Result<Bound, ChainError> {
        let (best, _) = self.newest().await?;
        let finalised = self.pool.header(self.pool.final_hash().await?).await?.number;
        let birth = finalised.clamp(best.saturating_sub(DEPTH), best);
        let checkpoint = self.hash_of(birth).await?;
        Ok(Bound {
            nonce,
            genesis: self.pool.genesis()?,
            era: Era { birth },
            checkpoint,
            spec_version: runtime.version.spec_version,
            transaction_version: runtime.version.transaction_version,
        })
    }

    /// Offers an extrinsic until an endpoint hears of it, or patience ends: what nobody heard may still be sent.
    async fn offer(&self, extrinsic: &Extrinsic) -> Offer {
        let mut changes = self.pool.changes();
        let deadline = Instant::now() + self.options.patience;
        loop {
            let offer = self.offer_once(extrinsic).await;
            if !matches!(offer, Offer::Unheard) || Instant::now() >= deadline {
                return offer;
            }
            let _ = timeout(self.options.poll, changes.changed()).await;
        }
    }

    async fn offer_once(&self, extrinsic: &Extrinsic) -> Offer {
        let mut offer = Offer::Unheard;
        for (index, connection) in self.pool.connections() {
            match connection.send(&extrinsic.bytes).await {
                Ok(()) | Err(RpcError::Refused { code: IMPORTED, .. }) => return Offer::Accepted,
                Err(RpcError::Refused { code: BANNED | FULL, .. } | RpcError::Malformed { .. }) => {
                    offer = Offer::Unclear;
                }
                Err(RpcError::Lost(reason)) => {
                    self.pool.lose(index, &connection, &reason);
                    offer = Offer::Unclear;
                }
                // After one that may have taken it, "outdated" may mean that it is in a block.
                Err(RpcError::Refused { code, .. }) if POOL.contains(&code) && matches!(offer, Offer::Unclear) => {
                    return Offer::Unclear;
                }
                Err(RpcError::Refused { code: CHEAP, .. }) => return Offer::Refused("TooLowPriority".into()),
                Err(RpcError::Refused { code, message, .. }) if POOL.contains(&code) => {
                    return Offer::Refused(dispatch::of_pool(&message));
                }
                // This endpoint takes no extrinsics from us: another may.
                Err(RpcError::Refused { message, .. }) => {
                    if matches!(offer, Offer::Unheard) {
                        offer = Offer::Refused(message);
                    }
                }
            }
        }
        offer
    }

    /// Has an extrinsic followed. One that may or may not have `arrived` is sent again until a node accepts it or a block
    /// holds it: only then this returns.
    async fn follow(
        self: &Arc<Self>,
        extrinsic: Extrinsic,
        contract: &'static str,
        turn: Turn,
        arrived: bool,
    ) -> Result<Submission, ChainError> {
        let id = extrinsic.hash;
        let (mut follower, progress, accepted) = Follower::new(self.clone(), extrinsic, contract, turn);
        if arrived {
            follower.accepted();
        }
        tokio::spawn(follower.run());
        accepted.await.map_err(|_| ChainError::Broken("whoever followed the submission stopped".into()))?;
        let submission = Submission::new(id, progress);
        match submission.progress() {
            Progress::Failed(error) if !arrived => Err(error),
            _ => Ok(submission),
        }
    }
}

/// Whether a node's pool holds extrinsics of an account. The block is asked first: one that comes between the two questions
/// makes it seem so, never otherwise.
async fn pending(node: &impl Rpc, account: AccountId) -> Result<bool, RpcError> {
    let in_blocks = node.nonce(account, node.best_hash().await?).await?;
    Ok(node.next_nonce(account).await? > in_blocks)
}
