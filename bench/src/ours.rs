//! Our evaluators. All three borrow the caller; the context is put together in the question,
//! as the gateway does.

use std::collections::BTreeMap;

use crate::{COUNTRIES, Evaluator, OFF, VARIANTS, key, peers, position};
use anyhow::Result;
use nexus_flags::growthbook::{self, Attribute, FeatureResult, Options};
use nexus_flags::{
    BASIS_POINTS, Context, CountryCode, Decisions, Device, Engine, ExperimentRule, FlagDecision,
    FlagRule, FlagRuleStep, Snapshot, Targeting, VariantRule,
};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::hint::black_box;

const HALF: u16 = BASIS_POINTS / 2;

/// A caller's id, country and plan.
#[derive(Debug)]
pub struct Caller {
    unit: String,
    country: CountryCode,
    attributes: [(&'static str, &'static str); 1],
}

impl Caller {
    fn new(id: &str, country: &str) -> Result<Self> {
        Ok(Self {
            unit: id.to_owned(),
            country: CountryCode::new(country)?,
            attributes: [("plan", "pro")],
        })
    }

    fn context(&self) -> Context<'_> {
        Context {
            unit: &self.unit,
            country: Some(self.country),
            device: Device::Desktop,
            attributes: &self.attributes,
            now_ms: 0,
        }
    }
}

/// Flags of a snapshot: one step for the first half, one for the rest.
#[derive(Debug)]
pub struct Flags(Engine);

impl Flags {
    /// The scenario's flags, without a detour by JSON.
    #[must_use]
    pub fn snapshot(flags: usize) -> Snapshot {
        let flag = |index| FlagRule { is_off: false,
            key: key(index),
            value: json!(OFF),
            rules: vec![
                step(index, HALF, VARIANTS[0]),
                step(index, BASIS_POINTS, VARIANTS[1]),
            ],
            prerequisites: Vec::new(),
        };
        Snapshot {
            flags: (0..flags).map(flag).collect(),
            ..empty()
        }
    }

    /// Compiles a snapshot.
    ///
    /// # Errors
    /// When it is faulty.
    pub fn compile(snapshot: &Snapshot) -> Result<Self> {
        Ok(Self(Engine::compile(snapshot)?))
    }
}

impl Evaluator for Flags {
    const NAME: &'static str = "Nexus flag";
    type Asker = Caller;
    type Found<'a> = Option<FlagDecision<'a>>;

    fn payload(flags: usize) -> Value {
        json!(Self::snapshot(flags))
    }

    fn load(json: &[u8]) -> Result<Self> {
        Self::compile(&serde_json::from_slice(json)?)
    }

    fn asker(id: &str, country: &str) -> Result<Caller> {
        Caller::new(id, country)
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Caller) -> Self::Found<'a> {
        self.0.flag(flag, &asker.context())
    }

    fn variant(found: &Self::Found<'_>) -> Option<usize> {
        found
            .and_then(|flag| flag.value.as_str())
            .and_then(position)
    }
}

/// An experiment of a snapshot, resolved to its variant's key and features. `decide` answers
/// for all experiments at once, so it is asked with few of them only.
#[derive(Debug)]
pub struct Experiment {
    engine: Engine,
    decisions: RefCell<Decisions>,
}

impl Evaluator for Experiment {
    const NAME: &'static str = "Nexus experiment";
    type Asker = Caller;
    type Found<'a> = Option<usize>;

    fn payload(flags: usize) -> Value {
        json!(Snapshot {
            experiments: (0..flags).map(experiment).collect(),
            ..empty()
        })
    }

    fn load(json: &[u8]) -> Result<Self> {
        let snapshot = serde_json::from_slice(json)?;
        let engine = Engine::compile(&snapshot)?;
        let decisions = Decisions::with_capacity(engine.experiment_count());
        Ok(Self {
            engine,
            decisions: decisions.into(),
        })
    }

    fn asker(id: &str, country: &str) -> Result<Caller> {
        Caller::new(id, country)
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Caller) -> Option<usize> {
        let mut decisions = self.decisions.borrow_mut();
        self.engine.decide(&asker.context(), &mut decisions);
        let mut decided = self.engine.decided(&decisions);
        let decision = decided.find(|decision| decision.experiment_id() == flag)?;
        black_box((decision.variant_key(), decision.features_json()));
        Some(decision.variant_index())
    }

    fn variant(found: &Option<usize>) -> Option<usize> {
        *found
    }
}

/// GrowthBook's payload, by our evaluator.
pub struct GrowthBook {
    engine: growthbook::Engine,
    options: Options<'static>,
}

impl Evaluator for GrowthBook {
    const NAME: &'static str = "Nexus, GrowthBook payload";
    type Asker = [(&'static str, Value); 3];
    type Found<'a> = (bool, Option<usize>);

    fn payload(flags: usize) -> Value {
        peers::growthbook::payload(flags)
    }

    fn load(json: &[u8]) -> Result<Self> {
        Ok(Self {
            engine: growthbook::Engine::compile_owned(serde_json::from_slice(json)?)?,
            options: Options::default(),
        })
    }

    fn asker(id: &str, country: &str) -> Result<Self::Asker> {
        Ok([
            ("id", json!(id)),
            ("country", json!(country)),
            ("plan", json!("pro")),
        ])
    }

    fn ask<'a>(&'a self, flag: &str, asker: &'a Self::Asker) -> Self::Found<'a> {
        let attributes = asker.each_ref().map(|(name, value)| (*name, value.into()));
        let attributes: [(&str, Attribute<'_>); 3] = attributes;
        let result = self.engine.feature(flag, &attributes, &self.options);
        (black_box(&result).is_on(), variation(&result))
    }

    fn variant(found: &Self::Found<'_>) -> Option<usize> {
        found.1
    }
}

fn variation(result: &FeatureResult<'_>) -> Option<usize> {
    result
        .experiment
        .filter(|participation| participation.is_exposure())
        .map(|participation| participation.result.variation)
}

fn empty() -> Snapshot {
    Snapshot {
        version: 1,
        environment: "bench".to_owned(),
        created_ms: 0,
        experiments: Vec::new(),
        flags: Vec::new(),
        sdk_keys: Vec::new(),
        qa_links: Vec::new(),
        saved_groups: BTreeMap::new(),
        sampling_seed: None,
    }
}

fn targeting() -> Targeting {
    let countries = COUNTRIES.iter();
    Targeting {
        countries: countries
            .filter_map(|code| CountryCode::new(code).ok())
            .collect(),
        ..Targeting::default()
    }
}

fn step(flag: usize, coverage_bp: u16, value: &str) -> FlagRuleStep {
    FlagRuleStep {
        targeting: targeting(),
        coverage_bp,
        ramp: Vec::new(),
        seed: key(flag),
        value: json!(value),
        start_ms: None,
        end_ms: None,
        prerequisites: Vec::new(),
        slices: Vec::new(),
    }
}

fn experiment(index: usize) -> ExperimentRule {
    let variant = |value: &&str| VariantRule {
        key: (*value).to_owned(),
        weight_bp: HALF,
        features: Map::from_iter([("value".to_owned(), json!(value))]),
        deployment: None,
    };
    ExperimentRule {
        id: key(index),
        seed: key(index),
        coverage_bp: BASIS_POINTS,
        variants: VARIANTS.iter().map(variant).collect(),
        targeting: targeting(),
        start_ms: None,
        end_ms: None,
        slices: Vec::new(),
        prerequisites: Vec::new(),
        paused: false,
    }
}
