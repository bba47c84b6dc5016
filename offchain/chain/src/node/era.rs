//! For how long an extrinsic is valid.

use scale::{Encode, Output};

/// Blocks that an extrinsic lives.
pub(crate) const PERIOD: u32 = 64;

/// The life of an extrinsic: it can be in the 63 blocks after the one that its signature is bound to, and in no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Era {
    /// The block that the signature is bound to.
    pub(super) birth: u32,
}

impl Era {
    /// Last block that can hold the extrinsic.
    pub(super) fn last(self) -> u32 {
        self.birth.saturating_add(PERIOD - 1)
    }
}

/// Two bytes, as the runtime has it: the period's binary logarithm less one in four bits, above it the birth within the
/// period.
impl Encode for Era {
    fn encode_to<O: Output + ?Sized>(&self, out: &mut O) {
        let phase = self.birth % PERIOD;
        let encoded = (PERIOD.trailing_zeros() - 1) | phase << 4;
        out.write(&encoded.to_le_bytes()[..2]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ink_sandbox::frame_support::sp_runtime::generic;
    use proptest::{prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn the_runtime_means_the_same_by_it(birth in 0_u32..u32::MAX - 64) {
            let era = generic::Era::mortal(u64::from(PERIOD), u64::from(birth));
            let ours = Era { birth };
            prop_assert_eq!(ours.encode(), era.encode());
            prop_assert_eq!(era.birth(u64::from(ours.last())), u64::from(birth));
            prop_assert!(era.birth(u64::from(ours.last()) + 1) != u64::from(birth));
        }
    }
}
