//! The page of measurements has two authors: `measure` writes it but for the last section,
//! which `measure peers` writes. Each keeps what the other wrote.

use anyhow::{Context as _, Result};
use std::path::Path;

/// The heading of the last section.
pub(super) const HEADING: &str = "## Beside other evaluators";

/// The page's text with the last section of the page as it is on disk.
pub(super) fn keep(page: &Path, text: &str) -> String {
    let on_disk = std::fs::read_to_string(page).unwrap_or_default();
    let (_, section) = split(&on_disk);
    join(text, section)
}

/// Puts a new last section into the page on disk.
///
/// # Errors
/// When the page cannot be read or written.
pub(super) fn replace(page: &Path, section: &str) -> Result<()> {
    let on_disk =
        std::fs::read_to_string(page).with_context(|| format!("reading {}", page.display()))?;
    let (before, _) = split(&on_disk);
    std::fs::write(page, join(before, section))
        .with_context(|| format!("writing {}", page.display()))
}

fn split(page: &str) -> (&str, &str) {
    let at = page.find(HEADING).unwrap_or(page.len());
    page.split_at(at)
}

fn join(before: &str, section: &str) -> String {
    let parts = [before.trim_end(), section.trim_end()];
    let mut page = parts.join("\n\n").trim().to_owned();
    page.push('\n');
    page
}

#[cfg(test)]
mod tests {
    use super::{HEADING, join, split};

    #[test]
    fn each_author_keeps_the_others_part() {
        let page = join("# Measurements\n\n| a |\n", &format!("{HEADING}\n\nold\n"));
        let (before, section) = split(&page);
        assert_eq!(
            join("# New\n", section),
            format!("# New\n\n{HEADING}\n\nold\n")
        );
        let changed = join(before, &format!("{HEADING}\n\nnew\n"));
        assert_eq!(
            changed,
            format!("# Measurements\n\n| a |\n\n{HEADING}\n\nnew\n")
        );
        assert_eq!(join("# Only\n", split("# Only\n").1), "# Only\n");
    }
}
