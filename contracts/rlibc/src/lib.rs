//! Copying, filling and comparing memory, in place of the published `rlibc` that ink! links into contracts.
//!
//! The published crate works byte by byte, this one by words of eight bytes, and a contracts chain charges each instruction
//! alike: copying a row of weights, decoding a column, encoding an answer all come down to these functions. They are the
//! only unsafe code of the contracts.
//!
//! Reads and writes are volatile, so that the compiler does not recognise a loop as the very function it is in.
#![no_std]
#![cfg_attr(not(any(target_arch = "wasm32", test)), allow(dead_code))] // only `symbols` calls them
#![deny(missing_docs)]

#[cfg(test)]
extern crate std;

/// Eight bytes, at any address.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C, packed)]
struct Word(u64);

const WIDTH: usize = core::mem::size_of::<Word>();

/// Copies `count` bytes upward. A byte that both ranges share is read before it is written if `to` is below `from`.
unsafe fn copy_up(to: *mut u8, from: *const u8, count: usize) {
    let mut at = 0;
    while count - at >= WIDTH {
        (to.add(at) as *mut Word).write_volatile((from.add(at) as *const Word).read_volatile());
        at += WIDTH;
    }
    while at < count {
        to.add(at).write_volatile(from.add(at).read_volatile());
        at += 1;
    }
}

/// Copies `count` bytes downward, for ranges that share bytes where `to` is above `from`.
unsafe fn copy_down(to: *mut u8, from: *const u8, count: usize) {
    let mut left = count;
    while left >= WIDTH {
        left -= WIDTH;
        (to.add(left) as *mut Word).write_volatile((from.add(left) as *const Word).read_volatile());
    }
    while left > 0 {
        left -= 1;
        to.add(left).write_volatile(from.add(left).read_volatile());
    }
}

/// Sets `count` bytes.
unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
    let word = Word(u64::from(byte) * 0x0101_0101_0101_0101);
    let mut at = 0;
    while count - at >= WIDTH {
        (to.add(at) as *mut Word).write_volatile(word);
        at += WIDTH;
    }
    while at < count {
        to.add(at).write_volatile(byte);
        at += 1;
    }
}

/// The difference of the first bytes that differ; zero where `count` bytes are equal.
unsafe fn difference(left: *const u8, right: *const u8, count: usize) -> i32 {
    let mut at = 0;
    while count - at >= WIDTH
        && (left.add(at) as *const Word).read_volatile() == (right.add(at) as *const Word).read_volatile()
    {
        at += WIDTH;
    }
    while at < count {
        let (one, other) = (left.add(at).read_volatile(), right.add(at).read_volatile());
        if one != other {
            return i32::from(one) - i32::from(other);
        }
        at += 1;
    }
    0
}

/// The names by which compiled code calls them.
#[cfg(target_arch = "wasm32")]
mod symbols {
    #[no_mangle]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        super::copy_up(to, from, count);
        to
    }

    #[no_mangle]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        // Above `from` and inside its range: copying upward would read what it wrote.
        if (to as usize).wrapping_sub(from as usize) < count {
            super::copy_down(to, from, count);
        } else {
            super::copy_up(to, from, count);
        }
        to
    }

    #[no_mangle]
    unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
        super::fill(to, byte as u8, count);
        to
    }

    #[no_mangle]
    unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
        super::difference(left, right, count)
    }

    #[no_mangle]
    unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
        super::difference(left, right, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const LENGTH: usize = 40;

    fn bytes() -> Vec<u8> {
        (1..=LENGTH as u8).map(|byte| byte.wrapping_mul(37)).collect()
    }

    /// Every pair of ranges inside forty bytes, overlapping or not, against the standard library.
    #[test]
    fn ranges_are_moved_as_by_the_standard_library() {
        for count in 0..=20 {
            for from in 0..=LENGTH - count {
                for to in 0..=LENGTH - count {
                    let (mut found, mut expected) = (bytes(), bytes());
                    expected.copy_within(from..from + count, to);
                    let start = found.as_mut_ptr();
                    // Both ranges lie inside the vector.
                    unsafe {
                        if to > from {
                            copy_down(start.add(to), start.add(from), count);
                        } else {
                            copy_up(start.add(to), start.add(from), count);
                        }
                    }
                    assert_eq!(found, expected, "{count} bytes from {from} to {to}");
                }
            }
        }
    }

    #[test]
    fn ranges_are_filled_and_nothing_beside_them() {
        for count in 0..=20 {
            for to in 0..=LENGTH - count {
                let (mut found, mut expected) = (bytes(), bytes());
                expected[to..to + count].fill(0xA5);
                unsafe { fill(found.as_mut_ptr().add(to), 0xA5, count) };
                assert_eq!(found, expected, "{count} bytes at {to}");
            }
        }
    }

    #[test]
    fn the_first_difference_decides() {
        for count in 0..=LENGTH {
            let equal = bytes();
            assert_eq!(unsafe { difference(equal.as_ptr(), bytes().as_ptr(), count) }, 0);
            for first in 0..count {
                let mut other = bytes();
                other[first] = other[first].wrapping_add(1);
                other[first + 1..].fill(0);
                let expected = i32::from(equal[first]) - i32::from(other[first]);
                assert_eq!(unsafe { difference(equal.as_ptr(), other.as_ptr(), count) }, expected);
            }
        }
    }
}
