//! Snapshots and people drawn at random.

use std::collections::BTreeMap;

use nexus_flags::{
    AttributeRule, CountryCode, Device, ExperimentRule, FlagRule, FlagRuleStep, Operator,
    Prerequisite, RampStep, Snapshot, Targeting, ValueOperator, VariantRule, check_prerequisites,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::common::{experiment, part, snapshot};

const OPERATORS: [Operator; 6] = [
    Operator::Is,
    Operator::IsNot,
    Operator::StartsWith,
    Operator::EndsWith,
    Operator::Contains,
    Operator::DoesNotContain,
];
/// Also names that clash: of features, flags and experiments.
pub(crate) const NAMES: [&str; 5] = ["f", "g", "h", "x0", "x1"];
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
        is_off: false,
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

pub(crate) fn any_snapshot() -> impl Strategy<Value = Snapshot> {
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
pub(crate) struct Person {
    pub(crate) unit: String,
    pub(crate) country: Option<CountryCode>,
    pub(crate) device: Option<Device>,
    plan: Option<&'static str>,
    team: Option<&'static str>,
}

pub(crate) fn person() -> impl Strategy<Value = Person> {
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
    pub(crate) fn attributes(&self) -> Value {
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
    pub(crate) fn pairs(&self) -> Vec<(&'static str, &'static str)> {
        let pairs = [("plan", self.plan), ("team.name", self.team)];
        let known = pairs.into_iter();
        known
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}
