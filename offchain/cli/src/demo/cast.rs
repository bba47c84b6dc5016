//! Who takes part in the demo.

use inktensor_chain::Keypair;

use super::scene::Scene;

/// Rao of one TAO.
pub const TAO: u128 = 1_000_000_000;

/// What somebody does on the subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Evaluates contributions, with this stake of its own in rao.
    Validator {
        /// Own stake in rao.
        stake: u128,
    },
    /// Serves what its name says: a model of the shipped ladder, or a text.
    Miner {
        /// Whether it waits until the others have committed, because it copies one of them.
        copies: bool,
    },
}

impl Role {
    /// The role's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Validator { .. } => "validator",
            Self::Miner { .. } => "miner",
        }
    }
}

/// Somebody on the subnet. The services get the hotkey; the coldkey holds the coins and never leaves the driver.
#[derive(Debug, Clone)]
pub struct Player {
    /// Name in reports.
    pub name: &'static str,
    /// What it does.
    pub role: Role,
    /// Signs what the services send.
    pub hotkey: Keypair,
    /// Owns the hotkey.
    pub coldkey: Keypair,
}

impl Player {
    fn new(name: &'static str, role: Role) -> Self {
        let key = |kind| Keypair::from_name(&format!("{name}-{kind}"));
        Self { name, role, hotkey: key("hotkey"), coldkey: key("coldkey") }
    }

    /// Name of its hotkey, which is a development key.
    pub fn hotkey_name(&self) -> String {
        format!("{}-hotkey", self.name)
    }
}

/// All players, in the order of their registration, which is the order of their uids.
pub fn players(scene: Scene) -> Vec<Player> {
    let validator = |name, stake: u128| Player::new(name, Role::Validator { stake: stake * TAO });
    let miner = |name| Player::new(name, Role::Miner { copies: matches!(name, "copy" | "echo") });
    let validators = [validator("ada", 3_000), validator("ben", 2_000), validator("cyd", 1_000)];
    let miners: &[&'static str] = match scene {
        Scene::BuiltIn | Scene::Language => &["strong", "medium", "weak", "copy", "nan"],
        Scene::Dataset => &["prose", "tale", "echo", "spam", "noise", "blank"],
    };
    validators.into_iter().chain(miners.iter().map(|name| miner(name))).collect()
}

/// Somebody who stakes on a validator without running anything.
pub struct Nominator {
    /// Name in reports.
    pub name: &'static str,
    /// The validator's name.
    pub on: &'static str,
    /// Stake in rao.
    pub stake: u128,
    /// Holds the coins.
    pub coldkey: Keypair,
}

/// The demo's nominator.
pub fn nominator() -> Nominator {
    Nominator { name: "nora", on: "ben", stake: 500 * TAO, coldkey: Keypair::from_name("nora-coldkey") }
}

/// What all of them stake, in rao.
pub fn staked(players: &[Player], nominator: &Nominator) -> u128 {
    let own = players.iter().map(|player| match player.role {
        Role::Validator { stake } => stake,
        Role::Miner { .. } => 0,
    });
    own.sum::<u128>() + nominator.stake
}
