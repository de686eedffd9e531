//! The rules of the house that a machine can check; also run as a test.

mod arrows;
mod dependencies;
mod documented;
mod source;

use crate::{ui, workspace};
use anyhow::{Result, bail};
use source::SourceFile;

/// One breach of a rule: where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding(String);

impl Finding {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Checks everything and lists what was found.
///
/// # Errors
/// When anything was found.
pub(crate) fn run() -> Result<()> {
    let step = ui::step("tidy");
    let files = SourceFile::all(workspace::root())?;
    for file in files.iter().filter(|file| file.is_long()) {
        ui::note(format!(
            "long: {} has {} lines",
            file.path,
            file.line_count()
        ));
    }
    let findings = findings(&files)?;
    for finding in &findings {
        ui::line(format!("✗ {}", finding.0));
    }
    if !findings.is_empty() {
        bail!(
            "tidy found {} breaches of the rules of the house",
            findings.len()
        );
    }
    step.done_with(&format!("{} files", files.len()));
    Ok(())
}

fn findings(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let metadata = workspace::metadata()?;
    let mut findings = dependencies::check(&metadata.packages);
    findings.extend(arrows::check(&metadata.packages)?);
    findings.extend(documented::check(&metadata.packages)?);
    for file in files {
        findings.extend(file.check());
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::SourceFile;
    use crate::workspace;

    #[test]
    fn the_house_is_tidy() {
        let files = SourceFile::all(workspace::root()).unwrap();
        let findings = super::findings(&files).unwrap();
        assert!(findings.is_empty(), "{findings:#?}");
    }
}
