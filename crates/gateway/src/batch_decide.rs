//! Deciding without serving, for comparing hosts: one context per line in, one decision
//! per line out. Open only where a test asks for it.

use http::{HeaderMap, HeaderName, HeaderValue};
use nexus_flags::{Decisions, Engine};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::{Attributes, Circumstances};
use crate::decision::Decided;
use crate::identity::Identity;
use crate::settings::Settings;

/// A request as far as a decision depends on it.
#[derive(Deserialize)]
struct Line {
    /// Name and value of each header.
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    country: Option<String>,
    now_ms: i64,
}

/// `{"unit":s,"device":s,"decision":{…}}` per line, or `{"problem":s}`.
pub(crate) fn decide_lines(engine: &Engine, settings: &Settings, body: &[u8]) -> Vec<u8> {
    let mut decisions = Decisions::default();
    let mut out = Vec::with_capacity(body.len());
    for line in body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let answer = match serde_json::from_slice::<Line>(line) {
            Ok(line) => decide_line(engine, settings, &line, &mut decisions),
            Err(error) => json!({ "problem": error.to_string() }),
        };
        out.extend_from_slice(answer.to_string().as_bytes());
        out.push(b'\n');
    }
    out
}

fn decide_line(
    engine: &Engine,
    settings: &Settings,
    line: &Line,
    decisions: &mut Decisions,
) -> Value {
    let mut headers = HeaderMap::new();
    for (name, value) in &line.headers {
        match (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            (Ok(name), Ok(value)) => headers.append(name, value),
            _ => return json!({ "problem": "not a header" }),
        };
    }
    let identity = Identity::of(&headers, None);
    let circumstances = Circumstances::of(&headers, line.country.as_deref(), line.now_ms);
    let attributes = Attributes::of(&headers);
    let context = circumstances.context(&identity.unit, &attributes);
    engine.decide(&context, decisions);
    let wanted = engine
        .decided(decisions)
        .find_map(|decision| decision.deployment());
    let deployment = settings
        .deployment(wanted)
        .map_or("", |deployment| deployment.name());
    let decided = Decided {
        engine,
        decisions,
        deployment,
        counted: None,
        forced: &[],
    };
    let decision = decided.json(&context);
    json!({
        "unit": identity.unit,
        "device": circumstances.device,
        "decision": String::from_utf8_lossy(&decision),
    })
}
