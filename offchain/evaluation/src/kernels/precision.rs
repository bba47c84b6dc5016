//! What weights are stored in, and what products multiply in.

/// How the device stores the matrices of a model, or multiplies with them. All else is computed in f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// Four bytes a number, weights as the model has them.
    #[default]
    F32,
    /// Two bytes a number, rounded to the nearest: half the memory and half the traffic. Parts of a model with a weight
    /// beyond its range, 65,504, stay in [`Self::F32`], so that no model can make an evaluation fail by large weights.
    F16,
}

/// The first number that rounds to infinity in f16.
const BEYOND_F16: f32 = 65_520.0;

impl Precision {
    /// Bytes of a weight.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
        }
    }

    /// This, unless a weight is beyond its range.
    pub(crate) fn fitting<'a>(self, weights: impl IntoIterator<Item = &'a [f32]>) -> Self {
        let fits = |weights: &[f32]| weights.iter().all(|weight| weight.abs() < BEYOND_F16);
        if self == Self::F16 && weights.into_iter().all(fits) { Self::F16 } else { Self::F32 }
    }

    /// WGSL that says what `Stored` is.
    pub(super) fn stored(self) -> &'static str {
        match self {
            Self::F32 => "alias Stored = f32;\n",
            Self::F16 => "alias Stored = f16;\n",
        }
    }

    /// WGSL that says what a `Factor` is, and how one is made.
    pub(super) fn factors(self) -> &'static str {
        match self {
            Self::F32 => include_str!("factor_f32.wgsl"),
            Self::F16 => include_str!("factor_f16.wgsl"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_weights_stay_as_they_are() {
        let below = half::f16::MAX.to_f32() + 15.9;
        assert!(half::f16::from_f32(below).is_finite() && half::f16::from_f32(BEYOND_F16).is_infinite());
        for (weights, expected) in [
            ([0.0, -below], Precision::F16),
            ([-BEYOND_F16, 0.0], Precision::F32),
            ([0.0, f32::INFINITY], Precision::F32),
            ([f32::NAN, 0.0], Precision::F32),
        ] {
            assert_eq!(Precision::F16.fitting([[1.0].as_slice(), &weights]), expected, "{weights:?}");
            assert_eq!(Precision::F32.fitting([weights.as_slice()]), Precision::F32);
        }
    }
}
