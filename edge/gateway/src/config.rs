//! The Worker's variables and secrets; the names are those of the native gateway.

use nexus_flags::TrustedKey;
use nexus_gateway::{Settings, StatusToken};
use worker::{Env, Error, Result};

/// A variable or secret; `None` when absent or empty.
pub(crate) fn variable(env: &Env, name: &str) -> Option<String> {
    env.var(name)
        .ok()
        .map(|value| value.to_string())
        .filter(|value| !value.is_empty())
}

/// Whether a variable is `1` or `true`.
pub(crate) fn is_on(env: &Env, name: &str) -> bool {
    variable(env, name).is_some_and(|value| value == "1" || value == "true")
}

pub(crate) fn settings(env: &Env) -> Result<Settings> {
    let or = |name, default: &str| variable(env, name).unwrap_or_else(|| default.to_owned());
    let origins = or("NEXUS_ORIGINS", "");
    let mut settings = Settings::new(
        &or("NEXUS_GATEWAY_ID", "edge"),
        &or("NEXUS_ENVIRONMENT", "production"),
        &origins,
    )
    .map_err(|error| wrong("NEXUS_ORIGINS", &error))?;
    let pages = or("NEXUS_EVENTS_ORIGINS", "");
    settings = settings
        .with_events(
            &or("NEXUS_EVENTS_PATH", "/events"),
            pages.split(',').map(|page| page.trim().to_owned()),
        )
        .map_err(|error| wrong("NEXUS_EVENTS_PATH, NEXUS_EVENTS_ORIGINS", &error))?;
    settings.secure_cookie = !is_on(env, "NEXUS_INSECURE_COOKIE");
    settings.status_token = variable(env, "NEXUS_STATUS_TOKEN").map(|it| StatusToken::new(&it));
    settings.events_need_key = is_on(env, "NEXUS_EVENTS_NEED_KEY");
    settings.events_rate = rate(env, "NEXUS_EVENTS_RATE", settings.events_rate)?;
    settings.sdk_rate = rate(env, "NEXUS_SDK_RATE", settings.sdk_rate)?;
    settings.test_decide = is_on(env, "NEXUS_TEST_DECIDE");
    Ok(settings)
}

/// A number a second.
fn rate(env: &Env, name: &str, default: u32) -> Result<u32> {
    let told = variable(env, name).map(|rate| rate.parse()).transpose();
    let told = told.map_err(|error| wrong(name, &error))?;
    Ok(told.unwrap_or(default))
}

pub(crate) fn keys(env: &Env) -> Result<Vec<TrustedKey>> {
    let text = variable(env, "NEXUS_SNAPSHOT_KEYS").unwrap_or_default();
    let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
    keys.map(|key| {
        let (id, public) = key
            .split_once(':')
            .ok_or_else(|| wrong("NEXUS_SNAPSHOT_KEYS", &"no colon"))?;
        TrustedKey::from_base64url(id, public).map_err(|error| wrong("NEXUS_SNAPSHOT_KEYS", &error))
    })
    .collect()
}

fn wrong(name: &str, problem: &impl std::fmt::Display) -> Error {
    Error::RustError(format!("{name}: {problem}"))
}
