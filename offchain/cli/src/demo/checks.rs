//! What must hold at the end of the demo. A check that fails makes the exit code 20.

use super::outcome::{Check, Epoch, Killed, Neuron, Outcome, Part, Split};
use super::scene::Scene;

/// All checks of an outcome; `wanted` is the number of paid epochs that were asked for, `kills` whether validators were to
/// be killed.
pub fn checks(outcome: &Outcome, wanted: u64, kills: bool) -> Vec<Check> {
    let neurons = &outcome.neurons;
    let validators: Vec<u16> = neurons.iter().filter(|one| one.role == "validator").map(|one| one.uid).collect();
    let paid = outcome.epochs.iter().filter(|epoch| epoch.miners > 0).count() as u64;
    let check = |name, passed| Check { name, passed };
    let mut checks = match outcome.evaluator {
        Scene::BuiltIn | Scene::Language => vec![
            check("the strong model has the highest incentive", ranked(neurons, &["strong", "medium", "weak"])),
            check("the copy earns nothing and is named", named(neurons, "copy", &copy_of_strong(neurons))),
            check("the broken model earns nothing and is named", named(neurons, "nan", "not finite")),
        ],
        Scene::Dataset => vec![
            check("the two good texts share what miners earn", shared(neurons, &["prose", "tale"])),
            check("the near copy earns nothing and is named", named(neurons, "echo", &uid_of(neurons, "prose"))),
            check("the repeated line earns nothing and is named", named(neurons, "spam", "in it before")),
            check("the random letters earn nothing and are named", named(neurons, "noise", "noise")),
            check("the blank text earns nothing and is named", named(neurons, "blank", "too small")),
        ],
    };
    checks.extend([
        check("enough epochs paid by weights", paid >= wanted),
        check("every validator revealed in every epoch after the first", revealed(&outcome.epochs, &validators)),
        check("every rao is accounted for", outcome.reconciliation.holds()),
        check("the parts are as the split says", apportioned(&outcome.split, outcome.epochs.len())),
        check("miners drew what they were owed", outcome.claimed == outcome.reconciliation.miners),
        check("the nominator gained", outcome.nominator.value > outcome.nominator.staked),
    ]);
    if kills {
        checks.push(check("every killed validator revealed what it had committed", survived(outcome)));
    }
    checks
}

/// Whether the commit of each kill was revealed in the epoch after it, and there was such a kill.
fn survived(outcome: &Outcome) -> bool {
    let reveal_due = |killed: &&Killed| outcome.epochs.iter().any(|epoch| epoch.epoch == killed.epoch + 1);
    let revealed = |killed: &Killed| {
        let mut after = outcome.epochs.iter().filter(|epoch| epoch.epoch == killed.epoch + 1);
        after.any(|epoch| epoch.revealed.contains(&killed.uid))
    };
    let due: Vec<_> = outcome.killed.iter().filter(reveal_due).collect();
    !due.is_empty() && due.into_iter().all(revealed)
}

fn find<'a>(neurons: &'a [Neuron], name: &str) -> Option<&'a Neuron> {
    neurons.iter().find(|neuron| neuron.name == name)
}

/// Whether incentives fall strictly in this order of names, and nobody has more than the first.
fn ranked(neurons: &[Neuron], names: &[&str]) -> bool {
    let incentives: Option<Vec<u16>> = names.iter().map(|name| Some(find(neurons, name)?.incentive)).collect();
    let Some(incentives) = incentives else { return false };
    let most = neurons.iter().map(|neuron| neuron.incentive).max();
    incentives.windows(2).all(|pair| pair[0] > pair[1]) && incentives.first() == most.as_ref()
}

/// Whether a neuron earned nothing for a reason that says `because`.
fn named(neurons: &[Neuron], name: &str, because: &str) -> bool {
    find(neurons, name).is_some_and(|neuron| {
        let reason = neuron.fault.as_deref().unwrap_or_default();
        neuron.incentive == 0 && neuron.payout_rao == 0 && reason.contains(because)
    })
}

fn copy_of_strong(neurons: &[Neuron]) -> String {
    format!("copy of {}", uid_of(neurons, "strong"))
}

fn uid_of(neurons: &[Neuron], name: &str) -> String {
    find(neurons, name).map_or_else(|| format!("nobody is called {name}"), |neuron| format!("uid {}", neuron.uid))
}

/// Whether these are paid, each at least a tenth of what miners earn, and no other miner is.
fn shared(neurons: &[Neuron], names: &[&str]) -> bool {
    let miners = || neurons.iter().filter(|neuron| neuron.role == "miner");
    let total: u64 = miners().map(|neuron| neuron.payout_rao).sum();
    let paid = |neuron: &Neuron| neuron.payout_rao > 0 && neuron.payout_rao >= total / 10;
    names.iter().all(|name| find(neurons, name).is_some_and(paid))
        && miners().all(|neuron| names.contains(&neuron.name) || neuron.payout_rao == 0)
}

fn revealed(epochs: &[Epoch], validators: &[u16]) -> bool {
    let complete = |epoch: &Epoch| validators.iter().all(|uid| epoch.revealed.contains(uid));
    !validators.is_empty() && epochs.iter().skip(1).all(complete)
}

/// Whether the parts are as large as their basis points say. Each epoch rounds each part down by less than a rao, and
/// what that leaves goes to one of them.
fn apportioned(split: &Split, epochs: usize) -> bool {
    let parts = [&split.miners, &split.validators, &split.reserve, &split.owner];
    let total: u128 = parts.iter().map(|part| u128::from(part.rao)).sum();
    let fair = |part: &&Part| {
        let due = total * u128::from(part.bps) / 10_000;
        u128::from(part.rao).abs_diff(due) <= 4 * epochs as u128
    };
    total > 0 && parts.iter().all(fair)
}
