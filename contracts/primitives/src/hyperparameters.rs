//! The hyperparameters of a subnet: one table of names, units, defaults, bounds and setters.
//!
//! Names, defaults and meaning are subtensor's (those of a newly created subnet); its counts of 12 s blocks are
//! milliseconds here, because chains differ in block time.

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
            },)+
        ];

        impl Hyperparameter {
            /// Least and greatest value, and who sets it.
            pub fn bounds(self) -> (u64, u64, Setter) {
                match self {
                    $(Self::$variant => ($minimum, $maximum, Setter::$setter),)+
                }
            }
        }

        impl Hyperparameters {
            /// Sets one parameter. False, and nothing changed, if the value is outside its bounds.
            pub fn set(&mut self, parameter: Hyperparameter, value: u64) -> bool {
                let (minimum, maximum, _) = parameter.bounds();
                if value < minimum || value > maximum {
                    return false;
                }
                match parameter {
                    $(Hyperparameter::$variant => match <$type as FromValue>::from_value(value) {
                        Some(value) => self.$field = value,
                        None => return false,
                    },)+
                }
                true
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

trait FromValue: Sized {
    fn from_value(value: u64) -> Option<Self>;
}
impl FromValue for u64 {
    fn from_value(value: u64) -> Option<Self> {
        Some(value)
    }
}
impl FromValue for u32 {
    fn from_value(value: u64) -> Option<Self> {
        value.try_into().ok()
    }
}
impl FromValue for u16 {
    fn from_value(value: u64) -> Option<Self> {
        value.try_into().ok()
    }
}
impl FromValue for bool {
    fn from_value(value: u64) -> Option<Self> {
        match value {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
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
        "Uids of the subnet.";
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
    MinBurn min_burn: u64 = 500_000, 0, TAO, "rao", Owner,
        "Lowest registration price, in rao.";
    MaxBurn max_burn: u64 = 100 * TAO, TAO / 10, 1_000_000 * TAO, "rao", Owner,
        "Highest registration price, in rao.";
    BurnHalfLife burn_half_life: u64 = 360 * BLOCK, 0, 36_100 * BLOCK, "ms", Owner,
        "Time in which the registration price halves, in ms; 0 keeps it.";
    BurnIncrease burn_increase: u32 = 12_600, 10_000, 30_000, "bps", Owner,
        "What a registration multiplies the price by, in basis points.";
    MinNonImmuneUids min_non_immune_uids: u16 = 10, 0, 256, "uids", Governance,
        "Uids that pruning leaves outside immunity.";
}
