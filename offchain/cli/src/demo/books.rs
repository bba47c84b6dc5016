//! Where every rao went, from the contracts' views, their events and the token's balances, which must agree.

use inktensor_primitives::emission::{Books, EpochPaid};
use inktensor_primitives::psp22::PSP22;
use inktensor_primitives::registry::NeuronRegistered;
use inktensor_primitives::staking::StakeLedger;
use inktensor_primitives::token::Issuance;
use serde::Serialize;

use super::network::{GENESIS, Network};
use crate::error::CliError;

/// One sum and what it must be, in rao.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What is compared.
    pub name: &'static str,
    /// As one source has it.
    pub found: u128,
    /// As the other has it.
    pub expected: u128,
}

impl Line {
    /// Whether both agree.
    pub fn holds(&self) -> bool {
        self.found == self.expected
    }
}

/// The reconciliation of the whole network, in rao.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// Issued by the token.
    pub issued: u64,
    /// Credited to miners.
    pub miners: u64,
    /// Distributed to validators and their nominators.
    pub validators: u64,
    /// Sent to the protocol reserve.
    pub reserve: u64,
    /// Credited to the subnet's owner.
    pub owners: u64,
    /// Booked to the subnet, or carried by it, for the next epoch.
    pub carry: u64,
    /// Issued and not booked to any subnet yet.
    pub network_carry: u64,
    /// What was compared.
    pub lines: Vec<Line>,
}

impl Reconciliation {
    /// Whether all agrees, to the rao.
    pub fn holds(&self) -> bool {
        self.lines.iter().all(Line::holds)
    }
}

/// Reconciles the network. `staked` is what all stakers put in, in rao. Nothing may have been claimed or unstaked yet.
pub async fn reconcile(network: &Network, turned: &[EpochPaid], staked: u128) -> Result<Reconciliation, CliError> {
    let Network { client, suite, netuid, .. } = network;
    let netuid = *netuid;
    let books: Books = client.query(&suite.emission.message(|emission| emission.books())).await?;
    let network_carry = client.query(&suite.emission.message(|emission| emission.network_carry())).await?;
    let emission = client.query(&suite.emission.message(|emission| emission.emission(netuid))).await?;
    let emission = emission.unwrap_or_default();
    let carry = emission.pending + emission.carry_miners + emission.carry_validators;

    let mut owed: u128 = u128::from(emission.owner_owed);
    for neuron in super::outcome::metagraph(network).await? {
        owed += network.owed(neuron.hotkey).await?;
    }
    let total_stake = client.query(&suite.staking.message(|staking| staking.total_stake())).await?;
    let supply = client.query(&suite.token.message(|token| token.total_supply())).await?;
    let issuance = client.query(&suite.token.message(|token| token.issuance())).await?;
    let events = client.events_since(network.began).await?;
    let registrations = events.from(suite.registry.address()).of::<NeuronRegistered>()?;
    let burned: u128 = registrations.iter().map(|event| u128::from(event.burn)).sum();
    let divided = |part: fn(&EpochPaid) -> u64| turned.iter().map(|event| u128::from(part(event))).sum::<u128>();

    let (issued, validators) = (u128::from(books.issued), u128::from(books.validators));
    let [miners, reserve, owners] = [books.miners, books.reserve, books.owners].map(u128::from);
    let line = |name, found, expected| Line { name, found, expected };
    let lines = vec![
        line(
            "issued = miners + validators + reserve + owners + carry",
            miners + validators + reserve + owners + u128::from(carry) + network_carry,
            issued,
        ),
        line("events: miners", divided(|event| event.miners), miners),
        line("events: validators", divided(|event| event.validators), validators),
        line("events: reserve", divided(|event| event.reserve), reserve),
        line("events: owner", divided(|event| event.owner), owners),
        line(
            "balance of emission = owed + carry",
            network.balance(suite.emission.address()).await?,
            owed + u128::from(carry) + network_carry,
        ),
        line("balance of staking = stake", network.balance(suite.staking.address()).await?, u128::from(total_stake)),
        line("stake = staked + dividends", u128::from(total_stake), staked + validators),
        line("balance of governance = reserve", network.balance(suite.governance.address()).await?, reserve),
        line("supply = genesis + issued - recycled", supply, GENESIS + issued - burned),
        line("issuance = supply", issuance, supply),
    ];
    let Books { issued, miners, validators, reserve, owners } = books;
    let network_carry = u64::try_from(network_carry).unwrap_or(u64::MAX);
    Ok(Reconciliation { issued, miners, validators, reserve, owners, carry, network_carry, lines })
}
