//! Asking before anything is sent.

use std::io::{BufRead, IsTerminal, Write};

use crate::error::CliError;

/// Returns once somebody agreed to `what`: by `--yes`, or by writing `yes` to the terminal.
///
/// # Errors
/// `Unconfirmed` without a terminal, so that no script hangs; `Declined`.
pub fn confirm(yes: bool, what: &str) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(CliError::Unconfirmed);
    }
    ask(what, &mut input.lock(), &mut std::io::stderr())
}

fn ask(what: &str, input: &mut impl BufRead, output: &mut impl Write) -> Result<(), CliError> {
    let terminal = |source| CliError::Io { path: "terminal".into(), source };
    write!(output, "{what} Write yes to go on: ").and_then(|()| output.flush()).map_err(terminal)?;
    let mut answer = String::new();
    input.read_line(&mut answer).map_err(terminal)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(CliError::Declined) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_yes_is_yes() {
        let asked = |answer: &str| ask("Send it?", &mut answer.as_bytes(), &mut Vec::new());
        assert!(asked("yes\n").is_ok());
        for answer in ["", "\n", "y\n", "no\n", "yes please\n"] {
            assert!(matches!(asked(answer), Err(CliError::Declined)), "{answer}");
        }
    }
}
