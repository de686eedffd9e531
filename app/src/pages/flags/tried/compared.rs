//! What two published snapshots give somebody.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::Somebody;
use nexus_control::views::{FlagWhyCompared, FlagWhyThen};
use nexus_domain::flag::Flag;
use nexus_flags::{BASIS_POINTS, FlagRuleStep, Targeting};

use super::Tried;
use crate::cx::Cx;
use crate::host::Visit;
use crate::pages::flags::{home, short_value};
use crate::pages::question::{
    Asked, Chosen, Comparing, Got, Outcome, Row, Section, Sides, rows, view_comparing,
};
use crate::text::flags::TryWord;
use crate::text::form::FormWord;

pub(super) async fn compare(
    visit: &Visit,
    chosen: Chosen,
    somebody: &Somebody,
    flag: &Flag,
) -> Result<Comparing<FlagWhyCompared>, Response> {
    let (console, actor) = (&visit.console, &visit.actor);
    let outcome = match chosen.versions() {
        None => Outcome::NotAsked,
        Some(Err(typed)) => Outcome::Missing(typed),
        Some(Ok(versions)) => {
            let (environment, key) = (flag.environment, flag.key.as_str());
            let compared = console.flag_why_compared(actor, environment, key, somebody, versions);
            Outcome::of(compared.await).map_err(|e| visit.fail(&e))?
        }
    };
    let snapshots = console.snapshots(actor, flag.environment).await;
    Ok(Comparing {
        // Whoever sees flags only has nothing to choose from.
        snapshots: snapshots.unwrap_or_default(),
        chosen,
        outcome,
    })
}

pub(super) fn view_compared(
    cx: &Cx,
    flag: &Flag,
    tried: &Tried,
    comparing: &Comparing<FlagWhyCompared>,
) -> AnyView {
    let unit = tried.question.somebody().unit;
    let is_live = flag.enabled && !flag.archived;
    let question = &tried.question;
    view_comparing(cx, comparing, question, &home(flag), is_live, |compared| {
        sides_of(cx, compared, &unit)
    })
}

fn sides_of<'a>(cx: &Cx, compared: &'a FlagWhyCompared, unit: &str) -> Sides<'a> {
    let both = [&compared.from, &compared.to];
    let got = |then: &FlagWhyThen| match (&then.set_by, then.value()) {
        (Some(set), _) => {
            let value = short_value(&set.value);
            Got::This(cx.f(TryWord::GotBySet, &[&value, &set.experiment]))
        }
        (None, Some(value)) => Got::This(short_value(value)),
        (None, None) => Got::Absent,
    };
    let needs = Section {
        title: cx.t(FormWord::Prerequisites).to_owned(),
        rows: both.map(|then| needs_of(cx, then, unit)),
    };
    let rules = seeds(both).into_iter().map(|seed| Section {
        title: title(cx, compared, both, seed),
        rows: both.map(|then| rule_of(cx, then, seed, unit)),
    });
    Sides {
        snapshots: both.map(|then| then.snapshot.as_ref()),
        got: both.map(got),
        problems: both.map(|then| then.problem.as_deref()),
        sections: std::iter::once(needs).chain(rules).collect(),
    }
}

/// The rules of both, each once: a rule keeps its seed wherever it stands.
fn seeds(both: [&FlagWhyThen; 2]) -> Vec<&str> {
    let mut seeds: Vec<&str> = Vec::new();
    // In the order of the second one; what it has no more comes last.
    for then in both.into_iter().rev() {
        for step in steps(then) {
            if !seeds.contains(&step.seed.as_str()) {
                seeds.push(&step.seed);
            }
        }
    }
    seeds
}

fn steps(then: &FlagWhyThen) -> &[FlagRuleStep] {
    then.rule.as_ref().map_or(&[], |rule| &rule.rules)
}

fn position(then: &FlagWhyThen, seed: &str) -> Option<usize> {
    steps(then).iter().position(|step| step.seed == seed)
}

/// "Rule 2 “Beta” → "on"", by its newest place.
fn title(cx: &Cx, compared: &FlagWhyCompared, both: [&FlagWhyThen; 2], seed: &str) -> String {
    let [from, to] = both.map(|then| position(then, seed));
    let place = to.or(from).map_or(0, |position| position + 1);
    let flag = &compared.flag;
    let seed_of = |id: &str| format!("flag:{}:{id}", flag.key);
    let mut rules = flag.rules.iter();
    let rule = rules.find(|rule| seed_of(&rule.id) == seed);
    let name = rule.map(|rule| rule.name.as_str()).unwrap_or_default();
    let said = cx.f(TryWord::Rule, &[&place.to_string()]);
    match name {
        "" => said,
        name => format!("{said} {}", cx.f(TryWord::RuleName, &[name])),
    }
}

fn needs_of(cx: &Cx, then: &FlagWhyThen, unit: &str) -> Vec<Row> {
    let (Some(rule), Some(explanation)) = (&then.rule, &then.explanation) else {
        return Vec::new();
    };
    let asked = Asked {
        unit,
        targeting: &Targeting::default(),
        prerequisites: &rule.prerequisites,
        coverage_bp: BASIS_POINTS,
        slices: &[],
        variants: Vec::new(),
    };
    rows(cx, &asked, &explanation.prerequisites)
}

fn rule_of(cx: &Cx, then: &FlagWhyThen, seed: &str, unit: &str) -> Vec<Row> {
    let found = position(then, seed).and_then(|position| {
        let explained = then.explanation.as_ref()?.rules.get(position)?;
        Some((steps(then).get(position)?, explained))
    });
    let Some((step, explained)) = found else {
        return Vec::new();
    };
    let asked = Asked {
        unit,
        targeting: &step.targeting,
        prerequisites: &step.prerequisites,
        coverage_bp: step.coverage_at(cx.now_ms),
        slices: &step.slices,
        variants: Vec::new(),
    };
    rows(cx, &asked, &explained.steps)
}
