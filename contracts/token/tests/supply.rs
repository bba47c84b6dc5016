//! Whatever happens in whatever order, the supply is the sum of all balances, nothing is issued ahead of the schedule
//! and nothing past the cap.

use ink::{env::DefaultEnvironment, primitives::AccountId};
use proptest::prelude::*;
use token::{ledger::Ledger, schedule::Schedule};

const CAP: u128 = 21_000_000_000_000_000;
const ACCOUNTS: u8 = 4;
const ISSUER: u8 = 0;

#[derive(Debug, Clone)]
enum Operation {
    Wait { ms: u64 },
    Issue,
    Transfer { from: u8, to: u8, part: u8 },
    Destroy { from: u8, part: u8, recycled: bool },
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        // From less than a slot to four years, so that halvings are passed.
        prop_oneof![0_u64..30_000, 0_u64..126_000_000_000].prop_map(|ms| Operation::Wait { ms }),
        Just(Operation::Issue),
        (0..ACCOUNTS, 0..ACCOUNTS, any::<u8>()).prop_map(|(from, to, part)| Operation::Transfer { from, to, part }),
        (0..ACCOUNTS, any::<u8>(), any::<bool>()).prop_map(|(from, part, recycled)| Operation::Destroy {
            from,
            part,
            recycled
        }),
    ]
}

fn account(number: u8) -> AccountId {
    AccountId::from([number; 32])
}

proptest! {
    #[test]
    fn supply_is_the_sum_of_balances_and_follows_the_schedule(
        genesis in prop_oneof![Just(0), 0..=CAP, CAP - 100_000_000_000..=CAP],
        operations in prop::collection::vec(operation(), 1..80),
    ) {
        let mut verdict = Ok(());
        ink::env::test::run_test::<DefaultEnvironment, _>(|_| {
            verdict = run(genesis, &operations);
            Ok(())
        })
        .unwrap();
        verdict?;
    }
}

fn run(genesis: u128, operations: &[Operation]) -> Result<(), TestCaseError> {
    let mut now_ms = 1_000;
    let mut ledger = Ledger::default();
    let mut schedule = Schedule::new(genesis, now_ms).unwrap();
    ledger.mint(&account(ISSUER), genesis);
    let (mut issued, mut burned, mut recycled_sum) = (0, 0, 0);
    for operation in operations {
        match *operation {
            Operation::Wait { ms } => now_ms += ms,
            Operation::Issue => {
                let amount = u128::from(schedule.issue(now_ms));
                ledger.mint(&account(ISSUER), amount);
                issued += amount;
            }
            Operation::Transfer { from, to, part } => {
                let value = ledger.balance(&account(from)) * u128::from(part) / 255;
                ledger.transfer(&account(from), &account(to), value).unwrap();
            }
            Operation::Destroy { from, part, recycled } => {
                let value = ledger.balance(&account(from)) * u128::from(part) / 255;
                ledger.destroy(&account(from), value).unwrap();
                if recycled {
                    schedule.recycle(u64::try_from(value).unwrap());
                    recycled_sum += value;
                } else {
                    burned += value;
                }
            }
        }
        let balances: u128 = (0..ACCOUNTS).map(|number| ledger.balance(&account(number))).sum();
        prop_assert_eq!(ledger.supply(), balances);
        prop_assert_eq!(ledger.supply(), genesis + issued - burned - recycled_sum);
        prop_assert_eq!(u128::from(schedule.issuance), genesis + issued - recycled_sum);
        prop_assert!(u128::from(schedule.issuance) <= CAP);
        // One TAO per 12 s is the rate before any halving: nothing can be issued faster.
        prop_assert!(issued <= u128::from((now_ms - 1_000) / 12_000) * 1_000_000_000);
        prop_assert!(schedule.paid_until_ms <= now_ms);
    }
    Ok(())
}
