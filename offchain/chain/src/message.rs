//! Messages and constructors, typed by the contracts' own Rust definitions.

use crate::{AccountId, Hash, backend::RawCall};
use ink::{
    codegen::ContractCallBuilder,
    env::{
        DefaultEnvironment,
        call::{
            CallBuilder, ConstructorReturnType, CreateBuilder, ExecutionInput, FromAccountId, state,
            utils::{ReturnType, Set, Unset},
        },
    },
};
use scale::Encode;
use std::{fmt, marker::PhantomData};

/// What a message of a contract's call builder gives.
pub type Call<A, R> = CallBuilder<
    DefaultEnvironment,
    Set<ink::env::call::Call<DefaultEnvironment>>,
    Set<ExecutionInput<A>>,
    Set<ReturnType<R>>,
>;

/// What a constructor of a contract's reference gives.
type Create<C, L, A, R> = CreateBuilder<
    DefaultEnvironment,
    C,
    Unset<Hash>,
    Set<L>,
    Unset<u128>,
    Set<ExecutionInput<A>>,
    Unset<state::Salt>,
    Set<ReturnType<R>>,
>;

/// A message to a contract that answers with `R`.
pub struct Message<R> {
    pub(crate) call: RawCall,
    answer: PhantomData<fn() -> R>,
}

impl<R> Message<R> {
    /// The call as bytes.
    pub fn call(&self) -> &RawCall {
        &self.call
    }
}

impl<R> Clone for Message<R> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), answer: PhantomData }
    }
}

impl<R> fmt::Debug for Message<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Message({} 0x{})", self.call.name, hex::encode(&self.call.data))
    }
}

/// A deployed contract of type `C`, the storage struct of its crate.
pub struct Contract<C> {
    name: &'static str,
    address: AccountId,
    kind: PhantomData<fn() -> C>,
}

impl<C> Contract<C> {
    /// The contract at an address. `name` is what errors call it.
    pub fn at(name: &'static str, address: AccountId) -> Self {
        Self { name, address, kind: PhantomData }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its address.
    pub fn address(&self) -> AccountId {
        self.address
    }

    /// A message to it: `contract.message(|c| c.transfer(to, value, vec![]))`. Messages of a trait need that trait in
    /// scope.
    pub fn message<A: Encode, R>(&self, build: impl FnOnce(&mut C::Type) -> Call<A, R>) -> Message<R>
    where
        C: ContractCallBuilder,
        C::Type: FromAccountId<DefaultEnvironment>,
    {
        let params = build(&mut C::Type::from_account_id(self.address)).params();
        let call = RawCall {
            name: self.name,
            contract: self.address,
            value: *params.transferred_value(),
            data: params.exec_input().encode(),
        };
        Message { call, answer: PhantomData }
    }
}

impl<C> Clone for Contract<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Contract<C> {}

impl<C> fmt::Debug for Contract<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({})", self.name, crate::ss58(&self.address))
    }
}

/// A constructor that may refuse with `E`; `()` if it never does.
pub struct Constructor<E> {
    pub(crate) name: &'static str,
    pub(crate) data: Vec<u8>,
    error: PhantomData<fn() -> E>,
}

impl<E> Constructor<E> {
    /// A constructor: `Constructor::of("token", TokenRef::new(..))`. `name` is what errors call the contract.
    pub fn of<C, L, A: Encode, R>(name: &'static str, builder: Create<C, L, A, R>) -> Self
    where
        R: ConstructorReturnType<C, Error = E>,
    {
        // The code's hash, the value and the salt are no part of the input: they are settled when it is sent.
        let params = builder.code_hash(Hash::default()).endowment(0).salt_bytes([]).params();
        Self { name, data: params.exec_input().encode(), error: PhantomData }
    }
}
