//! Writes every page state as HTML, in both languages and themes, for looking
//! at: `cargo run -p nexus-app --features ssr --example preview -- <folder> [<built site>]`.
//! With the built site's folder, pages name its files under `/assets/` and come
//! alive when served over HTTP.

#[path = "samples/estimate_pages.rs"]
mod estimate_pages;
#[path = "samples/flag_pages.rs"]
mod flag_pages;
#[path = "samples/life_pages.rs"]
mod life_pages;
#[path = "samples/pages.rs"]
mod sample_pages;
mod samples;
#[path = "samples/why_pages.rs"]
mod why_pages;

use std::path::PathBuf;

use nexus_app::{AssetManifest, Lang, Theme, document, signed_out_document};
use nexus_domain::access::Role;
use nexus_web::SignedOut;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(
        std::env::args()
            .nth(1)
            .unwrap_or_else(|| "preview".to_owned()),
    );
    let css = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../style/main.css");
    let css = format!("file://{}", css.canonicalize()?.display());
    let site = match std::env::args().nth(2) {
        Some(site) => AssetManifest::read(&PathBuf::from(site))?,
        None => AssetManifest::from_json(&format!(r#"{{"main.css":"{css}"}}"#))?,
    };
    std::fs::create_dir_all(&folder)?;
    for lang in Lang::ALL {
        for theme in [Theme::Light, Theme::Dark] {
            let suffix = format!("{}-{}.html", lang.tag(), theme.as_str());
            for (name, path, build) in sample_pages::pages() {
                let cx = samples::cx(lang, theme, Role::Owner, path, &site);
                std::fs::write(
                    folder.join(format!("{name}-{suffix}")),
                    document(&cx, build),
                )?;
            }
            let mut cx = samples::cx(lang, theme, Role::Owner, "/", &site);
            cx.actor = None;
            let email = || "mika@autoforge.example".to_owned();
            for (name, why) in [
                ("out-no-token", SignedOut::NoToken),
                ("out-no-mfa", SignedOut::NoMfa { email: email() }),
                ("out-not-member", SignedOut::NotMember { email: email() }),
            ] {
                let html = signed_out_document(&cx, &why);
                std::fs::write(folder.join(format!("{name}-{suffix}")), html)?;
            }
            let viewer = samples::cx(
                lang,
                theme,
                Role::Viewer,
                "/experiments/checkout-short",
                &site,
            );
            let mut pages = sample_pages::pages();
            let Some((_, _, build)) = pages.find(|(name, ..)| *name == "detail-running") else {
                continue;
            };
            std::fs::write(
                folder.join(format!("viewer-{suffix}")),
                document(&viewer, build),
            )?;
        }
    }
    Ok(())
}
