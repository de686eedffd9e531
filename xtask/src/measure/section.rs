//! The page of measurements has several authors: `measure` writes it but for the last
//! sections, of which each has a subcommand. All keep what the others wrote.

use anyhow::{Context as _, Result};
use std::path::Path;

/// Headings of the last sections, in their order.
pub(super) const INGEST: &str = "## Ingest";
pub(super) const RESULTS: &str = "## Pages of results";
pub(super) const PROPAGATION: &str = "## Propagation";
pub(super) const STATISTICS: &str = "## Statistics by simulation";
pub(super) const PEERS: &str = "## Beside other evaluators";
const ALL: [&str; 5] = [INGEST, RESULTS, PROPAGATION, STATISTICS, PEERS];

/// The page's text with the last sections of the page as it is on disk.
pub(super) fn keep(page: &Path, text: &str) -> String {
    let on_disk = std::fs::read_to_string(page).unwrap_or_default();
    let mut parts = parts(&on_disk);
    parts[0] = text;
    join(&parts)
}

/// Puts a new section in the place of the one with that heading into the page on disk.
///
/// # Errors
/// When the page cannot be read or written.
pub(super) fn replace(page: &Path, heading: &str, section: &str) -> Result<()> {
    let on_disk =
        std::fs::read_to_string(page).with_context(|| format!("reading {}", page.display()))?;
    std::fs::write(page, replaced(&on_disk, heading, section))
        .with_context(|| format!("writing {}", page.display()))
}

fn replaced(on_disk: &str, heading: &str, section: &str) -> String {
    let mut parts = parts(on_disk);
    for (part, known) in parts[1..].iter_mut().zip(ALL) {
        if known == heading {
            *part = section;
        }
    }
    join(&parts)
}

/// What comes before the last sections, and each of them; empty where one is missing.
fn parts(page: &str) -> [&str; ALL.len() + 1] {
    let starts = ALL.map(|heading| page.find(&format!("{heading}\n")));
    let end = |from: usize| {
        let later = starts.iter().flatten().filter(|start| **start > from);
        later.min().copied().unwrap_or(page.len())
    };
    let mut parts = [""; ALL.len() + 1];
    parts[0] = &page[..starts.iter().flatten().min().copied().unwrap_or(page.len())];
    for (part, start) in parts[1..].iter_mut().zip(starts) {
        *part = start.map_or("", |start| &page[start..end(start)]);
    }
    parts
}

fn join(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| part.trim());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    format!("{}\n", parts.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::{INGEST, PEERS, STATISTICS, join, parts, replaced};

    #[test]
    fn each_author_keeps_the_others_parts() {
        let page = replaced(
            "# Measurements\n\n| a |\n",
            PEERS,
            &format!("{PEERS}\n\nold\n"),
        );
        assert_eq!(page, format!("# Measurements\n\n| a |\n\n{PEERS}\n\nold\n"));
        let page = replaced(&page, INGEST, &format!("{INGEST}\n\nfast\n"));
        let page = replaced(&page, STATISTICS, &format!("{STATISTICS}\n\nright\n"));
        let page = replaced(&page, PEERS, &format!("{PEERS}\n\nnew\n"));
        let last = format!("{INGEST}\n\nfast\n\n{STATISTICS}\n\nright\n\n{PEERS}\n\nnew\n");
        assert_eq!(page, format!("# Measurements\n\n| a |\n\n{last}"));
        let mut all = parts(&page);
        all[0] = "# Other\n";
        assert_eq!(join(&all), format!("# Other\n\n{last}"));
        assert_eq!(join(&parts("# Only\n")), "# Only\n");
    }
}
