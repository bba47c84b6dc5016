//! `inktensor explain hyperparameter`: what the contracts' own table says.

use inktensor_primitives::hyperparameters::{Row, Setter, TABLE};
use serde_json::{Value, json};

use crate::error::CliError;

/// Tells of the hyperparameter `name`, or of all: name, unit, value of a new subnet, bounds, who sets it, and what it does.
///
/// # Errors
/// `Argument` where there is none of that name.
pub fn hyperparameter(name: Option<&str>, json: bool) -> Result<(), CliError> {
    print!("{}", describe(name, json)?);
    Ok(())
}

fn describe(name: Option<&str>, json: bool) -> Result<String, CliError> {
    let rows: Vec<&Row> = TABLE.iter().filter(|row| name.is_none_or(|name| row.name == name)).collect();
    if rows.is_empty() {
        let names = TABLE.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
        return Err(CliError::Argument { what: "hyperparameter", reason: format!("there are: {names}") });
    }
    if json {
        return Ok(format!("{}\n", Value::from_iter(rows.into_iter().map(as_json))));
    }
    Ok(rows.into_iter().map(as_text).collect())
}

fn as_json(row: &Row) -> Value {
    json!({
        "name": row.name,
        "unit": row.unit,
        "default": row.default,
        "minimum": row.minimum,
        "maximum": row.maximum,
        "setter": setter(row),
        "docs": row.docs.trim(),
    })
}

fn as_text(row: &Row) -> String {
    let Row { name, unit, default, minimum, maximum, .. } = row;
    let setter = setter(row);
    format!("{name} = {default} {unit}, {minimum} to {maximum}, set by {setter}\n    {}\n", row.docs.trim())
}

fn setter(row: &Row) -> &'static str {
    match row.setter {
        Setter::Owner => "owner",
        Setter::Governance => "governance",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;

    #[test]
    fn one_is_told_by_name_and_all_without() {
        let kappa = describe(Some("kappa"), false).unwrap();
        assert!(kappa.starts_with("kappa = 32767 u16 proportion, 0 to 65535, set by governance\n"), "{kappa}");
        let all: Vec<Value> = serde_json::from_str(&describe(None, true).unwrap()).unwrap();
        assert_eq!(all.len(), TABLE.len());
        assert!(all.iter().all(|row| row["docs"].as_str().is_some_and(|docs| docs.ends_with('.'))));
    }

    #[test]
    fn an_unknown_name_is_told_what_there_is() {
        let error = describe(Some("kapa"), false).unwrap_err().to_string();
        assert!(error.contains("kappa") && error.contains("tempo"), "{error}");
    }
}
