//! Answering a message without rewriting the contract's root cell.
//!
//! ink! writes the root cell back after every message that may change something, which costs a write to the chain's storage
//! (`seal_set_storage`). In this suite values have cells of their own; the root cell is empty, or holds the addresses of the
//! peers and the pause. So messages that are called often and change neither have nothing to write back, and give their
//! answer at once instead.

use scale::Encode;

/// Gives `result` as the answer of a message that changed nothing in the root cell. On chain, where it is `Ok`, the message
/// ends here and the root cell is not written; `Err` goes the usual way, which undoes the message. So this is the last thing
/// that a message says, never part of an expression: what would follow does not run.
#[inline]
pub fn settled<T: Encode, E>(result: Result<T, E>) -> Result<T, E> {
    #[cfg(not(feature = "std"))]
    if let Ok(answer) = &result {
        // ink! wraps the answer of a message in a result of its own.
        give(&(0_u8, 0_u8, answer).encode());
    }
    result
}

#[cfg(not(feature = "std"))]
#[inline(never)]
fn give(answer: &[u8]) -> ! {
    ink::env::return_value(ink::env::ReturnFlags::empty(), &crate::peer::Verbatim(answer))
}

#[cfg(test)]
mod tests {
    use ink::LangError;
    use scale::Encode;

    #[test]
    fn an_answer_is_what_ink_would_encode() {
        let usual = |value: u64| Ok::<Result<u64, u8>, LangError>(Ok(value)).encode();
        assert_eq!((0_u8, 0_u8, &77_u64).encode(), usual(77));
        assert_eq!((0_u8, 0_u8, &()).encode(), Ok::<Result<(), u8>, LangError>(Ok(())).encode());
    }
}
