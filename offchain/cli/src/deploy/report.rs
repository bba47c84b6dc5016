//! What the commands say: tables for people, JSON for programs. Native amounts in JSON are decimal strings of the smallest
//! unit.

use std::fmt::Write;
use std::path::Path;

use inktensor_chain::deploy::{Difference, Happening, Outlook, Plan, Step};
use inktensor_chain::{Manifest, Part, ss58};
use serde_json::{Value, json};

use super::session::Session;

/// A plan as a table.
pub fn plan_text(plan: &Plan, session: &Session) -> String {
    let mut text = String::new();
    let mut line = |step: &str, fee: &str, deposit: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{step:<20} {fee:>28}  {deposit}");
    };
    line("step", "fee", "deposit");
    for planned in &plan.steps {
        let (fee, deposit) = match planned.outlook {
            Outlook::Done => ("done".into(), String::new()),
            Outlook::Priced { fee, deposit, .. } => (self::fee(fee, session), signed(deposit, session)),
            Outlook::Estimated { fee, after, .. } => {
                (format!("~ {}", self::fee(fee, session)), format!("unknown until \"{after}\" is done"))
            }
        };
        line(&planned.step.to_string(), &fee, &deposit);
    }
    line("all that is known", &session.native(plan.fees()), &session.native(plan.deposits()));
    let _ = writeln!(text, "deployer {} holds {}", ss58(&plan.deployer), session.native(plan.balance));
    text
}

/// A plan as JSON.
pub fn plan_json(plan: &Plan) -> Value {
    let step = |outlook: &Outlook| match *outlook {
        Outlook::Done => json!({"outlook": "done"}),
        Outlook::Priced { gas, fee, deposit } => json!({
            "outlook": "priced",
            "ref_time": gas.ref_time,
            "proof_size": gas.proof_size,
            "fee": fee.map(|fee| fee.to_string()),
            "deposit": deposit.to_string(),
        }),
        Outlook::Estimated { gas, fee, after } => json!({
            "outlook": "estimated",
            "ref_time": gas.ref_time,
            "proof_size": gas.proof_size,
            "fee": fee.map(|fee| fee.to_string()),
            "deposit_known_after": after,
        }),
    };
    let steps = plan.steps.iter().map(|planned| {
        let mut value = step(&planned.outlook);
        value["step"] = json!(planned.step);
        value
    });
    json!({
        "deployer": ss58(&plan.deployer),
        "balance": plan.balance.to_string(),
        "fees": plan.fees().to_string(),
        "deposits": plan.deposits().to_string(),
        "contracts": plan.deployment,
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// What happens to a step, in one line.
pub fn progress(step: Step, happening: &Happening, session: &Session) -> String {
    match happening {
        Happening::Found => format!("{step:<20} is there"),
        Happening::Awaited(until) => format!("{step:<20} was sent before: waiting until block {until} at most"),
        Happening::Sent(extrinsic) => format!("{step:<20} sent, extrinsic 0x{}", hex::encode(extrinsic)),
        Happening::Done(receipt) => format!(
            "{step:<20} final in block {}, fee {}, deposit {}",
            receipt.block,
            fee(receipt.fee, session),
            signed(receipt.deposit, session)
        ),
    }
}

/// What came of a deployment, as JSON.
pub fn deployed_json(manifest: &Manifest, steps: &[(Step, Happening)], path: &Path) -> Value {
    let steps = steps.iter().map(|(step, happening)| match happening {
        Happening::Done(receipt) => json!({
            "step": step,
            "outcome": "done",
            "block": receipt.block,
            "fee": receipt.fee.map(|fee| fee.to_string()),
            "deposit": receipt.deposit.to_string(),
        }),
        _ => json!({"step": step, "outcome": "found"}),
    });
    json!({"manifest": manifest, "written_to": path, "steps": steps.collect::<Vec<_>>()})
}

/// The contracts' addresses.
pub fn addresses(manifest: &Manifest) -> String {
    let address = |part| format!("{part:<12}{}\n", ss58(&manifest.contracts.of(part).address));
    Part::ALL.into_iter().map(address).collect()
}

/// What differs, one line each.
pub fn differences(differences: &[Difference]) -> String {
    differences.iter().map(|difference| format!("{difference}\n")).collect()
}

fn fee(fee: Option<u128>, session: &Session) -> String {
    fee.map_or_else(|| "none".into(), |fee| session.native(fee))
}

fn signed(amount: i128, session: &Session) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}", session.native(amount.unsigned_abs()))
}
