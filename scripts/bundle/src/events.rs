//! Which of the events that metadata lists a contract emits.
//!
//! ink! lists every event of every crate that a contract is linked with. The first topic of an event is its signature, which
//! the code hands to the chain from its own data: an event whose signature is not in the code cannot be emitted. An anonymous
//! event has no signature, so it stays in each bundle that lists it.

use crate::error::Error;
use serde_json::{Map, Value};

/// Bytes of a signature.
const SIGNATURE: usize = 32;

/// Drops from `abi` the events that `code` cannot emit.
///
/// # Errors
/// [`Error::Metadata`] where the metadata lists no events, or one with a signature that is none.
pub fn keep_emitted(abi: &mut Map<String, Value>, code: &[u8]) -> Result<(), Error> {
    let listed = abi.get_mut("spec").and_then(|spec| spec.get_mut("events")).and_then(Value::as_array_mut);
    let listed = listed.ok_or_else(|| Error::Metadata("it lists no events".to_string()))?;
    for event in std::mem::take(listed) {
        let emitted = match event.get("signature_topic") {
            None | Some(Value::Null) => true,
            Some(topic) => {
                let signature = signature(topic).ok_or_else(|| Error::Metadata(format!("no signature: {topic}")))?;
                code.windows(SIGNATURE).any(|window| window == signature)
            }
        };
        if emitted {
            listed.push(event);
        }
    }
    Ok(())
}

fn signature(topic: &Value) -> Option<[u8; SIGNATURE]> {
    let mut signature = [0; SIGNATURE];
    hex::decode_to_slice(topic.as_str()?.strip_prefix("0x")?, &mut signature).ok()?;
    Some(signature)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;
    use serde_json::json;

    fn labels(topics: &Value, code: &[u8]) -> Result<Vec<String>, Error> {
        let event = |(label, topic): (usize, &Value)| json!({ "label": label.to_string(), "signature_topic": topic });
        let events: Vec<_> = topics.as_array().unwrap().iter().enumerate().map(event).collect();
        let Value::Object(mut abi) = json!({ "spec": { "events": events } }) else { panic!("an object") };
        keep_emitted(&mut abi, code)?;
        let kept = abi["spec"]["events"].as_array().unwrap().iter();
        Ok(kept.map(|event| event["label"].as_str().unwrap().to_string()).collect())
    }

    #[test]
    fn events_stay_whose_signature_the_code_holds_and_those_without() {
        let hex = |byte: u8| json!(format!("0x{}", hex::encode([byte; 32])));
        let code = [&[9; 5][..], &[1; 32], &[8; 3], &[2; 31], &[7; 9]].concat();
        assert_eq!(labels(&json!([hex(1), hex(2), null, hex(3)]), &code).unwrap(), ["0", "2"]);
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        assert!(matches!(labels(&json!(["0x00"]), &[]), Err(Error::Metadata(_))));
        assert!(matches!(keep_emitted(&mut Map::new(), &[]), Err(Error::Metadata(_))));
    }
}
