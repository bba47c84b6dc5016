//! The ledger answers every sequence of PSP22 operations as the published `psp22` crate does: the same results, the
//! same events in the same order, the same balances and allowances after each step.
#![allow(clippy::unwrap_used)]

use ink::{env::DefaultEnvironment, primitives::AccountId};
use proptest::prelude::*;
use psp22::{PSP22Data, PSP22Event};
use scale::Encode;
use token::ledger::{Effects, Ledger};

const ACCOUNTS: u8 = 3;

#[derive(Debug, Clone)]
enum Operation {
    Transfer { from: u8, to: u8, value: u128 },
    TransferFrom { caller: u8, from: u8, to: u8, value: u128 },
    Approve { owner: u8, spender: u8, value: u128 },
    Increase { owner: u8, spender: u8, value: u128 },
    Decrease { owner: u8, spender: u8, value: u128 },
    Mint { to: u8, value: u128 },
    Destroy { from: u8, value: u128 },
}

fn operation() -> impl Strategy<Value = Operation> {
    let account = || 0..ACCOUNTS;
    // Small amounts meet each other exactly; the supply itself stays far below the largest amount.
    let held = || prop_oneof![4 => 0_u128..8, 1 => 0_u128..21_000_000_000_000_000];
    let value = move || prop_oneof![8 => held(), 1 => Just(u128::MAX)];
    prop_oneof![
        3 => (account(), account(), value()).prop_map(|(from, to, value)| Operation::Transfer { from, to, value }),
        4 => (account(), account(), account(), value())
            .prop_map(|(caller, from, to, value)| Operation::TransferFrom { caller, from, to, value }),
        2 => (account(), account(), value())
            .prop_map(|(owner, spender, value)| Operation::Approve { owner, spender, value }),
        2 => (account(), account(), value())
            .prop_map(|(owner, spender, value)| Operation::Increase { owner, spender, value }),
        2 => (account(), account(), value())
            .prop_map(|(owner, spender, value)| Operation::Decrease { owner, spender, value }),
        2 => (account(), held()).prop_map(|(to, value)| Operation::Mint { to, value }),
        1 => (account(), value()).prop_map(|(from, value)| Operation::Destroy { from, value }),
    ]
}

fn account(number: u8) -> AccountId {
    AccountId::from([number; 32])
}

/// What an operation answered, in bytes: its events, or its error.
type Answer = Result<Vec<Vec<u8>>, Vec<u8>>;

fn ours(ledger: &mut Ledger, operation: &Operation) -> Answer {
    use Operation::*;
    let effects = match *operation {
        Transfer { from, to, value } => ledger.transfer(account(from), account(to), value),
        TransferFrom { caller, from, to, value } => {
            ledger.transfer_from(account(caller), account(from), account(to), value)
        }
        Approve { owner, spender, value } => Ok(ledger.approve(account(owner), account(spender), value)),
        Increase { owner, spender, value } => Ok(ledger.increase_allowance(account(owner), account(spender), value)),
        Decrease { owner, spender, value } => ledger.decrease_allowance(account(owner), account(spender), value),
        Mint { to, value } => Ok(ledger.mint(account(to), value)),
        Destroy { from, value } => ledger.destroy(account(from), value),
    };
    let Effects { approval, transfer } = effects.map_err(|error| error.encode())?;
    Ok(approval.map(|event| event.encode()).into_iter().chain(transfer.map(|event| event.encode())).collect())
}

fn theirs(data: &mut PSP22Data, operation: &Operation) -> Answer {
    use Operation::*;
    let events = match *operation {
        Transfer { from, to, value } => data.transfer(account(from), account(to), value),
        TransferFrom { caller, from, to, value } => {
            data.transfer_from(account(caller), account(from), account(to), value)
        }
        Approve { owner, spender, value } => data.approve(account(owner), account(spender), value),
        Increase { owner, spender, value } => data.increase_allowance(account(owner), account(spender), value),
        Decrease { owner, spender, value } => data.decrease_allowance(account(owner), account(spender), value),
        Mint { to, value } => data.mint(account(to), value),
        Destroy { from, value } => data.burn(account(from), value),
    };
    let encode = |event| match event {
        PSP22Event::Transfer(event) => event.encode(),
        PSP22Event::Approval(event) => event.encode(),
    };
    events.map(|events| events.into_iter().map(encode).collect()).map_err(|error| error.encode())
}

proptest! {
    #[test]
    fn behaves_as_the_published_token(operations in prop::collection::vec(operation(), 1..60)) {
        let mut verdict = Ok(());
        ink::env::test::run_test::<DefaultEnvironment, _>(|_| {
            verdict = compare(&operations);
            Ok(())
        })
        .unwrap();
        verdict?;
    }
}

fn compare(operations: &[Operation]) -> Result<(), TestCaseError> {
    let (mut ledger, mut data) = (Ledger::default(), PSP22Data::default());
    for operation in operations {
        prop_assert_eq!(ours(&mut ledger, operation), theirs(&mut data, operation), "{:?}", operation);
        prop_assert_eq!(ledger.supply(), data.total_supply());
        for a in (0..ACCOUNTS).map(account) {
            prop_assert_eq!(ledger.balance(a), data.balance_of(a));
            for b in (0..ACCOUNTS).map(account) {
                prop_assert_eq!(ledger.allowance(a, b), data.allowance(a, b));
            }
        }
    }
    Ok(())
}
