//! What every backend must do, asked of each: the chain in process, and a node like each of the chains that matter.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod answers;
mod submissions;
mod world;

use inktensor_e2e::devnode::Profile;
use world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chain_in_process_conforms() {
    conforms(&World::in_process().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_contracts_conforms() {
    conforms(&World::on_node(Profile::Contracts).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_like_bittensor_s_conforms() {
    conforms(&World::on_node(Profile::Bittensor).await).await;
}

/// One deployment serves all checks: they run in this order, and a failure names its line.
async fn conforms(world: &World) {
    answers::a_deployed_suite_is_wired(world).await;
    answers::a_query_changes_nothing(world).await;
    answers::errors_are_named(world).await;
    answers::a_held_block_stays_as_it_was(world).await;
    answers::accounts_and_codes_are_known(world).await;
    submissions::a_transfer_is_told_by_its_events(world).await;
    submissions::a_refusal_costs_nothing(world).await;
    submissions::a_failure_in_a_block_is_named(world).await;
    submissions::fee_and_deposit_are_what_the_signer_lost(world).await;
    submissions::many_tasks_may_send_at_once(world).await;
    submissions::code_that_is_there_is_not_uploaded_again(world).await;
    submissions::who_cannot_pay_is_rejected(world).await;
}
