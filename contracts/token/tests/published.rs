//! The token answers every sequence of calls as the published `psp22` crate does: the same results, the same events with
//! the same topics and bytes in the same order, the same balances, allowances and supply after each call.
//!
//! Both run in ink!'s test environment, each at an address of its own, and are observed through it alone.

use ink::{
    env::{test, DefaultEnvironment, Event},
    primitives::AccountId,
};
use inktensor_primitives::{
    psp22::{Approval, PSP22Error, Transfer, PSP22},
    token::{Issuance, TokenError},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use psp22::{PSP22Data, PSP22Event};
use scale::Encode;
use std::cell::RefCell;
use token::Token;

const GENESIS: u128 = 1_000_000_000_000;
const SLOT_MS: u64 = 12_000;
/// The first is the account of zeros, which the standard once treated in a way of its own; the last may issue.
const ACTORS: u8 = 4;
const ISSUER: u8 = ACTORS - 1;

/// An amount, some of them relative to what the call is measured by, so that limits are met exactly.
#[derive(Debug, Clone, Copy)]
enum Amount {
    Exactly(u128),
    OfBalance(i8),
    OfAllowance(i8),
}

#[derive(Debug, Clone, Copy)]
enum Call {
    Transfer { to: u8, value: Amount },
    TransferFrom { from: u8, to: u8, value: Amount },
    Approve { spender: u8, value: Amount },
    Increase { spender: u8, value: Amount },
    Decrease { spender: u8, value: Amount },
    Burn { value: Amount },
    Issue { slots: u64 },
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        3 => (0_u128..4).prop_map(Amount::Exactly),
        2 => (0..GENESIS).prop_map(Amount::Exactly),
        1 => Just(Amount::Exactly(u128::MAX)),
        1 => any::<u128>().prop_map(Amount::Exactly),
        3 => (-1..=1_i8).prop_map(Amount::OfBalance),
        3 => (-1..=1_i8).prop_map(Amount::OfAllowance),
    ]
}

fn call() -> impl Strategy<Value = (u8, Call)> {
    let actor = || 0..ACTORS;
    let call = prop_oneof![
        6 => (actor(), amount()).prop_map(|(to, value)| Call::Transfer { to, value }),
        8 => (actor(), actor(), amount()).prop_map(|(from, to, value)| Call::TransferFrom { from, to, value }),
        5 => (actor(), amount()).prop_map(|(spender, value)| Call::Approve { spender, value }),
        3 => (actor(), amount()).prop_map(|(spender, value)| Call::Increase { spender, value }),
        3 => (actor(), amount()).prop_map(|(spender, value)| Call::Decrease { spender, value }),
        1 => amount().prop_map(|value| Call::Burn { value }),
        1 => (0_u64..3).prop_map(|slots| Call::Issue { slots }),
    ];
    (actor(), call)
}

/// An event as the chain would see it: its topics and its data.
type Emitted = (Vec<Vec<u8>>, Vec<u8>);
/// What a call did as a client sees it: its result in SCALE, and its events.
type Answer = (Result<(), Vec<u8>>, Vec<Emitted>);

fn account(number: u8) -> AccountId {
    AccountId::from([number; 32])
}

/// Runs a call at the address `contract` and collects what it emits of the standard's events.
fn observe(contract: u8, caller: u8, call: impl FnOnce() -> Result<(), Vec<u8>>) -> Answer {
    test::set_callee::<DefaultEnvironment>(account(contract));
    test::set_caller::<DefaultEnvironment>(account(caller));
    let seen = test::recorded_events().count();
    let result = call();
    let standard = [Transfer::SIGNATURE_TOPIC, Approval::SIGNATURE_TOPIC].map(|topic| topic.unwrap().to_vec());
    let events = test::recorded_events().skip(seen).map(|event| (event.topics, event.data));
    (result, events.filter(|(topics, _)| standard.contains(&topics[0])).collect())
}

/// The two tokens side by side.
struct Pair {
    ours: Token,
    theirs: PSP22Data,
    now_ms: u64,
}

impl Pair {
    const OURS: u8 = 101;
    const THEIRS: u8 = 102;

    /// Both begin with the same holder of all tokens.
    fn new() -> Self {
        test::set_caller::<DefaultEnvironment>(account(0));
        test::set_block_timestamp::<DefaultEnvironment>(SLOT_MS);
        test::set_callee::<DefaultEnvironment>(account(Self::OURS));
        let mut ours = Token::new(account(0), account(1), GENESIS).unwrap();
        ours.wire(account(ISSUER)).unwrap();
        test::set_callee::<DefaultEnvironment>(account(Self::THEIRS));
        let (theirs, _) = PSP22Data::new(GENESIS, account(1));
        Self { ours, theirs, now_ms: SLOT_MS }
    }

    /// The value of a call: relative amounts are measured by the balance that pays and by the allowance in question.
    fn value(&self, caller: u8, call: &Call) -> u128 {
        test::set_callee::<DefaultEnvironment>(account(Self::THEIRS));
        let (payer, owner, spender, amount) = match *call {
            Call::Transfer { to, value } => (caller, caller, to, value),
            Call::TransferFrom { from, value, .. } => (from, from, caller, value),
            Call::Approve { spender, value } => (caller, caller, spender, value),
            Call::Increase { spender, value } => (caller, caller, spender, value),
            Call::Decrease { spender, value } => (caller, caller, spender, value),
            Call::Burn { value } => (caller, caller, caller, value),
            Call::Issue { .. } => return 0,
        };
        match amount {
            Amount::Exactly(value) => value,
            Amount::OfBalance(more) => self.theirs.balance_of(account(payer)).saturating_add_signed(more.into()),
            Amount::OfAllowance(more) => {
                self.theirs.allowance(account(owner), account(spender)).saturating_add_signed(more.into())
            }
        }
    }

    /// Makes the same call of both.
    fn call(&mut self, caller: u8, call: &Call) -> (Answer, Answer) {
        let value = self.value(caller, call);
        if let Call::Issue { slots } = *call {
            self.now_ms += slots * SLOT_MS;
            test::set_block_timestamp::<DefaultEnvironment>(self.now_ms);
        }
        let mut issued = 0;
        let ours = observe(Self::OURS, if let Call::Issue { .. } = call { ISSUER } else { caller }, || {
            let token = &mut self.ours;
            let standard = match *call {
                Call::Transfer { to, .. } => token.transfer(account(to), value, vec![0; 3]),
                Call::TransferFrom { from, to, .. } => token.transfer_from(account(from), account(to), value, vec![]),
                Call::Approve { spender, .. } => token.approve(account(spender), value),
                Call::Increase { spender, .. } => token.increase_allowance(account(spender), value),
                Call::Decrease { spender, .. } => token.decrease_allowance(account(spender), value),
                // The two messages that the standard leaves open have the token's own errors.
                Call::Burn { .. } => token.burn(value).map_err(|error| match error {
                    TokenError::InsufficientBalance => PSP22Error::InsufficientBalance,
                    other => PSP22Error::Custom(format!("{other:?}")),
                }),
                Call::Issue { .. } => {
                    issued = token.issue().unwrap();
                    Ok(())
                }
            };
            standard.map_err(|error| error.encode())
        });
        let theirs = observe(Self::THEIRS, caller, || {
            let (data, caller) = (&mut self.theirs, account(caller));
            let events = match *call {
                Call::Transfer { to, .. } => data.transfer(caller, account(to), value),
                Call::TransferFrom { from, to, .. } => data.transfer_from(caller, account(from), account(to), value),
                Call::Approve { spender, .. } => data.approve(caller, account(spender), value),
                Call::Increase { spender, .. } => data.increase_allowance(caller, account(spender), value),
                Call::Decrease { spender, .. } => data.decrease_allowance(caller, account(spender), value),
                Call::Burn { .. } => data.burn(caller, value),
                Call::Issue { .. } => data.mint(account(ISSUER), issued),
            };
            // As the published contract emits what its data returns.
            for event in events.map_err(|error| error.encode())? {
                match event {
                    PSP22Event::Transfer(event) => ink::env::emit_event::<DefaultEnvironment, _>(event),
                    PSP22Event::Approval(event) => ink::env::emit_event::<DefaultEnvironment, _>(event),
                }
            }
            Ok(())
        });
        (ours, theirs)
    }

    /// All that a client can ask for: the supply, and each actor's balance and allowances.
    fn books(
        contract: u8,
        supply: impl Fn() -> u128,
        balance: impl Fn(AccountId) -> u128,
        allowance: impl Fn(AccountId, AccountId) -> u128,
    ) -> Vec<u128> {
        test::set_callee::<DefaultEnvironment>(account(contract));
        let actors = || (0..ACTORS).map(account);
        let allowances = actors().flat_map(|owner| actors().map(move |spender| (owner, spender)));
        let allowances = allowances.map(|(owner, spender)| allowance(owner, spender));
        [supply()].into_iter().chain(actors().map(&balance)).chain(allowances).collect()
    }
}

/// How often each kind of answer came, to know that the calls tried them.
#[derive(Debug, Default)]
struct Tally {
    calls: usize,
    silent: usize,
    transfers: usize,
    approvals: usize,
    balance: usize,
    allowance: usize,
}

impl Tally {
    fn count(&mut self, (result, events): &Answer) {
        self.calls += 1;
        match result {
            Ok(()) => {
                self.silent += usize::from(events.is_empty());
                let of =
                    |topic: Option<[u8; 32]>| events.iter().filter(|(topics, _)| topics[0] == topic.unwrap()).count();
                self.transfers += of(Transfer::SIGNATURE_TOPIC);
                self.approvals += of(Approval::SIGNATURE_TOPIC);
            }
            Err(error) if *error == PSP22Error::InsufficientBalance.encode() => self.balance += 1,
            Err(error) if *error == PSP22Error::InsufficientAllowance.encode() => self.allowance += 1,
            Err(error) => unreachable!("neither token has a reason for {error:?}"),
        }
    }
}

fn compare(calls: &[(u8, Call)], tally: &RefCell<Tally>) -> Result<(), TestCaseError> {
    let mut pair = Pair::new();
    for (caller, call) in calls {
        let (ours, theirs) = pair.call(*caller, call);
        prop_assert_eq!(&ours, &theirs, "{} calls {:?}", caller, call);
        tally.borrow_mut().count(&ours);
        let (token, data) = (&pair.ours, &pair.theirs);
        prop_assert_eq!(
            Pair::books(Pair::OURS, || token.total_supply(), |a| token.balance_of(a), |a, b| token.allowance(a, b)),
            Pair::books(Pair::THEIRS, || data.total_supply(), |a| data.balance_of(a), |a, b| data.allowance(a, b)),
            "after {} called {:?}",
            caller,
            call
        );
    }
    Ok(())
}

#[test]
fn behaves_as_the_published_token() {
    let tally = RefCell::new(Tally::default());
    let sequences = prop::collection::vec(call(), 1..80);
    let mut runner = TestRunner::new(Config { cases: 256, source_file: Some(file!()), ..Config::default() });
    let outcome = runner.run(&sequences, |calls| {
        let mut verdict = Ok(());
        test::run_test::<DefaultEnvironment, _>(|_| {
            verdict = compare(&calls, &tally);
            Ok(())
        })
        .unwrap();
        verdict
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let tally = tally.into_inner();
    let kinds = [tally.silent, tally.transfers, tally.approvals, tally.balance, tally.allowance];
    assert!(tally.calls > 5_000 && kinds.iter().all(|kind| *kind > 300), "too little tried: {tally:?}");
}
