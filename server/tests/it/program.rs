//! `nexus-admin` with a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use nexus_domain::Environment;
use nexus_domain::experiment::Draft;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Nothing listens there: publishing is tried and fails.
const NO_CLOUDFLARE: &str = "http://127.0.0.1:9/client/v4";

/// A console's data and a built site of nothing.
pub(crate) struct Installation(tempfile::TempDir);

/// What a command said.
pub(crate) struct Said {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Installation {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("site")).unwrap();
        std::fs::write(folder.path().join("site/manifest.json"), "{}").unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Only the settings given count, not those of whoever runs the tests.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nexus-admin"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .env("USER", "ada")
            .env("NEXUS_DATA_DIR", self.data())
            .env("CLOUDFLARE_API_BASE_URL", NO_CLOUDFLARE)
            .env("CLOUDFLARE_API_TOKEN", "none")
            .stdin(Stdio::null());
        command
    }

    pub(crate) async fn try_run(&self, args: &[&str]) -> Said {
        let output = self.command(args).output().await.unwrap();
        Said {
            ok: output.status.success(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a command that must work printed.
    pub(crate) async fn run(&self, args: &[&str]) -> String {
        let said = self.try_run(args).await;
        assert!(said.ok, "{args:?}: {}", said.err);
        said.out
    }

    /// What a command that must work printed to another user of the machine.
    pub(crate) async fn run_as(&self, user: &str, args: &[&str]) -> String {
        let output = self.command(args).env("USER", user).output().await.unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command that must fail complained of.
    pub(crate) async fn refused(&self, args: &[&str]) -> String {
        let said = self.try_run(args).await;
        assert!(!said.ok, "{args:?} worked: {}", said.out);
        said.err
    }

    /// A new token's secret.
    pub(crate) async fn token(&self, scopes: &[&str]) -> String {
        let mut args = vec!["token", "create", "--name", "test", "--print"];
        for scope in scopes {
            args.extend(["--scope", scope]);
        }
        self.run(&args).await.trim().to_owned()
    }

    /// Starts the server and waits until it listens.
    pub(crate) async fn serve(&self, settings: &[(&str, &str)]) -> Server {
        let port = free_port();
        let origin = format!("http://127.0.0.1:{port}");
        let mut command = self.command(&["serve"]);
        command
            .env("NEXUS_LISTEN", format!("127.0.0.1:{port}"))
            .env("NEXUS_PUBLIC_URL", &origin)
            .env("NEXUS_ASSETS_DIR", self.path("site"))
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("console is up") {
            let line = log.next_line().await.unwrap();
            said += &line.unwrap_or_else(|| panic!("it ended: {said}"));
            said.push('\n');
        }
        // A full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Server { child, origin }
    }
}

/// A running `nexus-admin serve`; ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) origin: String,
}

impl Server {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Makes a draft by the API.
    pub(crate) async fn draft(&self, token: &str, id: &str) {
        let draft = Draft {
            id: id.to_owned(),
            name: format!("Experiment {id}"),
            ..Draft::starter(Environment::Production)
        };
        let request = client()
            .post(self.url("/api/v1/experiments"))
            .bearer_auth(token)
            .json(&draft);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), http::StatusCode::CREATED);
    }
}

/// A client that follows nothing and asks no proxy.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub(crate) fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
