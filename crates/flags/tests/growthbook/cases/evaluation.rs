//! Features and experiments: what they answer, keep and redirect to.

use std::cell::RefCell;

use nexus_flags::growthbook::{Engine, Observer, Options, Participation, StickyDocument, remember};
use serde_json::{Value, json};

use super::text;

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

pub(super) fn feature(case: &Value) -> Vec<Value> {
    let context = Context::new(&case[1]);
    let key = text(&case[2]);
    vec![context.ask(|attributes, options| {
        let result = context.engine.feature(key, attributes, options);
        result.to_json()
    })]
}

pub(super) fn run(case: &Value) -> Vec<Value> {
    let mut json = case[1].clone();
    json["experiments"] = json!([case[2]]);
    let context = Context::new(&json);
    let key = text(&case[2]["key"]);
    context.ask(|attributes, options| {
        let found = context.engine.experiment(key, attributes, options);
        let Participation { result, .. } = found.expect("it is there");
        vec![
            result.value().clone(),
            result.in_experiment.into(),
            result.hash_used().into(),
        ]
    })
}

/// Keeps assignments as a service for sticky buckets would.
struct Keeper(RefCell<Vec<StickyDocument>>);

impl Observer for Keeper {
    fn exposed(&self, participation: &Participation<'_>) {
        remember(&mut self.0.borrow_mut(), participation);
    }
}

pub(super) fn sticky(case: &Value) -> Vec<Value> {
    let context = Context::new(&case[1]);
    let stored: Vec<StickyDocument> = serde_json::from_value(case[2].clone()).expect("documents");
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
        let result = context.engine.feature(text(&case[3]), attributes, &options);
        let experiment = result.experiment;
        experiment.map_or(Value::Null, |p| p.result_to_json())
    });
    let mut kept = json!({});
    for document in keeper.0.into_inner() {
        let key = format!("{}||{}", document.attribute_name, document.attribute_value);
        kept[key] = serde_json::to_value(document).expect("it is JSON");
    }
    vec![found, kept]
}

pub(super) fn redirect(case: &Value) -> Vec<Value> {
    let context = Context::new(&case[1]);
    context.ask(|attributes, options| {
        let redirect = context.engine.redirect(attributes, options);
        let redirect = redirect.expect("somebody is redirected");
        let result = &redirect.participation.result;
        vec![json!([{
            "inExperiment": result.in_experiment,
            "urlRedirect": result.value()["urlRedirect"],
            "urlWithParams": redirect.url,
        }])]
    })
}
