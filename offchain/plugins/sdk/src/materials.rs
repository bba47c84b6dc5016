//! Contributions and assets, to look at. Only `plan` and `score` may, and only in the sandbox.

use alloc::vec::Vec;

use crate::Source;
use crate::bindings::inktensor::evaluator::materials;

/// Bytes that the host hands out in one call at most.
pub const PART: u32 = 1 << 20;

/// Number of bytes of `of`.
pub fn size(of: &Source) -> u64 {
    materials::size(of)
}

/// Bytes of `of` from `offset` on: `length` of them, or fewer at its end. At most [`PART`].
pub fn read(of: &Source, offset: u64, length: u32) -> Vec<u8> {
    materials::read(of, offset, length)
}

/// All bytes of `of`. What is too large for the evaluator's memory ends it: look at its size first where a miner has a
/// say in that.
pub fn whole(of: &Source) -> Vec<u8> {
    assembled(size(of), |offset| read(of, offset, PART))
}

/// `size` bytes, from parts of at least one byte.
fn assembled(size: u64, part: impl Fn(u64) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < size {
        let next = part(bytes.len() as u64);
        if next.is_empty() {
            break;
        }
        bytes.extend(next);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_whole_in_their_order() {
        let whole: Vec<u8> = (0..=255).collect();
        for part in [1, 7, 256, 1000] {
            let read = |offset: u64| whole[offset as usize..].iter().take(part).copied().collect();
            assert_eq!(assembled(256, read), whole);
        }
        assert_eq!(assembled(0, |_| unreachable!()), [0u8; 0]);
    }
}
