//! Data to measure on: a token that may read and write, and many experiments.

use crate::stack::http::Ask;
use crate::stack::{Settings, console_command};
use crate::{run, ui};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::ops::Range;
use std::time::Duration;

/// Every tenth experiment runs: as many as the design counts with at 1,000.
const RUNNING_OF: u32 = 10;

/// How long the gateway may take to follow.
const PATIENCE: Duration = Duration::from_secs(30);

/// Mints an API token by the console's command line.
///
/// # Errors
/// When it refuses.
pub(super) fn token(settings: &Settings) -> Result<String> {
    let scopes = [
        "experiments:read",
        "experiments:write",
        "audit:read",
        "members:read",
    ];
    let mut arguments = vec!["token", "create", "--name", "measure", "--print"];
    for scope in scopes {
        arguments.extend(["--scope", scope]);
    }
    run::reading(&mut console_command(settings, &arguments))
}

/// Creates experiments through the API, starts every tenth, and waits until the gateway
/// obeys the newest.
///
/// # Errors
/// When the API refuses one, or the gateway does not follow.
pub(super) fn experiments(settings: &Settings, token: &str, numbers: Range<u32>) -> Result<()> {
    let step = ui::step(format!("{} experiments", numbers.len()));
    let port = settings.ports.console;
    let bearer = format!("Bearer {token}");
    let post = |path: &str, body: &str| -> Result<()> {
        let answer = Ask::post_json(port, path, body)
            .header("authorization", &bearer)
            .send()?;
        if answer.status >= 300 {
            bail!("POST {path} answered {}: {}", answer.status, answer.text());
        }
        Ok(())
    };
    for number in numbers {
        let id = format!("measured-{number:05}");
        post("/api/v1/experiments", &draft(&id, number).to_string())
            .with_context(|| format!("creating {id}"))?;
        if number % RUNNING_OF == 0 {
            post(&format!("/api/v1/experiments/{id}/start"), "{}")
                .with_context(|| format!("starting {id}"))?;
        }
    }
    let begun = ui::now();
    while !follows(port, &bearer)? {
        if begun.elapsed() > PATIENCE {
            bail!("the gateway does not get the newest snapshot");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    step.done();
    Ok(())
}

/// Whether every gateway has the newest version.
fn follows(port: u16, bearer: &str) -> Result<bool> {
    let answer = Ask::get(port, "/api/v1/overview")
        .header("authorization", bearer)
        .send()?;
    let overview: Value = serde_json::from_slice(&answer.body)?;
    let propagation = &overview["propagation"];
    let gateways = propagation["gateways"].as_array();
    Ok(gateways.is_some_and(|all| {
        !all.is_empty() && all.iter().all(|g| g["version"] == propagation["version"])
    }))
}

fn draft(id: &str, number: u32) -> serde_json::Value {
    let variant = |key: &str, name: &str| json!({ "key": key, "name": name, "weight_bp": 5_000, "features": { "layout": key } });
    json!({
        "id": id,
        "environment": "production",
        "name": format!("Measured experiment {number}"),
        "hypothesis": "A page with many experiments is as quick as one with few.",
        "variants": [variant("control", "As it is"), variant("treatment", "As it could be")],
        "goal": "conversion",
    })
}
