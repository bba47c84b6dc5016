//! Amounts and times as people write them: `100 TAO`, `5 rao`, `3d`, `90s`. The unit is always there.

use serde::{Deserialize, Deserializer, de::Error};

const RAO_DIGITS: usize = 9;

/// Rao, written as `0.5 TAO` or `5 rao`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub u128);

/// Milliseconds, written as `3d`, `12h`, `30m`, `90s` or `500ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub u64);

impl Amount {
    /// Reads an amount.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no amount: write `100 TAO`, `0.5 TAO` or `5 rao`");
        let (number, unit) = text.split_once(' ').ok_or_else(wrong)?;
        let digits = match unit.trim() {
            "TAO" => RAO_DIGITS,
            "rao" => 0,
            _ => return Err(wrong()),
        };
        scaled(number, digits).map(Self).ok_or_else(wrong)
    }
}

impl Span {
    /// Reads a time.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time: write `3d`, `12h`, `30m`, `90s` or `500ms`");
        let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?);
        let ms: u64 = match unit {
            "d" => 86_400_000,
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return Err(wrong()),
        };
        number.parse().ok().and_then(|number: u64| number.checked_mul(ms)).map(Self).ok_or_else(wrong)
    }
}

/// `number` with up to `digits` decimal places, in units of the last of them.
fn scaled(number: &str, digits: usize) -> Option<u128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(part) || part.len() > digits {
        return None;
    }
    format!("{whole}{part:0<digits$}").parse().ok()
}

/// A chain's native tokens for people: `1.5 UNIT`.
pub fn native(amount: u128, decimals: usize, symbol: &str) -> String {
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{whole} {symbol}") } else { format!("{whole}.{part} {symbol}") }
}

/// Milliseconds for people: `2 d 3 h`, the two largest units.
pub fn span(ms: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = ms;
    let counts = units.map(|(name, size)| {
        let count = rest / size;
        rest %= size;
        (count, name)
    });
    let shown = counts.iter().skip_while(|(count, _)| *count == 0).take(2).filter(|(count, _)| *count > 0);
    let shown: Vec<String> = shown.map(|(count, name)| format!("{count} {name}")).collect();
    if shown.is_empty() { "0 ms".into() } else { shown.join(" ") }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_unit() {
        for (text, rao) in [("100 TAO", 100_000_000_000), ("0.5 TAO", 500_000_000), ("7 rao", 7), ("0 rao", 0)] {
            assert_eq!(Amount::parse(text), Ok(Amount(rao)), "{text}");
        }
        for text in
            ["100", "TAO", " TAO", "1.5 rao", "1.0000000001 TAO", "-1 TAO", "+1 TAO", "1 tao", "1e3 TAO", ". TAO"]
        {
            assert!(Amount::parse(text).is_err(), "{text}");
        }
        assert!(Amount::parse(&format!("{} TAO", "9".repeat(40))).is_err(), "too large");
    }

    #[test]
    fn times_have_a_unit() {
        for (text, ms) in [("3d", 259_200_000), ("12h", 43_200_000), ("30m", 1_800_000), ("90s", 90_000), ("5ms", 5)] {
            assert_eq!(Span::parse(text), Ok(Span(ms)), "{text}");
        }
        for text in ["3", "d", "3 d", "3w", "-3d", "1.5h", "999999999999999999d"] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn people_read_round_numbers() {
        assert_eq!(native(1_500_000_000_000, 12, "UNIT"), "1.5 UNIT");
        assert_eq!(native(5, 9, "TAO"), "0.000000005 TAO");
        assert_eq!(native(7, 0, "units"), "7 units");
        assert_eq!((span(183_600_000), span(86_400_000), span(0)), ("2 d 3 h".into(), "1 d".into(), "0 ms".into()));
    }
}
