//! The same messages in process and on a node, and what the difference comes from.
//!
//! In process the prices of the chain's functions are those of another version of pallet-contracts ([`inktensor_e2e::prices`]),
//! and the interpreter is of another version. What the prices make out is measured by charging today's. The node's
//! interpreter counts fewer instructions for the same code, and charges for translating the functions that a call uses; in
//! process it is measured what a message's instructions cost and how much code it calls. One number, by how much fewer the
//! instructions are, and one for each contract, how much of the code is used that its messages call, must then explain the
//! cost of every message on the node.

use crate::meter::Row;
use inktensor_e2e::{chain::code, prices};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt::Write,
    process::{Command, Stdio},
    thread,
};

/// Part of a figure that may be left unexplained.
const TOLERANCE: f64 = 0.1;
/// What the node charges for translating a byte of a function, in ref_time: seven instructions.
const TRANSLATION: f64 = 7.0 * 1_259.0;

/// A message in process and on a node.
pub struct Pair {
    process: Row,
    /// What it costs in process at today's prices, in ref_time.
    today: u64,
    /// What its instructions cost there, in ref_time.
    instructions: u64,
    /// Code of the contracts that it calls, over all calls, in bytes.
    called: u64,
    node: Row,
}

impl Pair {
    /// What translating all of that code would cost.
    fn translation(&self) -> f64 {
        TRANSLATION * self.called as f64
    }
}

/// Messages measured on both.
pub struct Comparison {
    pairs: Vec<Pair>,
    /// What instructions cost on the node, of what they cost in process.
    counted: f64,
    /// How much of the code that a contract's messages call they use, by its name.
    used: BTreeMap<String, f64>,
}

/// Sums over a contract's messages, in parts of each message's cost: of products of instructions (i), translation (t) and
/// what is to be made of both (d).
#[derive(Default)]
struct Sums {
    ii: f64,
    it: f64,
    tt: f64,
    id: f64,
    td: f64,
}

impl Comparison {
    /// Measures on both; `chain` is the node's, as `INKTENSOR_RUNTIME` names it.
    pub fn measure(chain: &str) -> Self {
        let [process, today, twice, node] = thread::scope(|scope| {
            let runs =
                ["u64", prices::TODAY, prices::TWICE, chain].map(|runtime| scope.spawn(move || measured(runtime)));
            runs.map(|run| run.join().expect("every run measures"))
        });
        assert!([&today, &twice, &node].iter().all(|run| run.len() == process.len()), "every run measures the same");
        let rows = process.into_iter().zip(today).zip(twice.into_iter().zip(node));
        let pairs = rows.map(|((process, today), (twice, node))| {
            assert_eq!((&process.name, &process.n), (&node.name, &node.n), "every run measures the same");
            let instructions = twice.ref_time - today.ref_time;
            let called = twice.proof_size - today.proof_size - unused(&process);
            Pair { process, today: today.ref_time, instructions, called, node }
        });
        Self::of(pairs.collect())
    }

    /// Finds the numbers that leave the least, in squares of parts of each message's cost.
    fn of(pairs: Vec<Pair>) -> Self {
        let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
        for pair in &pairs {
            let node = pair.node.ref_time as f64;
            let (instructions, translation) = (pair.instructions as f64 / node, pair.translation() / node);
            let rest = 1.0 - pair.today as f64 / node + instructions;
            let sums = sums.entry(contract(&pair.node).to_string()).or_default();
            sums.ii += instructions * instructions;
            sums.it += instructions * translation;
            sums.tt += translation * translation;
            sums.id += instructions * rest;
            sums.td += translation * rest;
        }
        // With the instructions' number, each contract's follows from its own sums alone.
        let (up, down) = sums.values().fold((0.0, 0.0), |(up, down), Sums { ii, it, tt, id, td }| {
            (up + id - it * td / tt, down + ii - it * it / tt)
        });
        let counted = up / down;
        let used = sums.into_iter().map(|(contract, sums)| (contract, (sums.td - sums.it * counted) / sums.tt));
        Self { used: used.collect(), pairs, counted }
    }

    /// What a message's instructions cost on the node more than in process, which is less than nothing.
    fn fewer(&self, pair: &Pair) -> f64 {
        pair.instructions as f64 * (self.counted - 1.0)
    }

    /// What the node charges a message for translation.
    fn translated(&self, pair: &Pair) -> f64 {
        self.used[contract(&pair.node)] * pair.translation()
    }

    /// What a message should cost on the node if it differed in these two ways alone.
    fn expected(&self, pair: &Pair) -> f64 {
        pair.today as f64 + self.fewer(pair) + self.translated(pair)
    }

    /// How far a message is from that.
    fn unexplained(&self, pair: &Pair) -> f64 {
        pair.node.ref_time as f64 / self.expected(pair) - 1.0
    }

    /// Messages whose cost on the node is not explained, one line each.
    pub fn open(&self) -> Vec<String> {
        let open = self.pairs.iter().filter(|pair| self.unexplained(pair).abs() > TOLERANCE);
        let line = |pair: &Pair| {
            let (name, n, left) = (&pair.node.name, &pair.node.n, 100.0 * self.unexplained(pair));
            format!("{name} ({n}): {left:+.1} % beside what is explained")
        };
        open.map(line).collect()
    }

    /// A page in Markdown under a line that says what was measured.
    pub fn markdown(&self, header: &str) -> String {
        let mut text = format!("{}{header}\n\n", include_str!("compare.md"));
        let largest = self.pairs.iter().map(|pair| self.unexplained(pair).abs()).fold(0.0, f64::max);
        let used = self.used.iter().map(|(contract, used)| format!("{contract} {:.0} %", 100.0 * used));
        let _ = writeln!(
            text,
            "The node counts {:.0} % of the instructions that are counted in process. Of the code that a contract's messages call,\n\
             its own and others', they use: {}. With these numbers, and the prices of functions, the costs on the node follow from\n\
             those in process, within {:.1} % for each message.\n",
            100.0 * self.counted,
            used.collect::<Vec<_>>().join(", "),
            100.0 * largest
        );
        text.push_str(
            "| message | n | in process | functions | instructions | translation | on the node | difference | left | proof | fee | deposit |\n\
             |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for pair in &self.pairs {
            let Row { name, n, ref_time, proof_size, deposit, fee } = &pair.node;
            let process = pair.process.ref_time as f64;
            let _ = writeln!(
                text,
                "| `{name}` | {n} | {:.3} | {:+.3} | {:+.3} | {:+.3} | {:.3} | {:+.1} % | {:+.1} % | {proof_size} | {} | {deposit} |",
                process / 1e9,
                (pair.today as f64 - process) / 1e9,
                self.fewer(pair) / 1e9,
                self.translated(pair) / 1e9,
                *ref_time as f64 / 1e9,
                100.0 * (*ref_time as f64 / process - 1.0),
                100.0 * self.unexplained(pair),
                fee.map_or_else(|| "–".to_string(), |fee| fee.to_string()),
            );
        }
        text
    }
}

/// The contract whose message it is.
fn contract(row: &Row) -> &str {
    row.name.split("::").next().unwrap_or_default()
}

/// Code that a message loads and does not call, in bytes: an exchange of code looks at the new one, which is the contract's
/// own in every scene.
fn unused(row: &Row) -> u64 {
    let contract = contract(row);
    let exchanges = row.name.ends_with("::set_code") || row.n == "set_code";
    if exchanges { code(contract).len() as u64 } else { 0 }
}

/// Runs this program on another runtime, which it takes from its environment.
fn measured(runtime: &str) -> Vec<Row> {
    eprintln!("measuring on {runtime}");
    let program = std::env::current_exe().expect("the program has a path");
    let mut command = Command::new(program);
    let output = command.arg("--json").env("INKTENSOR_RUNTIME", runtime).stderr(Stdio::inherit()).output();
    let output = output.expect("the program runs once more").stdout;
    let report: Value = serde_json::from_slice(&output).expect("a run prints its report");
    report["messages"].as_array().expect("a report lists messages").iter().map(row).collect()
}

fn row(value: &Value) -> Row {
    let text = |key: &str| value[key].as_str().expect("a row has its names").to_string();
    let number = |key: &str| value[key].as_u64().expect("a row has its figures");
    Row {
        name: text("name"),
        n: text("n"),
        ref_time: number("ref_time"),
        proof_size: number("proof_size"),
        deposit: value["deposit"].as_i64().expect("a row has its figures").into(),
        fee: value["fee"].as_u64().map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message that calls so many bytes of code.
    fn pair(name: &str, process: u64, instructions: u64, called: u64, node: u64) -> Pair {
        let row = |ref_time| Row { name: name.into(), n: "1".into(), ref_time, proof_size: 0, deposit: 0, fee: None };
        Pair { process: row(process), today: process, instructions, called, node: row(node) }
    }

    #[test]
    fn what_the_numbers_explain_is_explained() {
        // Half of the instructions; a quarter of one contract's code, and half of another's.
        let (byte, cost) = (4, 7 * 1_259);
        let pairs = vec![
            pair("a::a", 1_000_000, 0, byte, 1_000_000 + cost),
            pair("a::b", 1_000_000, 400_000, 10 * byte, 800_000 + 10 * cost),
            pair("a::c", 3_000_000, 2_000_000, 3 * byte, 2_000_000 + 3 * cost),
            pair("b::a", 1_000_000, 0, byte, 1_000_000 + 2 * cost),
            pair("b::b", 2_000_000, 300_000, 7 * byte, 1_850_000 + 14 * cost),
        ];
        let comparison = Comparison::of(pairs);
        assert!((comparison.counted - 0.5).abs() < 1e-9);
        assert!((comparison.used["a"] - 0.25).abs() < 1e-9 && (comparison.used["b"] - 0.5).abs() < 1e-9);
        assert_eq!(comparison.open(), Vec::<String>::new());
    }

    #[test]
    fn what_they_do_not_explain_is_named() {
        let mut pairs = vec![pair("x::a", 1_000_000, 1_000, 1, 1_500_000)];
        pairs.extend((1..20).map(|_| pair("x::b", 1_000_000, 400_000, 0, 800_000)));
        pairs.extend((1..20).map(|_| pair("x::c", 1_000_000, 0, 40, 1_000_000 + 10 * 8_813)));
        let open = Comparison::of(pairs).open();
        assert_eq!(open.len(), 1, "{open:?}");
        assert!(open[0].starts_with("x::a (1): +"), "{open:?}");
    }
}
