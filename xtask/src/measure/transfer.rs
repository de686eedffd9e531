//! What a browser loads: a page and every asset it names, compressed.

use super::console::PAGES;
use super::numbers::Transfer;
use crate::stack::http::{Answer, Ask};
use crate::{ui, workspace};
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// Measures a first and a repeated visit to each page.
///
/// # Errors
/// When a page or an asset does not answer with 200.
pub(super) fn measure(port: u16, token: &str) -> Result<BTreeMap<String, Transfer>> {
    let step = ui::step("measure transfer sizes");
    let bearer = format!("Bearer {token}");
    let mut all = BTreeMap::new();
    for (name, path) in PAGES {
        all.insert(name.to_owned(), visit(port, path, &bearer)?);
    }
    step.done();
    Ok(all)
}

fn visit(port: u16, path: &str, bearer: &str) -> Result<Transfer> {
    let ask = |path: &str, encoding: &str| -> Result<Answer> {
        let answer = Ask::get(port, path)
            .header("authorization", bearer)
            .header("accept", "text/html,*/*")
            .header("accept-encoding", encoding)
            .send()?;
        if answer.status != 200 {
            bail!("GET {path} answered {}", answer.status);
        }
        Ok(answer)
    };
    let page = ask(path, "br")?.body.len() as u64;
    let html = ask(path, "identity")?.text();
    let mut parts = BTreeMap::from([("html".to_owned(), page)]);
    for asset in assets_of(&html)? {
        let answer = ask(&asset, "br")?;
        let immutable = answer
            .header("cache-control")
            .is_some_and(|value| value.contains("immutable"));
        if !immutable {
            bail!("{asset} is not immutable, so a repeated visit asks for it again");
        }
        parts.insert(asset, answer.body.len() as u64);
    }
    let first_visit_bytes = parts.values().sum();
    Ok(Transfer {
        first_visit_bytes,
        repeat_visit_bytes: page,
        parts,
    })
}

/// The assets the page names, and the client's module when it names the client's script,
/// which loads it.
fn assets_of(html: &str) -> Result<BTreeSet<String>> {
    let mut assets = named_in(html);
    let text = std::fs::read_to_string(workspace::site().join("manifest.json"))?;
    let manifest: BTreeMap<String, String> =
        serde_json::from_str(&text).context("the site's manifest")?;
    if let (Some(script), Some(module)) = (manifest.get("client.js"), manifest.get("client.wasm"))
        && assets.contains(script)
    {
        assets.insert(module.clone());
    }
    Ok(assets)
}

fn named_in(html: &str) -> BTreeSet<String> {
    let ends = |sign: char| {
        matches!(sign, '"' | '\'' | '`' | ')' | '?' | '#' | '<' | '&') || sign.is_whitespace()
    };
    html.match_indices("/assets/")
        .filter_map(|(at, _)| html[at..].split(ends).next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn each_asset_counts_once() {
        let html = r#"<link href="/assets/main.1.css"><script>import('/assets/client.2.js')</script>
            <link rel=modulepreload href=/assets/client.2.js >"#;
        let found: Vec<String> = named_in(html).into_iter().collect();
        assert_eq!(found, ["/assets/client.2.js", "/assets/main.1.css"]);
    }
}
