//! The payload says the same as the engine, judged by the evaluator of GrowthBook's
//! specification.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;

use common::{experiment, part, snapshot, unit};
use nexus_flags::growthbook::{Engine as GrowthBook, Options};
use nexus_flags::{
    AttributeRule, Context, CountryCode, Decisions, Device, Engine, ExperimentRule, FlagRule,
    FlagRuleStep, Operator, Prerequisite, RampStep, Snapshot, Targeting, ValueOperator,
    VariantRule, check_prerequisites, payload,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const OPERATORS: [Operator; 6] = [
    Operator::Is,
    Operator::IsNot,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::Contains,
    Operator::DoesNotContain,
];
/// Also names that clash: of features, flags and experiments.
const NAMES: [&str; 5] = ["f", "g", "h", "x0", "x1"];
const TEXTS: [&str; 12] = [
    "pro", "p", "ro", "", "null", "a.b*c", "(", "5", "1.5", "true", "購入", "a|b\n/\\",
];

fn pick<T: Clone + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(from)
}

fn country() -> impl Strategy<Value = CountryCode> {
    pick(&["US", "JP", "DE"]).prop_map(|code| CountryCode::new(code).expect("a code"))
}

fn attribute() -> impl Strategy<Value = AttributeRule> {
    let name = pick(&["plan", "team.name", "$or"]);
    let values = prop::collection::vec(pick(&TEXTS), 1..4);
    (name, pick(&OPERATORS), values).prop_map(|(name, operator, values)| AttributeRule {
        name: name.to_owned(),
        operator,
        values: values.into_iter().map(str::to_owned).collect(),
    })
}

fn targeting() -> impl Strategy<Value = Targeting> {
    let some = (
        prop::collection::vec(country(), 0..3),
        prop::collection::vec(pick(&Device::ALL), 0..4),
        prop::collection::vec(attribute(), 0..3),
        prop::option::weighted(0.3, pick(&[0_usize, 1, 2, 3, 4])),
    );
    let conditions = [
        json!({ "$or": [{ "plan": "pro" }, { "country": { "$in": ["US"] } }] }),
        json!({ "$not": { "plan": { "$exists": true } } }),
        json!({ "id": { "$regex": "^[a-m]" }, "country": { "$ne": "DE" } }),
        json!({ "plan": { "$inGroup": "texts" } }),
        json!({ "$or": [{ "id": { "$notInGroup": "units" } }, { "plan": { "$inGroup": "none" } }] }),
    ];
    let some = some.prop_map(
        move |(countries, devices, attributes, condition)| Targeting {
            countries,
            devices,
            attributes,
            condition: condition.and_then(|n| conditions.get(n).cloned()),
        },
    );
    prop_oneof![Just(Targeting::default()), some]
}

fn features() -> impl Strategy<Value = Map<String, Value>> {
    let value = pick(&[1, 2, 3]).prop_map(|n| json!({ "n": n }));
    prop::collection::btree_map(pick(&NAMES), value, 0..3).prop_map(|features| {
        let features = features.into_iter();
        features
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

const WEIGHTS: [&[u16]; 3] = [&[5_000, 5_000], &[3_334, 3_333, 3_333], &[0, 10_000]];

fn one_experiment() -> impl Strategy<Value = ExperimentRule> {
    let weights = pick(&WEIGHTS);
    let time = || prop::option::weighted(0.2, -2_i64..3);
    let rest = (
        pick(&[10_000, 10_000, 3_333, 1, 0]),
        targeting(),
        time(),
        time(),
    );
    (
        weights,
        prop::collection::vec(features(), 3),
        rest,
        (
            prop::bool::weighted(0.1),
            prop::option::weighted(0.3, 0_u16..9),
        ),
    )
        .prop_map(|(weights, features, rest, (paused, slice))| {
            let (coverage_bp, targeting, start_ms, end_ms) = rest;
            let variants = weights.iter().zip(features).enumerate();
            let variants = variants.map(|(n, (weight, features))| VariantRule {
                key: format!("v{n}"),
                weight_bp: *weight,
                features,
                deployment: None,
            });
            ExperimentRule {
                variants: variants.collect(),
                targeting,
                start_ms,
                end_ms: end_ms.filter(|end| start_ms.is_none_or(|start| start < *end)),
                paused,
                slices: Vec::from_iter(
                    slice.map(|tenth| part(tenth * 1_000, tenth * 1_000 + 1_999)),
                ),
                ..experiment("seed", coverage_bp, &[])
            }
        })
}

fn one_flag() -> impl Strategy<Value = FlagRule> {
    let step = (
        targeting(),
        pick(&[10_000, 5_000, 1, 0]),
        pick(&["s", "t"]),
        0_u8..9,
        (
            prop::option::weighted(0.2, -2_i64..3),
            prop::option::weighted(0.2, -2_i64..3),
        ),
        prop::option::weighted(0.3, (-2_i64..3, pick(&[10_000, 5_000, 0]))),
        prop::option::weighted(0.3, pick(&[1_000, 5_000])),
    );
    let step = step.prop_map(
        |(targeting, coverage_bp, seed, value, (start_ms, end_ms), ramp, held)| FlagRuleStep {
            targeting,
            coverage_bp,
            ramp: ramp
                .into_iter()
                .map(|(from_ms, coverage_bp)| RampStep {
                    from_ms,
                    coverage_bp,
                })
                .collect(),
            seed: seed.to_owned(),
            value: value.into(),
            start_ms,
            end_ms: end_ms.filter(|end| start_ms.is_none_or(|start| start < *end)),
            prerequisites: Vec::new(),
            slices: Vec::from_iter(held.map(|from_bp| part(from_bp, 10_000))),
        },
    );
    prop::collection::vec(step, 0..4).prop_map(|rules| FlagRule {
        key: String::new(),
        value: "off".into(),
        rules,
        prerequisites: Vec::new(),
    })
}

fn prerequisites() -> impl Strategy<Value = Vec<Prerequisite>> {
    let value = prop_oneof![
        Just(json!("off")),
        (0_u8..9).prop_map(Value::from),
        Just(json!(true))
    ];
    let operator = pick(&[ValueOperator::Is, ValueOperator::IsNot]);
    let one = (pick(&["g", "h", "i", "x1"]), operator, value);
    let one = one.prop_map(|(flag, operator, value)| Prerequisite {
        flag: flag.to_owned(),
        operator,
        value,
    });
    prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(one, 1..3)]
}

/// Those that name flags there are, and make no circle.
fn with_prerequisites(mut snapshot: Snapshot, drawn: &[Vec<Prerequisite>]) -> Snapshot {
    let keys: Vec<String> = snapshot.flags.iter().map(|f| f.key.clone()).collect();
    let steps = snapshot.flags.iter().map(|f| f.rules.len()).sum::<usize>();
    let places = snapshot.experiments.len() + snapshot.flags.len() + steps;
    for (place, drawn) in (0..places).zip(drawn.iter().cycle()) {
        let mut next = snapshot.clone();
        let flags = next.flags.iter_mut();
        let of_flags = flags.flat_map(|flag| {
            let of_rules = flag.rules.iter_mut().map(|rule| &mut rule.prerequisites);
            of_rules.chain([&mut flag.prerequisites])
        });
        let of_experiments = next.experiments.iter_mut().map(|e| &mut e.prerequisites);
        let mut all = of_experiments.chain(of_flags);
        let known = drawn.iter().filter(|p| keys.contains(&p.flag));
        *all.nth(place).expect("a place") = known.cloned().collect();
        drop(all);
        if check_prerequisites(&next.flags, &next.experiments).is_ok() {
            snapshot = next;
        }
    }
    snapshot
}

fn lists() -> BTreeMap<String, Vec<String>> {
    let list = |name: &str, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned());
        (name.to_owned(), values.collect())
    };
    let units: Vec<String> = ('a'..'m').map(String::from).collect();
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    let texts = ["pro", "5", "true", "", "購入"];
    BTreeMap::from([
        list("texts", &texts),
        list("units", &units),
        list("none", &[]),
    ])
}

fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let experiments = prop::collection::vec(one_experiment(), 0..4);
    let flags = prop::collection::vec(one_flag(), 0..4);
    let prerequisites = prop::collection::vec(prerequisites(), 1..12);
    (experiments, flags, prerequisites).prop_map(|(mut experiments, mut flags, drawn)| {
        for (n, experiment) in experiments.iter_mut().enumerate() {
            experiment.id = format!("x{n}");
            experiment.seed = format!("seed-{n}");
        }
        for (flag, key) in flags.iter_mut().zip(["g", "h", "i", "x1"]) {
            key.clone_into(&mut flag.key);
        }
        let snapshot = Snapshot {
            flags,
            qa_links: Vec::new(),
            saved_groups: lists(),
            ..snapshot(experiments)
        };
        with_prerequisites(snapshot, &drawn)
    })
}

#[derive(Debug, Clone)]
struct Person {
    unit: String,
    country: Option<CountryCode>,
    device: Option<Device>,
    plan: Option<&'static str>,
    team: Option<&'static str>,
}

fn person() -> impl Strategy<Value = Person> {
    let text = || prop::option::of(pick(&TEXTS));
    let unit = prop_oneof![1 => Just(String::new()), 19 => "[a-zé]{1,6}"];
    let place = (
        prop::option::of(country()),
        prop::option::of(pick(&Device::ALL)),
    );
    (unit, place, text(), text()).prop_map(|(unit, (country, device), plan, team)| Person {
        unit,
        country,
        device,
        plan,
        team,
    })
}

impl Person {
    /// As an SDK is told.
    fn attributes(&self) -> Value {
        let mut told = json!({ "id": self.unit });
        let fields = told.as_object_mut().expect("an object");
        let mut tell = |name: &str, value: Option<Value>| {
            fields.extend(value.map(|value| (name.to_owned(), value)));
        };
        tell(
            "country",
            self.country.map(|country| country.as_str().into()),
        );
        tell("device", self.device.map(|device| device.as_str().into()));
        tell("plan", self.plan.map(Value::from));
        tell("team", self.team.map(|name| json!({ "name": name })));
        told
    }

    /// As our engine is told.
    fn pairs(&self) -> Vec<(&'static str, &'static str)> {
        let pairs = [("plan", self.plan), ("team.name", self.team)];
        let known = pairs.into_iter();
        known
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// What our engine says, in the payload's words: value, experiment, variant. Experiments
/// come before flags and earlier ones before later; a name that nothing else has is its
/// experiment's, whose value is the variant's key.
fn ours(
    engine: &Engine,
    snapshot: &Snapshot,
    name: &str,
    context: &Context<'_>,
) -> (Value, String, String) {
    let mut decisions = Decisions::default();
    engine.decide(context, &mut decisions);
    let set = engine
        .decided(&decisions)
        .find_map(|decision| Some((decision, decision.features().get(name)?.clone())));
    let is_set = snapshot
        .experiments
        .iter()
        .filter(|e| runs(e, context.now_ms));
    let is_set = is_set
        .flat_map(|e| &e.variants)
        .any(|v| v.features.contains_key(name));
    let found = match (set, engine.flag(name, context)) {
        (Some(set), _) => Some(set),
        (None, Some(flag)) => return (flag.value.clone(), String::new(), String::new()),
        (None, None) if is_set => None,
        (None, None) => engine
            .decided(&decisions)
            .find(|decision| decision.experiment_id() == name)
            .map(|decision| (decision, decision.variant_key().into())),
    };
    let (experiment, variant) = found.as_ref().map_or(("", ""), |(decision, _)| {
        (decision.experiment_id(), decision.variant_key())
    });
    let (experiment, variant) = (experiment.to_owned(), variant.to_owned());
    let value = found.map_or(Value::Null, |(_, value)| value);
    (value, experiment, variant)
}

fn runs(experiment: &ExperimentRule, now_ms: i64) -> bool {
    !experiment.paused
        && experiment.start_ms.is_none_or(|at_ms| now_ms >= at_ms)
        && experiment.end_ms.is_none_or(|at_ms| now_ms < at_ms)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Between two turns the payload does not change, and at one it may.
    #[test]
    fn the_payload_is_steady_between_turns(snapshot in any_snapshot(), now_ms in -2_i64..3) {
        let steady = payload::steady(&snapshot, now_ms);
        prop_assert!(steady.contains(&now_ms));
        let features = payload::features(&snapshot, now_ms);
        for then_ms in (-3..4).filter(|then_ms| steady.contains(then_ms)) {
            prop_assert_eq!(&payload::features(&snapshot, then_ms), &features);
        }
    }

    /// What is called constant has no rule, now or at any other time.
    #[test]
    fn constants_have_no_rules(snapshot in any_snapshot()) {
        for name in payload::constants(&snapshot) {
            for now_ms in -3..4 {
                prop_assert!(payload::features(&snapshot, now_ms)[name].get("rules").is_none());
            }
        }
    }

    /// What the engine dealt it finds dealt; nobody is dealt another variant.
    #[test]
    fn what_is_decided_was_dealt(
        snapshot in any_snapshot(), people in prop::collection::vec(person(), 20), now_ms in -2_i64..3,
    ) {
        let engine = Engine::compile(&snapshot).expect("it compiles");
        for person in people {
            let pairs = person.pairs();
            let context = Context {
                country: person.country,
                device: person.device.unwrap_or_default(),
                attributes: &pairs,
                now_ms,
                ..unit(&person.unit)
            };
            let mut decisions = Decisions::default();
            engine.decide(&context, &mut decisions);
            for decision in engine.decided(&decisions) {
                let dealt = engine.dealt(decision.experiment_id(), &person.unit, now_ms);
                prop_assert_eq!(dealt, Some(decision.variant_key()));
            }
            prop_assert_eq!(engine.dealt("nowhere", &person.unit, now_ms), None);
        }
    }

    /// 600 snapshots, 20 people each, every name.
    #[test]
    fn the_payload_says_what_the_engine_says(
        snapshot in any_snapshot(), people in prop::collection::vec(person(), 20), now_ms in -2_i64..3,
    ) {
        let engine = Engine::compile(&snapshot).expect("it compiles");
        let features = payload::features(&snapshot, now_ms);
        let groups = payload::saved_groups(&snapshot.saved_groups);
        let theirs = json!({ "features": features, "savedGroups": groups });
        let theirs = GrowthBook::compile(&theirs).expect("it compiles");
        let options = Options::default();
        for person in people {
            let (attributes, pairs) = (person.attributes(), person.pairs());
            let context = Context {
                country: person.country,
                device: person.device.unwrap_or_default(),
                attributes: &pairs,
                now_ms,
                ..unit(&person.unit)
            };
            for name in NAMES.into_iter().chain(["i", "x2", "x3"]) {
                let (value, experiment, variant) = ours(&engine, &snapshot, name, &context);
                let found = theirs.feature(name, &attributes, &options);
                prop_assert_eq!(found.value, &value, "{} for {:?}", name, person);
                let drawn = found.experiment.as_ref();
                let drawn = drawn.map_or(("", ""), |one| (one.experiment.key(), one.result.key));
                prop_assert_eq!(drawn, (experiment.as_str(), variant.as_str()));
            }
        }
    }
}

/// SDKs keep attributes in types of their own.
#[test]
fn numbers_and_truth_values_are_found_by_their_text() {
    let rule = |value: &str| AttributeRule {
        name: "level".to_owned(),
        operator: Operator::Is,
        values: vec![value.to_owned()],
    };
    for (text, typed, expected) in [
        ("5", json!(5), true),
        ("5", json!("5"), true),
        ("1.5", json!(1.5), true),
        ("-0.25", json!(-0.25), true),
        ("true", json!(true), true),
        ("05", json!(5), false),
        ("5.0", json!(5), false),
        ("1e3", json!(1000), false),
        ("NaN", json!(null), false),
        ("false", json!(0), false),
    ] {
        let step = FlagRuleStep {
            targeting: Targeting {
                attributes: vec![rule(text)],
                ..Targeting::default()
            },
            coverage_bp: 10_000,
            ramp: Vec::new(),
            seed: "s".to_owned(),
            value: true.into(),
            start_ms: None,
            end_ms: None,
            prerequisites: Vec::new(),
            slices: Vec::new(),
        };
        let flag = FlagRule {
            key: "f".to_owned(),
            value: false.into(),
            rules: vec![step],
            prerequisites: Vec::new(),
        };
        let snapshot = Snapshot {
            flags: vec![flag],
            ..snapshot(Vec::new())
        };
        let features = payload::features(&snapshot, 0);
        let engine = GrowthBook::compile(&json!({ "features": features })).expect("it compiles");
        let attributes = json!({ "level": typed });
        let options = Options::default();
        let found = engine.feature("f", &attributes, &options);
        assert_eq!(found.is_on(), expected, "{text} of {typed}");
    }
}

/// A thousand long values do not make an expression that an SDK would refuse.
#[test]
fn long_lists_are_parted() {
    let values: Vec<String> = (0..1_000).map(|n| format!("{n:0>50}")).collect();
    let rule = AttributeRule {
        name: "account".to_owned(),
        operator: Operator::Contains,
        values,
    };
    let mut one = experiment("seed", 10_000, &[5_000, 5_000]);
    one.targeting.attributes.push(rule);
    let features = payload::features(&snapshot(vec![one]), 0);
    let engine = GrowthBook::compile(&json!({ "features": features })).expect("it compiles");
    let options = Options::default();
    for (account, expected) in [
        (format!("<{:0>50}>", 999), true),
        ("1000".to_owned(), false),
    ] {
        let attributes = json!({ "id": "u", "account": account });
        let found = engine.feature("exp", &attributes, &options);
        assert_eq!(found.experiment.is_some(), expected, "{account}");
    }
}
