//! The hyperparameters of a subnet: one table of names, units, defaults, bounds and setters.
//!
//! Names, defaults and meaning are subtensor's (those of a newly created subnet); its counts of 12 s blocks are
//! milliseconds here, because chains differ in block time.

use ink::prelude::vec::Vec;

/// Who may set a hyperparameter. Governance may set each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setter {
    /// The subnet's owner.
    Owner,
    /// Governance only.
    Governance,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Which parameter.
    pub parameter: Hyperparameter,
    /// Its name as people write it.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Value of a new subnet.
    pub default: u64,
    /// Least value.
    pub minimum: u64,
    /// Greatest value.
    pub maximum: u64,
    /// Who sets it.
    pub setter: Setter,
    /// What it does, in a sentence.
    pub docs: &'static str,
}

const BLOCK: u64 = 12_000;
const TAO: u64 = 1_000_000_000;

/// Defines the enum, the struct and the table from one list, so that they cannot differ.
macro_rules! hyperparameters {
    ($($variant:ident $field:ident: $type:ty = $default:expr, $minimum:expr, $maximum:expr, $unit:literal, $setter:ident, $doc:literal;)+) => {
        /// Names a hyperparameter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[ink::scale_derive(Encode, Decode, TypeInfo)]
        pub enum Hyperparameter {
            $(#[doc = $doc] $variant,)+
        }

        /// The hyperparameters of one subnet.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[ink::scale_derive(Encode, Decode, TypeInfo)]
        #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
        pub struct Hyperparameters {
            $(#[doc = $doc] pub $field: $type,)+
        }

        impl Default for Hyperparameters {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        /// The table, for people and tools.
        #[cfg(feature = "std")]
        pub const TABLE: &[Row] = &[
            $(Row {
                parameter: Hyperparameter::$variant,
                name: stringify!($field),
                unit: $unit,
                default: $default as u64,
                minimum: $minimum,
                maximum: $maximum,
                setter: Setter::$setter,
                docs: $doc,
            },)+
        ];

        /// Values of a new subnet, in the order of [`Hyperparameter`].
        const DEFAULTS: &[u64] = &[$($default as u64,)+];
        /// Least values, in the order of [`Hyperparameter`].
        const MINIMA: &[u64] = &[$($minimum,)+];
        /// Greatest values, in the order of [`Hyperparameter`].
        const MAXIMA: &[u64] = &[$($maximum,)+];
        /// Who sets each, in the order of [`Hyperparameter`].
        const SETTERS: &[Setter] = &[$(Setter::$setter,)+];

        impl Hyperparameters {
            /// From values in the order of [`Hyperparameter`]. Those beyond their end have their defaults, so that a
            /// parameter which a later code adds is there for the subnets of an earlier one.
            pub fn from_values(values: &[u64]) -> Self {
                let mut all = [0; DEFAULTS.len()];
                for (at, value) in all.iter_mut().enumerate() {
                    *value = values.get(at).or(DEFAULTS.get(at)).copied().unwrap_or_default();
                }
                Self { $($field: <$type as FromValue>::from_value(all[Hyperparameter::$variant as usize]),)+ }
            }

            /// One parameter as a number; a switch is 0 or 1.
            pub fn get(&self, parameter: Hyperparameter) -> u64 {
                match parameter {
                    $(Hyperparameter::$variant => u64::from(self.$field),)+
                }
            }
        }
    };
}

impl Hyperparameter {
    /// Least and greatest value, and who sets it.
    pub fn bounds(self) -> (u64, u64, Setter) {
        (MINIMA[self as usize], MAXIMA[self as usize], SETTERS[self as usize])
    }

    /// Sets this parameter among values in the order of [`Hyperparameter`]. False, and nothing changed, if the value is
    /// outside its bounds.
    pub fn set(self, values: &mut Vec<u64>, value: u64) -> bool {
        let (minimum, maximum, _) = self.bounds();
        if value < minimum || value > maximum {
            return false;
        }
        if let Some(missing) = DEFAULTS.get(values.len()..) {
            values.extend_from_slice(missing);
        }
        values[self as usize] = value;
        true
    }
}

/// From a value within its bounds, which keep it inside the type.
trait FromValue {
    fn from_value(value: u64) -> Self;
}
impl FromValue for u64 {
    fn from_value(value: u64) -> Self {
        value
    }
}
impl FromValue for u32 {
    fn from_value(value: u64) -> Self {
        value as u32
    }
}
impl FromValue for u16 {
    fn from_value(value: u64) -> Self {
        value as u16
    }
}
impl FromValue for bool {
    fn from_value(value: u64) -> Self {
        value != 0
    }
}

hyperparameters! {
    Tempo tempo: u64 = 360 * BLOCK, 360 * BLOCK, 50_400 * BLOCK, "ms", Owner,
        "Time between two epochs, in ms.";
    Kappa kappa: u16 = 32_767, 0, 65_535, "u16 proportion", Governance,
        "Majority of stake that sets consensus, out of 65,535.";
    BondsMovingAverage bonds_moving_average: u32 = 900_000, 0, 975_000, "ppm", Owner,
        "Part of the old bonds that an epoch keeps, in millionths.";
    BondsPenalty bonds_penalty: u16 = 65_535, 0, 65_535, "u16 proportion", Owner,
        "How far a weight above consensus loses its bond, out of 65,535.";
    Yuma3 yuma3: bool = true, 0, 1, "switch", Owner,
        "Yuma 3 bonds (1) or classic ones (0).";
    LiquidAlpha liquid_alpha: bool = false, 0, 1, "switch", Owner,
        "Bonds move by distance from consensus (1) or at a fixed rate (0). Yuma 3 only.";
    AlphaLow alpha_low: u16 = 45_875, 1_638, 65_535, "u16 proportion", Owner,
        "Slowest bond movement of liquid alpha, out of 65,535.";
    AlphaHigh alpha_high: u16 = 58_982, 1_638, 65_535, "u16 proportion", Owner,
        "Fastest bond movement of liquid alpha, out of 65,535.";
    AlphaSigmoidSteepness alpha_sigmoid_steepness: u16 = 1_000, 0, 32_767, "hundredths", Owner,
        "Steepness of liquid alpha's sigmoid, in hundredths.";
    MaxAllowedUids max_allowed_uids: u16 = 256, 64, 256, "uids", Owner,
        "Uids of the subnet. A value below the number of its neurons removes none: newcomers replace as in a full subnet.";
    MaxAllowedValidators max_allowed_validators: u16 = 64, 1, 64, "permits", Governance,
        "Validator permits of the subnet.";
    MinAllowedWeights min_allowed_weights: u16 = 1, 0, 256, "entries", Owner,
        "Fewest entries of a weight row.";
    MaxWeightLimit max_weight_limit: u16 = 65_535, 0, 65_535, "u16 proportion", Governance,
        "Largest part of a row that one weight may be, out of 65,535.";
    ImmunityPeriod immunity_period: u64 = 5_000 * BLOCK, 0, 100_000 * BLOCK, "ms", Owner,
        "Time for which a new neuron cannot be pruned, in ms.";
    ActivityCutoff activity_cutoff: u64 = 5_000 * BLOCK, 360 * BLOCK, 700_000 * BLOCK, "ms", Owner,
        "Time without weights after which a validator is inactive, in ms.";
    WeightsSetRateLimit weights_set_rate_limit: u64 = 100 * BLOCK, 0, 50_400 * BLOCK, "ms", Governance,
        "Least time between two weight commits of a validator, in ms.";
    WeightsVersionKey weights_version_key: u64 = 0, 0, u64::MAX, "version", Owner,
        "Version that weights must at least carry; 0 accepts any.";
    RevealPeriod reveal_period: u16 = 1, 1, 100, "epochs", Owner,
        "Epochs between a weight commit and its reveal.";
    StakeThreshold stake_threshold: u64 = 0, 0, u64::MAX, "rao", Governance,
        "Stake from which a validator counts, in rao.";
    ServingRateLimit serving_rate_limit: u64 = 50 * BLOCK, 0, 50_400 * BLOCK, "ms", Owner,
        "Least time between two axon records or model commitments of a neuron, in ms.";
    MinBurn min_burn: u64 = 500_000, 0, TAO - 1, "rao", Owner,
        "Lowest registration price, in rao.";
    MaxBurn max_burn: u64 = 100 * TAO, TAO / 10 + 1, 1_000_000 * TAO, "rao", Owner,
        "Highest registration price, in rao.";
    BurnHalfLife burn_half_life: u64 = 360 * BLOCK, 0, 36_100 * BLOCK, "ms", Owner,
        "Time in which the registration price halves, in ms; 0 keeps it.";
    BurnIncrease burn_increase: u32 = 12_600, 10_000, 30_000, "bps", Owner,
        "What a registration multiplies the price by, in basis points.";
    MinNonImmuneUids min_non_immune_uids: u16 = 10, 0, 256, "uids", Governance,
        "Uids that pruning leaves outside immunity.";
    BondsReset bonds_reset: bool = false, 0, 1, "switch", Owner,
        "A new model commitment drops the bonds toward its miner (1) or not (0).";
    NullConsensus null_consensus: bool = false, 0, 1, "switch", Owner,
        "Incentive is the stake-weighted mean of weights (1) or Yuma's (0).";
    CommitReveal commit_reveal: bool = true, 0, 1, "switch", Owner,
        "Weights are committed and revealed (1) or set in the open (0).";
    CommitBond commit_bond: u64 = 0, 0, 1_000 * TAO, "rao", Owner,
        "Standing bond that a weight commit needs, in rao.";
    BondForfeit bond_forfeit: u16 = 2_000, 0, 10_000, "bps", Owner,
        "Part of the standing bond that each unrevealed commit forfeits, in basis points.";
}

/// Those that Yuma reads. Units as in [`Hyperparameters`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[allow(missing_docs)] // each has the name and the meaning that the table gives
pub struct EpochRules {
    pub tempo: u64,
    pub kappa: u16,
    pub bonds_moving_average: u32,
    pub bonds_penalty: u16,
    pub yuma3: bool,
    pub liquid_alpha: bool,
    pub alpha_low: u16,
    pub alpha_high: u16,
    pub alpha_sigmoid_steepness: u16,
    pub max_allowed_validators: u16,
    pub activity_cutoff: u64,
    pub stake_threshold: u64,
    pub null_consensus: bool,
}

/// Those that a message which writes weights reads. Units as in [`Hyperparameters`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[allow(missing_docs)] // each has the name and the meaning that the table gives
pub struct WeightRules {
    pub min_allowed_weights: u16,
    pub max_weight_limit: u16,
    pub weights_set_rate_limit: u64,
    pub weights_version_key: u64,
    pub reveal_period: u16,
    pub stake_threshold: u64,
    pub commit_reveal: bool,
    pub commit_bond: u64,
    pub bond_forfeit: u16,
}

impl Hyperparameters {
    /// Those that Yuma reads.
    pub fn epoch(&self) -> EpochRules {
        EpochRules {
            tempo: self.tempo,
            kappa: self.kappa,
            bonds_moving_average: self.bonds_moving_average,
            bonds_penalty: self.bonds_penalty,
            yuma3: self.yuma3,
            liquid_alpha: self.liquid_alpha,
            alpha_low: self.alpha_low,
            alpha_high: self.alpha_high,
            alpha_sigmoid_steepness: self.alpha_sigmoid_steepness,
            max_allowed_validators: self.max_allowed_validators,
            activity_cutoff: self.activity_cutoff,
            stake_threshold: self.stake_threshold,
            null_consensus: self.null_consensus,
        }
    }

    /// Those that a message which writes weights reads.
    pub fn weights(&self) -> WeightRules {
        WeightRules {
            min_allowed_weights: self.min_allowed_weights,
            max_weight_limit: self.max_weight_limit,
            weights_set_rate_limit: self.weights_set_rate_limit,
            weights_version_key: self.weights_version_key,
            reveal_period: self.reveal_period,
            stake_threshold: self.stake_threshold,
            commit_reveal: self.commit_reveal,
            commit_bond: self.commit_bond,
            bond_forfeit: self.bond_forfeit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_read_where_it_was_set_and_within_its_bounds_only() {
        for row in TABLE {
            for value in [row.minimum, row.maximum] {
                let mut values = Vec::new();
                assert!(row.parameter.set(&mut values, value), "{}", row.name);
                let read = Hyperparameters::from_values(&values);
                for other in TABLE {
                    let expected = if other.parameter == row.parameter { value } else { other.default };
                    assert_eq!(read.get(other.parameter), expected, "{} after {}", other.name, row.name);
                }
            }
            let mut values = vec![5; 3];
            for beyond in [row.minimum.checked_sub(1), row.maximum.checked_add(1)].into_iter().flatten() {
                assert!(!row.parameter.set(&mut values, beyond), "{}", row.name);
            }
            assert_eq!(values, [5; 3]);
            assert!((row.minimum..=row.maximum).contains(&row.default) && !row.docs.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn values_that_are_not_stored_are_the_defaults() {
        assert_eq!(Hyperparameters::from_values(&[]), Hyperparameters::default());
        let mut values = vec![7];
        assert!(Hyperparameter::BondForfeit.set(&mut values, 1));
        assert_eq!(values.len(), TABLE.len());
        let expected = Hyperparameters { tempo: 7, bond_forfeit: 1, ..Default::default() };
        assert_eq!(Hyperparameters::from_values(&values), expected);
    }
}
