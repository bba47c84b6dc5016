//! What messages refuse before they call a peer; the rest is tested by the whole suite.

use crate::incentive::Incentive;
use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::{
    commitment::WeightEntries,
    incentive::{Clock, IncentiveError, Reveal},
    upkeep::{Pausable, Upgradable, UpkeepError, MAX_PAUSE_MS},
};

const NOW: u64 = 1_000_000;

fn account(number: u8) -> AccountId {
    [number; 32].into()
}

fn act_as(number: u8, now_ms: u64) {
    test::set_caller::<DefaultEnvironment>(account(number));
    test::set_block_timestamp::<DefaultEnvironment>(now_ms);
}

/// The contract, under governance of account 1.
fn deployed() -> Incentive {
    act_as(9, NOW);
    Incentive::new(account(1), account(2), account(3), account(4), account(5))
}

fn reveal() -> Reveal {
    let (transcript, salt) = ([0; 32].into(), [0; 32]);
    Reveal { netuid: 1, epoch: 0, weights: WeightEntries::default(), version_key: 0, transcript, salt }
}

/// What every message that changes something answers.
fn all(contract: &mut Incentive) -> Vec<Result<(), IncentiveError>> {
    let hash = [0; 32].into();
    vec![
        contract.activate(1),
        contract.commit_weights(1, hash),
        contract.commit_weights_batch(vec![(1, hash)]),
        contract.reveal_weights(1, 0, WeightEntries::default(), 0, hash, [0; 32]),
        contract.reveal_weights_batch(vec![reveal()]),
        contract.set_weights(1, vec![], vec![], 0),
        contract.set_weights_batch(vec![(1, vec![], vec![], 0)]),
        contract.run_epoch(1),
        contract.deposit_bond(1, account(7), 1),
        contract.withdraw_bond(1, account(7)).map(|_| ()),
        contract.forfeit_bond(1, account(7)).map(|_| ()),
    ]
}

#[ink::test]
fn a_pause_stops_every_message_until_its_time() {
    let mut contract = deployed();
    act_as(1, NOW);
    assert_eq!(contract.pause(NOW + MAX_PAUSE_MS + 1), Err(UpkeepError::PauseTooLong));
    assert_eq!(contract.pause(NOW + MAX_PAUSE_MS), Ok(()));
    assert_eq!(contract.paused_until(), NOW + MAX_PAUSE_MS);
    for now_ms in [NOW, NOW + MAX_PAUSE_MS - 1] {
        act_as(1, now_ms);
        let answers = all(&mut contract);
        assert_eq!(answers, vec![Err(IncentiveError::Paused); answers.len()]);
    }
    act_as(7, NOW + MAX_PAUSE_MS);
    assert_eq!(contract.commit_weights(1, [0; 32].into()), Err(IncentiveError::NotActive), "it ended by itself");
    act_as(1, NOW + 1);
    assert_eq!(contract.pause(0), Ok(()), "governance ends it early");
    assert_eq!(contract.run_epoch(1), Err(IncentiveError::NotActive));
}

#[ink::test]
fn only_governance_keeps_up_the_contract() {
    let mut contract = deployed();
    for stranger in [2, 3, 4, 5, 9] {
        act_as(stranger, NOW);
        assert_eq!(contract.pause(NOW + 1), Err(UpkeepError::NotGovernance));
        assert_eq!(contract.set_code([1; 32].into()), Err(UpkeepError::NotGovernance));
    }
    assert_eq!(contract.paused_until(), 0);
}

#[ink::test]
fn without_its_constructor_it_does_nothing() {
    let mut contract = Incentive::default();
    let answers = all(&mut contract);
    assert_eq!(answers, vec![Err(IncentiveError::NotWired); answers.len()]);
    assert_eq!(contract.peers(), Err(IncentiveError::NotWired));
    assert_eq!(contract.pause(0), Err(UpkeepError::NotGovernance));
}

#[ink::test]
fn a_subnet_that_was_never_active_takes_no_weights_and_turns_no_epoch() {
    let mut contract = deployed();
    assert_eq!(contract.commit_weights(1, [0; 32].into()), Err(IncentiveError::NotActive));
    assert_eq!(contract.set_weights(1, vec![], vec![], 0), Err(IncentiveError::NotActive));
    assert_eq!(contract.run_epoch(1), Err(IncentiveError::NotActive));
    assert_eq!(contract.next_epoch_ms(1), Err(IncentiveError::NotActive));
    let clock = Clock { epoch: 3, began_ms: 5, began_block: 6, generation: 7 };
    contract.clocks.insert(2, &clock);
    assert_eq!((contract.clock(1), contract.clock(2)), (None, Some(clock)));
}

#[ink::test]
fn batches_have_one_to_ten_members() {
    let mut contract = deployed();
    for (length, error) in [
        (0, IncentiveError::MalformedBatch),
        (1, IncentiveError::NotActive),
        (10, IncentiveError::NotActive),
        (11, IncentiveError::MalformedBatch),
    ] {
        assert_eq!(contract.commit_weights_batch(vec![(1, [0; 32].into()); length]), Err(error.clone()));
        assert_eq!(contract.reveal_weights_batch(vec![reveal(); length]), Err(error.clone()));
        assert_eq!(contract.set_weights_batch(vec![(1, vec![], vec![], 0); length]), Err(error));
    }
}

#[ink::test]
fn amounts_fit_storage() {
    let mut contract = deployed();
    let amount = u128::from(u64::MAX) + 1;
    assert_eq!(contract.deposit_bond(1, account(7), amount), Err(IncentiveError::AmountTooLarge));
}
