//! Epochs away from any chain: the consensus of the contracts, run on inputs from a file.
//!
//! Input and output have the form of the consensus crate's fixtures, so that an epoch can be compared with other
//! implementations, or a change of parameters be tried before it is proposed.

use inktensor_consensus::epoch::{EpochOutcome, MAX_UIDS, epoch};
use inktensor_consensus::liquid_alpha::LiquidAlpha;
use inktensor_consensus::{BondRule, ConsensusRule, Entries, EpochError, EpochInput, Parameters, Row};
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

/// A row as JSON has it: [uid, u16] in any order.
type Pairs = Vec<(u16, u16)>;

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
    weights: Vec<Pairs>,
    /// Block of the commitment behind each row of weights, where it is known.
    #[serde(default)]
    weights_block: Option<Vec<Option<u64>>>,
    bonds: Vec<Pairs>,
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

/// Uids and values of a row, as the epoch takes them.
type Columns = (Vec<u16>, Vec<u16>);

fn columns(row: &Pairs) -> Columns {
    let mut row = row.clone();
    row.sort_by_key(|entry| entry.0);
    row.into_iter().unzip()
}

impl Inputs {
    fn run(&self, case: usize) -> Result<EpochOutcome, SimulateError> {
        let permits: Vec<bool> = self.validator_permit.iter().map(|permit| permit.0).collect();
        let columns: Vec<_> = self.weights.iter().zip(&self.bonds).map(|(w, b)| (columns(w), columns(b))).collect();
        let rows = self.rows(case, &columns)?;
        let input = EpochInput {
            uids: self.n,
            current_block: self.current_block,
            last_epoch_block: self.last_tempo_block,
            stake: &self.stake,
            last_update: &self.last_update,
            registered: &self.block_at_registration,
            bonds_from: &self.block_at_registration,
            permits: &permits,
            owner: self.owner_uid,
            rows: &rows,
            parameters: Parameters {
                kappa: self.kappa_u16,
                bonds_moving_average: self.bonds_moving_average,
                bonds_penalty: self.bonds_penalty_u16,
                consensus: ConsensusRule::Yuma,
                bonds: self.bond_rule(case)?,
                activity_cutoff: self.activity_cutoff,
                stake_threshold: self.stake_threshold,
                max_validators: self.max_validators,
            },
        };
        epoch(&input).map_err(|source| SimulateError::Epoch { case, source })
    }

    fn rows<'a>(&self, case: usize, columns: &'a [(Columns, Columns)]) -> Result<Vec<Row<'a>>, SimulateError> {
        let committed = self.weights_block.as_deref();
        let lengths = [
            ("weights", self.weights.len()),
            ("bonds", self.bonds.len()),
            ("weights_block", committed.map_or(usize::from(self.n), <[_]>::len)),
        ];
        if let Some((field, length)) = lengths.into_iter().find(|(_, length)| *length != usize::from(self.n)) {
            return Err(SimulateError::Length { case, field, length, uids: self.n });
        }
        let rows = (0..self.n).zip(columns).map(|(uid, (weights, bonds))| {
            let committed = committed.and_then(|blocks| blocks.get(usize::from(uid)).copied().flatten());
            let entries = |columns: &'a Columns| Entries::new(&columns.0, &columns.1);
            Row { uid, weights: entries(weights), bonds: entries(bonds), committed }
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
        let row: Pairs = (self.servers.0..=self.servers.1).map(|uid| (uid, self.stored_weight)).collect();
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

fn bonds_by_uid(outcome: &EpochOutcome) -> Vec<Pairs> {
    let mut bonds = vec![Vec::new(); outcome.validator_permit.len()];
    for row in outcome.bonds.rows() {
        if let Some(slot) = bonds.get_mut(usize::from(row.validator)) {
            *slot = row.uids.into_iter().zip(row.values).collect();
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
mod tests;
