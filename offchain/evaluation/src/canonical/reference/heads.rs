//! Rule 6: queries, keys and values, a head at a time.

use crate::canonical::model::Epsilon;
use crate::canonical::number::rs;
use crate::canonical::quantise::QuantisedVector;
use crate::canonical::reference::norm::norm;
use crate::canonical::row::{Row, Row16};
use crate::model::NormKind;

/// What happens to a head before attention.
#[derive(Debug, Clone, Copy)]
pub struct Preparation<'a> {
    /// The gain of its norm, if it has one.
    pub gain: Option<&'a QuantisedVector>,
    /// Under the root of that norm.
    pub epsilon: Epsilon,
    /// Cosine and sine for each pair of its features, if it turns.
    pub angles: Option<&'a [[i32; 2]]>,
}

/// The heads of a row of queries, keys or values, each `width` wide, rounded to 16 bits on its own.
pub fn split(row: &Row, width: usize, preparation: Preparation<'_>) -> Vec<Row16> {
    let prepare = |part: &[i64]| {
        let mut head = Row { mantissas: part.to_vec(), exponent: row.exponent };
        if let Some(gain) = preparation.gain {
            head = norm(&head, NormKind::Rms, preparation.epsilon, gain, None);
        }
        if let Some(angles) = preparation.angles {
            turn(&mut head.mantissas, angles);
        }
        head.quantise()
    };
    row.mantissas.chunks_exact(width).map(prepare).collect()
}

fn turn(head: &mut [i64], angles: &[[i32; 2]]) {
    let (first, second) = head.split_at_mut(angles.len());
    for ((a, b), angle) in first.iter_mut().zip(second).zip(angles) {
        let [cos, sin] = angle.map(i64::from);
        (*a, *b) = (rs(*a * cos - *b * sin, 30), rs(*b * cos + *a * sin, 30));
    }
}
