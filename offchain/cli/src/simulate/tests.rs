#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use super::*;

fn fixtures() -> Value {
    let fixtures = include_str!("../../../../contracts/consensus/tests/fixtures/yuma.json");
    serde_json::from_str(fixtures).unwrap()
}

fn run(inputs: &Value) -> Result<Value, SimulateError> {
    epoch_json(&inputs.to_string())
}

fn fixture(id: &str) -> Value {
    let fixtures = fixtures();
    let found = fixtures["epoch_fixtures"].as_array().unwrap().iter().find(|fixture| fixture["id"] == id);
    found.unwrap()["steps"][0].clone()
}

#[test]
fn a_list_of_every_fixture_gives_the_list_of_its_outputs() {
    let fixtures = fixtures();
    let steps = fixtures["epoch_fixtures"].as_array().unwrap().iter().flat_map(|f| f["steps"].as_array().unwrap());
    let steps: Vec<&Value> = steps.filter(|step| step.get("inputs").is_some()).collect();
    let list = run(&steps.iter().map(|step| step["inputs"].clone()).collect()).unwrap();
    assert_eq!(list.as_array().unwrap().len(), steps.len());
    for (step, found) in steps.iter().zip(list.as_array().unwrap()) {
        for (field, value) in found.as_object().unwrap() {
            assert_eq!(value, &step["oracle"][field], "{field}");
        }
    }
}

#[test]
fn compact_inputs_expand_to_a_whole_subnet() {
    let step = fixture("graph_512_64v");
    let found = run(&step["inputs_compact"]).unwrap();
    for (uid, role) in [(0, "validator"), (63, "validator"), (64, "server"), (511, "server")] {
        for field in ["consensus", "incentive", "dividends"] {
            assert_eq!(found["u16"][field][uid], step["asserted"][role][field], "{field} of {uid}");
        }
        assert_eq!(found["combined_emission"][uid], step["asserted"][role]["combined_emission"]);
    }
    assert_eq!(found["bonds_u16"][63].as_array().unwrap().len(), 448);
}

/// The fixture with one field replaced, or removed where there is no value.
fn with(field: &str, value: Option<Value>) -> Result<Value, SimulateError> {
    let mut inputs = fixture("active_stake_4n_step2")["inputs"].clone();
    let object = inputs.as_object_mut().unwrap();
    match value {
        Some(value) => object.insert(field.to_owned(), value),
        None => object.remove(field),
    };
    run(&inputs)
}

#[test]
fn hostile_input_gets_a_named_error() {
    assert!(with("stake_threshold", Some(json!(0))).is_ok());
    let long = "[".repeat(MAX_INPUT + 1);
    assert_eq!(epoch_json(&long).unwrap_err().name(), "input_too_long");
    for text in ["", "NaN", "{", "{} {}", &"[".repeat(100_000)] {
        assert_eq!(epoch_json(text).unwrap_err().name(), "not_json");
    }
    let not_a_number = r#"{"n": NaN}"#;
    assert_eq!(epoch_json(not_a_number).unwrap_err().name(), "not_json");
    for text in ["{}", "1", "\"n\"", "null", "[[]]", "[null]"] {
        assert_eq!(epoch_json(text).unwrap_err().name(), "malformed_case");
    }
    assert_eq!(run(&json!(vec![json!({}); MAX_CASES + 1])).unwrap_err().name(), "too_many_cases");
}

#[test]
fn a_wrong_field_gets_a_named_error_that_says_which() {
    let malformed = [
        ("unheard_of", Some(json!(1))),
        ("emission", None),
        ("emission", Some(json!(-1))),
        ("emission", Some(json!(0.5))),
        ("emission", Some(json!(1e30))),
        ("n", Some(json!(70_000))),
        ("stake", Some(json!([1, 1, -1, 1]))),
        ("validator_permit", Some(json!([1, 1, 1, 2]))),
        ("weights", Some(json!([[[0, 65_536]], [], [], []]))),
        ("bonds", Some(json!([[[0]], [], [], []]))),
    ];
    for (field, value) in malformed {
        assert_eq!(with(field, value.clone()).unwrap_err().name(), "malformed_case", "{field} {value:?}");
    }
    let invalid = [
        ("n", json!(5_000)),
        ("stake", json!([1, 1, 1])),
        ("owner_uid", json!(4)),
        ("weights", json!([[[4, 1]], [], [], []])),
        ("weights", json!([[[1, 1], [1, 1]], [], [], []])),
        ("bonds_moving_average", json!(1_000_001)),
    ];
    for (field, value) in invalid {
        let error = with(field, Some(value)).unwrap_err();
        assert!(["invalid_epoch", "length_mismatch"].contains(&error.name()), "{field}: {error}");
    }
    let error = with("bonds", Some(json!([[], []]))).unwrap_err();
    assert_eq!(error.to_string(), "case 0: `bonds` has length 2, but n is 4");
    assert_eq!(with("weights_block", Some(json!([1]))).unwrap_err().name(), "length_mismatch");
}

#[test]
fn liquid_alpha_is_never_assumed() {
    let mut inputs = fixture("yuma_3_kappa_moves_first")["inputs"].clone();
    inputs.as_object_mut().unwrap().remove("alpha_low_u16");
    let error = run(&inputs).unwrap_err();
    assert_eq!(error.name(), "liquid_alpha_incomplete");
    assert!(error.to_string().contains("alpha_low_u16") && error.hint().contains("alpha_low_u16"));
}

#[test]
fn a_compact_case_is_bounded() {
    let compact = |field: &str, value: Value| {
        let mut inputs = fixture("graph_512_64v")["inputs_compact"].clone();
        inputs[field] = value;
        run(&inputs).unwrap_err().name()
    };
    assert_eq!(compact("epochs", json!(0)), "too_many_epochs");
    assert_eq!(compact("epochs", json!(1_001)), "too_many_epochs");
    assert_eq!(compact("n", json!(65_535)), "invalid_epoch");
    assert_eq!(compact("servers", json!([64, 65_535])), "invalid_epoch");
    assert_eq!(compact("validators", json!([0, 512])), "invalid_epoch");
    assert_eq!(compact("validators", json!([0])), "malformed_case");
}
