//! The client: typed queries and submissions over any chain.

use crate::{
    AccountId, Action, Backend, CallError, ChainError, Constructor, ContractError, Events, Head, Keypair, Limits,
    Message, RawCode, Receipt, Returned, Snapshot, Stage, Submission,
    backend::{Execution, Gas},
};
use ink::primitives::LangError;
use scale::{Decode, DecodeAll};
use std::sync::Arc;

/// Submissions that are tried again when others' messages raised the cost between dry run and execution.
const ATTEMPTS: usize = 3;
/// Account that asks where it does not matter who does.
const NOBODY: [u8; 32] = [0; 32];

/// Speaks to the contracts of one chain. Clones share the connection.
#[derive(Clone)]
pub struct Client {
    backend: Arc<dyn Backend>,
    until: Stage,
}

impl Client {
    /// A client of this chain, whose submissions wait until they are final.
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, until: Stage::Finalised }
    }

    /// The same client with submissions that wait until they have come this far: in a block at least.
    pub fn until(&self, stage: Stage) -> Self {
        Self { backend: self.backend.clone(), until: stage }
    }

    /// The chain, for what has no types.
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// Holds the newest block's state, for several questions whose answers must belong together.
    pub async fn pin(&self) -> Result<Pinned, ChainError> {
        Ok(Pinned { snapshot: self.backend.pin().await? })
    }

    /// Holds the state of the newest final block, for answers that must not be undone by another chain of blocks.
    pub async fn pin_final(&self) -> Result<Pinned, ChainError> {
        Ok(Pinned { snapshot: self.backend.pin_final().await? })
    }

    /// The newest block.
    pub async fn head(&self) -> Result<Head, ChainError> {
        self.backend.head().await
    }

    /// Hash of a block. Errors: `NoSuchBlock`.
    pub async fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError> {
        self.backend.block_hash(number).await
    }

    /// Events of contracts in blocks `block` and later, the oldest first.
    pub async fn events_since(&self, block: u32) -> Result<Events, ChainError> {
        self.backend.events_since(block).await
    }

    /// Asks a contract on the newest state, as nobody in particular. Nothing is changed, whatever the message.
    pub async fn query<R: Decode>(&self, message: &Message<R>) -> Result<R, ChainError> {
        self.query_as(NOBODY.into(), message).await
    }

    /// Asks a contract as `origin`: what would the message answer if `origin` sent it now?
    pub async fn query_as<R: Decode>(&self, origin: AccountId, message: &Message<R>) -> Result<R, ChainError> {
        let execution = self.backend.dry_run(origin, message.call.clone()).await?;
        answer(message.call.name, &execution.returned)
    }

    /// Asks a question that the contract may refuse to answer.
    pub async fn read<T: Decode, E: ContractError>(&self, message: &Message<Result<T, E>>) -> Result<T, CallError<E>> {
        self.query(message).await?.map_err(|error| CallError::refused(message.call.name, error))
    }

    /// Sends a message for good and returns what it answered. It is dry-run first: a message that the contract would
    /// refuse is not sent. The limits are what the dry run took and a tenth more.
    pub async fn submit<T: Decode, E: ContractError>(
        &self,
        signer: &Keypair,
        message: &Message<Result<T, E>>,
    ) -> Result<(T, Receipt), CallError<E>> {
        let name = message.call.name;
        let refused = |error| CallError::refused(name, error);
        let mut attempt = 1;
        loop {
            let (expected, mut submission) = self.attempt(signer, message, attempt).await?;
            match submission.reached(self.until).await {
                Ok(receipt) => {
                    let value = match &receipt.returned {
                        Some(returned) => answer::<Result<T, E>>(name, returned)?.map_err(refused)?,
                        None => expected,
                    };
                    return Ok((value, receipt));
                }
                Err(error) if attempt < ATTEMPTS && outdated(&error) => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends a message for good and returns once a node has accepted it, with what the dry run answered and a handle that
    /// tells what becomes of it. Unlike [`Client::submit`] it is not tried again.
    pub async fn send<T: Decode, E: ContractError>(
        &self,
        signer: &Keypair,
        message: &Message<Result<T, E>>,
    ) -> Result<(T, Submission), CallError<E>> {
        self.attempt(signer, message, 1).await
    }

    async fn attempt<T: Decode, E: ContractError>(
        &self,
        signer: &Keypair,
        message: &Message<Result<T, E>>,
        attempt: usize,
    ) -> Result<(T, Submission), CallError<E>> {
        let name = message.call.name;
        let execution = self.backend.dry_run(signer.account(), message.call.clone()).await?;
        let expected = answer::<Result<T, E>>(name, &execution.returned)?;
        let expected = expected.map_err(|error| CallError::refused(name, error))?;
        let action = Action::Call(message.call.clone());
        Ok((expected, self.backend.submit(signer, action, limits(&execution, attempt)).await?))
    }

    /// Gives an account native tokens, in the chain's smallest unit.
    pub async fn transfer(&self, signer: &Keypair, to: AccountId, amount: u128) -> Result<Receipt, ChainError> {
        // A transfer has no gas limit.
        let limits = Limits { gas: Gas::default(), deposit: None };
        self.backend.submit(signer, Action::Transfer { to, amount }, limits).await?.reached(self.until).await
    }

    /// Deploys a contract: uploads `code` if the chain lacks it and runs its constructor. Returns the address.
    pub async fn instantiate<E: ContractError>(
        &self,
        signer: &Keypair,
        code: Vec<u8>,
        constructor: &Constructor<E>,
        salt: Vec<u8>,
    ) -> Result<(AccountId, Receipt), CallError<E>> {
        let name = constructor.name;
        let code = RawCode { name, code, data: constructor.data.clone(), salt };
        let (address, execution) = self.backend.dry_instantiate(signer.account(), code.clone()).await?;
        // One that cannot fail returns a result all the same, with an empty error.
        let refused = |error| CallError::refused(name, error);
        answer::<Result<(), E>>(name, &execution.returned)?.map_err(refused)?;
        let limits = limits(&execution, 1);
        let mut submission = self.backend.submit(signer, Action::Instantiate(code), limits).await?;
        let receipt = submission.reached(self.until).await?;
        if let Some(returned) = &receipt.returned {
            answer::<Result<(), E>>(name, returned)?.map_err(refused)?;
        }
        Ok((address, receipt))
    }
}

/// One block of a chain, for reading: every answer is of the same state, whatever happens meanwhile.
#[derive(Clone)]
pub struct Pinned {
    snapshot: Arc<dyn Snapshot>,
}

impl Pinned {
    /// The block.
    pub fn head(&self) -> Head {
        self.snapshot.head()
    }

    /// Asks a contract on the block's state, as nobody in particular.
    pub async fn query<R: Decode>(&self, message: &Message<R>) -> Result<R, ChainError> {
        self.query_as(NOBODY.into(), message).await
    }

    /// Asks a contract as `origin`: what would the message answer if `origin` sent it then?
    pub async fn query_as<R: Decode>(&self, origin: AccountId, message: &Message<R>) -> Result<R, ChainError> {
        let execution = self.snapshot.dry_run(origin, message.call.clone()).await?;
        answer(message.call.name, &execution.returned)
    }

    /// Asks a question that the contract may refuse to answer.
    pub async fn read<T: Decode, E: ContractError>(&self, message: &Message<Result<T, E>>) -> Result<T, CallError<E>> {
        self.query(message).await?.map_err(|error| CallError::refused(message.call.name, error))
    }
}

/// Decodes what a contract returned. ink wraps every answer in a result of its own.
pub(crate) fn answer<R: Decode>(contract: &'static str, returned: &Returned) -> Result<R, ChainError> {
    match Result::<R, LangError>::decode_all(&mut returned.data.as_slice()) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(ChainError::UnknownMessage { contract }),
        Err(error) => {
            let reason = format!("{error} (0x{})", hex::encode(&returned.data));
            Err(ChainError::Undecodable { what: format!("answer of {contract}"), reason })
        }
    }
}

/// What a dry run took and a tenth more. The chain counts a contract's charges before the refunds of those that called
/// it, so a message may need a higher deposit limit than its deposit: later attempts leave that limit to the chain.
pub(crate) fn limits(execution: &Execution, attempt: usize) -> Limits {
    let more = |value: u64| value.saturating_add(value / 10);
    let gas = Gas { ref_time: more(execution.gas.ref_time), proof_size: more(execution.gas.proof_size) };
    let charge = execution.deposit.max(0).unsigned_abs();
    let deposit = (attempt == 1).then(|| charge.saturating_add(charge / 10));
    Limits { gas, deposit }
}

/// Whether a submission failed because the state had moved since its dry run. Where the contract refused after all, the
/// next dry run tells its error.
fn outdated(error: &ChainError) -> bool {
    const NAMES: [&str; 3] = ["OutOfGas", "StorageDepositLimitExhausted", "ContractReverted"];
    matches!(error, ChainError::Failed { error, .. } if NAMES.contains(&error.as_str()))
}
