//! TAO: the token of the network.
//!
//! A PSP22 token with 9 decimals and no minter: new tokens come by the emission schedule only, to the one contract that
//! divides them, and never past 21 million TAO. [`ledger`] holds who owns what, [`schedule`] how much was issued,
//! [`permit`] what owners allow by signature.
//!
//! The genesis allocation counts as issued: it is part of the 21 million, and the schedule goes on as if it had issued
//! that amount itself. A network that begins with half of the cap allocated begins with the rate of the first halving.
//!
//! Nobody can stop the token. Other contracts of the suite can be paused for a few days; here a pause would only keep
//! people from their money. Governance can exchange the code, after the public delay of every proposal.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
#![deny(missing_docs)]
#![deny(
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used
)]

pub mod ledger;
pub mod permit;
pub mod schedule;

pub use self::token::{Token, TokenRef};

/// The contract.
#[ink::contract]
pub mod token {
    use crate::{ledger::Ledger, permit::Permits, schedule::Schedule};
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::{traits::ManualKey, Lazy},
    };
    use inktensor_primitives::{
        answer::settled,
        psp22::{PSP22Error, PSP22Metadata, PSP22Permit, PSP22},
        rao,
        token::{Destroyed, Issuance, Issued, IssuerSet, ScheduleInfo, TokenError},
        upkeep::{exchange_code, Upgradable, UpkeepError},
    };

    /// Who may do what.
    #[derive(Debug, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Roles {
        deployer: AccountId,
        governance: AccountId,
        issuer: Option<AccountId>,
    }

    /// Storage of the token.
    #[ink(storage)]
    pub struct Token {
        roles: Lazy<Roles, ManualKey<0x544f_4b52>>,
        schedule: Lazy<Schedule, ManualKey<0x544f_4b45>>,
        ledger: Ledger,
        permits: Permits,
    }

    impl Token {
        /// A token whose first `genesis_amount` rao belong to `genesis_holder` and count as issued. `governance` may
        /// replace the issuer and the code later; the deployer sets the first issuer by `wire`.
        /// Errors: `CapExceeded`.
        #[ink(constructor)]
        pub fn new(governance: AccountId, genesis_holder: AccountId, genesis_amount: u128) -> Result<Self, TokenError> {
            let now_ms = Self::env().block_timestamp();
            let schedule = Schedule::new(genesis_amount, now_ms).ok_or(TokenError::CapExceeded)?;
            let mut token = Self {
                roles: Lazy::new(),
                schedule: Lazy::new(),
                ledger: Ledger::default(),
                permits: Permits::default(),
            };
            token.permits.open(Self::env().account_id(), Self::env().block_number(), now_ms);
            token.roles.set(&Roles { deployer: Self::env().caller(), governance, issuer: None });
            token.schedule.set(&schedule);
            token.ledger.mint(&genesis_holder, genesis_amount);
            Ok(token)
        }

        /// Sets the contract that may issue, and starts the schedule. Only the deployer, once.
        /// Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        #[inline(never)]
        pub fn wire(&mut self, issuer: AccountId) -> Result<(), TokenError> {
            let roles = self.roles()?;
            if self.env().caller() != roles.deployer {
                return Err(TokenError::NotAuthorised);
            }
            if roles.issuer.is_some() {
                return Err(TokenError::AlreadyWired);
            }
            self.appoint(roles, issuer);
            Ok(())
        }

        /// Replaces the contract that may issue. Only governance. Errors: `NotAuthorised`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_issuer(&mut self, issuer: AccountId) -> Result<(), TokenError> {
            let roles = self.roles()?;
            if self.env().caller() != roles.governance {
                return Err(TokenError::NotAuthorised);
            }
            self.appoint(roles, issuer);
            Ok(())
        }

        /// Destroys `value` rao of the caller's for ever: the schedule does not issue them again.
        /// Errors: `InsufficientBalance`.
        #[ink(message)]
        #[inline(never)]
        pub fn burn(&mut self, value: u128) -> Result<(), TokenError> {
            self.destroy(value, false)
        }

        /// The account that may replace the issuer and the code.
        #[ink(message)]
        #[inline(never)]
        pub fn governance(&self) -> Option<AccountId> {
            self.roles.get().map(|roles| roles.governance)
        }

        /// The contract that may issue, once it is wired.
        #[ink(message)]
        #[inline(never)]
        pub fn issuer(&self) -> Option<AccountId> {
            self.roles.get().and_then(|roles| roles.issuer)
        }

        /// Where the emission schedule stands.
        #[ink(message)]
        #[inline(never)]
        pub fn schedule(&self) -> ScheduleInfo {
            let schedule = self.schedule.get_or_default();
            ScheduleInfo {
                rate: schedule.rate(),
                paid_until_ms: schedule.paid_until_ms,
                next_due_ms: schedule.next_due_ms(),
            }
        }

        fn roles(&self) -> Result<Roles, TokenError> {
            self.roles.get().ok_or(TokenError::NotAuthorised)
        }

        /// The schedule runs from the first appointment: nothing is due for the time in which nobody could be paid.
        fn appoint(&mut self, roles: Roles, issuer: AccountId) {
            if roles.issuer.is_none() {
                let schedule = self.schedule.get_or_default();
                self.schedule.set(&Schedule { paid_until_ms: self.env().block_timestamp(), ..schedule });
            }
            self.roles.set(&Roles { issuer: Some(issuer), ..roles });
            self.env().emit_event(IssuerSet { issuer });
        }

        fn destroy(&mut self, value: u128, recycled: bool) -> Result<(), TokenError> {
            let owner = self.env().caller();
            self.ledger.destroy(&owner, value).map_err(|_| TokenError::InsufficientBalance)?;
            self.destroyed(owner, value, recycled);
            Ok(())
        }

        /// Has the schedule and the world know what was destroyed. Whoever could destroy the value held it, and no balance
        /// passes the cap, so it fits the schedule's numbers.
        fn destroyed(&mut self, owner: AccountId, value: u128, recycled: bool) {
            if value == 0 {
                return;
            }
            if recycled {
                let mut schedule = self.schedule.get_or_default();
                schedule.recycle(rao(value).unwrap_or(u64::MAX));
                self.schedule.set(&schedule);
            }
            self.env().emit_event(Destroyed { owner, amount: value, recycled });
        }
    }

    impl Issuance for Token {
        /// Issues to the caller all that the schedule has due up to now, in whole slots of 12 s, and returns the
        /// amount in rao, which may be zero. The caller cannot choose it. Only the issuer. Errors: `NotIssuer`.
        #[ink(message)]
        #[inline(never)]
        fn issue(&mut self) -> Result<u128, TokenError> {
            let caller = self.env().caller();
            if self.issuer() != Some(caller) {
                return Err(TokenError::NotIssuer);
            }
            let found = self.schedule.get_or_default();
            let mut schedule = found;
            let amount = u128::from(schedule.issue(self.env().block_timestamp()));
            if schedule != found {
                self.schedule.set(&schedule);
            }
            if amount > 0 {
                self.ledger.mint(&caller, amount);
                self.env().emit_event(Issued {
                    amount,
                    issuance: u128::from(schedule.issuance),
                    until_ms: schedule.paid_until_ms,
                });
            }
            settled(Ok(amount))
        }

        /// Tokens issued and not recycled, in rao. The schedule halves by this figure; it never passes 21 million TAO.
        #[ink(message)]
        #[inline(never)]
        fn issuance(&self) -> u128 {
            u128::from(self.schedule.get_or_default().issuance)
        }

        /// Destroys `value` rao of the caller's and lowers issuance, so that they are issued again later.
        /// Errors: `InsufficientBalance`.
        #[ink(message)]
        #[inline(never)]
        fn recycle(&mut self, value: u128) -> Result<(), TokenError> {
            settled(self.destroy(value, true))
        }

        /// Destroys `value` rao of `owner`'s against what `owner` allowed the caller, and lowers issuance: a price is taken
        /// and recycled in one message. Errors: `InsufficientAllowance`, `InsufficientBalance`.
        #[ink(message)]
        #[inline(never)]
        fn recycle_from(&mut self, owner: AccountId, value: u128) -> Result<(), PSP22Error> {
            self.ledger.destroy_from(&self.env().caller(), &owner, value)?;
            self.destroyed(owner, value, true);
            settled(Ok(()))
        }
    }

    impl Upgradable for Token {
        /// Exchanges the contract's code for uploaded code with this hash; balances and address stay. Only governance.
        /// Errors: `NotGovernance`, `UnknownCode`.
        #[ink(message)]
        #[inline(never)]
        fn set_code(&mut self, code_hash: Hash) -> Result<(), UpkeepError> {
            if self.governance() != Some(self.env().caller()) {
                return Err(UpkeepError::NotGovernance);
            }
            exchange_code(code_hash)
        }
    }

    impl PSP22 for Token {
        /// Tokens that exist, in rao.
        #[ink(message)]
        #[inline(never)]
        fn total_supply(&self) -> u128 {
            self.ledger.supply()
        }

        /// Tokens of an account, in rao.
        #[ink(message)]
        #[inline(never)]
        fn balance_of(&self, owner: AccountId) -> u128 {
            self.ledger.balance(&owner)
        }

        /// What `spender` may still move out of `owner`'s account, in rao.
        #[ink(message)]
        #[inline(never)]
        fn allowance(&self, owner: AccountId, spender: AccountId) -> u128 {
            self.ledger.allowance(&owner, &spender)
        }

        /// Moves `value` rao from the caller to `to`; `data` is ignored. A transfer of zero or to oneself succeeds
        /// without an event. Errors: `InsufficientBalance`.
        #[ink(message)]
        #[inline(never)]
        fn transfer(&mut self, to: AccountId, value: u128, _data: Vec<u8>) -> Result<(), PSP22Error> {
            settled(self.ledger.transfer(&self.env().caller(), &to, value))
        }

        /// Moves `value` rao from `from` to `to` against the caller's allowance; `data` is ignored.
        /// Errors: `InsufficientAllowance`, `InsufficientBalance`.
        #[ink(message)]
        #[inline(never)]
        fn transfer_from(
            &mut self,
            from: AccountId,
            to: AccountId,
            value: u128,
            _data: Vec<u8>,
        ) -> Result<(), PSP22Error> {
            settled(self.ledger.transfer_from(&self.env().caller(), &from, &to, value))
        }

        /// Lets `spender` move up to `value` rao of the caller's, in place of what was allowed before.
        #[ink(message)]
        #[inline(never)]
        fn approve(&mut self, spender: AccountId, value: u128) -> Result<(), PSP22Error> {
            self.ledger.approve(&self.env().caller(), &spender, value);
            settled(Ok(()))
        }

        /// Adds `delta_value` rao to what `spender` may move of the caller's; stops at the largest amount.
        #[ink(message)]
        #[inline(never)]
        fn increase_allowance(&mut self, spender: AccountId, delta_value: u128) -> Result<(), PSP22Error> {
            self.ledger.increase_allowance(&self.env().caller(), &spender, delta_value);
            settled(Ok(()))
        }

        /// Takes `delta_value` rao from what `spender` may move of the caller's. Errors: `InsufficientAllowance`.
        #[ink(message)]
        #[inline(never)]
        fn decrease_allowance(&mut self, spender: AccountId, delta_value: u128) -> Result<(), PSP22Error> {
            settled(self.ledger.decrease_allowance(&self.env().caller(), &spender, delta_value))
        }
    }

    impl PSP22Permit for Token {
        /// Lets `spender` move up to `value` rao of `owner`'s, as `approve` by the owner would. `signature` is the owner's
        /// sr25519 signature of the SCALE encoding of the domain separator, owner, spender, value, deadline (chain time in
        /// ms) and the owner's present nonce, bare or within `<Bytes>` and `</Bytes>`. Anyone may call. A permit works
        /// once, and no more once another with its nonce was used. Errors: `PermitExpired`, `PermitInvalidSignature`.
        #[ink(message)]
        #[inline(never)]
        fn permit(
            &mut self,
            owner: AccountId,
            spender: AccountId,
            value: u128,
            deadline: u64,
            signature: [u8; 64],
        ) -> Result<(), PSP22Error> {
            let now_ms = self.env().block_timestamp();
            self.permits.redeem(owner, spender, value, deadline, &signature, now_ms)?;
            self.ledger.approve(&owner, &spender, value);
            settled(Ok(()))
        }

        /// What binds a permit to this token on this chain: the blake2b-256 of `TAO permit v1`, the contract's address,
        /// and the number and chain time in ms of the block in which it was deployed.
        #[ink(message)]
        #[inline(never)]
        fn domain_separator(&self) -> [u8; 32] {
            self.permits.domain()
        }

        /// The nonce that `owner`'s next permit has to carry: how many of its permits were used.
        #[ink(message)]
        #[inline(never)]
        fn nonces(&self, owner: AccountId) -> u64 {
            self.permits.nonce(owner)
        }
    }

    impl PSP22Metadata for Token {
        /// TAO.
        #[ink(message)]
        #[inline(never)]
        fn token_name(&self) -> Option<String> {
            Some(String::from("TAO"))
        }

        /// TAO.
        #[ink(message)]
        #[inline(never)]
        fn token_symbol(&self) -> Option<String> {
            Some(String::from("TAO"))
        }

        /// 9: one TAO is 10^9 rao.
        #[ink(message)]
        #[inline(never)]
        fn token_decimals(&self) -> u8 {
            9
        }
    }
}
