//! What a chain's transaction extensions want of an extrinsic.
//!
//! Each extension adds bytes to the extrinsic, and bytes that are signed but not sent. The usual ones are known by name.
//! Of others the types tell enough in most cases: nothing, a tip of zero, an option that is not taken.

use crate::ChainError;
use scale::{Compact, Encode};
use scale_info::{PortableRegistry, TypeDef};

/// What the known extensions bind a signature to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) nonce: u32,
    pub(super) genesis: [u8; 32],
    pub(super) era: super::era::Era,
    /// Hash of the era's first block.
    pub(super) checkpoint: [u8; 32],
    pub(super) spec_version: u32,
    pub(super) transaction_version: u32,
}

/// What all extensions together add.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    /// Sent with the extrinsic.
    pub(super) sent: Vec<u8>,
    /// Signed, and known to the chain without being sent.
    pub(super) implied: Vec<u8>,
}

impl Added {
    /// Adds what one extension wants: `sent` and `implied` are its types in the chain's metadata. Errors:
    /// `UnknownExtension`.
    pub(super) fn extension(
        &mut self,
        name: &str,
        (sent, implied): (u32, u32),
        types: &PortableRegistry,
        bound: &Bound,
    ) -> Result<(), ChainError> {
        match name {
            "CheckNonce" => Compact(bound.nonce).encode_to(&mut self.sent),
            "CheckMortality" | "CheckEra" => {
                bound.era.encode_to(&mut self.sent);
                bound.checkpoint.encode_to(&mut self.implied);
            }
            "CheckGenesis" => bound.genesis.encode_to(&mut self.implied),
            "CheckSpecVersion" => bound.spec_version.encode_to(&mut self.implied),
            "CheckTxVersion" => bound.transaction_version.encode_to(&mut self.implied),
            // The mode "disabled", and no hash.
            "CheckMetadataHash" => {
                self.sent.push(0);
                self.implied.push(0);
            }
            _ => {
                let unknown = || ChainError::UnknownExtension(name.to_owned());
                neutral(sent, types, DEPTH, &mut self.sent).ok_or_else(unknown)?;
                neutral(implied, types, DEPTH, &mut self.implied).ok_or_else(unknown)?;
            }
        }
        Ok(())
    }
}

/// How deep types may nest: a node could describe one that contains itself.
const DEPTH: usize = 16;

/// Writes the value of a type that asks for nothing. `None` where there is no such value, or where it cannot be told.
fn neutral(kind: u32, types: &PortableRegistry, depth: usize, out: &mut Vec<u8>) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let kind = types.resolve(kind)?;
    match &kind.type_def {
        TypeDef::Composite(composite) => {
            composite.fields.iter().try_for_each(|field| neutral(field.ty.id, types, depth, out))
        }
        TypeDef::Tuple(tuple) => tuple.fields.iter().try_for_each(|field| neutral(field.id, types, depth, out)),
        // A number in compact form is a tip; in both, zero is one byte of zero. So is the option that is not taken.
        TypeDef::Compact(_) => {
            out.push(0);
            Some(())
        }
        TypeDef::Variant(_) if kind.path.segments.last().is_some_and(|name| name == "Option") => {
            out.push(0);
            Some(())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::super::era::Era;
    use super::*;
    use scale_info::{MetaType, Registry, TypeInfo};

    #[derive(TypeInfo)]
    #[allow(dead_code)] // types are all that is asked of these
    struct Wrapper {
        #[codec(compact)]
        tip: u64,
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct AssetPayment {
        #[codec(compact)]
        tip: u128,
        asset: Option<u32>,
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct Endless(Box<Endless>);

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    enum Mode {
        Fast,
        Slow,
    }

    const BOUND: Bound = Bound {
        nonce: 64,
        genesis: [1; 32],
        era: Era { birth: 130 },
        checkpoint: [2; 32],
        spec_version: 425,
        transaction_version: 7,
    };

    fn added<Sent: TypeInfo + 'static, Implied: TypeInfo + 'static>(name: &str) -> Result<Added, ChainError> {
        let mut registry = Registry::new();
        let sent = registry.register_type(&MetaType::new::<Sent>()).id;
        let implied = registry.register_type(&MetaType::new::<Implied>()).id;
        let mut added = Added::default();
        added.extension(name, (sent, implied), &registry.into(), &BOUND).map(|()| added)
    }

    #[test]
    fn known_extensions_bind_the_signature() {
        assert_eq!(added::<(), ()>("CheckNonce").unwrap().sent, Compact(64_u32).encode());
        let mortality = added::<(), ()>("CheckMortality").unwrap();
        assert_eq!(mortality, Added { sent: BOUND.era.encode(), implied: vec![2; 32] });
        assert_eq!(added::<(), ()>("CheckEra").unwrap(), mortality);
        assert_eq!(added::<(), ()>("CheckGenesis").unwrap().implied, [1; 32]);
        assert_eq!(added::<(), u32>("CheckSpecVersion").unwrap().implied, 425_u32.encode());
        assert_eq!(added::<(), u32>("CheckTxVersion").unwrap().implied, 7_u32.encode());
        let metadata = added::<Mode, Option<[u8; 32]>>("CheckMetadataHash").unwrap();
        assert_eq!(metadata, Added { sent: vec![0], implied: vec![0] });
    }

    #[test]
    fn others_are_known_by_the_shape_of_their_types() {
        assert_eq!(added::<(), ()>("SudoTransactionExtension").unwrap(), Added::default());
        assert_eq!(added::<Wrapper, ()>("ChargeTransactionPaymentWrapper").unwrap().sent, [0]);
        assert_eq!(added::<AssetPayment, ()>("ChargeAssetTxPayment").unwrap().sent, [0, 0]);
        assert_eq!(added::<(), Option<u8>>("Whatever").unwrap().implied, [0]);
    }

    #[test]
    fn what_needs_an_answer_is_not_guessed() {
        for refused in [added::<Mode, ()>("Odd"), added::<u64, ()>("Odd"), added::<(), [u8; 32]>("Odd")] {
            assert_eq!(refused, Err(ChainError::UnknownExtension("Odd".into())));
        }
        assert_eq!(added::<Endless, ()>("Odd"), Err(ChainError::UnknownExtension("Odd".into())));
    }
}
