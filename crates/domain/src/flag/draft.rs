//! What a person or script may set, and the check that turns it into a flag. All problems
//! are found at once, each with its place.

use nexus_flags::{BASIS_POINTS, Prerequisite, RampStep};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Flag, FlagKind, Rule};
use crate::ids::{FlagKey, is_flag_key, is_slug};
use crate::json::is_deeper;
use crate::prerequisite::prerequisite_problems;
use crate::problem::out_of_range;
use crate::schema::{MAX_SCHEMA_BYTES, schema_fault, value_faults};
use crate::targeting::targeting_problems;
use crate::{Environment, Field, FieldProblem, Problem};

pub const MAX_RULES: usize = 20;
const MAX_HOLDOUTS: usize = 6;
const MAX_EXEMPTION: usize = 200;
const MAX_RAMP_STEPS: usize = 20;
const MAX_NAME: usize = 120;
const MAX_TEXT: usize = 2_000;
/// All that a visitor gets shares one header of 8 KiB.
const MAX_VALUE_BYTES: usize = 4 * 1024;
/// A document or snapshot with deeper values could not be read back.
const MAX_VALUE_DEPTH: u8 = 16;
const MAX_TIMEZONE: usize = 64;

/// The settable part of a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagDraft {
    /// By which applications ask for it: 1 to 100 of `a-z A-Z 0-9 . - _`, beginning with a letter
    /// or digit; fixed at creation.
    pub key: String,
    /// Fixed at creation; copying is how a flag gets into another one.
    pub environment: Environment,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Fixed at creation.
    pub kind: FlagKind,
    /// The off value.
    pub value: Value,
    /// JSON Schema (draft 2020-12) that the off value and every rule's keep to; at most 16 KiB.
    #[serde(default)]
    pub schema: Option<Value>,
    /// Meant to stay, as a kill switch is.
    #[serde(default)]
    pub permanent: bool,
    /// When it is to go; none for a permanent one.
    #[serde(default)]
    pub due_ms: Option<i64>,
    /// At most 20, tried in order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Values of other flags without which no rule counts; at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
}

impl FlagDraft {
    /// A sensible beginning: a switch that is off for everybody.
    #[must_use]
    pub fn starter(environment: Environment) -> Self {
        Self {
            key: String::new(),
            environment,
            name: String::new(),
            description: String::new(),
            kind: FlagKind::Boolean,
            value: Value::Bool(false),
            schema: None,
            permanent: false,
            due_ms: None,
            rules: Vec::new(),
            prerequisites: Vec::new(),
        }
    }

    /// The settable part of an existing flag.
    #[must_use]
    pub fn of(flag: &Flag) -> Self {
        Self {
            key: flag.key.to_string(),
            environment: flag.environment,
            name: flag.name.clone(),
            description: flag.description.clone(),
            kind: flag.kind,
            value: flag.value.clone(),
            schema: flag.schema.clone(),
            permanent: flag.permanent,
            due_ms: flag.due_ms,
            rules: flag.rules.clone(),
            prerequisites: flag.prerequisites.clone(),
        }
    }

    /// Every problem of the draft by itself.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        if self.key.is_empty() {
            note(Field::Key, Problem::Required);
        } else if !is_flag_key(&self.key) {
            note(Field::Key, Problem::NotFlagKey);
        }
        if self.name.trim().is_empty() {
            note(Field::Name, Problem::Required);
        } else if let Some(problem) = too_long(&self.name, MAX_NAME) {
            note(Field::Name, problem);
        }
        if let Some(problem) = too_long(&self.description, MAX_TEXT) {
            note(Field::Description, problem);
        }
        let schema = self.schema.as_ref().and_then(schema_problem);
        if let Some(problem) = schema {
            note(Field::Schema, problem);
        }
        if self.permanent && self.due_ms.is_some() {
            note(Field::DueAt, Problem::OnlyForTemporary);
        }
        if let Some(problem) = self.value_problem(&self.value) {
            note(Field::Value, problem);
        }
        for problem in prerequisite_problems(&self.prerequisites) {
            note(problem.field, problem.problem);
        }
        if self.rules.len() > MAX_RULES {
            let max = MAX_RULES as u32;
            note(Field::Rules, Problem::TooMany { max });
            return found;
        }
        for (i, rule) in (0u16..).zip(&self.rules) {
            found.extend(self.rule_problems(i, rule));
        }
        found
    }

    fn rule_problems(&self, i: u16, rule: &Rule) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        let before = self.rules.iter().take(usize::from(i));
        if !rule.id.is_empty() && !is_slug(&rule.id) {
            note(Field::RuleId(i), Problem::NotSlug);
        } else if !rule.id.is_empty() && before.into_iter().any(|other| other.id == rule.id) {
            note(Field::RuleId(i), Problem::Duplicate);
        }
        if let Some(problem) = too_long(&rule.name, MAX_NAME) {
            note(Field::RuleName(i), problem);
        }
        if let Some(problem) = too_long(&rule.description, MAX_TEXT) {
            note(Field::RuleDescription(i), problem);
        }
        if rule.coverage_bp > BASIS_POINTS {
            note(Field::RuleCoverage(i), out_of_range("0", "100"));
        }
        if let Some(problem) = ramp_problem(&rule.ramp) {
            note(Field::RuleRamp(i), problem);
        }
        if let Some(problem) = self.value_problem(&rule.value) {
            note(Field::RuleValue(i), problem);
        }
        let schedule = &rule.schedule;
        if let (Some(start_ms), Some(end_ms)) = (schedule.start_ms, schedule.end_ms)
            && end_ms <= start_ms
        {
            note(Field::RuleEndAt(i), Problem::EndBeforeStart);
        }
        if schedule.timezone.len() > MAX_TIMEZONE {
            note(Field::RuleTimezone(i), Problem::UnknownTimezone);
        }
        if rule.holdouts.len() > MAX_HOLDOUTS {
            let max = MAX_HOLDOUTS as u32;
            note(Field::RuleHoldouts(i), Problem::TooMany { max });
        }
        let exemption = rule.holdout_exemption.as_deref().unwrap_or_default();
        if let Some(problem) = too_long(exemption, MAX_EXEMPTION) {
            note(Field::RuleHoldoutExemption(i), problem);
        }
        for problem in targeting_problems(&rule.targeting) {
            note(problem.field.of_rule(i), problem.problem);
        }
        for problem in prerequisite_problems(&rule.prerequisites) {
            note(problem.field.of_rule(i), problem.problem);
        }
        found
    }

    fn value_problem(&self, value: &Value) -> Option<Problem> {
        if !self.kind.fits(value) {
            let kind = self.kind.as_str().to_owned();
            return Some(Problem::NotOfKind { kind });
        }
        if value.to_string().len() > MAX_VALUE_BYTES {
            let max = MAX_VALUE_BYTES as u32;
            return Some(Problem::TooLong { max });
        }
        if is_deeper(value, MAX_VALUE_DEPTH) {
            let max = MAX_VALUE_DEPTH.into();
            return Some(Problem::TooDeep { max });
        }
        value_breaks(self.schema.as_ref()?, value)
    }

    /// The new flag, switched off.
    ///
    /// # Errors
    /// All problems of the draft.
    pub fn create(self, by: &str, now_ms: i64) -> Result<Flag, Vec<FieldProblem>> {
        let problems = self.problems();
        let Some(key) = FlagKey::parse(&self.key).filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        let mut flag = Flag {
            key,
            environment: self.environment,
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            kind: self.kind,
            value: self.value,
            schema: self.schema,
            permanent: self.permanent,
            due_ms: self.due_ms,
            enabled: false,
            archived: false,
            rules: self.rules,
            prerequisites: self.prerequisites,
            next_rule: 1,
            version: 1,
            created_ms: now_ms,
            created_by: by.to_owned(),
            updated_ms: now_ms,
            updated_by: by.to_owned(),
        };
        flag.name_rules();
        Ok(flag)
    }

    /// The flag after an edit; whether it is on stays.
    ///
    /// # Errors
    /// All problems, each with its field.
    pub fn apply(self, to: &Flag, by: &str, now_ms: i64) -> Result<Flag, Vec<FieldProblem>> {
        let mut problems = self.problems();
        let fixed = [
            (self.key != to.key.as_str(), Field::Key),
            (self.environment != to.environment, Field::Environment),
            (self.kind != to.kind, Field::Kind),
        ];
        let changed = fixed.into_iter().filter(|(changed, _)| *changed);
        problems.extend(changed.map(|(_, field)| FieldProblem::new(field, Problem::Fixed)));
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut flag = Flag {
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            value: self.value,
            schema: self.schema,
            permanent: self.permanent,
            due_ms: self.due_ms,
            rules: self.rules,
            prerequisites: self.prerequisites,
            version: to.version + 1,
            updated_ms: now_ms,
            updated_by: by.to_owned(),
            ..to.clone()
        };
        flag.name_rules();
        Ok(flag)
    }
}

impl Flag {
    /// Gives ids to rules that have none, and trims the others' words. A number that any rule
    /// brings is used up: an id that comes back is the rule that had it.
    fn name_rules(&mut self) {
        let number = |rule: &Rule| rule.id.strip_prefix('r')?.parse::<u32>().ok();
        let highest = self.rules.iter().filter_map(number).max().unwrap_or(0);
        let mut next = self.next_rule.max(highest.saturating_add(1));
        for rule in &mut self.rules {
            rule.name = rule.name.trim().to_owned();
            rule.description = rule.description.trim().to_owned();
            let exemption = rule.holdout_exemption.take();
            let exemption = exemption.map(|reason| reason.trim().to_owned());
            rule.holdout_exemption = exemption.filter(|reason| !reason.is_empty());
            if rule.id.is_empty() {
                rule.id = format!("r{next}");
                next = next.saturating_add(1);
            }
        }
        self.next_rule = next;
    }
}

fn schema_problem(schema: &Value) -> Option<Problem> {
    if schema.to_string().len() > MAX_SCHEMA_BYTES {
        let max = MAX_SCHEMA_BYTES as u32;
        return Some(Problem::TooLong { max });
    }
    schema_fault(schema).map(|(place, fault)| Problem::BadSchema { place, fault })
}

/// What of a schema a value breaks; nothing while the schema itself is wrong.
pub(super) fn value_breaks(schema: &Value, value: &Value) -> Option<Problem> {
    if schema_problem(schema).is_some() {
        return None;
    }
    let faults = value_faults(schema, value);
    (!faults.is_empty()).then(|| Problem::breaks_schema(faults))
}

fn ramp_problem(ramp: &[RampStep]) -> Option<Problem> {
    if ramp.len() > MAX_RAMP_STEPS {
        let max = MAX_RAMP_STEPS as u32;
        return Some(Problem::TooMany { max });
    }
    if ramp.iter().any(|step| step.coverage_bp > BASIS_POINTS) {
        return Some(out_of_range("0", "100"));
    }
    let is_ordered = ramp.is_sorted_by(|a, b| a.from_ms < b.from_ms);
    (!is_ordered).then_some(Problem::Unordered)
}

fn too_long(text: &str, max: usize) -> Option<Problem> {
    let max_chars = max as u32;
    (text.chars().count() > max).then_some(Problem::TooLong { max: max_chars })
}
