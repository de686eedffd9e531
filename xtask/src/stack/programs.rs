//! Each program of the stack with its flags and environment.
//!
//! The fixed names and tokens are the sandbox's demo values. They guard nothing: the
//! sandbox listens on loopback only.

use super::credentials::Credentials;
use super::{Program, Settings};
use crate::workspace;
use std::ffi::OsString;
use std::process::Command;

/// The sandbox's only account, and a token that may do everything in it.
pub(crate) const SANDBOX_ACCOUNT: &str = "00000000000000000000000000005a4d";
pub(crate) const SANDBOX_TOKEN: &str = "nexus-sandbox-token";
/// Audience tags of the two Access applications: SHA-256 of `nexus-admin` and of
/// `nexus-admin-step-up`.
const AUDIENCE: &str = "c2076f05357b84f844f5fc5253c71d1ee08e4ebb1935f91fd10c51ade313eacb";
const STEP_UP_AUDIENCE: &str = "25d18a02803534ee95f138d834d4f21c9d4370ae84f57a9af388d0b72b768838";
const KV_NAMESPACE: &str = "nexus-config";
const ENVIRONMENT: &str = "production";

/// The local Cloudflare account with Access in front of the console.
pub(crate) fn sandbox(settings: &Settings) -> Program {
    let ports = &settings.ports;
    Program {
        name: "sandbox",
        binary: settings.profile.binary("nexus-sandbox"),
        arguments: vec![
            "--api-listen".into(),
            listen(ports.api),
            "--access-listen".into(),
            listen(ports.access),
            "--console-url".into(),
            local(ports.console).into(),
            "--data-dir".into(),
            settings.data.join("sandbox").into(),
            "--token".into(),
            SANDBOX_TOKEN.into(),
            "--account-id".into(),
            SANDBOX_ACCOUNT.into(),
            "--user-email".into(),
            (&settings.owner_email).into(),
        ],
        environment: vec![],
        health: (ports.access, "/cdn-cgi/access/certs"),
    }
}

/// The control plane.
pub(crate) fn console(settings: &Settings) -> Program {
    Program {
        name: "console",
        binary: settings.profile.binary("nexus-admin"),
        arguments: vec!["serve".into()],
        environment: console_environment(settings),
        health: (settings.ports.console, "/ready"),
    }
}

/// A subcommand of the console's binary, on the same data as the running console.
pub(crate) fn console_command(settings: &Settings, arguments: &[&str]) -> Command {
    let mut program = console(settings);
    program.arguments = arguments.iter().map(OsString::from).collect();
    program.command()
}

fn console_environment(settings: &Settings) -> Vec<(&'static str, OsString)> {
    let ports = &settings.ports;
    let mut environment: Vec<(&'static str, OsString)> = vec![
        ("NEXUS_LISTEN", listen(ports.console)),
        ("NEXUS_DATA_DIR", settings.data.join("console").into()),
        ("NEXUS_PUBLIC_URL", local(ports.access).into()),
        ("NEXUS_OWNER_EMAIL", (&settings.owner_email).into()),
        ("NEXUS_ASSETS_DIR", workspace::site().into()),
        ("NEXUS_ACCESS_ISSUER", local(ports.access).into()),
        ("NEXUS_ACCESS_AUDIENCE", AUDIENCE.into()),
        ("NEXUS_ACCESS_STEP_UP_AUDIENCE", STEP_UP_AUDIENCE.into()),
    ];
    environment.extend(cloudflare(settings));
    environment
}

/// The data plane.
pub(crate) fn gateway(settings: &Settings, credentials: &Credentials) -> Program {
    let ports = &settings.ports;
    let origins = format!(
        "stable={},canary={}",
        local(ports.stable),
        local(ports.canary)
    );
    let ingest = format!("{}/api/v1/ingest", local(ports.console));
    let mut environment: Vec<(&'static str, OsString)> = vec![
        ("NEXUS_GATEWAY_LISTEN", listen(ports.gateway)),
        ("NEXUS_GATEWAY_ID", "local".into()),
        // So a change is in force within a second.
        ("NEXUS_POLL_MS", "500".into()),
        ("NEXUS_ORIGINS", origins.into()),
        ("NEXUS_SNAPSHOT_KEYS", (&credentials.snapshot_keys).into()),
        ("NEXUS_INGEST_URL", ingest.into()),
        ("NEXUS_INGEST_TOKEN", (&credentials.ingest_token).into()),
    ];
    environment.extend(cloudflare(settings));
    Program {
        name: "gateway",
        binary: settings.profile.binary("nexus-gateway"),
        arguments: vec![],
        environment,
        health: (ports.gateway, "/__nexus/health"),
    }
}

/// What console and gateway both know of the account they work in.
fn cloudflare(settings: &Settings) -> [(&'static str, OsString); 5] {
    let api = format!("{}/client/v4", local(settings.ports.api));
    [
        ("NEXUS_ENVIRONMENT", ENVIRONMENT.into()),
        ("CLOUDFLARE_API_BASE_URL", api.into()),
        ("CLOUDFLARE_API_TOKEN", SANDBOX_TOKEN.into()),
        ("CLOUDFLARE_ACCOUNT_ID", SANDBOX_ACCOUNT.into()),
        ("NEXUS_KV_NAMESPACE", KV_NAMESPACE.into()),
    ]
}

/// The two services behind the gateway.
pub(crate) fn origins(settings: &Settings) -> Program {
    let ports = &settings.ports;
    Program {
        name: "origins",
        binary: settings.profile.binary("nexus-demo"),
        arguments: vec![
            "origins".into(),
            "--listen-stable".into(),
            listen(ports.stable),
            "--listen-canary".into(),
            listen(ports.canary),
        ],
        environment: vec![],
        health: (ports.stable, "/health"),
    }
}

/// The crowd in front of the gateway.
pub(crate) fn traffic(settings: &Settings) -> Program {
    let ports = &settings.ports;
    let origins = format!("{},{}", local(ports.stable), local(ports.canary));
    Program {
        name: "traffic",
        binary: settings.profile.binary("nexus-demo"),
        arguments: vec![
            "traffic".into(),
            "--gateway".into(),
            local(ports.gateway).into(),
            "--origins".into(),
            origins.into(),
            "--control".into(),
            listen(ports.traffic),
            "--rate".into(),
            settings.traffic_per_s.to_string().into(),
        ],
        environment: vec![],
        health: (ports.traffic, "/"),
    }
}

/// The address of a port of this machine.
pub(crate) fn local(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn listen(port: u16) -> OsString {
    format!("127.0.0.1:{port}").into()
}
