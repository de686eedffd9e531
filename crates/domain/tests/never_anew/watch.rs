//! Everybody, and what they were ever given.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use nexus_domain::experiment::Status;
use nexus_domain::holdout::HELD_OUT;
use nexus_flags::bucketing::bucket;
use nexus_flags::{Context, Decisions, Device, Engine, FlagReason, FlagRule};

use crate::flags::alone;
use crate::life::Life;

/// Of somebody who was never dealt a variant.
const NEVER: u8 = u8::MAX;

pub(crate) struct Watch {
    users: Vec<String>,
    /// By experiment: the variant that each user was ever dealt.
    dealt: BTreeMap<String, Vec<u8>>,
    /// By holdout: whom it holds out.
    held: BTreeMap<String, Vec<bool>>,
    /// By flag and rule: its coverage and holdouts when it was seen last, and whom it took in.
    taken: BTreeMap<String, (u16, usize, Vec<bool>)>,
    layered: BTreeSet<String>,
    /// Flags as they were looked at last.
    flags: Vec<FlagRule>,
    seen: Seen,
}

/// How much there was to see.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) experiments: usize,
    pub(crate) most_at_once: usize,
    pub(crate) in_layers: usize,
    pub(crate) held_back: usize,
    pub(crate) ramped: usize,
    pub(crate) paused: usize,
    pub(crate) rules: usize,
    pub(crate) moved: usize,
}

/// An experiment or holdout of the snapshot.
struct Live<'w> {
    /// None of a holdout.
    dealt: Option<&'w mut Vec<u8>>,
    runs: bool,
    layer: Option<&'w str>,
    /// Whom its holdouts hold out; of a holdout, whom it does.
    held: Vec<&'w [bool]>,
}

impl Watch {
    pub(crate) fn new(users: usize) -> Self {
        Self {
            users: (0..users).map(|n| format!("user-{n}")).collect(),
            dealt: BTreeMap::new(),
            held: BTreeMap::new(),
            taken: BTreeMap::new(),
            layered: BTreeSet::new(),
            flags: Vec::new(),
            seen: Seen::default(),
        }
    }

    pub(crate) fn look(&mut self, life: &Life, edit: usize) {
        self.get_to_know(life);
        let flags = life.flags.rules(&life.holdouts);
        let engine = life.engine(flags.clone());
        self.look_at_experiments(life, &engine, edit);
        if flags != self.flags {
            self.flags = flags;
            self.look_at_flags(life, &engine, edit);
        }
    }

    pub(crate) const fn seen(&self) -> Seen {
        self.seen
    }

    /// New experiments and holdouts, and how much is going on.
    fn get_to_know(&mut self, life: &Life) {
        for experiment in &life.experiments {
            let users = self.users.len();
            let id = experiment.id.to_string();
            self.dealt
                .entry(id.clone())
                .or_insert_with(|| vec![NEVER; users]);
            if experiment.layer.is_some() {
                self.layered.insert(id);
            }
        }
        for holdout in &life.holdouts {
            let users = &self.users;
            let (id, share_bp) = (holdout.id.to_string(), holdout.share_bp);
            self.held.entry(id).or_insert_with_key(|id| {
                let seed = format!("holdout:{id}");
                let held = |user: &String| bucket(&seed, user) < share_bp;
                users.iter().map(held).collect()
            });
        }
        let count = |of: &dyn Fn(&&nexus_domain::experiment::Experiment) -> bool| {
            life.experiments.iter().filter(of).count()
        };
        let seen = &mut self.seen;
        seen.experiments = life.experiments.len();
        let running = count(&|e| e.status == Status::Running);
        seen.most_at_once = seen.most_at_once.max(running);
        seen.in_layers = self.layered.len();
        seen.held_back = count(&|e| !e.held.is_empty());
        seen.ramped += count(&|e| e.ramping.as_ref().is_some_and(|r| r.step > 0)).min(1);
        seen.paused += count(&|e| e.status == Status::Paused).min(1);
        seen.moved = life.flags.moved;
    }

    /// Nobody changes variant, nobody drops out of what runs, nobody is in two experiments of
    /// a layer, nobody who is held out is in anything.
    fn look_at_experiments(&mut self, life: &Life, engine: &Engine, edit: usize) {
        let held = &self.held;
        let mut live: Vec<Live<'_>> = Vec::new();
        let mut place: HashMap<String, usize> = HashMap::new();
        for (id, dealt) in &mut self.dealt {
            let known = life.experiments.iter().find(|e| e.id.as_str() == id);
            let Some(experiment) = known.filter(|e| e.status.at_the_edge()) else {
                continue;
            };
            place.insert(id.clone(), live.len());
            let back = experiment.held.iter();
            live.push(Live {
                dealt: Some(dealt),
                runs: experiment.status == Status::Running,
                layer: experiment.layer.as_ref().map(|share| share.layer.as_str()),
                held: back
                    .map(|back| held[back.holdout.as_str()].as_slice())
                    .collect(),
            });
        }
        for holdout in life.holdouts.iter().filter(|h| h.stopped_ms.is_none()) {
            place.insert(format!("holdout:{}", holdout.id), live.len());
            live.push(Live {
                dealt: None,
                runs: true,
                layer: None,
                held: vec![&held[holdout.id.as_str()]],
            });
        }
        let mut decisions = Decisions::default();
        let mut found = vec![NEVER; live.len()];
        for (index, user) in self.users.iter().enumerate() {
            engine.decide(&context(user), &mut decisions);
            found.fill(NEVER);
            for decision in engine.decided(&decisions) {
                let at = place[decision.experiment_id()];
                found[at] = decision.variant_index() as u8;
                let is_held = live[at].held.iter().any(|held| held[index]);
                let expected = live[at].dealt.is_none() && decision.variant_key() == HELD_OUT;
                assert_eq!(
                    is_held,
                    expected,
                    "edit {edit}: {user} {}",
                    decision.experiment_id()
                );
            }
            check_one(&mut live, &found, index, edit);
        }
    }

    /// More coverage of a rule only takes users in, less only lets users go, and nothing else
    /// moves anybody; the first rule that takes a user in decides.
    fn look_at_flags(&mut self, life: &Life, engine: &Engine, edit: usize) {
        let in_force = life.holdouts.iter().filter(|h| h.stopped_ms.is_none());
        let in_force: Vec<&str> = in_force.map(|h| h.id.as_str()).collect();
        for flag in &life.flags.now {
            let takes_in = |key: &str| -> Vec<bool> {
                let takes = |user: &String| {
                    let decision = engine.flag(key, &context(user)).unwrap();
                    decision.reason != FlagReason::Off
                };
                self.users.iter().map(takes).collect()
            };
            let mut rules = Vec::new();
            for rule in &flag.rules {
                let key = alone(flag, rule);
                let now = takes_in(&key);
                let bound = |id: &&String| in_force.contains(&id.as_str());
                let holdouts = rule.holdouts.iter().filter(bound).count();
                if let Some((coverage_bp, bound, was)) = self.taken.get(&key) {
                    let more = rule.coverage_bp >= *coverage_bp && holdouts <= *bound;
                    let less = rule.coverage_bp <= *coverage_bp && holdouts >= *bound;
                    for (was, now) in was.iter().zip(&now) {
                        assert!(!more || *now || !was, "edit {edit}: {key} let somebody go");
                        assert!(!less || *was || !now, "edit {edit}: {key} took somebody in");
                    }
                }
                self.taken
                    .insert(key, (rule.coverage_bp, holdouts, now.clone()));
                rules.push(now);
            }
            for (index, user) in self.users.iter().enumerate() {
                let first = rules.iter().position(|taken| taken[index]);
                let reason = engine
                    .flag(flag.key.as_str(), &context(user))
                    .unwrap()
                    .reason;
                let expected = first.map_or(FlagReason::Off, |index| FlagReason::Rule { index });
                assert_eq!(reason, expected, "edit {edit}: {user} {}", flag.key);
            }
        }
        self.seen.rules = self.taken.len();
    }
}

/// What one user got now, beside what they ever got.
fn check_one(live: &mut [Live<'_>], found: &[u8], index: usize, edit: usize) {
    let mut layers: Vec<&str> = Vec::new();
    for (live, now) in live.iter_mut().zip(found) {
        let Some(dealt) = &mut live.dealt else {
            continue;
        };
        let ever = dealt[index];
        assert!(
            *now == NEVER || ever == NEVER || *now == ever,
            "edit {edit}: user {index}"
        );
        assert!(
            !live.runs || ever == NEVER || *now == ever,
            "edit {edit}: user {index} is out"
        );
        if *now != NEVER {
            dealt[index] = *now;
            if let Some(layer) = live.layer {
                assert!(
                    !layers.contains(&layer),
                    "edit {edit}: user {index} in {layer} twice"
                );
                layers.push(layer);
            }
        }
    }
}

const fn context(user: &str) -> Context<'_> {
    Context {
        unit: user,
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms: 10,
    }
}
