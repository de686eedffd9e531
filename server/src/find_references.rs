//! `nexus-admin flag find-references`: where a checkout asks for flags.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ignore::WalkBuilder;
use nexus_control::Console;
use nexus_domain::FieldProblem;
use nexus_domain::actor::Actor;
use nexus_domain::code::{CodeReference, CodeReferences, MAX_REFERENCES, find_keys};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::commands::{described, in_english, open, say};
use crate::config::Data;

/// Larger files are no code that people write.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// A checkout with more files is scanned as far as this.
const MAX_FILES: usize = 200_000;
/// Most pages of flags that are asked for.
const MAX_PAGES: u32 = 500;

#[derive(clap::Args)]
pub(crate) struct FindReferences {
    /// The checkout. What its `.gitignore` files exclude is left out.
    dir: PathBuf,
    /// Its name in the console, such as `shop/web`.
    #[arg(long)]
    repository: String,
    /// The commit that is checked out.
    #[arg(long, default_value = "")]
    revision: String,
    /// Where a place can be read: an address with `{path}`, `{line}` and `{revision}`.
    #[arg(long, default_value = "")]
    link: String,
    /// Print what would be uploaded, as JSON, instead.
    #[arg(long)]
    json: bool,
    /// A console elsewhere, such as `https://console.example`; otherwise the database here.
    #[arg(long, requires = "token")]
    console: Option<String>,
    /// Token for it, with the scope flags:write.
    #[arg(long, env = "NEXUS_ADMIN_TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<ListedFlag>,
    total: u64,
}

#[derive(Deserialize)]
struct ListedFlag {
    key: String,
}

pub(crate) async fn find_references(data: &Data, args: FindReferences) -> anyhow::Result<()> {
    let remote = args.console.as_deref().zip(args.token.as_ref());
    let remote = remote.map(|(url, token)| Remote::new(url, token));
    let (local, keys) = match &remote {
        Some(remote) => (None, remote.keys().await?),
        None => {
            let (console, actor) = open(data).await?;
            let keys = keys_here(&console, &actor).await?;
            (Some((console, actor)), keys)
        }
    };
    let references = scan(&args.dir, &keys)?;
    let upload = CodeReferences {
        repository: args.repository,
        revision: args.revision,
        link: args.link,
        references,
    };
    if args.json {
        say(format_args!("{}", serde_json::to_string_pretty(&upload)?));
        return Ok(());
    }
    match (&remote, &local) {
        (Some(remote), _) => remote.upload(&upload).await?,
        (None, Some((console, actor))) => console
            .upload_code_references(actor, &upload)
            .await
            .map_err(described)?,
        (None, None) => {}
    }
    let count = upload.references.len();
    let flags: BTreeSet<&str> = upload
        .references
        .iter()
        .map(|one| one.flag.as_str())
        .collect();
    let asked_for = flags.len();
    say(format_args!(
        "{count} {} of {asked_for} {}",
        if count == 1 { "place" } else { "places" },
        if asked_for == 1 { "flag" } else { "flags" },
    ));
    for key in keys.iter().filter(|key| !flags.contains(key.as_str())) {
        say(format_args!("nowhere: {key}"));
    }
    Ok(())
}

async fn keys_here(console: &Console, actor: &Actor) -> anyhow::Result<BTreeSet<String>> {
    let flags = crate::flag_commands::all(console, actor, None).await?;
    Ok(flags.into_iter().map(|flag| flag.key).collect())
}

/// Places in the order of paths.
fn scan(dir: &Path, keys: &BTreeSet<String>) -> anyhow::Result<Vec<CodeReference>> {
    anyhow::ensure!(dir.is_dir(), "{} is no folder", dir.display());
    let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    let walk = WalkBuilder::new(dir)
        .require_git(false)
        .max_filesize(Some(MAX_FILE_BYTES))
        .sort_by_file_path(Path::cmp)
        .build();
    for entry in walk.take(MAX_FILES) {
        // What cannot be read (a broken link, a closed folder) is no code of ours.
        let Ok(entry) = entry else { continue };
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let text = is_file.then(|| std::fs::read_to_string(entry.path()).ok());
        let Some(text) = text.flatten() else { continue };
        let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        let parts = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        let path = parts.collect::<Vec<_>>().join("/");
        for (line, key, snippet) in find_keys(&text, &keys) {
            if found.len() == MAX_REFERENCES {
                say(format_args!(
                    "there are more than {MAX_REFERENCES} places; the rest is left out"
                ));
                return Ok(found);
            }
            found.push(CodeReference {
                flag: key.to_owned(),
                path: path.clone(),
                line,
                snippet,
            });
        }
    }
    Ok(found)
}

/// What the API says is wrong (RFC 9457).
#[derive(Deserialize)]
struct Said {
    detail: String,
    #[serde(default)]
    problems: Vec<FieldProblem>,
}

impl Said {
    fn in_words(self) -> String {
        let problems = self.problems.iter().map(in_english);
        std::iter::once(self.detail)
            .chain(problems)
            .collect::<Vec<_>>()
            .join("\n  ")
    }
}

/// A console that is asked over its API.
struct Remote<'a> {
    client: reqwest::Client,
    url: &'a str,
    token: &'a SecretString,
}

impl<'a> Remote<'a> {
    fn new(url: &'a str, token: &'a SecretString) -> Self {
        Self {
            client: reqwest::Client::new(),
            url: url.trim_end_matches('/'),
            token,
        }
    }

    async fn keys(&self) -> anyhow::Result<BTreeSet<String>> {
        let mut keys = BTreeSet::new();
        let mut seen = 0;
        for page in 1..=MAX_PAGES {
            let url = format!("{}/api/v1/flags?page={page}", self.url);
            let listed: Listed = self.answer(self.client.get(url)).await?.json().await?;
            seen += listed.items.len() as u64;
            let is_last = listed.items.is_empty() || seen >= listed.total;
            keys.extend(listed.items.into_iter().map(|flag| flag.key));
            if is_last {
                break;
            }
        }
        Ok(keys)
    }

    async fn upload(&self, upload: &CodeReferences) -> anyhow::Result<()> {
        let url = format!("{}/api/v1/code-references", self.url);
        self.answer(self.client.post(url).json(upload)).await?;
        Ok(())
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
        let answer = request.bearer_auth(self.token.expose_secret()).send();
        let answer = answer.await.context("the console cannot be reached")?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let said = answer.text().await.unwrap_or_default();
        let problem: Result<Said, _> = serde_json::from_str(&said);
        let said = problem.map_or(said, Said::in_words);
        anyhow::bail!("the console answers {status}: {said}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_scanned_without_what_it_ignores() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        write(".gitignore", "dist/\n");
        write("dist/bundle.js", "isOn(\"cta\")");
        write("src/b.ts", "\n  isOn('cta');\n");
        write("src/a.rs", "flag(\"other\"); flag(\"cta\")");
        write("picture.bin", "\"cta\"");
        std::fs::write(dir.path().join("picture.bin"), [0xff, 0xfe, b'"']).expect("a file");
        let keys = BTreeSet::from(["cta".to_owned(), "unused".to_owned()]);
        let found = scan(dir.path(), &keys).expect("it is a folder");
        let places: Vec<(&str, u32)> = found.iter().map(|r| (r.path.as_str(), r.line)).collect();
        assert_eq!(places, [("src/a.rs", 1), ("src/b.ts", 2)]);
        assert!(scan(&dir.path().join("nowhere"), &keys).is_err());
    }
}
