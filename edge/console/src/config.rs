//! The Worker's variables and secrets; the names are those of the native server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nexus_control::{Keys, Settings};
use nexus_domain::Environment;
use nexus_identity::Country;
use nexus_identity::access::AccessConfig;
use nexus_identity::mfa::MfaSource;
use nexus_identity::ticket::TicketKey;
use worker::{Env, Error, Result};
use zeroize::Zeroizing;

/// A variable or secret; `None` when absent or empty.
pub(crate) fn variable(env: &Env, name: &str) -> Option<String> {
    env.var(name)
        .ok()
        .map(|value| value.to_string())
        .filter(|value| !value.is_empty())
}

pub(crate) fn or(env: &Env, name: &str, default: &str) -> String {
    variable(env, name).unwrap_or_else(|| default.to_owned())
}

fn required(env: &Env, name: &str) -> Result<String> {
    variable(env, name).ok_or_else(|| wrong(name, "is not set"))
}

fn wrong(name: &str, problem: impl std::fmt::Display) -> Error {
    Error::RustError(format!("{name}: {problem}"))
}

pub(crate) fn settings(env: &Env) -> Result<Settings> {
    let name = "NEXUS_ENVIRONMENT";
    let environment = Environment::parse(&or(env, name, "production"))
        .ok_or_else(|| wrong(name, "one of development, staging, production, preview"))?;
    Ok(Settings {
        environment,
        owner_email: variable(env, "NEXUS_OWNER_EMAIL"),
        public_url: required(env, "NEXUS_PUBLIC_URL")?,
        kv_namespace: or(env, "NEXUS_KV_NAMESPACE", "nexus-config"),
    })
}

/// SDKs' pages. A Worker keeps nothing between requests, so it has no streams.
pub(crate) fn sdk(env: &Env) -> Result<nexus_web::sdk::Options> {
    let name = "NEXUS_SDK_RATE";
    let rate = variable(env, name).map(|rate| rate.parse()).transpose();
    let rate = rate.map_err(|error| wrong(name, error))?;
    Ok(nexus_web::sdk::Options {
        rate: rate.unwrap_or(nexus_web::sdk::DEFAULT_RATE),
        max_streams: 0,
        sleep: None,
        behind_cloudflare: true,
    })
}

/// Access is the only way in: a Worker is reachable by everybody.
pub(crate) fn access(env: &Env) -> Result<AccessConfig> {
    let issuer = required(env, "NEXUS_ACCESS_ISSUER")?;
    let audience = required(env, "NEXUS_ACCESS_AUDIENCE")?;
    let step_up = variable(env, "NEXUS_ACCESS_STEP_UP_AUDIENCE");
    let mut config = AccessConfig::for_issuer(&issuer, &audience, step_up.as_deref());
    if let Some(url) = variable(env, "NEXUS_ACCESS_CERTS_URL") {
        config.certs_url = url;
    }
    config.mfa = match or(env, "NEXUS_ACCESS_MFA", "amr").as_str() {
        "amr" => MfaSource::Amr,
        "policy" => MfaSource::AccessPolicy,
        _ => return Err(wrong("NEXUS_ACCESS_MFA", "amr or policy")),
    };
    if let Some(countries) = variable(env, "NEXUS_ACCESS_COUNTRIES") {
        let countries = countries.split(',').map(|code| Country::parse(code.trim()));
        let countries = countries.collect::<std::result::Result<_, _>>();
        config.allowed_countries =
            Some(countries.map_err(|error| wrong("NEXUS_ACCESS_COUNTRIES", error))?);
    }
    Ok(config)
}

pub(crate) fn keys(env: &Env) -> Result<Keys> {
    let snapshot = seed(env, "NEXUS_SNAPSHOT_SEED")?;
    let checkpoint = seed(env, "NEXUS_CHECKPOINT_SEED")?;
    Ok(Keys::from_seeds(&snapshot, &checkpoint))
}

pub(crate) fn ticket_key(env: &Env) -> Result<TicketKey> {
    Ok(TicketKey::new(Box::new(*seed(env, "NEXUS_TICKET_SEED")?)))
}

/// A secret of 32 bytes in base64, as `openssl rand -base64 32` makes it.
fn seed(env: &Env, name: &str) -> Result<Zeroizing<[u8; 32]>> {
    let text = Zeroizing::new(required(env, name)?);
    let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new);
    let seed = bytes
        .ok()
        .and_then(|bytes| bytes.as_slice().try_into().ok());
    seed.map(Zeroizing::new)
        .ok_or_else(|| wrong(name, "must be 32 bytes in base64"))
}
