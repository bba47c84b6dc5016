//! What the dearest components take to compile that the limits still allow, beside one that they do not.
//!
//! `cargo run --release --example compile_bombs -p inktensor-plugins`
//!
//! Each is compiled in a process of its own, whose peak memory is shown (on Linux). A bomb repeats one function as often as
//! fits; each function goes to the limit that its name tells. The last is compiled without limits.

#[allow(clippy::unwrap_used, clippy::expect_used, reason = "the tests' helpers")]
#[path = "../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Parser;
use common::{Made, component};
use inktensor_plugins::{Host, Limits};

/// What to do.
#[derive(Parser)]
struct Arguments {
    /// Compiles this component and says what it took; without it, all of them are made and compiled.
    #[arg(long)]
    component: Option<PathBuf>,
    /// Compiles whatever its size.
    #[arg(long)]
    unlimited: bool,
}

/// Bytes of a function's code, some left for what stands around it.
const FUNCTION: usize = (1 << 16) - 200;
/// Bytes of all code, some left for the evaluator around the bomb.
const CODE: usize = (1 << 20) - 4000;

/// So many pieces of code, each from its number.
fn pieces(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

/// A function as often as fits.
fn often(header: &str, body: &str) -> String {
    let function = format!("(func {header} {body})");
    let bytes = |more: String| component(&Made { more: more.leak(), ..Made::default() }.module()).len();
    function.repeat(CODE / (bytes(function.clone()) - bytes(String::new())))
}

/// As many branches as `limits` allow with so many locals, which change between them as much as there is room for.
fn branches(limits: &Limits, locals: usize, open: &str, close: &str) -> String {
    let loops = open.matches("loop").count();
    let count = limits.crossings as usize / (locals + limits.parameters as usize) - loops;
    // Four to six bytes of a branch, and of a change.
    let changes = (FUNCTION / count / 6 - 1).min(locals);
    let change = |n: usize| format!("local.get {} local.set {} ", (n * 7 + 3) % locals, n % locals);
    let branch = |n| pieces(changes, |change_of| change(n * changes + change_of)) + "local.get 0 br_if 0 ";
    often(&format!("(local {})", "i32 ".repeat(locals)), &format!("{open} {} {close}", pieces(count, branch)))
}

/// The bombs by name, and the last one, which `limits` do not allow.
fn bombs(limits: &Limits) -> (Vec<(&'static str, String)>, (&'static str, String)) {
    let (locals, loops, most) = (limits.locals as usize, limits.loops as usize, limits.parameters as usize);
    let parameters = "i32 ".repeat(most);
    let without_locals = limits.crossings as usize / most - 1;
    let over_parameters = |n: usize| format!("local.get {} local.set {} local.get 0 br_if 0 ", n * 7 % most, n % most);
    let alive = FUNCTION / 6;
    let table = format!("local.get 0 br_table {} ", "0 ".repeat(FUNCTION - 20));
    let tables = format!("block local.get 0 br_table {} end ", pieces(190, |block| format!("{block} "))).repeat(249);
    let bombs = vec![
        ("nothing", String::new()),
        ("functions", "(func)".repeat(limits.functions as usize - 20)),
        ("constants", often("", &"i32.const 7 drop ".repeat(FUNCTION / 3))),
        ("divisions", often("(local i64)", &"local.get 0 local.get 0 i64.div_s local.set 0 ".repeat(FUNCTION / 7))),
        ("fills", often("", &"i32.const 0 i32.const 0 i32.const 0 memory.fill ".repeat(FUNCTION / 9))),
        ("calls", often("", &"i32.const 7 i32.const 7 call $image drop ".repeat(FUNCTION / 8))),
        (
            "values alive",
            often("(result i32)", &("i32.const 0 i32.load ".repeat(alive) + &"i32.xor ".repeat(alive - 1))),
        ),
        ("a table", often("(local i32)", &format!("block {table} end"))),
        ("tables", often("(local i32)", &format!("{} {tables} {}", "block ".repeat(190), "end ".repeat(190)))),
        ("branches, 1 local", branches(limits, 1, "block", "end")),
        ("branches, 64 locals", branches(limits, 64, "block", "end")),
        ("branches, all locals", branches(limits, locals, "block", "end")),
        (
            "branches, parameters",
            often(&format!("(param {parameters})"), &format!("loop {} end", pieces(without_locals, over_parameters))),
        ),
        ("loops, 64 locals", branches(limits, 64, &"loop ".repeat(loops), &"end ".repeat(loops))),
        ("loops, all locals", branches(limits, locals, &"loop ".repeat(loops), &"end ".repeat(loops))),
    ];
    (
        bombs,
        ("beyond the limits", format!("(func (local i32) block {} end)", "local.get 0 br_if 0 ".repeat(FUNCTION / 2))),
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { component: path, unlimited } = Arguments::parse();
    if let Some(path) = path {
        return compile(&path, unlimited);
    }
    println!("{:20} {:>9} {:>9} {:>10}", "component", "bytes", "seconds", "peak MiB");
    let folder = tempfile::tempdir()?;
    let (allowed, beyond) = bombs(&Limits::default());
    let allowed = allowed.into_iter().map(|bomb| (bomb, false));
    for ((name, more), unlimited) in allowed.chain([(beyond, true)]) {
        let bytes = component(&Made { more: more.leak(), ..Made::default() }.module());
        let path = folder.path().join("component.wasm");
        std::fs::write(&path, &bytes)?;
        let mut child = Command::new(std::env::current_exe()?);
        let output = child.arg("--component").arg(path).args(unlimited.then_some("--unlimited")).output()?;
        let told = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
        println!("{name:20} {:>9} {}", bytes.len(), told.trim());
    }
    Ok(())
}

/// Compiles a component and prints the seconds and the peak memory of this process.
fn compile(path: &Path, unlimited: bool) -> Result<(), Box<dyn Error>> {
    let mut limits = Limits { compilation: Duration::from_secs(600), ..Limits::default() };
    if unlimited {
        let most = u64::MAX;
        limits = Limits { function: most, code: most, locals: most, loops: most, crossings: most, ..limits };
    }
    let host = Host::new(limits)?;
    let bytes = std::fs::read(path)?;
    let start = Instant::now();
    host.load(&bytes)?;
    println!("{:>9.2} {:>10}", start.elapsed().as_secs_f64(), peak().map_or("-".to_owned(), |mib| mib.to_string()));
    Ok(())
}

/// The most memory that this process had, in MiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? >> 10)
}
