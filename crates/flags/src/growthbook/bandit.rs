//! Contextual bandits: weights that depend on who is asked about.

use serde_json::Value;

use super::attribute::truthy_field;
use super::condition::{Condition, Scope};
use super::experiment::numbers;
use super::parse::Parser;

/// The leaf that is reported where no leaf matches and the rule's own weights count.
const FALLBACK_LEAF: i64 = -1;

/// All bandits of a payload, sorted by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Bandits(Box<[Bandit]>);

#[derive(Debug, Clone)]
struct Bandit {
    id: Box<str>,
    version: Option<Value>,
    leaves: Box<[Leaf]>,
}

#[derive(Debug, Clone)]
struct Leaf {
    id: i64,
    condition: Condition,
    weights: Option<Box<[f64]>>,
}

/// The leaf somebody is in.
#[derive(Debug, Clone, Copy)]
pub struct BanditLeaf<'a> {
    /// -1 where none matched.
    pub id: i64,
    /// A weight per variation.
    pub weights: &'a [f64],
    /// The bandit's version, if it has one.
    pub version: Option<&'a Value>,
    /// The weights are the leaf's own.
    pub(super) routed: bool,
}

impl Bandits {
    pub(super) fn compile(json: Option<&Value>, parser: &Parser<'_>) -> Self {
        let entries = json.and_then(Value::as_object).into_iter().flatten();
        let bandit = |(id, json): (&String, &Value)| Bandit::read(id, json, parser);
        let mut bandits: Vec<Bandit> = entries.filter_map(bandit).collect();
        bandits.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Self(bandits.into())
    }

    pub(super) fn index(&self, id: &str) -> Option<u32> {
        let position = self
            .0
            .binary_search_by(|bandit| (*bandit.id).cmp(id))
            .ok()?;
        u32::try_from(position).ok()
    }

    /// The first leaf whose condition passes. `own` are the weights of the experiment.
    pub(super) fn route<'a>(
        &'a self,
        index: u32,
        own: &'a [f64],
        scope: &Scope<'_, 'a>,
    ) -> Option<BanditLeaf<'a>> {
        let bandit = self.0.get(usize::try_from(index).ok()?)?;
        let leaf = bandit
            .leaves
            .iter()
            .find(|leaf| leaf.condition.passes(scope));
        Some(BanditLeaf {
            id: leaf.map_or(FALLBACK_LEAF, |leaf| leaf.id),
            weights: leaf.and_then(|leaf| leaf.weights.as_deref()).unwrap_or(own),
            version: bandit.version.as_ref(),
            routed: leaf.is_some(),
        })
    }
}

impl Bandit {
    /// Nothing for what is not an object: a reference to it dangles.
    fn read(id: &str, json: &Value, parser: &Parser<'_>) -> Option<Self> {
        let bandit = json.as_object()?;
        let leaves = bandit
            .get("contexts")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        Some(Self {
            id: id.into(),
            version: bandit.get("banditVersion").cloned(),
            leaves: leaves.filter_map(|leaf| Leaf::read(leaf, parser)).collect(),
        })
    }
}

impl Leaf {
    fn read(json: &Value, parser: &Parser<'_>) -> Option<Self> {
        let leaf = json.as_object()?;
        let condition = parser.optional(truthy_field(leaf, "condition"));
        Some(Self {
            id: leaf
                .get("leafId")
                .and_then(Value::as_i64)
                .unwrap_or(FALLBACK_LEAF),
            condition: condition.unwrap_or_default(),
            weights: leaf.get("weights").and_then(numbers).map(Box::from),
        })
    }
}
