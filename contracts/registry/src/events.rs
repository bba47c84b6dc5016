//! Events by one copy of the code.
//!
//! ink! makes a copy of its event code for each event. Here the topics and the data are encoded first and pass as bytes;
//! what the chain records is the same.

use ink::{
    env::{
        event::{state, TopicsBuilder, TopicsBuilderBackend},
        DefaultEnvironment, Environment, Event,
    },
    prelude::vec::Vec,
};
use scale::{Encode, Output};

/// Emits an event with one or two topics, its signature counted.
pub fn emit<E: Event>(event: E) {
    deposit(event.topics::<DefaultEnvironment, _>(Topics(Vec::with_capacity(2)).into()), event.encode());
}

#[inline(never)]
fn deposit(topics: Vec<Topic>, data: Vec<u8>) {
    if let [signature, topic] = topics[..] {
        ink::env::emit_event::<DefaultEnvironment, _>(Indexed { signature, topic, data });
    } else if let [signature] = topics[..] {
        ink::env::emit_event::<DefaultEnvironment, _>(Plain { signature, data });
    }
}

type Topic = [u8; 32];

/// Collects topics. None is longer than 32 bytes, so none needs to be hashed.
struct Topics(Vec<Topic>);

impl Topics {
    #[inline(never)]
    fn push(&mut self, bytes: &[u8]) {
        let mut topic = Topic::default();
        for (byte, new) in topic.iter_mut().zip(bytes) {
            *byte = *new;
        }
        self.0.push(topic);
    }
}

impl<E: Environment> TopicsBuilderBackend<E> for Topics {
    type Output = Vec<Topic>;

    fn expect(&mut self, _: usize) {}

    fn push_topic<T: Encode>(&mut self, topic: &T) {
        self.push(&topic.encode());
    }

    fn output(self) -> Vec<Topic> {
        self.0
    }
}

/// An event with its signature for a topic.
struct Plain {
    signature: Topic,
    data: Vec<u8>,
}

impl Encode for Plain {
    fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
        output.write(&self.data);
    }
}

impl Event for Plain {
    type RemainingTopics = [state::HasRemainingTopics; 1];
    const SIGNATURE_TOPIC: Option<[u8; 32]> = None;

    fn topics<E: Environment, B: TopicsBuilderBackend<E>>(
        &self,
        builder: TopicsBuilder<state::Uninit, E, B>,
    ) -> B::Output {
        builder.build::<Self>().push_topic(Some(&self.signature)).finish()
    }
}

/// An event with its signature and a field for topics.
struct Indexed {
    signature: Topic,
    topic: Topic,
    data: Vec<u8>,
}

impl Encode for Indexed {
    fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
        output.write(&self.data);
    }
}

impl Event for Indexed {
    type RemainingTopics = [state::HasRemainingTopics; 2];
    const SIGNATURE_TOPIC: Option<[u8; 32]> = None;

    fn topics<E: Environment, B: TopicsBuilderBackend<E>>(
        &self,
        builder: TopicsBuilder<state::Uninit, E, B>,
    ) -> B::Output {
        builder.build::<Self>().push_topic(Some(&self.signature)).push_topic(Some(&self.topic)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ink::env::test::{recorded_events, EmittedEvent};
    use inktensor_primitives::registry::{
        AxonServed, ColdkeySwapSet, HotkeyAssociated, HotkeySwapped, NetworkSet, NeuronRegistered,
    };

    fn is_emitted_as_by_ink<E: Event>(event: impl Fn() -> E) {
        ink::env::emit_event::<DefaultEnvironment, _>(event());
        emit(event());
        let events: Vec<EmittedEvent> = recorded_events().collect();
        let [.., by_ink, by_us] = &events[..] else { unreachable!() };
        assert_eq!((&by_ink.topics, &by_ink.data), (&by_us.topics, &by_us.data));
        assert!(!by_us.topics.is_empty());
    }

    #[ink::test]
    fn events_look_as_ink_makes_them() {
        let (key, other) = ([7; 32].into(), [8; 32].into());
        is_emitted_as_by_ink(|| AxonServed { netuid: 513, uid: 7 });
        is_emitted_as_by_ink(|| HotkeyAssociated { hotkey: key, id: 3, coldkey: other });
        is_emitted_as_by_ink(|| HotkeySwapped { id: 70_000, old: key, new: other });
        is_emitted_as_by_ink(|| ColdkeySwapSet { coldkey: key, swap: None });
        is_emitted_as_by_ink(|| NetworkSet {
            minimum_lock: 1,
            rate_limit_ms: 2,
            immunity_ms: 3,
            subnet_limit: 4,
            lock_interval_ms: 5,
        });
        let (uid, registration_id, replaced, burn) = (1, 2, Some(3), 4);
        is_emitted_as_by_ink(|| NeuronRegistered { netuid: 0, hotkey: key, uid, registration_id, replaced, burn });
    }
}
