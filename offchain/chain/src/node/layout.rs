//! Where an encoded value ends, by its type.
//!
//! Both the type and the bytes come from a node. A type may contain itself and a length may be a lie, so this walk is
//! bounded in depth and in steps. What it has passed over is safe to decode.

use scale::{Compact, Decode, Input};
use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive};

/// How deep values may nest. A message to another chain nests some twenty types for each level of its own.
const DEPTH: usize = 128;
/// Values inside of one value: more than the events of a full block have.
const STEPS: usize = 10_000_000;

/// Moves `input` behind a value of a type. Errors: a text that says what is wrong.
pub(super) fn skip(kind: u32, types: &PortableRegistry, input: &mut &[u8]) -> Result<(), String> {
    Walk { types, steps: STEPS }.value(kind, input, DEPTH)
}

struct Walk<'a> {
    types: &'a PortableRegistry,
    steps: usize,
}

impl Walk<'_> {
    fn value(&mut self, kind: u32, input: &mut &[u8], depth: usize) -> Result<(), String> {
        let depth = depth.checked_sub(1).ok_or("values nest too deep")?;
        self.steps = self.steps.checked_sub(1).ok_or("too many values")?;
        let types = self.types;
        match &types.resolve(kind).ok_or("a type that the metadata lacks")?.type_def {
            TypeDef::Composite(composite) => {
                composite.fields.iter().try_for_each(|field| self.value(field.ty.id, input, depth))
            }
            TypeDef::Tuple(tuple) => tuple.fields.iter().try_for_each(|field| self.value(field.id, input, depth)),
            TypeDef::Variant(variants) => {
                let index = read::<u8>(input)?;
                let variant = variants.variants.iter().find(|variant| variant.index == index);
                let variant = variant.ok_or("a variant that its type lacks")?;
                variant.fields.iter().try_for_each(|field| self.value(field.ty.id, input, depth))
            }
            TypeDef::Sequence(sequence) => {
                let Compact(length) = read::<Compact<u32>>(input)?;
                (0..length).try_for_each(|_| self.value(sequence.type_param.id, input, depth))
            }
            TypeDef::Array(array) => (0..array.len).try_for_each(|_| self.value(array.type_param.id, input, depth)),
            TypeDef::Primitive(primitive) => match bytes(primitive) {
                Some(bytes) => take(input, bytes),
                None => text(input),
            },
            TypeDef::Compact(_) => read::<Compact<u128>>(input).map(drop),
            TypeDef::BitSequence(sequence) => {
                let Compact(bits) = read::<Compact<u32>>(input)?;
                let store = match &types.resolve(sequence.bit_store_type.id).ok_or("no type of a bit's store")?.type_def
                {
                    TypeDef::Primitive(primitive) => bytes(primitive).ok_or("bits cannot be stored in texts")?,
                    _ => return Err("bits are stored in numbers".into()),
                };
                take(input, usize::try_from(bits).map_err(|_| "too many bits")?.div_ceil(store * 8) * store)
            }
        }
    }
}

/// Bytes of a primitive; `None` for a text, which tells its own length.
fn bytes(primitive: &TypeDefPrimitive) -> Option<usize> {
    use TypeDefPrimitive::{Bool, Char, I8, I16, I32, I64, I128, I256, Str, U8, U16, U32, U64, U128, U256};
    Some(match primitive {
        Str => return None,
        Bool | U8 | I8 => 1,
        U16 | I16 => 2,
        Char | U32 | I32 => 4,
        U64 | I64 => 8,
        U128 | I128 => 16,
        U256 | I256 => 32,
    })
}

fn text(input: &mut &[u8]) -> Result<(), String> {
    let Compact(length) = read::<Compact<u32>>(input)?;
    take(input, usize::try_from(length).map_err(|_| "a text that is too long")?)
}

fn take(input: &mut &[u8], bytes: usize) -> Result<(), String> {
    let (_, rest) = input.split_at_checked(bytes).ok_or("it ends too early")?;
    *input = rest;
    Ok(())
}

fn read<T: Decode>(input: &mut impl Input) -> Result<T, String> {
    T::decode(input).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;
    use proptest::{collection::vec, prelude::any, prop_assert, prop_assert_eq, proptest};
    use scale::Encode;
    use scale_info::{MetaType, Registry, TypeInfo};

    #[derive(TypeInfo, Encode)]
    enum Event {
        Nothing,
        #[codec(index = 7)]
        Moved {
            from: [u8; 32],
            #[codec(compact)]
            amount: u128,
            note: Option<String>,
        },
        Many(Vec<(bool, u16, i64)>),
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)] // types are all that is asked of these
    struct Endless(Box<Endless>);

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct Nested(Vec<Nested>);

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct Empties(Vec<()>);

    fn registered<T: TypeInfo + 'static>() -> (u32, PortableRegistry) {
        let mut registry = Registry::new();
        let id = registry.register_type(&MetaType::new::<T>()).id;
        (id, registry.into())
    }

    fn rest<T: TypeInfo + 'static>(mut bytes: &[u8]) -> Result<usize, String> {
        let (kind, types) = registered::<T>();
        skip(kind, &types, &mut bytes).map(|()| bytes.len())
    }

    #[test]
    fn types_and_lengths_that_never_end_are_errors() {
        assert_eq!(rest::<Endless>(&[]), Err("values nest too deep".into()));
        assert_eq!(rest::<Nested>(&[4; 100_000]), Err("values nest too deep".into()));
        assert_eq!(rest::<Empties>(&Compact(u32::MAX).encode()), Err("too many values".into()));
        assert_eq!(rest::<String>(&Compact(u32::MAX).encode()), Err("it ends too early".into()));
    }

    proptest! {
        #[test]
        fn a_value_ends_where_its_encoding_does(
            from: [u8; 32], amount: u128, note: Option<String>, many in vec(any::<(bool, u16, i64)>(), 0..80), tail in 0_usize..9,
        ) {
            for event in [Event::Nothing, Event::Moved { from, amount, note }, Event::Many(many)] {
                let mut bytes = event.encode();
                let length = bytes.len();
                prop_assert!(rest::<Event>(&bytes[..length - 1]).is_err());
                bytes.extend(vec![1; tail]);
                prop_assert_eq!(rest::<Event>(&bytes), Ok(tail));
            }
        }

        #[test]
        fn no_bytes_break_it(bytes in vec(any::<u8>(), 0..200)) {
            let _ = rest::<Event>(&bytes);
            let _ = rest::<Nested>(&bytes);
        }
    }
}
