//! What becomes of an extrinsic, from a node's pool until it is settled.
//!
//! Nothing that a pool says is believed, and no subscription is needed: the blocks tell. So a connection may be cut, an
//! endpoint may be exchanged and a block replaced at any time; the next look finds what is true then. As long as the
//! extrinsic is in no block, the same bytes are sent again. A second signature is never made.
//!
//! A call that failed in a block is reported as failed when that block is final. Before that a replacement of the block
//! could make it succeed, and there is nothing that a caller could do with the news.

use super::{
    Inner,
    bodies::Bodies,
    connection::Connection,
    extrinsic::Extrinsic,
    lane::Turn,
    read::Trouble,
    receipt::{self, Place},
    rpc::{Rpc, RpcError},
    tracker::{Sight, Tracker},
};
use crate::{ChainError, Progress, Receipt, Stage};
use std::sync::Arc;
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, timeout},
};

/// A pool has the extrinsic already.
const IMPORTED: i32 = 1013;

/// Follows one extrinsic until its fate is settled.
pub(super) struct Follower {
    node: Arc<Inner>,
    extrinsic: Extrinsic,
    tracker: Tracker,
    /// What errors call the contract.
    contract: &'static str,
    /// Held until the extrinsic is in a block, so that the key's next one waits.
    turn: Option<Turn>,
    progress: watch::Sender<Progress>,
    /// Told when a node has the extrinsic, or its fate is settled.
    accepted: Option<oneshot::Sender<()>>,
    sent: Option<Instant>,
    place: Option<Place>,
}

/// How an extrinsic ended.
type Fate = Result<Receipt, ChainError>;

impl Follower {
    /// A follower of an extrinsic that a node may have. The first receiver tells its progress, the second when a node has
    /// accepted it or its fate is settled.
    pub(super) fn new(
        node: Arc<Inner>,
        extrinsic: Extrinsic,
        contract: &'static str,
        turn: Turn,
    ) -> (Self, watch::Receiver<Progress>, oneshot::Receiver<()>) {
        let (progress, reports) = watch::channel(Progress::Submitted);
        let (accept, accepted) = oneshot::channel();
        let follower = Self {
            node,
            tracker: Tracker::new(&extrinsic),
            extrinsic,
            contract,
            turn: Some(turn),
            progress,
            accepted: Some(accept),
            sent: None,
            place: None,
        };
        (follower, reports, accepted)
    }

    /// A node has the extrinsic.
    pub(super) fn accepted(&mut self) {
        self.sent = Some(Instant::now());
        if let Some(accepted) = self.accepted.take() {
            // Nobody listens where acceptance was known before.
            let _ = accepted.send(());
        }
    }

    /// Follows to the end.
    pub(super) async fn run(mut self) {
        let mut changes = self.node.pool.changes();
        let mut contact = Instant::now();
        loop {
            changes.borrow_and_update();
            match self.look().await {
                Ok(Some(fate)) => return self.settle(fate).await,
                Ok(None) => contact = Instant::now(),
                Err(error) if contact.elapsed() >= self.node.options.lost_after => {
                    tracing::warn!(%error, contract = self.contract, "gave a submission up");
                    let (contract, until) = (self.contract, self.extrinsic.era.last());
                    return self.settle(Err(ChainError::Unsettled { contract, until })).await;
                }
                Err(error) => tracing::debug!(%error, contract = self.contract, "cannot follow for now"),
            }
            let due = self.sent.is_none_or(|sent| sent.elapsed() >= self.node.options.resend);
            if self.place.is_none() && due {
                self.send().await;
            }
            let _ = timeout(self.node.options.poll, changes.changed()).await;
        }
    }

    /// Hands the extrinsic to the first endpoint that takes it. Why one does not take it is no matter: the blocks tell.
    async fn send(&mut self) {
        // An endpoint that does not answer costs its connection, which the look needs: attempts are as far apart as
        // repetitions.
        self.sent = Some(Instant::now());
        for (index, connection) in self.node.pool.connections() {
            match connection.send(&self.extrinsic.bytes).await {
                Ok(()) | Err(RpcError::Refused { code: IMPORTED, .. }) => return self.accepted(),
                Err(RpcError::Lost(reason)) => self.node.pool.lose(index, &connection, &reason),
                Err(error) => tracing::debug!(?error, contract = self.contract, "not taken"),
            }
        }
    }

    /// Looks at the blocks once, as the first endpoint sees them that makes sense. Returns the fate when it is settled.
    async fn look(&mut self) -> Result<Option<Fate>, ChainError> {
        let mut failure = ChainError::Unreachable(self.node.pool.silence());
        for (index, connection) in self.node.pool.connections() {
            match self.look_by(&connection).await {
                Ok(fate) => return Ok(fate),
                Err(Trouble::Rpc(RpcError::Lost(reason))) => {
                    self.node.pool.lose(index, &connection, &reason);
                    failure = ChainError::Unreachable(reason);
                }
                Err(trouble) => failure = trouble.into(),
            }
        }
        Err(failure)
    }

    async fn look_by(&mut self, connection: &Connection) -> Result<Option<Fate>, Trouble> {
        let bodies: &Bodies = &self.node.bodies;
        let contract = self.contract;
        match self.tracker.look(connection, bodies).await? {
            Sight::Nowhere => {
                self.in_no_block();
                Ok(None)
            }
            Sight::InBlock(place) => self.in_block(connection, place).await.map(|()| None),
            Sight::Final(place) => self.in_block_for_good(connection, place).await.map(Some),
            Sight::Expired => Ok(Some(Err(ChainError::Expired { contract, block: self.extrinsic.era.last() }))),
            Sight::Overtaken => Ok(Some(Err(ChainError::Rejected { contract, error: "Stale".into() }))),
        }
    }

    fn in_no_block(&mut self) {
        if self.place.take().is_some() {
            // Its block was replaced: sent again at once.
            self.sent = None;
            self.progress.send_replace(Progress::Submitted);
        }
    }

    async fn in_block(&mut self, connection: &Connection, place: Place) -> Result<(), Trouble> {
        if self.place != Some(place) {
            let fate = self.fate(connection, place).await?;
            self.place = Some(place);
            self.included();
            self.progress.send_replace(fate.map_or(Progress::Submitted, Progress::InBlock));
        }
        Ok(())
    }

    async fn in_block_for_good(&mut self, connection: &Connection, place: Place) -> Result<Fate, Trouble> {
        let fate = match self.fate(connection, place).await {
            // It is in a block, but what it did there nobody tells any more.
            Err(Trouble::Rpc(error)) if error.lacks_block() => Err(ChainError::StateGone(place.block)),
            Err(Trouble::Chain(error)) => Err(error),
            Err(trouble) => return Err(trouble),
            Ok(fate) => fate.map(|receipt| Receipt { stage: Stage::Finalised, ..receipt }),
        };
        self.place = Some(place);
        self.included();
        Ok(fate)
    }

    /// What the extrinsic came to in a block. That the call failed is its fate; all else is trouble.
    async fn fate(&self, connection: &Connection, place: Place) -> Result<Fate, Trouble> {
        let (events, runtime) = self.node.events(connection, place.block_hash).await?;
        match receipt::read(&events, place, self.extrinsic.signer, self.contract, &runtime) {
            Err(error @ ChainError::Failed { .. }) => Ok(Err(error)),
            Err(error) => Err(error.into()),
            Ok(receipt) => Ok(Ok(receipt)),
        }
    }

    /// It is in a block: the key's next extrinsic may go.
    fn included(&mut self) {
        self.accepted();
        if let Some(mut turn) = self.turn.take() {
            turn.next = self.extrinsic.nonce.checked_add(1);
        }
    }

    async fn settle(mut self, fate: Fate) {
        if let Some(place) = self.place {
            // Who hears of it reads at this block or later.
            self.node.saw(place.block);
        }
        self.progress.send_replace(fate.map_or_else(Progress::Failed, Progress::Finalised));
        self.accepted();
        if self.place.is_none() {
            // The nonce that it had may be free again: the next asks the chain.
            let turn = match self.turn.take() {
                Some(turn) => turn,
                None => self.node.lanes.enter(self.extrinsic.signer).await,
            };
            forget(turn);
        }
    }
}

fn forget(mut turn: Turn) {
    turn.next = None;
}
