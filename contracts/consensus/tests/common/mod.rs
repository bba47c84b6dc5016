//! Cases of epochs as JSON, in the form of the fixtures: reading inputs, comparing outputs.
#![allow(dead_code)] // each test file uses a part of this

pub mod strategy;

use inktensor_consensus::epoch::BondRow;
use inktensor_consensus::liquid_alpha::LiquidAlpha;
use inktensor_consensus::{BondRule, ConsensusRule, EpochInput, EpochOutcome, Parameters, Row};
use serde_json::Value;

/// Liquid alpha needs an exponential, for which the oracle uses floats.
const LIQUID_TOLERANCE: f64 = 1e-4;

pub type Entries = Vec<(u16, u16)>;

/// Owned inputs of an epoch.
#[derive(Debug)]
pub struct Case {
    pub uids: u16,
    pub current_block: u64,
    pub last_epoch_block: u64,
    pub stake: Vec<u64>,
    pub last_update: Vec<u64>,
    pub registered: Vec<u64>,
    pub bonds_from: Vec<u64>,
    pub permits: Vec<bool>,
    pub owner: Option<u16>,
    pub weights: Vec<Entries>,
    pub bonds: Vec<Entries>,
    pub committed: Vec<Option<u64>>,
    pub parameters: Parameters,
    pub emission: u64,
}

impl Case {
    /// Reads the `inputs` object of a fixture; panics where it is not one.
    pub fn read(inputs: &Value) -> Self {
        let number = |name: &str| inputs[name].as_u64().unwrap_or_else(|| panic!("{name} is not a number"));
        let small = |name: &str| u16::try_from(number(name)).unwrap();
        let uids = small("n");
        let bonds = match (inputs["yuma3"].as_bool().unwrap(), inputs["liquid_alpha"].as_bool().unwrap()) {
            (false, _) => BondRule::Classic,
            (true, false) => BondRule::Yuma3,
            (true, true) => BondRule::LiquidYuma3(LiquidAlpha {
                low: small("alpha_low_u16"),
                high: small("alpha_high_u16"),
                steepness: i16::try_from(inputs["alpha_sigmoid_steepness"].as_i64().unwrap()).unwrap(),
            }),
        };
        Self {
            uids,
            current_block: number("current_block"),
            last_epoch_block: number("last_tempo_block"),
            stake: numbers(&inputs["stake"]),
            last_update: numbers(&inputs["last_update"]),
            registered: numbers(&inputs["block_at_registration"]),
            bonds_from: numbers(&inputs["block_at_registration"]),
            permits: numbers(&inputs["validator_permit"]).into_iter().map(|permit| permit == 1).collect(),
            owner: inputs["owner_uid"].as_u64().map(|uid| u16::try_from(uid).unwrap()),
            weights: sparse(&inputs["weights"]),
            bonds: sparse(&inputs["bonds"]),
            committed: match &inputs["weights_block"] {
                Value::Null => vec![None; usize::from(uids)],
                blocks => blocks.as_array().unwrap().iter().map(Value::as_u64).collect(),
            },
            parameters: Parameters {
                kappa: small("kappa_u16"),
                bonds_moving_average: u32::try_from(number("bonds_moving_average")).unwrap(),
                bonds_penalty: small("bonds_penalty_u16"),
                bonds,
                consensus: ConsensusRule::Yuma,
                activity_cutoff: number("activity_cutoff"),
                stake_threshold: inputs["stake_threshold"].as_u64().unwrap_or(0),
                max_validators: small("max_validators"),
            },
            emission: number("emission"),
        }
    }

    /// Weights and bonds by columns, for [`Case::rows`] to borrow.
    pub fn columns(&self) -> Vec<(Columns, Columns)> {
        self.weights
            .iter()
            .zip(&self.bonds)
            .map(|(weights, bonds)| (Columns::of(weights), Columns::of(bonds)))
            .collect()
    }

    /// Rows of the validators that have any.
    pub fn rows<'a>(&self, columns: &'a [(Columns, Columns)]) -> Vec<Row<'a>> {
        let rows = columns.iter().zip(&self.committed).enumerate();
        rows.map(|(uid, ((weights, bonds), committed))| Row {
            uid: u16::try_from(uid).unwrap(),
            weights: weights.entries(),
            bonds: bonds.entries(),
            committed: *committed,
        })
        .filter(|row| !row.weights.uids.is_empty() || !row.bonds.uids.is_empty())
        .collect()
    }

    pub fn input<'a>(&'a self, rows: &'a [Row<'a>]) -> EpochInput<'a> {
        EpochInput {
            uids: self.uids,
            current_block: self.current_block,
            last_epoch_block: self.last_epoch_block,
            stake: &self.stake,
            last_update: &self.last_update,
            registered: &self.registered,
            bonds_from: &self.bonds_from,
            permits: &self.permits,
            owner: self.owner,
            rows,
            parameters: self.parameters,
        }
    }

    pub fn run(&self) -> EpochOutcome {
        let columns = self.columns();
        inktensor_consensus::epoch(&self.input(&self.rows(&columns))).expect("the case is well formed")
    }
}

/// Entries as the epoch takes them.
#[derive(Debug)]
pub struct Columns {
    pub uids: Vec<u16>,
    pub values: Vec<u16>,
}

impl Columns {
    pub fn of(pairs: &[(u16, u16)]) -> Self {
        let (uids, values) = pairs.iter().copied().unzip();
        Self { uids, values }
    }

    pub fn entries(&self) -> inktensor_consensus::Entries<'_> {
        inktensor_consensus::Entries::new(&self.uids, &self.values)
    }
}

/// The pairs of a row of bonds.
pub fn pairs(row: &BondRow) -> Entries {
    assert_eq!(row.uids.len(), row.values.len());
    row.uids.iter().copied().zip(row.values.iter().copied()).collect()
}

/// Bonds of every uid, in the form of the fixtures.
pub fn bonds_by_uid(outcome: &EpochOutcome) -> Vec<Entries> {
    let mut bonds = vec![Vec::new(); outcome.validator_permit.len()];
    for row in outcome.bonds.rows() {
        bonds[usize::from(row.validator)] = pairs(&row);
    }
    bonds
}

/// How an outcome compares with the outputs of the oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Every number is equal.
    Exact,
    /// Under liquid alpha: every number is within its tolerance.
    Close,
}

/// Compares all outputs; names the first that disagrees.
pub fn compare(case: &Case, outcome: &EpochOutcome, expected: &Value) -> Result<Agreement, String> {
    let u16s = |values: &[u16]| values.iter().map(|value| u64::from(*value)).collect::<Vec<_>>();
    let proportions = [
        ("consensus", u16s(&outcome.consensus)),
        ("validator_trust", u16s(&outcome.validator_trust)),
        ("incentive", u16s(&outcome.incentive)),
        ("dividends", u16s(&outcome.dividends)),
        ("stake_weight", u16s(&outcome.stake_weight)),
    ]
    .map(|(name, found)| (name, found, numbers(&expected["u16"][name]), 65_535.0));
    let emission = outcome.divide(case.emission);
    let emissions = [
        ("server_emission", emission.server),
        ("validator_emission", emission.validator),
        ("combined_emission", emission.combined),
    ]
    .map(|(name, found)| (name, found, numbers(&expected[name]), case.emission as f64));
    let permits = outcome.validator_permit.iter().map(|permit| u64::from(*permit)).collect();
    let permits = ("new_validator_permit", permits, numbers(&expected["new_validator_permit"]), 0.0);

    let bonds = bonds_by_uid(outcome);
    let expected_bonds = sparse(&expected["bonds_u16"]);
    let uids =
        |rows: &[Entries]| rows.iter().map(|row| row.iter().map(|entry| entry.0).collect()).collect::<Vec<Vec<_>>>();
    if uids(&bonds) != uids(&expected_bonds) {
        return Err(format!("bonds exist for other uids: {bonds:?}, expected {expected_bonds:?}"));
    }
    let flat = |rows: &[Entries]| rows.iter().flatten().map(|entry| u64::from(entry.1)).collect::<Vec<_>>();
    let bonds = ("bonds_u16", flat(&bonds), flat(&expected_bonds), 65_535.0);

    let liquid = matches!(case.parameters.bonds, BondRule::LiquidYuma3(_));
    let mut agreement = Agreement::Exact;
    for (name, found, expected, whole) in proportions.into_iter().chain(emissions).chain([permits, bonds]) {
        if found == expected {
            continue;
        }
        let tolerance = if liquid { whole * LIQUID_TOLERANCE } else { 0.0 };
        let near = |(a, b): (&u64, &u64)| a.abs_diff(*b) as f64 <= tolerance;
        if found.len() != expected.len() || !found.iter().zip(&expected).all(near) {
            return Err(format!("{name} is {found:?}, expected {expected:?}"));
        }
        agreement = Agreement::Close;
    }
    Ok(agreement)
}

pub fn numbers(value: &Value) -> Vec<u64> {
    let values = value.as_array().unwrap_or_else(|| panic!("{value} is not a list"));
    values.iter().map(|value| value.as_u64().unwrap_or_else(|| panic!("{value} is not a number"))).collect()
}

pub fn sparse(value: &Value) -> Vec<Entries> {
    let entry = |entry: &Value| {
        let pair = numbers(entry);
        (u16::try_from(pair[0]).unwrap(), u16::try_from(pair[1]).unwrap())
    };
    let rows = value.as_array().unwrap_or_else(|| panic!("{value} is not a list"));
    rows.iter().map(|row| row.as_array().unwrap().iter().map(entry).collect()).collect()
}
