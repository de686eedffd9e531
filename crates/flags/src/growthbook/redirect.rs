//! Experiments of a payload's own, and where they send a visitor.

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::Url;

use super::attribute::{text_field, truthy_field};
use super::bandit::Bandits;
use super::experiment::{Definition, Experiment};
use super::feature::Parent;
use super::parse::Parser;
use super::result::Participation;
use super::run::Run;
use super::url_target::{self, UrlTargets};

/// An experiment that no feature refers to.
#[derive(Debug, Clone)]
pub(super) struct AutoExperiment {
    pub(super) experiment: Experiment,
    /// Runs only when somebody asks for it by key.
    pub(super) manual: bool,
    pub(super) redirects: bool,
    keep_query: bool,
}

/// A visitor who takes part in a redirect.
#[derive(Debug, Clone)]
pub struct Redirect<'a> {
    pub participation: Participation<'a>,
    /// Where to send the visitor. Nothing when the variation is to stay, or when the goal
    /// would redirect again.
    pub url: Option<Cow<'a, str>>,
}

impl AutoExperiment {
    pub(super) fn read(json: &Map<String, Value>, parser: &Parser<'_>, bandits: &Bandits) -> Self {
        let variations = json.get("variations").and_then(Value::as_array);
        let variations = variations.map(Vec::as_slice).unwrap_or_default();
        let mut experiment = Experiment::read(json, "", variations, parser);
        experiment.parents = Parent::read_all(json, parser);
        experiment.bandit =
            text_field(json, "contextualBanditRef").and_then(|id| bandits.index(id));
        let patterns = truthy_field(json, "urlPatterns");
        experiment.url_targets = patterns.map(|json| UrlTargets::read(json, &parser.patterns));
        experiment.definition = definition(json);
        let goes_elsewhere = |value: &Value| value.get("urlRedirect").is_some();
        Self {
            redirects: patterns.is_some() && variations.iter().any(goes_elsewhere),
            manual: truthy_field(json, "manual").is_some(),
            keep_query: truthy_field(json, "persistQueryString").is_some(),
            experiment,
        }
    }

    /// Nothing for who takes no part.
    pub(super) fn redirect<'a>(&'a self, run: &Run<'a>) -> Option<Redirect<'a>> {
        let participation = run.standalone(&self.experiment);
        if !participation.result.in_experiment {
            return None;
        }
        let goal = participation
            .result
            .value()
            .get("urlRedirect")
            .and_then(Value::as_str);
        let url = goal.filter(|goal| !goal.is_empty()).map(|goal| {
            let kept = run.url().filter(|_| self.keep_query);
            let merged = kept.and_then(|from| with_query_of(from, goal));
            merged.map_or(Cow::Borrowed(goal), Cow::Owned)
        });
        let targets = self.experiment.url_targets.as_ref();
        let again = |url: &Cow<'_, str>| {
            targets.is_some_and(|targets| targets.matches(url_target::parse(url).as_ref()))
        };
        Some(Redirect {
            participation,
            url: url.filter(|url| !again(url)),
        })
    }
}

fn definition(json: &Map<String, Value>) -> Definition {
    const APART: [&str; 3] = ["key", "variations", "weights"];
    let fields = json.iter();
    Definition::of(fields.filter(|(name, _)| !APART.contains(&name.as_str())))
}

/// `goal` with the query parameters of `from` that it does not set itself. Nothing when
/// the goal is no absolute address.
fn with_query_of(from: &Url, goal: &str) -> Option<String> {
    let mut url = Url::parse(goal).ok()?;
    for (key, value) in from.query_pairs() {
        if !url.query_pairs().any(|(known, _)| known == key) {
            url.query_pairs_mut().append_pair(&key, &value);
        }
    }
    Some(url.into())
}
