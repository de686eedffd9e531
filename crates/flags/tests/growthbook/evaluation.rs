//! Features and experiments: what they answer, keep and redirect to.

use std::cell::RefCell;

use nexus_flags::growthbook::{Engine, Observer, Options, Participation, StickyDocument, remember};
use serde_json::{Value, json};

use crate::suite::{same, section};

/// The context of a case, in our terms. A context is a payload with other things in it.
struct Context {
    engine: Engine,
    json: Value,
    forced: Vec<(String, i64)>,
}

impl Context {
    fn new(json: &Value) -> Self {
        let forced = json["forcedVariations"].as_object().into_iter().flatten();
        let forced = forced.map(|(key, v)| (key.clone(), v.as_i64().expect("a variation")));
        Self {
            engine: Engine::compile(json).expect("it compiles"),
            json: json.clone(),
            forced: forced.collect(),
        }
    }

    fn ask<R>(&self, f: impl FnOnce(&Value, &Options<'_>) -> R) -> R {
        let forced: Vec<_> = self
            .forced
            .iter()
            .map(|(key, v)| (key.as_str(), *v))
            .collect();
        let options = Options {
            enabled: self.json["enabled"] != false,
            qa_mode: self.json["qaMode"] == true,
            url: self.json["url"].as_str().unwrap_or_default(),
            forced_variations: &forced,
            remote_group_ids: self.json["remoteGroupIds"].as_array().map(Vec::as_slice),
            ..Options::default()
        };
        f(&self.json["attributes"], &options)
    }
}

fn features(name: &str) {
    let mut wrong = Vec::new();
    for case in section(name) {
        let key = case[2].as_str().expect("a key");
        let context = Context::new(&case[1]);
        let found = context
            .ask(|attributes, options| context.engine.feature(key, attributes, options).to_json());
        if !same(&found, &case[3]) {
            wrong.push(format!("{case}\nfound {found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn of_features() {
    features("feature");
}

#[test]
fn of_contextual_bandits() {
    features("contextualBandit");
}

#[test]
fn of_features_with_saved_groups() {
    features("savedGroupReferencesV2/feature");
    features("savedGroupReferencesRemote/feature");
}

fn runs(name: &str) {
    let mut wrong = Vec::new();
    for case in section(name) {
        let mut json = case[1].clone();
        json["experiments"] = json!([case[2]]);
        let key = case[2]["key"].as_str().expect("a key");
        let context = Context::new(&json);
        let found = context.ask(|attributes, options| {
            let found = context.engine.experiment(key, attributes, options);
            let Participation { result, .. } = found.expect("it is there");
            json!([result.value, result.in_experiment, result.hash_used])
        });
        if !same(&found, &json!([case[3], case[4], case[5]])) {
            wrong.push(format!("{case}\nfound {found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn of_experiments() {
    runs("run");
}

#[test]
fn of_experiments_with_saved_groups() {
    runs("savedGroupReferencesV2/run");
}

/// Keeps assignments as a service for sticky buckets would.
struct Keeper(RefCell<Vec<StickyDocument>>);

impl Observer for Keeper {
    fn exposed(&self, participation: &Participation<'_>) {
        remember(&mut self.0.borrow_mut(), participation);
    }
}

#[test]
fn of_sticky_buckets() {
    for case in section("stickyBucket") {
        let key = case[3].as_str().expect("a key");
        let context = Context::new(&case[1]);
        let stored: Vec<StickyDocument> =
            serde_json::from_value(case[2].clone()).expect("documents");
        // A service is asked for the documents of the user's own identifiers only.
        let attributes = &case[1]["attributes"];
        let names = context.engine.sticky_attributes();
        let own = |document: &StickyDocument| {
            let name = document.attribute_name.as_str();
            names.contains(name) && attributes[name] == document.attribute_value
        };
        let documents: Vec<_> = stored.into_iter().filter(own).collect();
        let keeper = Keeper(RefCell::new(documents.clone()));
        let found = context.ask(|attributes, options| {
            let options = Options {
                sticky: Some(&documents),
                observer: Some(&keeper),
                ..*options
            };
            let result = context.engine.feature(key, attributes, &options);
            result
                .experiment
                .map_or(Value::Null, |p| p.result_to_json())
        });
        assert!(same(&found, &case[4]), "{case}\nfound {found}");
        let mut kept = json!({});
        for document in keeper.0.into_inner() {
            let key = format!("{}||{}", document.attribute_name, document.attribute_value);
            kept[key] = serde_json::to_value(document).expect("it is JSON");
        }
        assert!(same(&kept, &case[5]), "{case}\nkept {kept}");
    }
}

#[test]
fn of_redirects() {
    for case in section("urlRedirect") {
        let context = Context::new(&case[1]);
        let found = context.ask(|attributes, options| {
            let redirect = context.engine.redirect(attributes, options);
            let redirect = redirect.expect("somebody is redirected");
            let result = &redirect.participation.result;
            json!([{
                "inExperiment": result.in_experiment,
                "urlRedirect": result.value["urlRedirect"],
                "urlWithParams": redirect.url,
            }])
        });
        assert_eq!(found, case[2], "{case}");
    }
}
