//! Epochs away from any chain: the consensus of the contracts, run on inputs from a file.
//!
//! Input and output have the form of the consensus crate's fixtures, so that an epoch can be compared with other
//! implementations, or a change of parameters be tried before it is proposed.

use inktensor_consensus::epoch::{EpochOutcome, MAX_UIDS, epoch};
use inktensor_consensus::liquid_alpha::LiquidAlpha;
use inktensor_consensus::{BondRule, EpochError, EpochInput, Parameters, Row};
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest input, in bytes.
const MAX_INPUT: usize = 64 << 20;
/// Most cases of a list.
const MAX_CASES: usize = 10_000;
/// Most epochs of a compact case.
const MAX_EPOCHS: u32 = 1_000;

/// Why a simulation did not run. Nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The input is longer than any sensible one.
    #[error("the input has {length} bytes; at most {MAX_INPUT} are read")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// The input is not JSON.
    #[error("the input is not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// The list has too many cases.
    #[error("{cases} cases; at most {MAX_CASES} are run")]
    TooManyCases {
        /// Cases given.
        cases: usize,
    },
    /// A field is missing, unknown, of another type, or out of its type's range.
    #[error("case {case}: {source}")]
    Malformed {
        /// Position in the list, from zero.
        case: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// `weights`, `bonds` or `weights_block` do not have one element for each uid.
    #[error("case {case}: `{field}` has length {length}, but n is {uids}")]
    Length {
        /// Position in the list, from zero.
        case: usize,
        /// Name of the field.
        field: &'static str,
        /// Its length.
        length: usize,
        /// Number of uids.
        uids: u16,
    },
    /// Liquid alpha is on, but its parameters are not all given.
    #[error("case {case}: `{field}` is missing; liquid alpha needs it")]
    LiquidAlpha {
        /// Position in the list, from zero.
        case: usize,
        /// Name of the field.
        field: &'static str,
    },
    /// A compact case asks for more epochs than are run.
    #[error("case {case}: {epochs} epochs; 1 to {MAX_EPOCHS} are possible")]
    Epochs {
        /// Position in the list, from zero.
        case: usize,
        /// Epochs given.
        epochs: u32,
    },
    /// The inputs contradict one another.
    #[error("case {case}: {source}")]
    Epoch {
        /// Position in the list, from zero.
        case: usize,
        /// What is wrong.
        source: EpochError,
    },
}

impl SimulateError {
    /// A name for programs: stable, in snake case.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "input_too_long",
            Self::NotJson(_) => "not_json",
            Self::TooManyCases { .. } => "too_many_cases",
            Self::Malformed { .. } => "malformed_case",
            Self::Length { .. } => "length_mismatch",
            Self::LiquidAlpha { .. } => "liquid_alpha_incomplete",
            Self::Epochs { .. } => "too_many_epochs",
            Self::Epoch { .. } => "invalid_epoch",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::TooManyCases { .. } => "split the input into several files",
            Self::NotJson(_) => "give one JSON object, or a list of them; JSON knows no NaN and no trailing comma",
            Self::Malformed { .. } => "numbers are whole and not negative; fields are those of the consensus fixtures",
            Self::Length { .. } => "give one element for each uid; a uid without weights has an empty row",
            Self::LiquidAlpha { .. } => {
                "give alpha_low_u16, alpha_high_u16 and alpha_sigmoid_steepness, or set liquid_alpha to false"
            }
            Self::Epochs { .. } => "run fewer epochs",
            Self::Epoch { .. } => "lists by uid have length n, uids are below n, and a row names a uid once",
        }
    }
}

/// Runs the epochs that `input` describes and returns their outputs.
///
/// `input` is JSON: the inputs of an epoch, or their compact form for validators that all weigh all servers alike, or a
/// list of such. A list gives a list.
///
/// # Errors
/// [`SimulateError`] for the first case that cannot be run; then none of the list is returned.
pub fn epoch_json(input: &str) -> Result<Value, SimulateError> {
    if input.len() > MAX_INPUT {
        return Err(SimulateError::TooLong { length: input.len() });
    }
    match serde_json::from_str(input).map_err(SimulateError::NotJson)? {
        Value::Array(cases) if cases.len() > MAX_CASES => Err(SimulateError::TooManyCases { cases: cases.len() }),
        Value::Array(cases) => {
            let outputs = cases.into_iter().enumerate().map(|(case, inputs)| run(case, inputs));
            Ok(Value::Array(outputs.collect::<Result<_, _>>()?))
        }
        inputs => run(0, inputs),
    }
}

fn run(case: usize, inputs: Value) -> Result<Value, SimulateError> {
    let malformed = |source| SimulateError::Malformed { case, source };
    let (outcome, emission) = if inputs.get("servers").is_some() {
        let inputs = serde_json::from_value::<Compact>(inputs).map_err(malformed)?;
        (inputs.run(case)?, inputs.emission)
    } else {
        let inputs = serde_json::from_value::<Inputs>(inputs).map_err(malformed)?;
        (inputs.run(case)?, inputs.emission)
    };
    Ok(outputs(&outcome, emission))
}

type Entries = Vec<(u16, u16)>;

/// Inputs of one epoch; lists are by uid, rows of weights and bonds hold [uid, u16].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    n: u16,
    current_block: u64,
    last_tempo_block: u64,
    activity_cutoff: u64,
    stake: Vec<u64>,
    last_update: Vec<u64>,
    block_at_registration: Vec<u64>,
    validator_permit: Vec<Permit>,
    max_validators: u16,
    #[serde(default)]
    stake_threshold: u64,
    #[serde(default)]
    owner_uid: Option<u16>,
    weights: Vec<Entries>,
    /// Block of the commitment behind each row of weights, where it is known.
    #[serde(default)]
    weights_block: Option<Vec<Option<u64>>>,
    bonds: Vec<Entries>,
    kappa_u16: u16,
    bonds_moving_average: u32,
    bonds_penalty_u16: u16,
    yuma3: bool,
    #[serde(default)]
    liquid_alpha: bool,
    #[serde(default)]
    alpha_low_u16: Option<u16>,
    #[serde(default)]
    alpha_high_u16: Option<u16>,
    #[serde(default)]
    alpha_sigmoid_steepness: Option<i16>,
    emission: u64,
}

/// A permit, as a truth value or as 0 or 1.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
struct Permit(bool);

impl TryFrom<Value> for Permit {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value.as_bool().or_else(|| value.as_u64().filter(|bit| *bit <= 1).map(|bit| bit == 1)) {
            Some(permit) => Ok(Self(permit)),
            None => Err("a permit is true or false, 1 or 0"),
        }
    }
}

impl Inputs {
    fn run(&self, case: usize) -> Result<EpochOutcome, SimulateError> {
        let permits: Vec<bool> = self.validator_permit.iter().map(|permit| permit.0).collect();
        let rows = self.rows(case)?;
        let input = EpochInput {
            uids: self.n,
            current_block: self.current_block,
            last_epoch_block: self.last_tempo_block,
            stake: &self.stake,
            last_update: &self.last_update,
            registered: &self.block_at_registration,
            permits: &permits,
            owner: self.owner_uid,
            rows: &rows,
            parameters: Parameters {
                kappa: self.kappa_u16,
                bonds_moving_average: self.bonds_moving_average,
                bonds_penalty: self.bonds_penalty_u16,
                bonds: self.bond_rule(case)?,
                activity_cutoff: self.activity_cutoff,
                stake_threshold: self.stake_threshold,
                max_validators: self.max_validators,
            },
        };
        epoch(&input).map_err(|source| SimulateError::Epoch { case, source })
    }

    fn rows(&self, case: usize) -> Result<Vec<Row<'_>>, SimulateError> {
        let committed = self.weights_block.as_deref();
        let lengths = [
            ("weights", self.weights.len()),
            ("bonds", self.bonds.len()),
            ("weights_block", committed.map_or(usize::from(self.n), <[_]>::len)),
        ];
        if let Some((field, length)) = lengths.into_iter().find(|(_, length)| *length != usize::from(self.n)) {
            return Err(SimulateError::Length { case, field, length, uids: self.n });
        }
        let rows = (0..self.n).zip(self.weights.iter().zip(&self.bonds));
        let rows = rows.map(|(uid, (weights, bonds))| {
            let committed = committed.and_then(|blocks| blocks.get(usize::from(uid)).copied().flatten());
            Row { uid, weights, bonds, committed }
        });
        Ok(rows.collect())
    }

    fn bond_rule(&self, case: usize) -> Result<BondRule, SimulateError> {
        if !self.yuma3 {
            return Ok(BondRule::Classic);
        }
        if !self.liquid_alpha {
            return Ok(BondRule::Yuma3);
        }
        let missing = |field| SimulateError::LiquidAlpha { case, field };
        Ok(BondRule::LiquidYuma3(LiquidAlpha {
            low: self.alpha_low_u16.ok_or(missing("alpha_low_u16"))?,
            high: self.alpha_high_u16.ok_or(missing("alpha_high_u16"))?,
            steepness: self.alpha_sigmoid_steepness.ok_or(missing("alpha_sigmoid_steepness"))?,
        }))
    }
}

/// A subnet whose validators have equal stake and weigh all servers alike, for several epochs of classic Yuma, a block
/// each. Its output is the last epoch's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Compact {
    n: u16,
    /// First and last uid.
    validators: (u16, u16),
    /// First and last uid.
    servers: (u16, u16),
    stake_per_validator: u64,
    /// What validators set; only its stored form matters.
    #[serde(default, rename = "raw_weight")]
    _raw_weight: Option<u16>,
    stored_weight: u16,
    epochs: u32,
    max_validators: u16,
    kappa_u16: u16,
    bonds_moving_average: u32,
    bonds_penalty_u16: u16,
    emission: u64,
}

impl Compact {
    fn run(&self, case: usize) -> Result<EpochOutcome, SimulateError> {
        if self.epochs == 0 || self.epochs > MAX_EPOCHS {
            return Err(SimulateError::Epochs { case, epochs: self.epochs });
        }
        if usize::from(self.n) > MAX_UIDS {
            return Err(SimulateError::Epoch { case, source: EpochError::TooManyUids { uids: self.n } });
        }
        // Before anything is expanded: a range beyond n could be long.
        if let Some(uid) = [self.validators.1, self.servers.1].into_iter().find(|uid| *uid >= self.n) {
            return Err(SimulateError::Epoch { case, source: EpochError::UidOutOfRange { uid, uids: self.n } });
        }
        let mut inputs = self.expand();
        for _ in 1..self.epochs {
            let outcome = inputs.run(case)?;
            inputs.last_tempo_block = inputs.current_block;
            inputs.current_block += 1;
            inputs.bonds = bonds_by_uid(&outcome);
        }
        inputs.run(case)
    }

    /// Inputs of the first epoch: everybody registered in block 0, validators set weights in block 1.
    fn expand(&self) -> Inputs {
        let validates = |uid: u16| (self.validators.0..=self.validators.1).contains(&uid);
        let row: Entries = (self.servers.0..=self.servers.1).map(|uid| (uid, self.stored_weight)).collect();
        let uids = usize::from(self.n);
        Inputs {
            n: self.n,
            current_block: 1,
            last_tempo_block: 0,
            activity_cutoff: u64::from(MAX_EPOCHS),
            stake: (0..self.n).map(|uid| if validates(uid) { self.stake_per_validator } else { 0 }).collect(),
            last_update: vec![1; uids],
            block_at_registration: vec![0; uids],
            validator_permit: (0..self.n).map(|uid| Permit(validates(uid))).collect(),
            max_validators: self.max_validators,
            stake_threshold: 0,
            owner_uid: None,
            weights: (0..self.n).map(|uid| if validates(uid) { row.clone() } else { Vec::new() }).collect(),
            weights_block: None,
            bonds: vec![Vec::new(); uids],
            kappa_u16: self.kappa_u16,
            bonds_moving_average: self.bonds_moving_average,
            bonds_penalty_u16: self.bonds_penalty_u16,
            yuma3: false,
            liquid_alpha: false,
            alpha_low_u16: None,
            alpha_high_u16: None,
            alpha_sigmoid_steepness: None,
            emission: self.emission,
        }
    }
}

fn bonds_by_uid(outcome: &EpochOutcome) -> Vec<Entries> {
    let mut bonds = vec![Vec::new(); outcome.validator_permit.len()];
    for (uid, row) in outcome.bonds.rows() {
        if let Some(slot) = bonds.get_mut(usize::from(uid)) {
            slot.extend(row);
        }
    }
    bonds
}

fn outputs(outcome: &EpochOutcome, emission: u64) -> Value {
    let emission = outcome.divide(emission);
    json!({
        "u16": {
            "consensus": outcome.consensus,
            "validator_trust": outcome.validator_trust,
            "incentive": outcome.incentive,
            "dividends": outcome.dividends,
            "stake_weight": outcome.stake_weight,
        },
        "server_emission": emission.server,
        "validator_emission": emission.validator,
        "combined_emission": emission.combined,
        "bonds_u16": bonds_by_uid(outcome),
        "new_validator_permit": outcome.validator_permit.iter().map(|permit| u8::from(*permit)).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn fixtures() -> Value {
        let fixtures = include_str!("../../../contracts/consensus/tests/fixtures/yuma.json");
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
}
