//! The console's pages beside a bare axum server.

use super::load::Loader;
use super::numbers::{Console, Page};
use crate::stack::local;
use anyhow::Result;
use std::collections::BTreeMap;

/// Pages by name: what an on-call person opens first, and the longest list.
pub(super) const PAGES: [(&str, &str); 2] = [("overview", "/"), ("experiments", "/experiments")];
/// More visits than a whole company makes, and well below what every page can answer.
const VISITS_PER_S: u32 = 50;

/// Measures each page with a signed-in caller, compressed as browsers ask for it.
///
/// # Errors
/// When a page does not answer with 200.
pub(super) fn measure(loader: &Loader, port: u16, token: &str) -> Result<Console> {
    let (hello_process, hello_port) = loader.hello()?;
    let hello = page(loader, "bare axum hello", &local(hello_port), &[])?;
    drop(hello_process);
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "text/html"),
        ("accept-encoding", "br"),
    ];
    let mut pages = BTreeMap::new();
    for (name, path) in PAGES {
        let url = format!("{}{path}", local(port));
        let measured = page(loader, &format!("console {name}"), &url, &headers)?;
        pages.insert(name.to_owned(), measured);
    }
    Ok(Console {
        rate_per_s: VISITS_PER_S,
        hello,
        pages,
    })
}

fn page(loader: &Loader, name: &str, url: &str, headers: &[(&str, &str)]) -> Result<Page> {
    let quiet = format!("{name}, {VISITS_PER_S}/s");
    Ok(Page {
        at_rate: loader.at_rate(&quiet, url, headers, VISITS_PER_S)?,
        most: loader.most(&format!("{name}, limit"), url, headers)?,
    })
}
