//! Starting other programs and saying well what went wrong.

use anyhow::{Context as _, Result, bail};
use std::process::{Command, Stdio};

/// Runs a program with its output passed through.
///
/// # Errors
/// When it cannot be started or does not end well; the message carries the command line.
pub(crate) fn visibly(command: &mut Command) -> Result<()> {
    let shown = command_line(command);
    let status = command
        .status()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a program and returns what it printed on standard output, trimmed.
///
/// # Errors
/// As [`visibly`]; the message carries what the program said on standard error.
pub(crate) fn reading(command: &mut Command) -> Result<String> {
    let shown = command_line(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` ended with {}\n{}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A cargo of the toolchain that runs us, in the workspace root.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(crate::workspace::root());
    // `cargo run` sets these for us; a nested cargo must not take them for its own, and
    // build scripts that watch them would run again on every change of caller.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

fn command_line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{reading, visibly};
    use std::process::Command;

    #[test]
    fn output_is_trimmed() {
        let said = reading(Command::new("echo").arg(" node ")).unwrap();
        assert_eq!(said, "node");
    }

    #[test]
    fn a_failure_names_the_command_and_its_words() {
        let error = reading(Command::new("sh").args(["-c", "echo broken >&2; exit 3"]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("sh -c") && error.contains("broken"),
            "{error}"
        );
        let error = visibly(&mut Command::new("/nonexistent/program")).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/program"));
    }
}
