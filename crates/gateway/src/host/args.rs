//! The command line and the environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use nexus_flags::TrustedKey;
use secrecy::{ExposeSecret, SecretString};

use super::{FileSource, IngestOptions, KvSource, Options, Source, TrustedProxies};
use crate::limits::{DEFAULT_EVENTS_RATE, DEFAULT_SDK_RATE};
use crate::settings::{Settings, StatusToken};

/// The gateway: decides every request, picks its origin, reports what came of it.
///
/// GET /__nexus/health and /__nexus/status tell how it fares.
#[derive(Debug, Parser)]
#[command(name = "nexus-gateway", version)]
pub struct Args {
    /// Where to listen.
    #[arg(long, env = "NEXUS_GATEWAY_LISTEN", default_value = "127.0.0.1:7820")]
    pub listen: SocketAddr,
    /// Names this gateway in the console.
    #[arg(long, env = "NEXUS_GATEWAY_ID", default_value = "gateway")]
    gateway_id: String,
    /// Obey only snapshots for this environment.
    #[arg(long, env = "NEXUS_ENVIRONMENT", default_value = "production")]
    environment: String,
    /// Services behind the gateway as name=url[,name=url…]; the first is the default.
    #[arg(long, env = "NEXUS_ORIGINS")]
    origins: String,
    /// Public keys that may sign snapshots, as `key_id:base64url`, separated by commas.
    #[arg(long, env = "NEXUS_SNAPSHOT_KEYS", default_value = "")]
    snapshot_keys: String,
    /// Cloudflare's API.
    #[arg(
        long,
        env = "CLOUDFLARE_API_BASE_URL",
        default_value = "https://api.cloudflare.com/client/v4"
    )]
    cloudflare_api_base_url: String,
    /// Token that may read the KV namespace.
    #[arg(long, env = "CLOUDFLARE_API_TOKEN", hide_env_values = true)]
    cloudflare_api_token: Option<SecretString>,
    /// Account of the KV namespace.
    #[arg(long, env = "CLOUDFLARE_ACCOUNT_ID")]
    cloudflare_account_id: Option<String>,
    /// Title or id of the KV namespace with the snapshots.
    #[arg(long, env = "NEXUS_KV_NAMESPACE", default_value = "nexus-config")]
    kv_namespace: String,
    /// Read snapshots from this file instead of KV.
    #[arg(long, env = "NEXUS_SNAPSHOT_FILE")]
    snapshot_file: Option<PathBuf>,
    /// Milliseconds between two looks for a new snapshot.
    #[arg(long, env = "NEXUS_POLL_MS", default_value_t = 500)]
    poll_ms: u64,
    /// Where events go; nowhere when absent.
    #[arg(long, env = "NEXUS_INGEST_URL")]
    ingest_url: Option<String>,
    /// API token with the scope `ingest`.
    #[arg(long, env = "NEXUS_INGEST_TOKEN", hide_env_values = true)]
    ingest_token: Option<SecretString>,
    /// Path where visitors' pages report conversions.
    #[arg(long, env = "NEXUS_EVENTS_PATH", default_value = "/events")]
    events_path: String,
    /// Web origins besides the gateway's own that may report conversions.
    #[arg(long, env = "NEXUS_EVENTS_ORIGINS", value_delimiter = ',')]
    events_origins: Vec<String>,
    /// Streams of changes that are kept open for SDKs; 0 for none.
    #[arg(long, env = "NEXUS_MAX_STREAMS", default_value_t = 2_000)]
    max_streams: usize,
    /// Take events only from who shows an SDK key.
    #[arg(long, env = "NEXUS_EVENTS_NEED_KEY", value_parser = clap::builder::FalseyValueParser::new())]
    events_need_key: bool,
    /// Events a second that one address may report without an SDK key, on average; 0 for any
    /// number.
    #[arg(long, env = "NEXUS_EVENTS_RATE", default_value_t = DEFAULT_EVENTS_RATE)]
    events_rate: u32,
    /// Requests a second of each SDK key, on average; more are answered with 429. Each event
    /// counts as one, and so do 20 flags of one answer. 0 for any number.
    #[arg(long, env = "NEXUS_SDK_RATE", default_value_t = DEFAULT_SDK_RATE)]
    sdk_rate: u32,
    /// Addresses (CIDR) of proxies that are believed about visitors.
    #[arg(
        long,
        env = "NEXUS_TRUSTED_PROXIES",
        default_value = "127.0.0.0/8,::1/128"
    )]
    trusted_proxies: TrustedProxies,
    /// Set the visitor's cookie without `Secure` even beyond this machine.
    #[arg(long, env = "NEXUS_INSECURE_COOKIE")]
    insecure_cookie: bool,
    /// Whoever shows this token is told everything at /__nexus/status; others learn the
    /// version of the snapshot only.
    #[arg(long, env = "NEXUS_STATUS_TOKEN", hide_env_values = true)]
    status_token: Option<SecretString>,
    /// Open POST /__nexus/decide. For tests only.
    #[arg(long, env = "NEXUS_TEST_DECIDE", value_parser = clap::builder::FalseyValueParser::new())]
    test_decide: bool,
}

impl Args {
    /// Checks what belongs together.
    ///
    /// # Errors
    /// What is missing or not usable.
    pub fn into_options(self) -> anyhow::Result<Options> {
        let mut settings = Settings::new(&self.gateway_id, &self.environment, &self.origins)?
            .with_events(&self.events_path, self.events_origins.clone())?;
        settings.secure_cookie = !self.insecure_cookie;
        settings.test_decide = self.test_decide;
        settings.max_streams = self.max_streams;
        settings.events_need_key = self.events_need_key;
        settings.events_rate = self.events_rate;
        settings.sdk_rate = self.sdk_rate;
        settings.status_token = self
            .status_token
            .as_ref()
            .map(|token| token.expose_secret())
            .filter(|token| !token.is_empty())
            .map(StatusToken::new);
        let keys = parse_keys(&self.snapshot_keys)?;
        let source = self.source()?;
        if source.is_some() && keys.is_empty() {
            anyhow::bail!("without NEXUS_SNAPSHOT_KEYS no snapshot can be trusted");
        }
        let ingest = match (self.ingest_url, self.ingest_token) {
            (Some(url), Some(token)) => Some(IngestOptions {
                url,
                token,
                gateway_id: self.gateway_id,
                environment: self.environment,
            }),
            (None, _) => None,
            (Some(_), None) => anyhow::bail!("NEXUS_INGEST_URL needs NEXUS_INGEST_TOKEN"),
        };
        Ok(Options {
            settings,
            keys,
            trusted_proxies: self.trusted_proxies,
            source,
            poll_every: Duration::from_millis(self.poll_ms.max(50)),
            ingest,
        })
    }

    fn source(&self) -> anyhow::Result<Option<Source>> {
        if let Some(path) = &self.snapshot_file {
            return Ok(Some(Source::File(FileSource::new(path))));
        }
        let (Some(account), Some(token)) =
            (&self.cloudflare_account_id, &self.cloudflare_api_token)
        else {
            return Ok(None);
        };
        let key = format!("snapshot:{}", self.environment);
        let kv = KvSource::new(
            &self.cloudflare_api_base_url,
            account,
            token.clone(),
            &self.kv_namespace,
            &key,
        )?;
        Ok(Some(Source::Kv(Box::new(kv))))
    }
}

fn parse_keys(text: &str) -> anyhow::Result<Vec<TrustedKey>> {
    text.split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .map(|key| {
            let (id, public) = key
                .split_once(':')
                .context("a snapshot key is key_id:base64url")?;
            TrustedKey::from_base64url(id, public).with_context(|| format!("snapshot key {id:?}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use nexus_flags::SigningKey;

    use super::*;

    fn options(more: &[&str]) -> anyhow::Result<Options> {
        let args = ["nexus-gateway", "--origins", "stable=http://127.0.0.1:1"];
        Args::try_parse_from(args.iter().chain(more))?.into_options()
    }

    #[test]
    fn what_belongs_together_is_asked_for() {
        assert!(
            options(&[]).is_ok_and(|options| options.source.is_none() && options.ingest.is_none())
        );
        assert!(options(&["--ingest-url", "http://x"]).is_err());
        assert!(options(&["--snapshot-file", "/x"]).is_err(), "no key");
        assert!(options(&["--snapshot-keys", "k:short"]).is_err());
        let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
        let key = format!("k:{}", TrustedKey::new("k", key).to_base64url());
        let both = ["--snapshot-file", "/x", "--snapshot-keys", key.as_str()];
        assert!(options(&both).is_ok_and(|options| options.keys.len() == 1));
    }
}
