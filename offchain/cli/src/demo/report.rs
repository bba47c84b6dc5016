//! The outcome of the demo as text.

use std::fmt::{self, Write};

use inktensor_primitives::emission::EpochPaid;

use super::outcome::{Killed, Neuron, Outcome, Part};
use super::plot::{bar, sparkline};
use super::scene::Scene;

/// Says on standard error how an epoch ended.
pub fn tell(turned: &EpochPaid) {
    eprintln!(
        "epoch {}: {} TAO, {} to miners, {} to validators, {} to the reserve, {} carried",
        turned.epoch,
        Tao(turned.emission),
        Tao(turned.miners),
        Tao(turned.validators),
        Tao(turned.reserve),
        Tao(turned.carry),
    );
}

/// The whole report.
pub fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{}", Report(outcome));
    text
}

struct Report<'a>(&'a Outcome);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nAdapter: {}", self.0.adapter)?;
        writeln!(f, "Chain: {}", self.0.stage)?;
        metagraph(self.0, f)?;
        payouts(self.0, f)?;
        split(self.0, f)?;
        reconciliation(self.0, f)?;
        checks(self.0, f)
    }
}

fn metagraph(outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let figure = match outcome.evaluator {
        Scene::BuiltIn => "bits/byte",
        Scene::Language | Scene::Dataset => "merit",
    };
    writeln!(f, "\nMetagraph")?;
    writeln!(
        f,
        "{:>4}  {:<8}{:<11}{:>12}{:>11}{:>11}{:>10}  {:<24}",
        "uid", "name", "role", "stake TAO", "dividends", figure, "incentive", ""
    )?;
    for neuron in &outcome.neurons {
        let measured = match (neuron.bits_per_byte, neuron.merit, &neuron.fault) {
            (_, _, Some(_)) => "fault".to_owned(),
            (Some(bits), _, None) => format!("{bits:.4}"),
            (None, Some(merit), None) => merit.to_string(),
            (None, None, None) => "-".to_owned(),
        };
        writeln!(
            f,
            "{:>4}  {:<8}{:<11}{:>12}{:>11}{:>11}{:>10}  {:<24}",
            neuron.uid,
            neuron.name,
            neuron.role,
            Tao(neuron.stake).short(),
            neuron.dividends,
            measured,
            neuron.incentive,
            match &neuron.fault {
                Some(fault) => shortened(fault),
                None => bar(u64::from(neuron.incentive), u64::from(u16::MAX), 24),
            },
        )?;
    }
    Ok(())
}

fn payouts(outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nPayouts by epoch, in TAO")?;
    write!(f, "{:>4}  {:<8}", "uid", "name")?;
    for epoch in &outcome.epochs {
        write!(f, "{:>11}", format!("epoch {}", epoch.epoch))?;
    }
    writeln!(f, "{:>13}", "total")?;
    let most = outcome.neurons.iter().map(|neuron| neuron.payout_rao).max().unwrap_or(0);
    let highest = outcome.epochs.iter().flat_map(|epoch| &epoch.paid).map(|paid| paid.rao).max().unwrap_or(0);
    for neuron in &outcome.neurons {
        let paid = by_epoch(outcome, neuron);
        write!(f, "{:>4}  {:<8}", neuron.uid, neuron.name)?;
        for amount in &paid {
            write!(f, "{:>11}", Tao(*amount).short())?;
        }
        let total = Tao(neuron.payout_rao).short();
        writeln!(f, "{total:>13}  {}  {}", sparkline(&paid, highest), bar(neuron.payout_rao, most, 20))?;
    }
    let nominator = &outcome.nominator;
    writeln!(
        f,
        "\nNominator {} staked {} TAO on {} and gained {} TAO",
        nominator.name,
        Tao(nominator.staked),
        nominator.validator,
        Tao(nominator.value.saturating_sub(nominator.staked)),
    )
}

fn by_epoch(outcome: &Outcome, neuron: &Neuron) -> Vec<u64> {
    let of = |paid: &[super::outcome::Paid]| paid.iter().find(|paid| paid.uid == neuron.uid).map_or(0, |paid| paid.rao);
    outcome.epochs.iter().map(|epoch| of(&epoch.paid)).collect()
}

fn split(outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nReward split, unpaid carry included")?;
    let split = &outcome.split;
    let parts = [
        ("miners", &split.miners),
        ("validators", &split.validators),
        ("reserve", &split.reserve),
        ("owner", &split.owner),
    ];
    for (name, Part { bps, rao }) in parts {
        let percent = f64::from(*bps) / 100.0;
        writeln!(f, "  {name:<11}{percent:>6.2} % {:>20} TAO  {}", Tao(*rao), bar(u64::from(*bps), 10_000, 20))?;
    }
    Ok(())
}

fn reconciliation(outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nReconciliation, in rao")?;
    for line in &outcome.reconciliation.lines {
        let sign = if line.holds() { "=" } else { "≠" };
        writeln!(f, "  {:<56}{:>20} {sign} {:>20}", line.name, line.found, line.expected)?;
    }
    Ok(())
}

fn checks(outcome: &Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !outcome.killed.is_empty() {
        let kill = |killed: &Killed| format!("uid {} in epoch {}", killed.uid, killed.epoch);
        let kills: Vec<String> = outcome.killed.iter().map(kill).collect();
        writeln!(f, "\nKilled between commit and reveal, and started again: {}", kills.join(", "))?;
    }
    writeln!(f, "\nChecks")?;
    for check in &outcome.checks {
        writeln!(f, "  {}  {}", if check.passed { "ok    " } else { "FAILED" }, check.name)?;
    }
    let timings = &outcome.timings;
    let seconds = |ms: u64| ms as f64 / 1000.0;
    writeln!(
        f,
        "\n{:.1} s in all: {:.1} s until all were registered, {:.1} s for {} epochs, of which {:.1} s evaluating",
        seconds(timings.total_ms),
        seconds(timings.deploy_ms),
        seconds(timings.epochs_ms),
        outcome.epochs.len(),
        seconds(timings.evaluate_ms),
    )
}

/// The beginning of a reason; the whole of it is in the JSON.
fn shortened(reason: &str) -> String {
    const LONGEST: usize = 72;
    if reason.chars().count() <= LONGEST {
        return reason.to_owned();
    }
    let begin: String = reason.chars().take(LONGEST - 1).collect();
    format!("{}…", begin.trim_end())
}

/// Rao, shown as TAO.
struct Tao(u64);

impl Tao {
    /// Three decimals, rounded down.
    fn short(&self) -> String {
        format!("{}.{:03}", self.0 / 1_000_000_000, self.0 % 1_000_000_000 / 1_000_000)
    }
}

impl fmt::Display for Tao {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rao_are_shown_to_the_last_digit() {
        assert_eq!(Tao(1_000_000_001).to_string(), "1.000000001");
        assert_eq!(Tao(999).to_string(), "0.000000999");
        assert_eq!(Tao(12_345_678_901).short(), "12.345");
        assert_eq!(format!("{:>12}", Tao(1)), " 0.000000001");
    }
}
