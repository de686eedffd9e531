//! Settings of `nexus-admin`, from flags and environment variables. Everything
//! has a working default except what only the team can know.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use secrecy::SecretString;

/// Where the console keeps what it knows.
#[derive(Args, Clone)]
pub(crate) struct Data {
    /// Folder of the database and the keys.
    #[arg(
        long,
        env = "NEXUS_DATA_DIR",
        default_value = ".nexus/console",
        global = true
    )]
    pub data_dir: PathBuf,
    /// Environment that the overview shows first and new drafts are for: development,
    /// staging, production or preview. The console serves all of them.
    #[arg(long, env = "NEXUS_ENVIRONMENT", default_value = "production", global = true,
          value_parser = parse_environment)]
    pub environment: nexus_domain::Environment,
    /// Address that becomes the first owner when it signs in.
    #[arg(long, env = "NEXUS_OWNER_EMAIL", global = true)]
    pub owner_email: Option<String>,
    /// Where people open the console, as `https://admin.example.com`.
    #[arg(
        long,
        env = "NEXUS_PUBLIC_URL",
        default_value = "http://127.0.0.1:7800",
        global = true
    )]
    pub public_url: String,
    #[command(flatten)]
    pub cloudflare: Cloudflare,
    /// How log lines look.
    #[arg(long, env = "NEXUS_LOG_FORMAT", default_value = "text", global = true)]
    pub log_format: LogFormat,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Args, Clone)]
pub(crate) struct Cloudflare {
    /// Base of Cloudflare's API.
    #[arg(
        long,
        env = "CLOUDFLARE_API_BASE_URL",
        global = true,
        default_value = "https://api.cloudflare.com/client/v4"
    )]
    pub cloudflare_api_base_url: String,
    /// API token with Workers KV Storage:Edit. Environment only, so it does not
    /// show in the list of processes.
    #[arg(skip = secret_env("CLOUDFLARE_API_TOKEN"))]
    pub cloudflare_api_token: Option<SecretString>,
    /// Id of the Cloudflare account with the KV namespace: 32 hex digits.
    #[arg(
        long,
        env = "CLOUDFLARE_ACCOUNT_ID",
        default_value = "",
        hide_default_value = true,
        global = true
    )]
    pub cloudflare_account_id: String,
    /// Title of the KV namespace the gateways read; created when absent.
    #[arg(
        long,
        env = "NEXUS_KV_NAMESPACE",
        default_value = "nexus-config",
        global = true
    )]
    pub kv_namespace: String,
}

#[derive(Args, Clone)]
pub(crate) struct Serve {
    /// Address to listen on.
    #[arg(long, env = "NEXUS_LISTEN", default_value = "127.0.0.1:7810")]
    pub listen: std::net::SocketAddr,
    /// Folder of the built site (`cargo xtask build site`).
    #[arg(long, env = "NEXUS_ASSETS_DIR")]
    pub assets_dir: PathBuf,
    #[command(flatten)]
    pub access: Access,
    #[command(flatten)]
    pub oidc: Oidc,
    #[command(flatten)]
    pub sdks: Sdks,
}

/// SDKs that ask the console.
#[derive(Args, Clone)]
pub(crate) struct Sdks {
    /// Streams of changes that are kept open for SDKs; 0 for none.
    #[arg(long, env = "NEXUS_MAX_STREAMS", default_value_t = 2_000)]
    pub max_streams: usize,
    /// Requests a second of each SDK key, on average; more are answered with 429. 0 for any
    /// number.
    #[arg(long, env = "NEXUS_SDK_RATE", default_value_t = nexus_web::sdk::DEFAULT_RATE)]
    pub sdk_rate: u32,
}

/// Cloudflare Access in front of the console.
#[derive(Args, Clone)]
pub(crate) struct Access {
    /// `https://<team>.cloudflareaccess.com`; none turns Access off.
    #[arg(long, env = "NEXUS_ACCESS_ISSUER")]
    pub access_issuer: Option<String>,
    /// AUD tag of the console's application.
    #[arg(
        long,
        env = "NEXUS_ACCESS_AUDIENCE",
        default_value = "",
        hide_default_value = true
    )]
    pub access_audience: String,
    /// AUD tag of the application in front of /step-up/, which must ask for a second factor
    /// every time (independent MFA with a session of 0 minutes).
    #[arg(long, env = "NEXUS_ACCESS_STEP_UP_AUDIENCE")]
    pub access_step_up_audience: Option<String>,
    /// Where Access publishes its keys; `<issuer>/cdn-cgi/access/certs` by default.
    #[arg(long, env = "NEXUS_ACCESS_CERTS_URL")]
    pub access_certs_url: Option<String>,
    /// What proves the second factor: `amr` in the token or identity, or the
    /// application's own Access policy.
    #[arg(long, env = "NEXUS_ACCESS_MFA", default_value = "amr")]
    pub access_mfa: Mfa,
    /// Two-letter codes of the countries people may come from; all by default.
    #[arg(long, env = "NEXUS_ACCESS_COUNTRIES", value_delimiter = ',')]
    pub access_countries: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Mfa {
    Amr,
    Policy,
}

/// OpenID Connect, for teams without Access.
#[derive(Args, Clone)]
pub(crate) struct Oidc {
    /// Issuer of the provider; none turns this way in off.
    #[arg(long, env = "NEXUS_OIDC_ISSUER")]
    pub oidc_issuer: Option<String>,
    /// Id under which the provider knows this console.
    #[arg(long, env = "NEXUS_OIDC_CLIENT_ID", default_value = "nexus-admin")]
    pub oidc_client_id: String,
    /// Environment only.
    #[arg(skip = secret_env("NEXUS_OIDC_CLIENT_SECRET"))]
    pub oidc_client_secret: Option<SecretString>,
}

fn secret_env(name: &str) -> Option<SecretString> {
    std::env::var(name)
        .ok()
        .filter(|v| !v.is_empty())
        .map(SecretString::from)
}

fn parse_environment(text: &str) -> Result<nexus_domain::Environment, String> {
    nexus_domain::Environment::parse(text)
        .ok_or_else(|| "one of development, staging, production, preview".to_owned())
}
