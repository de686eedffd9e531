//! Making the next snapshot, as part of the commit that changes what the edge
//! must know.

use std::collections::BTreeMap;

use nexus_domain::experiment::{Experiment, rule_of};
use nexus_domain::flag::{Flag, Shipped, flag_rule_of, leave_out_those_off};
use nexus_domain::holdout::Holdout;
use nexus_domain::ids::IntentId;
use nexus_domain::qa::QaLink;
use nexus_domain::saved_group::SavedGroup;
use nexus_domain::sdk_key::SdkKey;
use nexus_domain::{Environment, Field, Problem, prerequisite_fault};
use nexus_flags::{CompileError, CompileProblem, Engine, ExperimentRule, Snapshot};

use crate::experiments::invalid;
use crate::failpoint::failpoint;
use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::{Console, Error, Result};

/// A snapshot to be committed.
pub(crate) struct Staged {
    /// Snapshot and intent.
    pub(crate) state: Vec<Statement>,
    /// The signed bytes.
    pub(crate) envelope: String,
}

/// What the commit at hand changes, which the database does not say yet.
#[derive(Clone, Copy)]
pub(crate) enum Changed<'a> {
    Nothing,
    Flag(&'a Flag),
    /// Several at once, each before and after.
    Flags(&'a [Shipped]),
    /// An experiment, and the flags that its winner becomes.
    Experiment(&'a Experiment, &'a [Shipped]),
    SdkKey(&'a SdkKey),
    SavedGroup(&'a SavedGroup),
    Holdout(&'a Holdout),
    QaLinks(&'a [QaLink]),
}

impl Console {
    /// Snapshot and intent for the environment as it will be after `changed`.
    /// Call it after the head of the log was read: then a snapshot made of
    /// something older can't be committed.
    pub(crate) async fn stage_snapshot(
        &self,
        environment: Environment,
        changed: Changed<'_>,
    ) -> Result<Vec<Statement>> {
        let newest = self.newest_snapshot(environment).await?;
        let version = newest.map_or(0, |s| s.version) + 1;
        let staged = self.snapshot_of_version(environment, changed, version);
        Ok(staged.await?.state)
    }

    pub(crate) async fn snapshot_of_version(
        &self,
        environment: Environment,
        changed: Changed<'_>,
        version: u64,
    ) -> Result<Staged> {
        let snapshot = self.next_snapshot(environment, changed, version).await?;
        // What no gateway would obey is not published.
        Engine::compile(&snapshot).map_err(no_room)?;
        self.signed(environment, &snapshot)
    }

    /// The environment as its gateways will see it after `changed`.
    pub(crate) async fn next_snapshot(
        &self,
        environment: Environment,
        changed: Changed<'_>,
        version: u64,
    ) -> Result<Snapshot> {
        let mut experiments = self.at_the_edge(environment).await?;
        let mut flags = self.flags_at_the_edge(environment).await?;
        let mut sdk_keys = self.sdk_keys_in_use(environment).await?;
        let mut holdouts = self.holdouts_in_force(Some(environment)).await?;
        let new_flags: Vec<&Flag> = match changed {
            Changed::Nothing | Changed::SavedGroup(_) | Changed::QaLinks(_) => Vec::new(),
            Changed::Holdout(changed) => {
                holdouts.retain(|h| h.id != changed.id);
                holdouts.push(changed.clone());
                holdouts.sort_by(|a, b| a.id.cmp(&b.id));
                Vec::new()
            }
            Changed::Flag(flag) => vec![flag],
            Changed::Flags(shipped) => shipped.iter().map(|(_, new)| new).collect(),
            Changed::SdkKey(changed) => {
                sdk_keys.retain(|k| k.id != changed.id);
                sdk_keys.push(changed.clone());
                sdk_keys.sort_by(|a, b| a.id.cmp(&b.id));
                Vec::new()
            }
            Changed::Experiment(changed, shipped) => {
                experiments.retain(|e| e.id != changed.id);
                experiments.push(changed.clone());
                experiments.sort_by(|a, b| a.id.cmp(&b.id));
                shipped.iter().map(|(_, new)| new).collect()
            }
        };
        for new in new_flags {
            flags.retain(|f| f.key != new.key);
            flags.push(new.clone());
        }
        flags.sort_by(|a, b| a.key.cmp(&b.key));
        let qa_links = self
            .published_qa_links(environment, changed, &experiments, &flags)
            .await?;
        let mut rules: Vec<ExperimentRule> = experiments.iter().filter_map(rule_of).collect();
        leave_out_those_off(&mut rules, &flags);
        rules.extend(holdouts.iter().filter_map(Holdout::rule));
        let mut snapshot = Snapshot {
            version,
            environment: environment.as_str().to_owned(),
            created_ms: self.now_ms(),
            experiments: rules,
            flags: flags
                .iter()
                .filter_map(|flag| flag_rule_of(flag, &holdouts))
                .collect(),
            sdk_keys: sdk_keys.iter().filter_map(SdkKey::published).collect(),
            qa_links,
            saved_groups: BTreeMap::new(),
            sampling_seed: Some(self.inner.keys.sampling_seed(environment)),
        };
        let group = match changed {
            Changed::SavedGroup(group) => Some(group),
            _ => None,
        };
        self.add_saved_groups(environment, &mut snapshot, group)
            .await?;
        Ok(snapshot)
    }

    fn signed(&self, environment: Environment, snapshot: &Snapshot) -> Result<Staged> {
        let (version, now_ms) = (snapshot.version, snapshot.created_ms);
        let keys = &self.inner.keys;
        let signed = nexus_flags::sign(&keys.snapshot, &keys.snapshot_key_id(), snapshot)
            .map_err(Error::internal)?;
        let envelope = json(&signed)?;
        failpoint("snapshot.staged");
        let state = vec![
            sql!(
                "INSERT INTO snapshots (environment, version, envelope, created_ms) \
                 VALUES (?1, ?2, ?3, ?4)",
                environment.as_str(),
                version,
                envelope.as_str(),
                now_ms
            ),
            self.plan_publication(environment, version, now_ms),
        ];
        Ok(Staged { state, envelope })
    }

    pub(crate) fn plan_publication(
        &self,
        environment: Environment,
        version: u64,
        now_ms: i64,
    ) -> Statement {
        sql!(
            "INSERT INTO intents \
             (id, kind, environment, version, status, attempts, created_ms, next_ms) \
             VALUES (?1, 'publish_snapshot', ?2, ?3, 'planned', 0, ?4, ?4)",
            IntentId::from_u128(self.new_id()).as_str(),
            environment.as_str(),
            version,
            now_ms
        )
    }
}

/// What each experiment and flag may do by itself can be too much for one environment together.
pub(crate) fn no_room(error: CompileError) -> Error {
    let field = match error.path.as_str() {
        "attribute names" => Field::Attributes,
        "experiments" | "flags" => Field::Environment,
        "prerequisites" => {
            return invalid(Field::Prerequisites, prerequisite_fault(&error));
        }
        _ => return Error::internal(error),
    };
    match error.problem {
        CompileProblem::TooMany { limit, .. } => {
            let max = u32::try_from(limit).unwrap_or(u32::MAX);
            invalid(field, Problem::TooMany { max })
        }
        _ => Error::internal(error),
    }
}
