//! The configuration a gateway obeys, as it travels: JSON, written by the console.
//!
//! Unknown fields are ignored, so that a newer console can talk to an older gateway.
//! Nothing here is checked beyond its shape; [`Engine::compile`](crate::Engine::compile)
//! says whether a snapshot makes sense.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::context::{CountryCode, Device};
use crate::qa::QaLink;
use crate::sdk_key::SdkKey;

/// Basis points in a whole: coverage and weights are given in 1/10 000.
pub const BASIS_POINTS: u16 = 10_000;

/// Everything that one environment's gateways decide by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// Grows by at least one with every publication to the environment.
    pub version: u64,
    /// `development`, `staging`, `production` or `preview`.
    pub environment: String,
    /// When the console made it: milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Experiments that exist at the edge, in order of decision.
    #[serde(default)]
    pub experiments: Vec<ExperimentRule>,
    /// Feature flags.
    #[serde(default)]
    pub flags: Vec<FlagRule>,
    /// Keys by which SDKs may ask the environment's gateways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sdk_keys: Vec<SdkKey>,
    /// Links that force something for one browser.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qa_links: Vec<QaLink>,
    /// Lists of values by name: what `$inGroup` and `$notInGroup` in conditions refer to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub saved_groups: BTreeMap<String, Vec<String>>,
    /// Key of the hash by which gateways sample visitors, 32 hexadecimal digits; without it
    /// they take no samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_seed: Option<String>,
}

impl Snapshot {
    /// Names of attributes in lower case, for contexts whose attributes come from headers.
    pub fn lower_names(&mut self) {
        self.targetings_mut().for_each(Targeting::lower_names);
    }

    /// Every targeting in it: of experiments, then of the steps of flags.
    pub fn targetings(&self) -> impl Iterator<Item = &Targeting> {
        let experiments = self.experiments.iter();
        let steps = self.flags.iter().flat_map(|flag| &flag.rules);
        experiments
            .map(|experiment| &experiment.targeting)
            .chain(steps.map(|step| &step.targeting))
    }

    /// The same, to be changed.
    pub fn targetings_mut(&mut self) -> impl Iterator<Item = &mut Targeting> {
        let experiments = self.experiments.iter_mut();
        let steps = self.flags.iter_mut().flat_map(|flag| &mut flag.rules);
        experiments
            .map(|experiment| &mut experiment.targeting)
            .chain(steps.map(|step| &mut step.targeting))
    }
}

/// What the value of another flag must be, for the same request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prerequisite {
    /// Key of the other flag.
    pub flag: String,
    #[serde(default)]
    pub operator: ValueOperator,
    /// A text, number or truth value.
    pub value: Value,
}

/// How a flag's value is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueOperator {
    #[default]
    Is,
    IsNot,
}

impl Prerequisite {
    /// Whether the other flag's value is as it must be.
    #[must_use]
    pub fn holds(&self, found: &Value) -> bool {
        let equal = match (self.value.as_f64(), found.as_f64()) {
            (Some(wanted), Some(found)) => wanted.total_cmp(&found).is_eq(),
            _ => self.value == *found,
        };
        equal == (self.operator == ValueOperator::Is)
    }
}

/// One experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExperimentRule {
    /// Unique in the snapshot.
    pub id: String,
    /// Salt of the assignment hash. Keep it for the life of an experiment: a new seed
    /// deals everybody anew.
    pub seed: String,
    /// Share of the matching units that take part, 0..=10 000 basis points.
    pub coverage_bp: u16,
    /// The first is the control. Weights sum to exactly 10 000.
    pub variants: Vec<VariantRule>,
    /// Who can take part; all parts must match.
    #[serde(default)]
    pub targeting: Targeting,
    /// Runs from this moment on (inclusive).
    #[serde(default)]
    pub start_ms: Option<i64>,
    /// Runs until just before this moment (exclusive).
    #[serde(default)]
    pub end_ms: Option<i64>,
    /// Parts of all units; only who is in each of them can take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceRule>,
    /// Values of flags without which nobody takes part; all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// Treated as not running: nobody is assigned or exposed, everybody gets control.
    #[serde(default)]
    pub paused: bool,
}

/// A part of all units, by a hash of its own. Experiments with slices of one seed that do
/// not overlap share no unit. GrowthBook calls it a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SliceRule {
    /// Salt of the hash.
    pub seed: String,
    /// First basis point of the part (inclusive).
    pub from_bp: u16,
    /// Its end (exclusive), at most 10 000.
    pub to_bp: u16,
}

/// One arm of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantRule {
    /// Unique in the experiment.
    pub key: String,
    /// Share of the participants, in basis points.
    pub weight_bp: u16,
    /// What the application gets to see.
    #[serde(default)]
    pub features: Map<String, Value>,
    /// The deployment that serves this variant; the stable one when absent.
    #[serde(default)]
    pub deployment: Option<String>,
}

/// Conditions on a request. Parts that are empty match everybody.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Targeting {
    /// The request's country is one of these.
    #[serde(default)]
    pub countries: Vec<CountryCode>,
    /// The request's device is one of these.
    #[serde(default)]
    pub devices: Vec<Device>,
    /// Every rule holds.
    #[serde(default)]
    pub attributes: Vec<AttributeRule>,
    /// A condition of GrowthBook's language holds, for what the parts above cannot say:
    /// `{"$or": [{"country": "JP"}, {"app_version": {"$vgte": "2.0.0"}}]}`. Its attributes
    /// are `id` (the unit), `country`, `device` and those of the context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub condition: Option<Value>,
}

impl Targeting {
    /// Names in lower case, for contexts whose attributes come from headers.
    pub fn lower_names(&mut self) {
        for rule in &mut self.attributes {
            rule.name.make_ascii_lowercase();
        }
        if let Some(condition) = &mut self.condition {
            lower_names(condition);
        }
    }
}

/// Operators keep their letters.
fn lower_names(condition: &mut Value) {
    match condition {
        Value::Array(items) => items.iter_mut().for_each(lower_names),
        Value::Object(fields) => {
            for (mut name, mut value) in std::mem::take(fields) {
                if !name.starts_with('$') {
                    name.make_ascii_lowercase();
                }
                lower_names(&mut value);
                fields.insert(name, value);
            }
        }
        _ => {}
    }
}

/// A condition on one attribute of the context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttributeRule {
    /// Name of the attribute, compared exactly.
    pub name: String,
    /// How the attribute is compared with the values.
    pub operator: Operator,
    /// What it is compared with; must not be empty.
    pub values: Vec<String>,
}

/// Comparisons of text, case-sensitive. Each positive operator asks for *any* of the
/// values and fails when the attribute is absent; each negated one is its exact opposite,
/// so it holds when the attribute is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    Is,
    IsNot,
    StartsWith,
    EndsWith,
    Contains,
    DoesNotContain,
}

/// A feature flag: the first step whose targeting and coverage take the unit in decides,
/// otherwise the flag has its off value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagRule {
    /// Unique in the snapshot.
    pub key: String,
    /// The off (default) value.
    pub value: Value,
    /// Tried in order.
    #[serde(default)]
    pub rules: Vec<FlagRuleStep>,
    /// Values of other flags without which no step takes anybody in; all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// Switched off: it has neither steps nor prerequisites, and nobody gets anything else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_off: bool,
}

/// One step of a flag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagRuleStep {
    /// Who the step is for; all parts must match.
    #[serde(default)]
    pub targeting: Targeting,
    /// Share of the matching units, 0..=10 000 basis points.
    pub coverage_bp: u16,
    /// Shares from later moments on, in the order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ramp: Vec<RampStep>,
    /// Salt of the coverage hash.
    pub seed: String,
    /// What the unit gets.
    pub value: Value,
    /// Takes units in from this moment on (inclusive).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_ms: Option<i64>,
    /// Takes units in until just before this moment (exclusive).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<i64>,
    /// Values of other flags without which the step takes nobody in; all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// Parts of all units; only who is in each of them can be taken in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceRule>,
}

/// Another share from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RampStep {
    /// Milliseconds since 1970 UTC (inclusive).
    pub from_ms: i64,
    /// Share of the matching units, 0..=10 000 basis points.
    pub coverage_bp: u16,
}

impl FlagRuleStep {
    /// The share of the matching units that it takes in at a moment.
    #[must_use]
    pub fn coverage_at(&self, now_ms: i64) -> u16 {
        coverage_at(self.coverage_bp, &self.ramp, now_ms)
    }
}

/// The share at a moment: that of the newest step begun, the first one before any.
#[must_use]
pub fn coverage_at(first_bp: u16, ramp: &[RampStep], now_ms: i64) -> u16 {
    let begun = ramp.iter().rev().find(|step| step.from_ms <= now_ms);
    begun.map_or(first_bp, |step| step.coverage_bp)
}
