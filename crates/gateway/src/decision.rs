//! The decision as the origin reads it.
//!
//! `x-nexus-decision` is compact JSON in visible ASCII:
//! `{"deployment":"canary","version":12,"assignments":{"exp":"treatment"},
//! "features":{"button":"Buy now"},"reasons":["ab_test_exp_treatment"]}`.
//! Features are those of the assigned variants (of equal names the first experiment's)
//! and the flags that a rule switched; flags at their off value are left out, the
//! application knows its defaults. What does not fit into 8 KiB is left out, flags first, and
//! `"features_omitted":true` says so. Who does not get all that an experiment sets was not exposed
//! to it.

use std::collections::HashSet;
use std::sync::Arc;

use http::HeaderValue;
use nexus_flags::{Context, Decision, Decisions, Engine, FlagDecision, FlagReason, Forced};
use serde_json::Value;

use crate::evaluations::Evaluations;
use crate::limits::MAX_DECISION_BYTES;

pub(crate) const DECISION_HEADER: &str = "x-nexus-decision";

/// One request's decision, ready to be written.
#[derive(Clone, Copy)]
pub(crate) struct Decided<'e> {
    pub(crate) engine: &'e Engine,
    pub(crate) decisions: &'e Decisions,
    pub(crate) deployment: &'e str,
    /// Where it is counted what flags give; the engine is the one above.
    pub(crate) counted: Option<(&'e Arc<Engine>, &'e Evaluations)>,
    /// What a tester's links force, before everything else.
    pub(crate) forced: &'e [&'e Forced],
}

impl<'e> Decided<'e> {
    /// Forced ones first.
    pub(crate) fn experiments(self) -> impl Iterator<Item = Decision<'e>> + 'e {
        let forced = self.forced.iter().filter_map(|forced| forced.decision());
        let is_free = move |decision: &Decision<'e>| {
            let mut forced = self.forced.iter().filter_map(|forced| forced.decision());
            forced.all(|forced| forced.experiment_id() != decision.experiment_id())
        };
        forced.chain(self.engine.decided(self.decisions).filter(is_free))
    }

    /// That of the first experiment whose variant asks for one.
    pub(crate) fn wanted_deployment(self) -> Option<&'e str> {
        self.experiments()
            .find_map(|decision| decision.deployment())
    }

    /// As JSON text.
    pub(crate) fn json(self, context: &'e Context<'e>) -> Vec<u8> {
        self.written(context).0
    }

    fn written(self, context: &'e Context<'e>) -> (Vec<u8>, Omitted<'e>) {
        let (set, flags) = (self.set_features(), self.switched_flags(context));
        if let Some((engine, evaluations)) = self.counted.filter(|_| self.engine.flag_count() > 0) {
            evaluations.request(engine, &set, &flags);
        }
        let mut out = Vec::with_capacity(512);
        self.write_head(&mut out);
        out.extend_from_slice(b",\"features\":");
        let omitted = self.write_features(&set, &flags, &mut out);
        if omitted.any {
            out.extend_from_slice(b",\"features_omitted\":true");
        }
        self.write_reasons(&flags, &mut out);
        out.push(b'}');
        if out.is_ascii() && !out.contains(&0x7f) {
            (out, omitted)
        } else {
            (escape_non_ascii(&out), omitted)
        }
    }

    /// As a header, and the features that experiments set and that are not in it. `None` when
    /// even without features it is absurdly long.
    pub(crate) fn header(self, context: &'e Context<'e>) -> (Option<HeaderValue>, Vec<String>) {
        let (json, omitted) = self.written(context);
        let is_short = json.len() <= 4 * MAX_DECISION_BYTES;
        let header = is_short.then(|| HeaderValue::from_maybe_shared(bytes::Bytes::from(json)));
        let omitted = omitted.set.into_iter().map(str::to_owned);
        (header.and_then(Result::ok), omitted.collect())
    }

    /// What experiments set; a name that several set is the first one's.
    fn set_features(self) -> Vec<(&'e str, &'e Value)> {
        let mut known = HashSet::new();
        let all = self
            .experiments()
            .flat_map(|decision| decision.features())
            .map(|(name, value)| (name.as_str(), value));
        all.filter(|(name, _)| known.insert(*name)).collect()
    }

    /// Flags whose value a rule decided or a link forces. Allocates only when there are some.
    fn switched_flags(self, context: &'e Context<'e>) -> Vec<FlagDecision<'e>> {
        let forced = self.forced.iter().filter_map(|forced| forced.flag());
        let mut all: Vec<FlagDecision<'e>> = forced.collect();
        if self.engine.flag_count() == 0 {
            return all;
        }
        let forced = all.len();
        for flag in self.engine.decide_all_flags(context) {
            let is_free = all.iter().take(forced).all(|known| known.key != flag.key);
            if is_free && matches!(flag.reason, FlagReason::Rule { .. }) {
                all.push(flag);
            }
        }
        all
    }

    fn write_head(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"deployment\":");
        write(out, self.deployment);
        out.extend_from_slice(b",\"version\":");
        write(out, &self.engine.version());
        out.extend_from_slice(b",\"assignments\":{");
        for (index, decision) in self.experiments().enumerate() {
            write_key(out, index == 0, decision.experiment_id());
            write(out, decision.variant_key());
        }
        out.push(b'}');
    }

    fn write_features(
        self,
        set: &[(&'e str, &Value)],
        flags: &[FlagDecision<'_>],
        out: &mut Vec<u8>,
    ) -> Omitted<'e> {
        let mut omitted = Omitted::default();
        let mut experiments = self.experiments();
        if let (Some(only), None, []) = (experiments.next(), experiments.next(), flags)
            && out.len() + only.features_json().len() < MAX_DECISION_BYTES
        {
            out.extend_from_slice(only.features_json().as_bytes());
            return omitted;
        }
        out.push(b'{');
        let mut written = HashSet::new();
        let is_forced = |flag: &&FlagDecision<'_>| flag.reason == FlagReason::Forced;
        let of_links = flags.iter().filter(is_forced);
        for flag in of_links {
            if written.insert(flag.key) && !write_entry(out, flag.key, flag.value) {
                omitted.any = true;
            }
        }
        for (name, value) in set.iter().copied() {
            if written.insert(name) && !write_entry(out, name, value) {
                omitted.any = true;
                omitted.set.push(name);
            }
        }
        for flag in flags {
            if written.insert(flag.key) && !write_entry(out, flag.key, flag.value) {
                omitted.any = true;
                break;
            }
        }
        out.push(b'}');
        omitted
    }

    fn write_reasons(self, flags: &[FlagDecision<'_>], out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"reasons\":[");
        let experiments = self.experiments().map(|decision| decision.reason());
        let reasons = experiments.chain(flags.iter().map(|flag| flag.reason_text));
        for (index, reason) in reasons.enumerate() {
            if out.len() > 2 * MAX_DECISION_BYTES {
                break;
            }
            if index > 0 {
                out.push(b',');
            }
            write(out, reason);
        }
        out.push(b']');
    }
}

/// What of the features is not in the decision.
#[derive(Debug, Default)]
struct Omitted<'e> {
    any: bool,
    /// Those that experiments set.
    set: Vec<&'e str>,
}

/// A member of the object that was begun last; whether there was room for it.
fn write_entry(out: &mut Vec<u8>, name: &str, value: &Value) -> bool {
    let before = out.len();
    write_key(out, out.last() == Some(&b'{'), name);
    write(out, value);
    let fits = out.len() < MAX_DECISION_BYTES;
    if !fits {
        out.truncate(before);
    }
    fits
}

/// JSON of a value that always has one.
fn write<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let before = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(before);
        out.extend_from_slice(b"null");
    }
}

fn write_key(out: &mut Vec<u8>, is_first: bool, key: &str) {
    if !is_first {
        out.push(b',');
    }
    write(out, key);
    out.push(b':');
}

/// JSON with everything that a header value can't hold as `\uXXXX`. In JSON text such
/// characters stand only inside strings.
fn escape_non_ascii(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() * 2);
    for c in String::from_utf8_lossy(json).chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c as u8);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use nexus_flags::{Device, Snapshot};
    use serde_json::json;

    use super::*;

    fn decided(snapshot: &Value) -> Value {
        told(snapshot).0
    }

    fn told(snapshot: &Value) -> (Value, Vec<String>) {
        let snapshot: Snapshot = serde_json::from_value(snapshot.clone()).unwrap();
        let engine = Engine::compile(&snapshot).unwrap();
        let context = Context {
            unit: "u",
            country: None,
            device: Device::Other,
            attributes: &[],
            now_ms: 1,
        };
        let mut decisions = Decisions::default();
        engine.decide(&context, &mut decisions);
        let decided = Decided {
            engine: &engine,
            decisions: &decisions,
            deployment: "stable",
            counted: None,
            forced: &[],
        };
        let (header, omitted) = decided.header(&context);
        let header = header.unwrap();
        let json = serde_json::from_str(header.to_str().expect("visible ASCII")).unwrap();
        (json, omitted)
    }

    fn experiment(id: &str, features: &Value) -> Value {
        let variants = json!([
            { "key": "a", "weight_bp": 10_000, "features": features },
            { "key": "b", "weight_bp": 0 },
        ]);
        json!({ "id": id, "seed": id, "coverage_bp": 10_000, "variants": variants })
    }

    fn snapshot(experiments: &[Value], flags: &[Value]) -> Value {
        json!({ "version": 3, "environment": "e", "created_ms": 0, "experiments": experiments, "flags": flags })
    }

    #[test]
    fn one_experiment() {
        let experiment = experiment("x", &json!({ "b": "購入 🛒 \u{7f}" }));
        assert_eq!(
            decided(&snapshot(&[experiment], &[])),
            json!({ "deployment": "stable", "version": 3, "assignments": { "x": "a" },
                "features": { "b": "購入 🛒 \u{7f}" }, "reasons": ["ab_test_x_a"] })
        );
    }

    #[test]
    fn the_first_experiment_wins_a_feature_and_experiments_win_over_flags() {
        let experiments = [
            experiment("x", &json!({ "f": 1 })),
            experiment("y", &json!({ "f": 2, "g": 3 })),
        ];
        let on = json!([{ "coverage_bp": 10_000, "seed": "s", "value": true }]);
        let flags = [
            json!({ "key": "g", "value": false, "rules": on }),
            json!({ "key": "h", "value": false, "rules": on }),
            json!({ "key": "off", "value": false }),
        ];
        let decided = decided(&snapshot(&experiments, &flags));
        assert_eq!(decided["features"], json!({ "f": 1, "g": 3, "h": true }));
        assert_eq!(
            decided["reasons"],
            json!([
                "ab_test_x_a",
                "ab_test_y_a",
                "flag_g_rule_0",
                "flag_h_rule_0"
            ])
        );
    }

    #[test]
    fn what_is_counted_is_what_the_request_got() {
        let experiments = [
            experiment("x", &json!({ "f": 1, "no flag": 1 })),
            experiment("y", &json!({ "f": 2, "g": 3 })),
        ];
        let on = json!([{ "coverage_bp": 10_000, "seed": "s", "value": 4 }]);
        let flags = [
            json!({ "key": "f", "value": 0 }),
            json!({ "key": "g", "value": 0, "rules": on }),
            json!({ "key": "h", "value": 0, "rules": on }),
            json!({ "key": "off", "value": 0 }),
        ];
        let snapshot: Snapshot = serde_json::from_value(snapshot(&experiments, &flags)).unwrap();
        let engine = Arc::new(Engine::compile(&snapshot).unwrap());
        let context = Context {
            unit: "u",
            country: None,
            device: Device::Desktop,
            attributes: &[],
            now_ms: 1,
        };
        let mut decisions = Decisions::default();
        engine.decide(&context, &mut decisions);
        let evaluations = Evaluations::default();
        let decided = Decided {
            engine: &engine,
            decisions: &decisions,
            deployment: "stable",
            counted: Some((&engine, &evaluations)),
            forced: &[],
        };
        decided.json(&context);
        let counted = evaluations.take(60_000, 60_000).into_iter();
        let mut counted: Vec<_> = counted.map(|c| (c.flag, c.value, c.count)).collect();
        counted.sort();
        let of = |flag: &str, value: &str| (flag.to_owned(), value.to_owned(), 1);
        let expected = [of("f", "1"), of("g", "3"), of("h", "4"), of("off", "0")];
        assert_eq!(counted, expected);
    }

    #[test]
    fn too_many_flags_leave_room_for_what_experiments_set() {
        let on = json!([{ "coverage_bp": 10_000, "seed": "s", "value": true }]);
        let flag = |n: usize| json!({ "key": format!("flag-{n:04}"), "value": false, "rules": on });
        let flags: Vec<Value> = (0..600).map(flag).collect();
        let experiments = [
            experiment("x", &json!({ "f": 1 })),
            experiment("y", &json!({ "g": 2 })),
        ];
        let (decided, omitted) = told(&snapshot(&experiments, &flags));
        let features = decided["features"].as_object().unwrap();
        assert_eq!((&features["f"], &features["g"]), (&json!(1), &json!(2)));
        assert!(
            features.len() > 300 && features.len() < 602,
            "{}",
            features.len()
        );
        assert_eq!(decided["features_omitted"], true);
        assert!(omitted.is_empty());
    }

    #[test]
    fn what_an_experiment_sets_and_does_not_fit_is_named() {
        for features in [
            json!({ "big": "x".repeat(9_000) }),
            json!({ "big": "x".repeat(9_000), "small": 1 }),
        ] {
            let (decided, omitted) = told(&snapshot(&[experiment("x", &features)], &[]));
            assert_eq!(decided["features_omitted"], true);
            assert_eq!(decided["features"].get("small"), features.get("small"));
            assert_eq!(decided["assignments"], json!({ "x": "a" }));
            assert_eq!(omitted, ["big"]);
        }
    }
}
