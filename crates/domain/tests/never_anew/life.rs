//! What happens to an environment, by dice.

use nexus_domain::Environment;
use nexus_domain::experiment::{
    Command, CoverageStep, Draft, DraftVariant, Experiment, LayerShare, rule_of,
};
use nexus_domain::holdout::{Holdout, HoldoutDraft};
use nexus_flags::{BASIS_POINTS, Engine, ExperimentRule, FlagRule, Snapshot};
use serde_json::Map;

use crate::flags::Flags;

const MINUTE_MS: i64 = 60_000;
const LAYERS: [&str; 2] = ["checkout", "search"];

/// Seeded: the same life every time. xorshift64* (Vigna 2016).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    pub(crate) fn basis_points(&mut self, from: u16, to: u16) -> u16 {
        from + self.below(usize::from(to - from) + 1) as u16
    }

    /// One in so many times.
    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// An environment and its past.
pub(crate) struct Life {
    dice: Dice,
    now_ms: i64,
    /// In the order of decision, those that ended included.
    pub(crate) experiments: Vec<Experiment>,
    pub(crate) holdouts: Vec<Holdout>,
    pub(crate) flags: Flags,
}

impl Life {
    pub(crate) fn new(dice: Dice) -> Self {
        Self {
            dice,
            now_ms: 0,
            experiments: Vec::new(),
            holdouts: Vec::new(),
            flags: Flags::new(),
        }
    }

    /// What gateways would be told.
    pub(crate) fn engine(&self, flags: Vec<FlagRule>) -> Engine {
        let experiments = self.experiments.iter().filter_map(rule_of);
        let holdouts = self.holdouts.iter().filter_map(Holdout::rule);
        let experiments: Vec<ExperimentRule> = experiments.chain(holdouts).collect();
        Engine::compile(&Snapshot {
            version: 1,
            environment: "production".into(),
            created_ms: 0,
            experiments,
            flags,
            sdk_keys: Vec::new(),
            qa_links: Vec::new(),
            saved_groups: std::collections::BTreeMap::new(),
            sampling_seed: None,
        })
        .unwrap()
    }

    /// One edit of one thing.
    pub(crate) fn edit(&mut self) {
        self.now_ms += MINUTE_MS;
        match self.dice.below(18) {
            0 | 1 => self.start_experiment(),
            2 => self.command(&Command::Pause),
            3 | 4 => self.command(&Command::Resume),
            5..=7 => self.step_ramp(),
            8 => self.command(&Command::HoldRamp),
            9 => self.command(&Command::ContinueRamp),
            10 => self.end(),
            11 => self.reword(),
            12 => self.try_to_deal_anew(),
            13 => self.change_holdouts(),
            14 => self.reorder(),
            _ => self.flags.edit(&mut self.dice, &self.holdouts),
        }
    }

    fn start_experiment(&mut self) {
        let id = format!("e{}", self.experiments.len());
        let dice = &mut self.dice;
        let in_layer = dice.one_in(2);
        let layer = in_layer.then(|| LayerShare {
            layer: LAYERS[dice.below(LAYERS.len())].into(),
            share_bp: dice.basis_points(500, 4_000),
            from_bp: None,
        });
        let named = self
            .holdouts
            .iter()
            .find(|h| !h.global && h.stopped_ms.is_none());
        let draft = Draft {
            id: id.clone(),
            name: id.clone(),
            variants: variants(dice),
            coverage_bp: dice.basis_points(4_000, BASIS_POINTS),
            ramp: ramp(dice),
            layer,
            holdout: named.filter(|_| dice.one_in(2)).map(|h| h.id.to_string()),
            ..Draft::starter(Environment::Production)
        };
        let made = draft.create(format!("seed of {id}"), "ann".into(), self.now_ms);
        let joined = made.unwrap().joined(&self.holdouts).unwrap();
        let live = self.experiments.iter().filter(|e| e.status.at_the_edge());
        let live: Vec<Experiment> = live.cloned().collect();
        // A full layer refuses.
        if let Ok(placed) = joined.placed(&live) {
            let started = placed.after(Command::Start, "ann", self.now_ms).unwrap();
            let place = self.dice.below(self.experiments.len() + 1);
            self.experiments.insert(place, started);
        }
    }

    /// To the first of them, from anywhere on, that takes it.
    fn command(&mut self, command: &Command) {
        let (count, now_ms) = (self.experiments.len(), self.now_ms);
        let from = self.dice.below(count.max(1));
        let turn = (0..count).map(|step| (from + step) % count);
        let taken = turn
            .filter(|place| self.experiments[*place].takes(command.verb(), now_ms))
            .take(1);
        for place in taken.collect::<Vec<_>>() {
            let next = self.experiments[place].after(command.clone(), "ben", now_ms);
            self.experiments[place] = next.unwrap();
        }
    }

    fn step_ramp(&mut self) {
        let ramps = self
            .experiments
            .iter()
            .filter_map(|e| e.ramping.as_ref()?.next_ms);
        self.now_ms = self.now_ms.max(ramps.min().unwrap_or(0));
        self.command(&Command::StepRamp);
    }

    /// Not too often, so that many run at once.
    fn end(&mut self) {
        let live = self.experiments.iter().filter(|e| e.status.at_the_edge());
        if live.count() > 6 {
            let reason = String::new();
            self.command(&Command::Stop { reason });
        }
    }

    /// What may change while it runs, and back to what was.
    fn reword(&mut self) {
        let Some(place) = self.somewhere_live() else {
            return;
        };
        let experiment = &self.experiments[place];
        let old = Draft::of(experiment);
        let new = Draft {
            name: format!("{}, again", experiment.id),
            ..old.clone()
        };
        let edited = new.apply(experiment, "cleo", self.now_ms).unwrap();
        let restored = old.apply(&edited, "cleo", self.now_ms).unwrap();
        self.experiments[place] = if self.dice.one_in(2) {
            edited
        } else {
            restored
        };
    }

    /// Whatever would deal somebody anew is refused: that is what stands in place of versions of
    /// buckets.
    fn try_to_deal_anew(&mut self) {
        let Some(place) = self.somewhere_live() else {
            return;
        };
        let experiment = &self.experiments[place];
        let mut draft = Draft::of(experiment);
        match self.dice.below(5) {
            0 => draft.variants = variants(&mut Dice::new(self.now_ms as u64)),
            1 => draft.coverage_bp -= 1,
            2 => draft.ramp = vec![step(1, 1)],
            3 => draft.targeting.countries.push("JP".parse().unwrap()),
            _ => draft.variants.swap(0, 1),
        }
        assert!(draft.apply(experiment, "cleo", self.now_ms).is_err());
    }

    fn change_holdouts(&mut self) {
        let in_force = self.holdouts.iter().position(|h| h.stopped_ms.is_none());
        let many = self.holdouts.iter().filter(|h| h.stopped_ms.is_none());
        if let Some(place) = in_force.filter(|_| many.count() > 2 || self.dice.one_in(4)) {
            self.holdouts[place] = self.holdouts[place].stopped("ann", self.now_ms).unwrap();
            return;
        }
        let global = |h: &Holdout| h.global && h.stopped_ms.is_none();
        let id = format!("h{}", self.holdouts.len());
        let draft = HoldoutDraft {
            name: id.clone(),
            id,
            global: !self.holdouts.iter().any(global),
            share_bp: self.dice.basis_points(200, 2_000),
            ..HoldoutDraft::starter(Environment::Production)
        };
        self.holdouts
            .push(draft.create("ann", self.now_ms).unwrap());
    }

    fn reorder(&mut self) {
        let count = self.experiments.len();
        if count > 1 {
            let (a, b) = (self.dice.below(count), self.dice.below(count));
            self.experiments.swap(a, b);
        }
    }

    fn somewhere_live(&mut self) -> Option<usize> {
        let live = (0..self.experiments.len())
            .filter(|place| self.experiments[*place].status.at_the_edge());
        let live: Vec<usize> = live.collect();
        (!live.is_empty()).then(|| live[self.dice.below(live.len())])
    }
}

/// Two to four, with weights that add up.
fn variants(dice: &mut Dice) -> Vec<DraftVariant> {
    let mut cuts: Vec<u16> = (0..=dice.below(3))
        .map(|_| dice.basis_points(1, BASIS_POINTS - 1))
        .collect();
    cuts.sort_unstable();
    cuts.insert(0, 0);
    cuts.push(BASIS_POINTS);
    let variant = |(index, pair): (usize, &[u16])| DraftVariant {
        key: format!("v{index}"),
        name: String::new(),
        weight_bp: pair[1] - pair[0],
        features: Map::new(),
        deployment: None,
    };
    cuts.windows(2).enumerate().map(variant).collect()
}

/// None to three steps below every coverage.
fn ramp(dice: &mut Dice) -> Vec<CoverageStep> {
    let mut shares: Vec<u16> = (0..dice.below(4))
        .map(|_| dice.basis_points(1, 3_999))
        .collect();
    shares.sort_unstable();
    shares.dedup();
    shares.into_iter().map(|share| step(share, 5)).collect()
}

const fn step(coverage_bp: u16, minutes: u32) -> CoverageStep {
    CoverageStep {
        coverage_bp,
        minutes,
    }
}
