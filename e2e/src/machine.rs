//! What contracts run on: a runtime in this process, whatever the width of its balances, or a node.

use drink::{
    AccountId32, Sandbox, Weight,
    pallet_contracts::{self, Determinism, StorageDeposit},
    sandbox_api::{balance_api::BalanceAPI, contracts_api::ContractAPI, timestamp_api::TimestampAPI},
};
use ink::primitives::{AccountId, Hash};
use ink_sandbox::{
    frame_support::sp_runtime::{DispatchError, StateVersion},
    frame_system, pallet_balances, pallet_timestamp,
};

/// An event of a contract: who emitted it, its topics, its data.
pub type Emitted = (AccountId, Vec<[u8; 32]>, Vec<u8>);

/// What came of a message.
pub struct Called {
    /// What the contract answered, and whether it undid its changes; or why it gave no answer.
    pub answer: Result<(Vec<u8>, bool), String>,
    /// What it consumed.
    pub ref_time: u64,
    /// What it consumed of the proof of state.
    pub proof_size: u64,
    /// Storage deposit that the caller paid, or got back where it is negative.
    pub deposit: i128,
    /// Events of contracts.
    pub events: Vec<Emitted>,
}

/// A runtime with contracts on it.
pub trait Machine {
    /// Sets the time of the block, in ms.
    fn set_time(&mut self, ms: u64);
    /// Gives an account tokens of the chain for deposits.
    fn fund(&mut self, who: AccountId);
    /// Uploads code without deploying it.
    fn upload(&mut self, who: AccountId, code: Vec<u8>) -> Result<Hash, String>;
    /// Deploys a contract.
    fn deploy(&mut self, who: AccountId, code: Vec<u8>, data: Vec<u8>, salt: Vec<u8>) -> Result<AccountId, String>;
    /// Sends a message.
    fn call(&mut self, who: AccountId, contract: AccountId, data: Vec<u8>) -> Called;
    /// Root of the whole state, events apart: two states with one root are the same.
    fn root(&mut self) -> Vec<u8>;
    /// Fee of a transaction with a message that came to this, in the chain's smallest unit; none where the runtime knows no
    /// fees.
    fn fee(&mut self, contract: AccountId, data: &[u8], called: &Called) -> Option<u128>;
}

type Balance<S> = <<S as Sandbox>::Runtime as pallet_balances::Config>::Balance;

impl<S> Machine for S
where
    S: Sandbox,
    S::Runtime: frame_system::Config<AccountId = AccountId32, Hash = ink_sandbox::H256>
        + pallet_balances::Config
        + pallet_timestamp::Config<Moment = u64>
        + pallet_contracts::Config<Currency = pallet_balances::Pallet<S::Runtime>>,
    <S::Runtime as frame_system::Config>::RuntimeEvent: TryInto<pallet_contracts::Event<S::Runtime>>,
    Balance<S>: From<u64> + TryInto<u128>,
{
    fn set_time(&mut self, ms: u64) {
        self.set_timestamp(ms);
    }

    fn fund(&mut self, who: AccountId) {
        let who = native(who);
        if self.free_balance(&who) < Balance::<S>::from(1_000_000_000_000) {
            self.mint_into(&who, Balance::<S>::from(1_000_000_000_000_000)).expect("tokens are minted");
        }
    }

    fn upload(&mut self, who: AccountId, code: Vec<u8>) -> Result<Hash, String> {
        let uploaded = self.upload_contract(code, native(who), None, Determinism::Enforced);
        uploaded.map(|upload| upload.code_hash.0.into()).map_err(name)
    }

    fn deploy(&mut self, who: AccountId, code: Vec<u8>, data: Vec<u8>, salt: Vec<u8>) -> Result<AccountId, String> {
        let value = Balance::<S>::from(0);
        let deployed = self.deploy_contract(code, value, data, salt, native(who), Weight::MAX, None);
        let outcome = deployed.result.map_err(name)?;
        if outcome.result.did_revert() {
            return Err(format!("the constructor refused: {:?}", outcome.result.data));
        }
        Ok(<[u8; 32]>::from(outcome.account_id).into())
    }

    fn call(&mut self, who: AccountId, contract: AccountId, data: Vec<u8>) -> Called {
        self.execute_with(frame_system::Pallet::<S::Runtime>::reset_events);
        let value = Balance::<S>::from(0);
        let (contract, who) = (native(contract), native(who));
        let called = self.call_contract(contract, value, data, who, Weight::MAX, None, Determinism::Enforced);
        let records = self.execute_with(frame_system::Pallet::<S::Runtime>::events);
        let events = records.into_iter().filter_map(|record| {
            let pallet_contracts::Event::ContractEmitted { contract, data } = record.event.try_into().ok()? else {
                return None;
            };
            Some((<[u8; 32]>::from(contract).into(), record.topics.iter().map(|topic| topic.0).collect(), data))
        });
        let amount = |amount: Balance<S>| amount.try_into().ok().and_then(|wide| i128::try_from(wide).ok());
        Called {
            answer: called.result.map(|value| (value.data.clone(), value.did_revert())).map_err(name),
            ref_time: called.gas_consumed.ref_time(),
            proof_size: called.gas_consumed.proof_size(),
            deposit: match called.storage_deposit {
                StorageDeposit::Charge(charge) => amount(charge).expect("deposits are small"),
                StorageDeposit::Refund(refund) => -amount(refund).expect("deposits are small"),
            },
            events: events.collect(),
        }
    }

    fn root(&mut self) -> Vec<u8> {
        // Events are kept in the state until the next message: they are no part of what contracts decided.
        self.execute_with(|| {
            frame_system::Pallet::<S::Runtime>::reset_events();
            sp_io::storage::root(StateVersion::V1)
        })
    }

    fn fee(&mut self, _contract: AccountId, _data: &[u8], _called: &Called) -> Option<u128> {
        None
    }
}

/// The name of an error: that of the pallet's error where it has one.
fn name(error: DispatchError) -> String {
    <&str>::from(error).to_string()
}

fn native(account: AccountId) -> AccountId32 {
    let bytes: &[u8; 32] = account.as_ref();
    AccountId32::new(*bytes)
}
