//! What the conditions and prerequisites of an environment name in it: whether it is there,
//! and who names what.

use std::collections::{BTreeMap, BTreeSet};

use nexus_domain::experiment::{Experiment, Status, rule_as_planned};
use nexus_domain::flag::{Flag, flag_rule_as_planned};
use nexus_domain::saved_group::{GroupContent, Groups, SavedGroup, check_room, groups_named};
use nexus_domain::{Environment, Field, FieldProblem, Problem, prerequisite_fault};
use nexus_flags::{
    ExperimentRule, FlagRule, Prerequisite, Snapshot, Targeting, check_prerequisites,
};

use crate::experiments::invalid;
use crate::sql::sql;
use crate::views::{Use, UseKind};
use crate::{Console, Error, Result};

/// Something with targetings, each with the field of its condition.
struct Aimed<'a> {
    used: Use,
    targetings: Vec<(Field, &'a Targeting)>,
    prerequisites: Vec<(Field, &'a [Prerequisite])>,
}

impl<'a> Aimed<'a> {
    fn flag(flag: &'a Flag) -> Self {
        let rules = || (0u16..).zip(&flag.rules);
        let own = (Field::Prerequisites, flag.prerequisites.as_slice());
        let of_rules = rules().map(|(i, rule)| {
            let field = Field::RulePrerequisites(i);
            (field, rule.prerequisites.as_slice())
        });
        Self {
            used: Use {
                kind: UseKind::Flag,
                id: flag.key.to_string(),
                name: flag.name.clone(),
            },
            targetings: rules()
                .map(|(i, rule)| (Field::RuleCondition(i), &rule.targeting))
                .collect(),
            prerequisites: std::iter::once(own).chain(of_rules).collect(),
        }
    }

    fn experiment(experiment: &'a Experiment) -> Self {
        Self {
            used: Use {
                kind: UseKind::Experiment,
                id: experiment.id.to_string(),
                name: experiment.name.clone(),
            },
            targetings: vec![(Field::Condition, &experiment.targeting)],
            prerequisites: vec![(Field::Prerequisites, &experiment.prerequisites)],
        }
    }

    fn groups(&self) -> BTreeSet<&'a str> {
        let conditions = self
            .targetings
            .iter()
            .filter_map(|(_, t)| t.condition.as_ref());
        conditions.flat_map(groups_named).collect()
    }

    fn needs(&self, flag: &str) -> bool {
        let mut all = self.prerequisites.iter().flat_map(|(_, some)| some.iter());
        all.any(|prerequisite| prerequisite.flag == flag)
    }

    fn has_prerequisites(&self) -> bool {
        self.prerequisites.iter().any(|(_, some)| !some.is_empty())
    }
}

impl Console {
    /// Whether everything that a flag names is there, for one that gets other rules or comes
    /// into use.
    pub(crate) async fn check_flag(&self, old: Option<&Flag>, new: &Flag) -> Result<()> {
        self.check_flags(&[(old, new)]).await
    }

    /// The same of several of one environment that are saved together and may need each other,
    /// each before and after.
    pub(crate) async fn check_flags(&self, all: &[(Option<&Flag>, &Flag)]) -> Result<()> {
        let beside: Vec<&Flag> = all.iter().map(|(_, new)| *new).collect();
        let mut needing = None;
        for (old, new) in all {
            if let Some(old) = old.filter(|old| new.archived && !old.archived) {
                let used_by = self.uses_of_flag(old.environment, old.key.as_str()).await?;
                in_use(Field::Key, &used_by)?;
            }
            let same = old.is_some_and(|old| {
                let settings = (&old.rules, &old.prerequisites) == (&new.rules, &new.prerequisites);
                settings && old.archived == new.archived && (old.enabled || !new.enabled)
            });
            if same || new.archived {
                continue;
            }
            let aimed = Aimed::flag(new);
            self.check_aimed(new.environment, &aimed, &beside).await?;
            self.check_holdouts(new).await?;
            if aimed.has_prerequisites() {
                needing = Some(new.environment);
            }
        }
        let Some(environment) = needing else {
            return Ok(());
        };
        let rules = beside.iter().map(|flag| flag_rule_as_planned(flag, &[]));
        self.check_circles(environment, rules.collect(), None).await
    }

    /// The same for an experiment that is new, edited, or begins.
    pub(crate) async fn check_experiment(
        &self,
        old: Option<&Experiment>,
        new: &Experiment,
    ) -> Result<()> {
        let aims = |e: &Experiment| (e.targeting.clone(), e.prerequisites.clone());
        let begins = new.status == Status::Running && old.is_none_or(|o| o.status != new.status);
        let same = old.is_some_and(|old| {
            let stays = (&old.holdout, old.environment) == (&new.holdout, new.environment);
            aims(old) == aims(new) && stays && !begins
        });
        if same || new.has_ended() {
            return Ok(());
        }
        if new.started_ms.is_none() {
            let in_force = self.holdouts_in_force(Some(new.environment)).await?;
            new.joined(&in_force)
                .map_err(|problem| Error::Invalid(vec![problem]))?;
        }
        let aimed = Aimed::experiment(new);
        self.check_aimed(new.environment, &aimed, &[]).await?;
        // Without needs of its own it closes no circle.
        if !aimed.has_prerequisites() {
            return Ok(());
        }
        let rule = rule_as_planned(new);
        self.check_circles(new.environment, Vec::new(), Some(rule))
            .await
    }

    /// The same for a saved group; says whether anything names it.
    pub(crate) async fn check_group(
        &self,
        old: Option<&SavedGroup>,
        new: &SavedGroup,
    ) -> Result<bool> {
        let (environment, id) = (new.environment, new.id.as_str());
        let used_by = match old {
            Some(_) => self.uses_of_group(environment, id).await?,
            None => Vec::new(),
        };
        if new.archived {
            in_use(Field::Id, &used_by)?;
            return Ok(false);
        }
        if let GroupContent::Condition { condition } = &new.content {
            let ids = groups_named(condition).into_iter().map(str::to_owned);
            let ids = ids.chain([id.to_owned()]).collect();
            let groups = self.groups_of_ids(environment, ids, Some(new)).await?;
            let groups = Groups::new(&groups);
            // By its own name, so that a circle through itself is one.
            let own = serde_json::json!({ "$savedGroups": [id] });
            let expanded = groups.expand(&own);
            expanded.map_err(|problem| invalid(Field::Condition, problem))?;
        }
        Ok(!used_by.is_empty())
    }

    async fn check_aimed(
        &self,
        environment: Environment,
        aimed: &Aimed<'_>,
        beside: &[&Flag],
    ) -> Result<()> {
        let ids = aimed.groups().into_iter().map(str::to_owned).collect();
        let groups = self.groups_of_ids(environment, ids, None).await?;
        let groups = Groups::new(&groups);
        let problems = aimed.targetings.iter().filter_map(|(field, targeting)| {
            let expanded = groups.expand(targeting.condition.as_ref()?);
            Some(FieldProblem::new(*field, expanded.err()?))
        });
        let mut problems: Vec<FieldProblem> = problems.collect();
        for (field, prerequisites) in &aimed.prerequisites {
            for prerequisite in *prerequisites {
                let problem = self.flag_problem(environment, prerequisite, beside);
                if let Some(problem) = problem.await? {
                    problems.push(FieldProblem::new(*field, problem));
                }
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Error::Invalid(problems)),
        }
    }

    /// A rule can be bound by holdouts of its own environment; those that were stopped bind
    /// nobody any more.
    async fn check_holdouts(&self, flag: &Flag) -> Result<()> {
        for (i, rule) in (0u16..).zip(&flag.rules) {
            for id in &rule.holdouts {
                let holdout = self.stored_holdout(id).await?;
                if holdout.is_none_or(|h| h.environment != flag.environment) {
                    let value = id.chars().take(64).collect();
                    return Err(invalid(Field::RuleHoldouts(i), Problem::Unknown { value }));
                }
            }
        }
        Ok(())
    }

    async fn flag_problem(
        &self,
        environment: Environment,
        prerequisite: &Prerequisite,
        beside: &[&Flag],
    ) -> Result<Option<Problem>> {
        let key = prerequisite.flag.as_str();
        let flag = match beside.iter().find(|flag| flag.key.as_str() == key) {
            Some(flag) => Some((*flag).clone()),
            None => self.stored_flag(environment, key).await?,
        };
        Ok(match flag.filter(|flag| !flag.archived) {
            None => Some(Problem::NoSuchFlag {
                flag: prerequisite.flag.clone(),
            }),
            Some(flag) if !flag.kind.fits(&prerequisite.value) => Some(Problem::NotOfKind {
                kind: flag.kind.as_str().to_owned(),
            }),
            Some(_) => None,
        })
    }

    /// Whether flags would need each other in a circle, whatever is on or runs.
    async fn check_circles(
        &self,
        environment: Environment,
        new: Vec<FlagRule>,
        experiment: Option<ExperimentRule>,
    ) -> Result<()> {
        let flags = self.flags_at_the_edge(environment).await?;
        let rules = flags.iter().map(|flag| flag_rule_as_planned(flag, &[]));
        let mut flags: Vec<FlagRule> = rules.collect();
        for new in new {
            flags.retain(|old| old.key != new.key);
            flags.push(new);
        }
        let experiments = self.not_ended(environment).await?;
        let mut experiments: Vec<ExperimentRule> =
            experiments.iter().map(rule_as_planned).collect();
        if let Some(new) = experiment {
            experiments.retain(|old| old.id != new.id);
            experiments.push(new);
        }
        check_prerequisites(&flags, &experiments)
            .map_err(|error| invalid(Field::Prerequisites, prerequisite_fault(&error)))
    }

    /// What of the environment names a saved group.
    pub(crate) async fn uses_of_group(
        &self,
        environment: Environment,
        id: &str,
    ) -> Result<Vec<Use>> {
        let names = |aimed: &Aimed<'_>| aimed.groups().contains(id);
        let mut uses = self.uses(environment, names).await?;
        for group in self.condition_groups(environment).await? {
            if let GroupContent::Condition { condition } = &group.content
                && groups_named(condition).contains(&id)
            {
                uses.push(Use {
                    kind: UseKind::SavedGroup,
                    id: group.id.to_string(),
                    name: group.name.clone(),
                });
            }
        }
        Ok(uses)
    }

    /// Every flag (true) and experiment whose outcome may depend on a saved group: those that
    /// name it or a group that does, those that need one of these flags, and flags whose value
    /// one of these experiments sets.
    pub(crate) async fn followers_of_group(
        &self,
        environment: Environment,
        id: &str,
    ) -> Result<BTreeSet<(bool, String)>> {
        let flags = self.flags_at_the_edge(environment).await?;
        let experiments = self.not_ended(environment).await?;
        let groups = self.condition_groups(environment).await?;
        let named = closure(BTreeSet::from([id.to_owned()]), |named| {
            let names = |group: &&SavedGroup| match &group.content {
                GroupContent::Condition { condition } => {
                    let mut ids = groups_named(condition).into_iter();
                    ids.any(|id| named.contains(id))
                }
                GroupContent::List { .. } => false,
            };
            let found = groups.iter().filter(names);
            found.map(|group| group.id.to_string()).collect()
        });
        let aimed = flags.iter().map(Aimed::flag);
        let aimed: Vec<Aimed<'_>> = aimed
            .chain(experiments.iter().map(Aimed::experiment))
            .collect();
        let found = closure(BTreeSet::new(), |found: &BTreeSet<(bool, String)>| {
            let follows = |one: &&Aimed<'_>| {
                let names = one.groups().into_iter().any(|group| named.contains(group));
                let mut needed = found.iter().filter(|(is_flag, _)| *is_flag);
                names || needed.any(|(_, flag)| one.needs(flag))
            };
            let aimed = aimed.iter().filter(follows);
            let aimed = aimed.map(|one| (one.used.kind == UseKind::Flag, one.used.id.clone()));
            let setting = experiments
                .iter()
                .filter(|one| found.contains(&(false, one.id.to_string())));
            let set = setting.flat_map(|one| &one.variants);
            let set = set.flat_map(|variant| variant.features.keys());
            let set = set.filter(|key| flags.iter().any(|flag| flag.key.as_str() == *key));
            aimed.chain(set.map(|key| (true, key.clone()))).collect()
        });
        Ok(found)
    }

    /// What of the environment needs a flag.
    pub(crate) async fn uses_of_flag(
        &self,
        environment: Environment,
        key: &str,
    ) -> Result<Vec<Use>> {
        self.uses(environment, |aimed| aimed.needs(key)).await
    }

    /// Experiments that run and give the flag a value, which wins over its rules while it is on.
    pub(crate) async fn experiments_that_set(
        &self,
        environment: Environment,
        key: &str,
    ) -> Result<Vec<Use>> {
        let experiments = self.at_the_edge(environment).await?;
        let sets = |one: &&Experiment| {
            let mut variants = one.variants.iter();
            one.status == Status::Running && variants.any(|v| v.features.contains_key(key))
        };
        let setting = experiments.iter().filter(sets);
        Ok(setting.map(|one| Aimed::experiment(one).used).collect())
    }

    /// What running experiments set, with one that does.
    pub(crate) async fn set_by_running(
        &self,
        environment: Environment,
    ) -> Result<BTreeMap<String, String>> {
        let experiments = self.at_the_edge(environment).await?;
        let running = experiments.iter().filter(|e| e.status == Status::Running);
        let set = running.flat_map(|experiment| {
            let features = experiment.variants.iter().flat_map(|v| v.features.keys());
            features.map(|key| (key.clone(), experiment.id.to_string()))
        });
        Ok(set.collect())
    }

    /// Flags that are not archived and experiments that have not ended.
    async fn uses(
        &self,
        environment: Environment,
        counts: impl Fn(&Aimed<'_>) -> bool,
    ) -> Result<Vec<Use>> {
        let (flags, experiments) = (
            self.flags_at_the_edge(environment).await?,
            self.not_ended(environment).await?,
        );
        let flags = flags.iter().map(Aimed::flag);
        let all = flags.chain(experiments.iter().map(Aimed::experiment));
        Ok(all.filter(counts).map(|aimed| aimed.used).collect())
    }

    /// Those that have not been stopped, decided or archived.
    pub(crate) async fn not_ended(&self, environment: Environment) -> Result<Vec<Experiment>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM experiments WHERE environment = ?1 \
                 AND stopped_ms IS NULL AND status <> 'archived' ORDER BY id",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }

    /// Spells saved groups out in every condition of a snapshot, and adds the lists that are
    /// named. `changed` counts in place of what is stored.
    pub(crate) async fn add_saved_groups(
        &self,
        environment: Environment,
        snapshot: &mut Snapshot,
        changed: Option<&SavedGroup>,
    ) -> Result<()> {
        let conditions = snapshot
            .targetings_mut()
            .filter_map(|t| t.condition.as_ref());
        let ids: BTreeSet<String> = conditions
            .flat_map(|condition| groups_named(condition))
            .map(str::to_owned)
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let stored = self.groups_of_ids(environment, ids, changed).await?;
        let groups = Groups::new(&stored);
        let mut lists = BTreeSet::new();
        for targeting in snapshot.targetings_mut() {
            if let Some(condition) = &mut targeting.condition {
                let expanded = groups.expand(condition);
                let expanded = expanded.map_err(|problem| invalid(Field::Condition, problem))?;
                *condition = expanded.condition;
                lists.extend(expanded.lists);
            }
        }
        let values = |id: String| match &groups.get(&id)?.content {
            GroupContent::List { values, .. } => Some((id, values.clone())),
            GroupContent::Condition { .. } => None,
        };
        snapshot.saved_groups = lists.into_iter().filter_map(values).collect();
        check_room(snapshot.saved_groups.values())
            .map_err(|problem| invalid(Field::SavedGroups, problem))
    }
}

/// What `more` finds of what is found, until it finds nothing new.
fn closure<T: Ord>(mut found: BTreeSet<T>, more: impl Fn(&BTreeSet<T>) -> Vec<T>) -> BTreeSet<T> {
    loop {
        let before = found.len();
        let more = more(&found);
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

fn in_use(field: Field, used_by: &[Use]) -> Result<()> {
    if used_by.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = used_by.iter().take(20).map(Use::said).collect();
    let by = said.join(", ");
    Err(invalid(field, Problem::InUse { by }))
}
