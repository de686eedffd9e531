//! The reference implementations as a process: one JSON object per line in and out.

use std::io::{Error, Write as _};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Sends all questions to `python` at once and returns the answers in the same order.
pub(crate) fn ask(python: &str, questions: &[Value]) -> Result<Vec<Value>, Error> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/oracle.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = String::new();
    for question in questions {
        lines.push_str(&question.to_string());
        lines.push('\n');
    }
    let input = child.stdin.take();
    // Both pipes are small: write on the side while reading.
    let writer = std::thread::spawn(move || match input {
        Some(mut input) => input.write_all(lines.as_bytes()),
        None => Ok(()),
    });
    let output = child.wait_with_output()?;
    writer
        .join()
        .map_err(|_| Error::other("the writer panicked"))??;
    let text = String::from_utf8(output.stdout).map_err(Error::other)?;
    let parse = |line| serde_json::from_str(line).map_err(Error::other);
    let answers = text.lines().map(parse).collect::<Result<Vec<_>, _>>()?;
    if answers.len() != questions.len() {
        let (found, asked) = (answers.len(), questions.len());
        return Err(Error::other(format!(
            "{found} answers to {asked} questions"
        )));
    }
    Ok(answers)
}
