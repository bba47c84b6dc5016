//! A subnet with as many people as wanted, all of its validators at work: what the costs of an epoch are measured on.

use crate::{
    chain::TAO,
    network::{Network, TEMPO},
};
use ink::{codegen::TraitCallBuilder, primitives::AccountId};
use inktensor_primitives::WeightEntry;

/// A network whose first subnet has `validators` with stake and permits, and other neurons up to `hotkeys.len()`.
pub struct Crowd {
    /// The network.
    pub network: Network,
    /// Hotkeys by uid. Validators come first.
    pub hotkeys: Vec<AccountId>,
    validators: usize,
    tenants: Vec<WeightEntry>,
}

/// A hotkey by number, apart from those of [`crate::account`].
pub fn hotkey(number: u16) -> AccountId {
    numbered(0x40, number)
}

fn numbered(kind: u8, number: u16) -> AccountId {
    let mut bytes = [kind; 32];
    bytes[..2].copy_from_slice(&number.to_le_bytes());
    bytes.into()
}

impl Crowd {
    /// Registers everybody and turns one epoch, which deals the permits. The numbers of the hotkeys are `apart` from each
    /// other, so that what is filed by them lies together (1) or scattered.
    pub fn new(validators: u16, uids: u16, apart: u16) -> Self {
        let mut network = Network::new();
        for number in 0..uids {
            for other in 1..apart {
                let filler = numbered(0x41, number * apart + other);
                network.chain.call(network.owner, network.registry.call_mut().associate(filler)).unwrap();
            }
            // A registration makes the next dearer by 26 %; half an hour takes that back.
            network.chain.advance(30 * 60_000);
            let stake = if number < validators { (1_000 + u128::from(number)) * TAO } else { 0 };
            assert_eq!(network.register(hotkey(number), stake), number);
        }
        network.turn();
        let everyone: Vec<_> = (0..uids).map(|uid| (uid, 0)).collect();
        let tenants = network.weights(&everyone);
        let hotkeys = (0..uids).map(hotkey).collect();
        Self { network, hotkeys, validators: validators.into(), tenants }
    }

    /// Weights of a validator toward everybody.
    pub fn row(&self, validator: usize) -> Vec<WeightEntry> {
        let seed = u16::try_from(validator).unwrap().wrapping_mul(17);
        let weight = |uid: u16| uid.wrapping_mul(251).wrapping_add(seed) | 1;
        self.tenants.iter().map(|(uid, registration_id, _)| (*uid, *registration_id, weight(*uid))).collect()
    }

    /// Has every validator commit, and reveal an epoch later, and turns epochs until bonds exist everywhere: the next
    /// epoch, whose time is over, is as dear as any.
    pub fn work(&mut self) {
        for round in 0..3 {
            let epoch = self.network.clock().epoch;
            for validator in 0..self.validators {
                let (hotkey, row) = (self.hotkeys[validator], self.row(validator));
                if round > 0 {
                    self.network.reveal(hotkey, epoch - 1, &row).unwrap();
                }
                self.network.commit(hotkey, &row).unwrap();
            }
            self.network.turn();
        }
        let graph = self.network.metagraph();
        assert!(graph.iter().take(self.validators).all(|neuron| neuron.permit && neuron.dividends > 0));
        self.network.chain.advance(TEMPO);
    }

    /// The row of a validator as columns: uids and weights.
    pub fn columns(&self, validator: usize) -> (Vec<u16>, Vec<u16>) {
        self.row(validator).iter().map(|(uid, _, weight)| (*uid, *weight)).unzip()
    }
}
