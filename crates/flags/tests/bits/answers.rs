//! What the evaluators say about generated people. No I/O: it is also compiled into a Worker,
//! `edge/gateway/examples/proofs.rs`.

use nexus_flags::bucketing::{bucket_ranges, choose_variation, hash};
use nexus_flags::fixtures::{every_kind, fixture};
use nexus_flags::growthbook::{self, Options};
use nexus_flags::{Context, CountryCode, Decisions, Device, Engine, Sampler, Snapshot, payload};
use serde_json::{Value, json};

use crate::digest::Digests;

/// People who are asked about.
const PEOPLE: usize = 1_000;
/// Seeds, units and weights that are hashed and dealt.
const DEALS: usize = 20_000;

const COUNTRIES: [&str; 5] = ["US", "JP", "DE", "BR", "FR"];
const PLANS: [&str; 4] = ["pro", "team", "", "プロ"];
/// Conditions beside those that our own targeting becomes.
const CONDITIONS: [&str; 8] = [
    r#"{"age": {"$gte": 18, "$lt": 40.5}}"#,
    r#"{"$or": [{"version": {"$vgte": "2.10.0"}}, {"country": {"$nin": ["US", "DE"]}}]}"#,
    r#"{"id": {"$regex": "^u[0-9]*[13579]"}}"#,
    r#"{"tags": {"$elemMatch": {"$eq": "b"}}, "tags.length": {"$gt": 1}}"#,
    r#"{"$not": {"plan": {"$exists": true}}, "age": {"$ne": 33}}"#,
    r#"{"plan": {"$ini": ["PRO", "プロ"]}}"#,
    r#"{"tags": {"$size": {"$gt": 0}}, "$nor": [{"tags": {"$all": ["a", "b"]}}]}"#,
    r#"{"score": {"$gt": 0.1}, "age": {"$type": "number"}}"#,
];

/// Numbers in the order of xorshift64* (Vigna 2016).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % limit
    }

    /// Between 0 and 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

pub(crate) fn digests() -> Digests {
    let dice = &mut Dice(0x2026_1127);
    let mut all = Digests::default();
    deals(&mut all, dice);
    snapshots(&mut all, dice);
    payloads(&mut all, dice);
    every_rule(&mut all, dice);
    all
}

fn deals(all: &mut Digests, dice: &mut Dice) {
    let sampler = Sampler::new(&"5eed".repeat(8)).expect("a key");
    for _ in 0..DEALS {
        let (seed, unit) = (format!("s{}", dice.below(50)), unit(dice));
        let place = [1, 2, 3].map(|version| hash(&seed, &unit, version));
        all.add("hashes", &place);
        let weights: Vec<f64> = (0..dice.below(5) + 1).map(|_| dice.share()).collect();
        let whole: f64 = weights.iter().sum();
        let weights: Vec<f64> = weights.iter().map(|weight| weight / whole).collect();
        let ranges = bucket_ranges(weights.len(), dice.share(), Some(&weights));
        let ends: Vec<[f64; 2]> = ranges
            .iter()
            .map(|range| [range.start, range.end])
            .collect();
        all.add("ranges", &ends);
        let chosen = place[1].and_then(|place| choose_variation(place, &ranges));
        all.add("ranges", &chosen);
        all.add("samples", &sampler.rank(&unit));
    }
}

/// Texts of one, two and four bytes a character.
fn unit(dice: &mut Dice) -> String {
    let start = dice.pick(&["u", "usér-", "利用者", "😀"]);
    format!("{start}{}", dice.below(1_000_000))
}

/// Somebody as both evaluators are told of them.
struct Person {
    id: String,
    country: CountryCode,
    device: Device,
    plan: &'static str,
    attributes: Value,
}

impl Person {
    fn draw(dice: &mut Dice) -> Self {
        let (id, country) = (unit(dice), dice.pick(&COUNTRIES));
        let (device, plan) = (dice.pick(&Device::ALL), dice.pick(&PLANS));
        let tags = ["a", "b", "c"].map(|tag| dice.pick(&[tag, "b"]));
        let tags = tags.get(..dice.below(4)).unwrap_or_default();
        let attributes = json!({
            "id": id, "country": country, "device": device, "plan": plan, "tags": tags,
            "age": dice.below(60), "score": dice.share(), "version": format!("2.{}.0", dice.below(20)),
        });
        Self {
            id,
            country: CountryCode::new(country).expect("a code"),
            device,
            plan,
            attributes,
        }
    }

    fn asks<'a>(
        &self,
        unit: &'a str,
        attributes: &'a [(&'a str, &'a str)],
        now_ms: i64,
    ) -> Context<'a> {
        Context {
            unit,
            country: Some(self.country),
            device: self.device,
            attributes,
            now_ms,
        }
    }
}

/// The console's own snapshots.
fn snapshots(all: &mut Digests, dice: &mut Dice) {
    let engine = Engine::compile(&fixture(60, 30)).expect("it compiles");
    for _ in 0..PEOPLE {
        let person = Person::draw(dice);
        let attributes = [("plan", person.plan)];
        let context = person.asks(&person.id, &attributes, 0);
        ask(all, ["experiments", "flags"], &engine, &context);
    }
}

/// Rules that need other flags, lists, slices, ramps and conditions.
fn every_rule(all: &mut Digests, dice: &mut Dice) {
    let snapshot: Snapshot = serde_json::from_value(every_kind()).expect("it is one");
    let engine = Engine::compile(&snapshot).expect("it compiles");
    for _ in 0..PEOPLE {
        let person = Person::draw(dice);
        let (age, app) = (dice.below(80).to_string(), format!("1.{}.0", dice.below(6)));
        let browser = dice.pick(&["IE 11", "firefox"]);
        let attributes = [
            ("plan", person.plan),
            ("age", &age),
            ("app", &app),
            ("browser", browser),
        ];
        // Half of them are in the list.
        let id = format!("visitor-{}-é😀", dice.below(4_000));
        let context = person.asks(&id, &attributes, 2);
        ask(all, ["rules of every kind"; 2], &engine, &context);
    }
}

/// Reasons of experiments; reasons and values of flags.
fn ask(
    all: &mut Digests,
    [experiments, flags]: [&'static str; 2],
    engine: &Engine,
    context: &Context<'_>,
) {
    let mut decisions = Decisions::default();
    engine.decide(context, &mut decisions);
    let decided = engine.decided(&decisions);
    let variants: Vec<_> = decided.map(|one| one.reason()).collect();
    all.add(experiments, &variants);
    let answers = engine.decide_all_flags(context);
    let answers: Vec<_> = answers.map(|flag| (flag.reason_text, flag.value)).collect();
    all.add(flags, &answers);
}

/// GrowthBook's payloads: of a snapshot, and of conditions that no snapshot needs.
fn payloads(all: &mut Digests, dice: &mut Dice) {
    let mut features = payload::features(&fixture(60, 30), 0);
    for (index, condition) in CONDITIONS.iter().enumerate() {
        let condition: Value = serde_json::from_str(condition).expect("JSON");
        let rules = json!([
            { "condition": condition, "key": format!("c{index}"), "variations": [0, 1, 2],
              "coverage": 0.7, "weights": [0.2, 0.3, 0.5], "hashVersion": index % 2 + 1 },
            { "force": "rest", "coverage": 0.33 },
        ]);
        let feature = json!({ "defaultValue": null, "rules": rules });
        features.insert(format!("condition-{index}"), feature);
    }
    let engine = growthbook::Engine::compile(&json!({ "features": features }));
    let engine = engine.expect("it compiles");
    let options = Options::default();
    for _ in 0..PEOPLE {
        let person = Person::draw(dice).attributes;
        for key in engine.feature_keys() {
            let answer = engine.feature(key, &person, &options);
            all.add("GrowthBook payloads", &answer.to_json());
        }
    }
}
