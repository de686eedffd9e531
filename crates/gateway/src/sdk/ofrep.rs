//! OpenFeature's remote evaluation protocol (OFREP 0.3.0).
//!
//! Reasons: `DISABLED` for flags that are switched off, `STATIC` for others that have one value
//! for everybody (clients may keep it), `SPLIT` where a share of the units is drawn, `TARGETING_MATCH` where a rule takes all
//! that it matches, `UNKNOWN` where no rule did and the flag has its off value: the
//! protocol has no word for that. Null is the application's own default, so it has no
//! `value`.

use std::cell::RefCell;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use nexus_flags::growthbook::{FeatureResult, Observer, Options, Participation, Source};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::evaluator::{Constant, Evaluator};
use super::payload::is_known;
use super::question::{Fault, Question};
use crate::evaluations::Evaluations;
use crate::problem::{empty, json};

/// Seconds after which a page that nobody looks at closes its stream.
const INACTIVITY_S: u32 = 120;

/// An experiment and the variant that somebody got.
pub(super) type Dealt = (String, String);

/// One flag; `None` when there is none of this name.
pub(super) fn one(
    evaluator: &Evaluator,
    name: &str,
    question: &Question,
    forced: &[(&str, &Value)],
) -> Option<(Value, Vec<Dealt>)> {
    let seen = Seen::default();
    let options = Options {
        observer: Some(&seen),
        forced_features: forced,
        ..Options::default()
    };
    let found = evaluator.engine.feature(name, question, &options);
    if found.source == Source::UnknownFeature {
        return None;
    }
    let flag = written(evaluator, name, &found);
    Some((flag, seen.0.take()))
}

/// All flags, or 304 to whoever has the same already. `stream` is the path of the
/// asker's stream, where there are streams.
pub(super) fn all(
    evaluator: &Evaluator,
    version: u64,
    question: &Question,
    headers: &HeaderMap,
    stream: Option<&str>,
    counted: Option<&Evaluations>,
    forced: &[(&str, &Value)],
) -> Response<Bytes> {
    let options = Options {
        forced_features: forced,
        ..Options::default()
    };
    let engine = &evaluator.engine;
    let flags: Vec<Value> = engine
        .feature_keys()
        .map(|name| (name, engine.feature(name, question, &options)))
        .map(|(name, found)| {
            let flag = written(evaluator, name, &found);
            if let (Some(to), Some(value)) = (counted, flag.get("value")) {
                to.told(name, value, 1);
            }
            flag
        })
        .collect();
    let etag = tag_of(&flags);
    let mut response = match etag.as_ref().filter(|etag| is_known(headers, etag)) {
        Some(_) => empty(StatusCode::NOT_MODIFIED),
        None => json(StatusCode::OK, &bulk(flags, version, stream)),
    };
    if let Some(etag) = etag {
        response.headers_mut().insert(header::ETAG, etag);
    }
    let revalidate = HeaderValue::from_static("private, no-cache");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, revalidate);
    response
}

/// A failure as the protocol writes it.
pub(super) fn failure(status: StatusCode, key: Option<&str>, fault: &Fault) -> Response<Bytes> {
    let mut body = json!({ "errorCode": fault.code, "errorDetails": fault.details });
    if let (Some(key), Some(body)) = (key, body.as_object_mut()) {
        body.insert("key".to_owned(), key.into());
    }
    json(status, &body)
}

fn bulk(flags: Vec<Value>, version: u64, stream: Option<&str>) -> Value {
    let mut body = json!({ "flags": flags, "metadata": { "version": version } });
    if let (Some(path), Some(body)) = (stream, body.as_object_mut()) {
        // Without an origin: how the asker calls this host, it knows itself.
        let stream = json!({
            "type": "sse",
            "endpoint": { "requestUri": path },
            "inactivityDelaySec": INACTIVITY_S,
        });
        body.insert("eventStreams".to_owned(), json!([stream]));
    }
    body
}

/// Names what was evaluated.
fn tag_of(flags: &[Value]) -> Option<HeaderValue> {
    let text = serde_json::to_vec(flags).ok()?;
    let digest = Sha256::digest(&text);
    let digits: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    HeaderValue::try_from(format!("\"{digits}\"")).ok()
}

fn written(evaluator: &Evaluator, name: &str, found: &FeatureResult<'_>) -> Value {
    let mut flag = Map::new();
    flag.insert("key".to_owned(), name.into());
    if !found.value.is_null() {
        flag.insert("value".to_owned(), found.value.clone());
    }
    flag.insert("reason".to_owned(), reason(evaluator, name, found).into());
    flag.insert("variant".to_owned(), variant(name, found).into());
    let mut metadata = Map::new();
    if !found.rule_id.is_empty() {
        metadata.insert("rule".to_owned(), found.rule_id.into());
    }
    if let Some(participation) = &found.experiment {
        let experiment = participation.experiment.key();
        metadata.insert("experiment".to_owned(), experiment.into());
    }
    if !metadata.is_empty() {
        flag.insert("metadata".to_owned(), metadata.into());
    }
    flag.into()
}

fn reason(evaluator: &Evaluator, name: &str, found: &FeatureResult<'_>) -> &'static str {
    match (evaluator.constant(name), found.source) {
        (Some(Constant::Off), _) => "DISABLED",
        (Some(Constant::Fixed), _) => "STATIC",
        (None, Source::Experiment) => "SPLIT",
        (None, Source::Force) if evaluator.is_share(found.rule_id) => "SPLIT",
        (None, Source::Force) => "TARGETING_MATCH",
        (None, _) => "UNKNOWN",
    }
}

/// The variant's key, `rule_<index>` for a rule of a flag, or `off`.
fn variant<'a>(name: &str, found: &'a FeatureResult<'_>) -> &'a str {
    if let Some(participation) = &found.experiment {
        return participation.result.key();
    }
    let rule = found.rule_id.strip_prefix("flag_");
    let rule = rule.and_then(|rule| rule.strip_prefix(name)?.strip_prefix('_'));
    rule.unwrap_or("off")
}

/// Every experiment that was drawn on the way, also those whose variant leaves the value
/// to the next rule: who is in them is counted whatever their variant says.
#[derive(Default)]
struct Seen(RefCell<Vec<Dealt>>);

impl Observer for Seen {
    fn exposed(&self, participation: &Participation<'_>) {
        let experiment = participation.experiment.key().to_owned();
        let variant = participation.result.key().to_owned();
        self.0.borrow_mut().push((experiment, variant));
    }
}
