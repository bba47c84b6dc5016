//! Names of the runtime's errors.

use super::runtime::Runtime;
use subxt::{
    Metadata,
    ext::scale_value::{Composite, Primitive, Value, ValueDef, Variant},
};

/// Name of a dispatch error as the runtime's source has it: `OutOfGas` of a pallet, `FundsUnavailable`, `BadOrigin`.
pub(super) fn name(error: &Value, runtime: &Runtime) -> String {
    let ValueDef::Variant(variant) = &error.value else { return error.to_string() };
    match variant.name.as_str() {
        "Module" => of_pallet(variant, &runtime.metadata),
        _ => inner(variant),
    }
}

/// The innermost name: `Token(FundsUnavailable)` is `FundsUnavailable`.
fn inner(variant: &Variant<()>) -> String {
    let mut values = variant.values.values();
    match (values.next(), values.next()) {
        (Some(Value { value: ValueDef::Variant(variant), .. }), None) => inner(variant),
        _ => variant.name.clone(),
    }
}

fn of_pallet(variant: &Variant<()>, metadata: &Metadata) -> String {
    let mut numbers = Vec::new();
    collect(&variant.values, &mut numbers);
    let [pallet, error, ..] = numbers.as_slice() else { return "Module".into() };
    let found = metadata.pallet_by_error_index(*pallet).and_then(|pallet| pallet.error_variant_by_index(*error));
    found.map_or_else(|| format!("error {error} of pallet {pallet}"), |variant| variant.name.clone())
}

/// The pallet's number and the bytes of its error, however they are nested.
fn collect(values: &Composite<()>, numbers: &mut Vec<u8>) {
    for value in values.values() {
        match &value.value {
            ValueDef::Composite(values) => collect(values, numbers),
            ValueDef::Primitive(Primitive::U128(number)) => numbers.extend(u8::try_from(*number)),
            _ => {}
        }
    }
}

/// Why a pool does not take an extrinsic, by the name of the runtime's error. The node sends the error's text alone.
pub(super) fn of_pool(message: &str) -> String {
    const TEXTS: [(&str, &str); 10] = [
        ("Transaction call is not expected", "Call"),
        ("Transaction will be valid in the future", "Future"),
        ("Transaction is outdated", "Stale"),
        ("Transaction has a bad signature", "BadProof"),
        ("Transaction has an ancient birth block", "AncientBirthBlock"),
        ("Transaction would exhaust the block limits", "ExhaustsResources"),
        ("Inability to pay some fees", "Payment"),
        ("Invalid signing address", "BadSigner"),
        ("Could not lookup information required to validate the transaction", "CannotLookup"),
        ("Custom error", "Custom"),
    ];
    let known = TEXTS.iter().find(|(text, _)| message.contains(text));
    known.map_or_else(|| message.to_owned(), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_s_refusals_have_names() {
        let payment = "Invalid Transaction: Inability to pay some fees (e.g. account balance too low)";
        assert_eq!(of_pool(payment), "Payment");
        assert_eq!(of_pool("Invalid Transaction: Transaction is outdated"), "Stale");
        assert_eq!(of_pool("Transaction is on strike"), "Transaction is on strike");
    }

    #[test]
    fn nested_errors_are_named_by_the_innermost() {
        let token = Value::unnamed_variant("Token", [Value::unnamed_variant("FundsUnavailable", [])]);
        let ValueDef::Variant(token) = token.value else { panic!("a variant was made") };
        assert_eq!(inner(&token), "FundsUnavailable");
    }
}
