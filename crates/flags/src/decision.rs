//! What an engine decides.

use serde_json::{Map, Value};

use crate::engine::Variant;

/// The experiments one request takes part in. Keep one and reuse it: then deciding
/// allocates nothing. Read it with [`Engine::decided`](crate::Engine::decided).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Of the engine that filled it, so that indices are never read by another one.
    version: u64,
    /// Index of an experiment in the engine, index of its variant.
    entries: Vec<(u32, u32)>,
}

impl Decisions {
    /// Empty, with room for a request that takes part in `experiments` experiments.
    #[must_use]
    pub fn with_capacity(experiments: usize) -> Self {
        Self {
            version: 0,
            entries: Vec::with_capacity(experiments),
        }
    }

    /// Number of experiments the request takes part in.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the request takes part in none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn restart(&mut self, version: u64) {
        self.version = version;
        self.entries.clear();
    }

    pub(crate) fn push(&mut self, experiment: usize, variant: usize) {
        // Both are bounded by the compiler's limits, far below 2^32.
        self.entries.push((experiment as u32, variant as u32));
    }

    /// Those at whose position `kept` says so.
    pub(crate) fn retain(&mut self, kept: &[bool]) {
        let mut kept = kept.iter();
        self.entries
            .retain(|_| kept.next().copied().unwrap_or(false));
    }

    pub(crate) fn of_version(&self, version: u64) -> impl Iterator<Item = (usize, usize)> + '_ {
        let entries = if self.version == version {
            self.entries.as_slice()
        } else {
            &[]
        };
        entries
            .iter()
            .map(|&(experiment, variant)| (experiment as usize, variant as usize))
    }
}

/// One experiment's answer for one request.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'e> {
    pub(crate) experiment_id: &'e str,
    pub(crate) variant: &'e Variant,
    pub(crate) variant_index: usize,
}

impl<'e> Decision<'e> {
    /// The experiment.
    #[must_use]
    pub const fn experiment_id(&self) -> &'e str {
        self.experiment_id
    }

    /// The variant's key.
    #[must_use]
    pub const fn variant_key(&self) -> &'e str {
        &self.variant.key
    }

    /// The variant's position in the snapshot; 0 is the control.
    #[must_use]
    pub const fn variant_index(&self) -> usize {
        self.variant_index
    }

    /// Whether the variant is the control.
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.variant_index == 0
    }

    /// The variant's features.
    #[must_use]
    pub const fn features(&self) -> &'e Map<String, Value> {
        &self.variant.features
    }

    /// The variant's features as JSON text, made ahead of time.
    #[must_use]
    pub const fn features_json(&self) -> &'e str {
        &self.variant.features_json
    }

    /// The deployment that serves the variant; the stable one when `None`.
    #[must_use]
    pub fn deployment(&self) -> Option<&'e str> {
        self.variant.deployment.as_deref()
    }

    /// `ab_test_<experiment id>_<variant key>`.
    #[must_use]
    pub const fn reason(&self) -> &'e str {
        &self.variant.reason
    }
}

/// One flag's answer for one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlagDecision<'e> {
    /// The flag.
    pub key: &'e str,
    /// Its value for this request.
    pub value: &'e Value,
    /// What decided.
    pub reason: FlagReason,
    /// `flag_<key>_off`, `flag_<key>_rule_<index>` or `flag_<key>_qa`.
    pub reason_text: &'e str,
}

/// What decided a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagReason {
    /// No rule took the request in.
    Off,
    /// The rule at this index did.
    Rule { index: usize },
    /// A link of a tester did.
    Forced,
}
