//! The form exactly as typed, so that a refused submit loses nothing.

use super::read::{day, json_of, shown, value_of};
use crate::format::bp;
use crate::host::Form;
use crate::islands::slugify;
use crate::lang::Lang;
use crate::pages::audience::Audience;
use crate::pages::holdouts::HoldoutChoice;
use crate::pages::prerequisites::PrerequisiteFields;
use crate::pages::ramp::{RuleRamp, rule_steps_text};
use crate::pages::typed::Reader;
use crate::zone::Zone;
use nexus_control::views::{FlagChoice, GroupChoice};
use nexus_domain::experiment::Schedule;
use nexus_domain::flag::{FlagDraft, FlagKind, MAX_RULES, Rule};
use nexus_domain::{Environment, Field, FieldProblem, Problem};
use nexus_flags::Prerequisite;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagForm {
    pub key: String,
    pub environment: String,
    pub name: String,
    pub description: String,
    pub kind: FlagKind,
    pub value: String,
    pub schema: String,
    pub permanent: bool,
    /// A day in UTC.
    pub due: String,
    pub rules: Vec<RuleFields>,
    pub prerequisites: Vec<PrerequisiteFields>,
    /// The flags of the environment, which prerequisites are about.
    pub flags: Vec<FlagChoice>,
    /// The saved groups of the environment, which conditions may name.
    pub groups: Vec<GroupChoice>,
    /// The holdouts that rules can be bound by.
    pub holdouts: Vec<HoldoutChoice>,
    /// Position of the rule that was just added or moved: it gets the focus.
    pub focused: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFields {
    /// Empty for one that was never saved.
    pub id: String,
    pub name: String,
    pub description: String,
    pub off: bool,
    pub coverage: String,
    /// One step a line: a share, and how long it is held or from when on.
    pub ramp: String,
    pub value: String,
    pub audience: Audience,
    pub prerequisites: Vec<PrerequisiteFields>,
    /// Ids of holdouts.
    pub holdouts: Vec<String>,
    /// Why the one that binds flags does not bind it.
    pub exemption: String,
    pub start: String,
    pub end: String,
    pub timezone: String,
}

impl FlagForm {
    /// As somebody who reads this language would have typed it.
    #[must_use]
    pub fn of_draft(draft: &FlagDraft, lang: Lang) -> Self {
        let rules = draft.rules.iter();
        Self {
            key: draft.key.clone(),
            environment: draft.environment.as_str().to_owned(),
            name: draft.name.clone(),
            description: draft.description.clone(),
            kind: draft.kind,
            value: shown(draft.kind, &draft.value),
            schema: draft
                .schema
                .as_ref()
                .map(|schema| shown(FlagKind::Json, schema))
                .unwrap_or_default(),
            permanent: draft.permanent,
            due: draft.due_ms.map(day).unwrap_or_default(),
            rules: rules
                .map(|rule| RuleFields::of(draft.kind, rule, lang))
                .collect(),
            prerequisites: PrerequisiteFields::of(&draft.prerequisites),
            flags: Vec::new(),
            groups: Vec::new(),
            holdouts: Vec::new(),
            focused: None,
        }
    }

    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        let name = form.trimmed("name");
        let typed_key = form.trimmed("key");
        // The order of the marks is the order of the rules: a script may move them.
        let marks = form.all("rule").into_iter().take(2 * MAX_RULES);
        Self {
            key: match typed_key.is_empty() {
                true => slugify(&name),
                false => typed_key,
            },
            environment: form.trimmed("environment"),
            name,
            description: form.get("description").to_owned(),
            kind: FlagKind::parse(form.get("kind")).unwrap_or(FlagKind::Boolean),
            value: form.get("value").to_owned(),
            schema: form.get("schema").to_owned(),
            permanent: form.get("lifetime") == "permanent",
            due: form.trimmed("due"),
            rules: marks.map(|mark| RuleFields::of_form(form, mark)).collect(),
            prerequisites: PrerequisiteFields::of_form(form, ""),
            flags: Vec::new(),
            groups: Vec::new(),
            holdouts: Vec::new(),
            focused: None,
        }
    }

    /// What the form's own buttons ask for besides saving. True when it was one of them: the
    /// form is shown again, nothing is saved.
    pub fn rearrange(&mut self, asked: &str, zone: Zone) -> bool {
        // The condition has done by itself what its own buttons ask for.
        if asked.contains("-condition:") {
            return true;
        }
        let (asked, index) = asked.split_once(':').unwrap_or((asked, ""));
        let index: usize = index.parse().unwrap_or(usize::MAX);
        let there = index < self.rules.len();
        match asked {
            "add-rule" => {
                self.focused = Some(self.rules.len());
                self.rules.push(RuleFields {
                    coverage: "100".to_owned(),
                    value: self.usual_value().to_owned(),
                    timezone: zone.name().to_owned(),
                    ..RuleFields::default()
                });
            }
            "remove-rule" if there => drop(self.rules.remove(index)),
            "up" if there && index > 0 => {
                self.rules.swap(index - 1, index);
                self.focused = Some(index - 1);
            }
            "down" if index.saturating_add(1) < self.rules.len() => {
                self.rules.swap(index, index + 1);
                self.focused = Some(index + 1);
            }
            "remove-rule" | "up" | "down" => {}
            "kind" => self.fit_values(),
            // The blank row below those typed is always there.
            "add-attribute" | "estimate" => {}
            _ => return false,
        }
        true
    }

    /// What a new rule proposes: for a switch the other position.
    const fn usual_value(&self) -> &'static str {
        match self.kind {
            FlagKind::Boolean => "true",
            FlagKind::String | FlagKind::Number => "",
            FlagKind::Json => "{}",
        }
    }

    /// Values that are none of the kind make way for the usual ones.
    fn fit_values(&mut self) {
        let kind = self.kind;
        let usual = self.usual_value();
        let fits = |typed: &str| value_of(&mut Reader::default(), kind, Field::Value, typed).1;
        let is_word = |typed: &str| matches!(typed, "true" | "false" | "{}");
        if !fits(&self.value) || is_word(&self.value) {
            match kind {
                FlagKind::Boolean => "false",
                _ => usual,
            }
            .clone_into(&mut self.value);
        }
        for rule in &mut self.rules {
            if !fits(&rule.value) || is_word(&rule.value) {
                usual.clone_into(&mut rule.value);
            }
        }
    }

    /// The draft, or everything that is wrong with what was typed and what it makes.
    ///
    /// # Errors
    /// Every problem with its field.
    pub fn draft(&self) -> Result<FlagDraft, Vec<FieldProblem>> {
        let (draft, mut problems) = self.as_typed();
        if problems.is_empty() {
            return Ok(draft);
        }
        // A field that could not be read has a stand-in, of which nothing more is said.
        for problem in draft.problems() {
            if problems.iter().all(|known| known.field != problem.field) {
                problems.push(problem);
            }
        }
        Err(problems)
    }

    /// What was typed, with the usual in place of what can't be read, and what that is.
    #[must_use]
    pub fn as_typed(&self) -> (FlagDraft, Vec<FieldProblem>) {
        let mut read = Reader::default();
        let environment = Environment::parse(&self.environment).unwrap_or_else(|| {
            let value = self.environment.chars().take(40).collect();
            read.note(Field::Environment, Problem::Unknown { value });
            Environment::Development
        });
        let value = value_of(&mut read, self.kind, Field::Value, &self.value).0;
        let rules = (0u16..)
            .zip(&self.rules)
            .map(|(i, rule)| Rule {
                prerequisites: self.needs(&rule.prerequisites),
                ..rule.rule(&mut read, self.kind, i)
            })
            .collect();
        let draft = FlagDraft {
            key: self.key.clone(),
            environment,
            name: self.name.clone(),
            description: self.description.clone(),
            kind: self.kind,
            value,
            schema: json_of(&mut read, Field::Schema, &self.schema),
            permanent: self.permanent,
            due_ms: self.due_ms(&mut read),
            rules,
            prerequisites: self.needs(&self.prerequisites),
        };
        (draft, read.problems)
    }

    /// One that was typed, also where it can't be read.
    pub(super) fn has_schema(&self) -> bool {
        !self.schema.trim().is_empty()
    }

    fn needs(&self, typed: &[PrerequisiteFields]) -> Vec<Prerequisite> {
        let flags = &self.flags;
        typed.iter().map(|row| row.prerequisite(flags)).collect()
    }
}

impl FlagForm {
    fn due_ms(&self, read: &mut Reader) -> Option<i64> {
        let midnight = match self.due.is_empty() {
            true => String::new(),
            false => format!("{}T00:00", self.due),
        };
        read.moment(Field::DueAt, &midnight, Zone::UTC)
    }
}

impl RuleFields {
    fn of(kind: FlagKind, rule: &Rule, lang: Lang) -> Self {
        let zone = Zone::parse(&rule.schedule.timezone).unwrap_or(Zone::UTC);
        let local = |ms: Option<i64>| ms.map(|ms| zone.local(ms)).unwrap_or_default();
        Self {
            id: rule.id.clone(),
            name: rule.name.clone(),
            description: rule.description.clone(),
            off: !rule.enabled,
            coverage: bp(rule.coverage_bp),
            ramp: rule_steps_text(rule, zone, lang),
            value: shown(kind, &rule.value),
            audience: Audience::of(&rule.targeting),
            prerequisites: PrerequisiteFields::of(&rule.prerequisites),
            holdouts: rule.holdouts.clone(),
            exemption: rule.holdout_exemption.clone().unwrap_or_default(),
            start: local(rule.schedule.start_ms),
            end: local(rule.schedule.end_ms),
            timezone: zone.name().to_owned(),
        }
    }

    fn of_form(form: &Form, mark: &str) -> Self {
        let prefix = format!("rule-{mark}-");
        let get = |part: &str| form.get(&format!("{prefix}{part}"));
        let trimmed = |part: &str| get(part).trim().to_owned();
        Self {
            id: trimmed("id"),
            name: trimmed("name"),
            description: get("description").to_owned(),
            off: get("state") == "off",
            coverage: trimmed("coverage"),
            ramp: get("ramp").to_owned(),
            value: get("value").to_owned(),
            audience: Audience::of_form(form, &prefix),
            prerequisites: PrerequisiteFields::of_form(form, &prefix),
            holdouts: form
                .all(&format!("{prefix}holdout"))
                .into_iter()
                .map(str::to_owned)
                .collect(),
            exemption: trimmed("exemption"),
            start: trimmed("start"),
            end: trimmed("end"),
            timezone: trimmed("timezone"),
        }
    }

    fn rule(&self, read: &mut Reader, kind: FlagKind, i: u16) -> Rule {
        let zone = Zone::parse(&self.timezone).unwrap_or_else(|| {
            read.note(Field::RuleTimezone(i), Problem::UnknownTimezone);
            Zone::UTC
        });
        let start_ms = read.moment(Field::RuleStartAt(i), &self.start, zone);
        let coverage_bp = read.percent(Field::RuleCoverage(i), &self.coverage, 0);
        let ramp = RuleRamp {
            field: Field::RuleRamp(i),
            typed: &self.ramp,
            zone,
            start_ms,
            coverage_bp,
        };
        Rule {
            id: self.id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            enabled: !self.off,
            targeting: self.audience.targeting(read, |field| field.of_rule(i)),
            coverage_bp,
            ramp: ramp.steps(read),
            value: value_of(read, kind, Field::RuleValue(i), &self.value).0,
            schedule: Schedule {
                start_ms,
                end_ms: read.moment(Field::RuleEndAt(i), &self.end, zone),
                timezone: zone.name().to_owned(),
            },
            prerequisites: Vec::new(),
            holdouts: self.holdouts.clone(),
            holdout_exemption: Some(self.exemption.clone()).filter(|reason| !reason.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::condition::ConditionTyped;

    fn typed() -> Form {
        Form::from([
            ("name", "New checkout"),
            ("key", ""),
            ("environment", "staging"),
            ("kind", "boolean"),
            ("value", "false"),
            ("rule", "1"),
            ("rule-1-value", "true"),
            ("rule-1-coverage", "25"),
            ("rule-1-timezone", "Asia/Tokyo"),
            ("rule-1-start", "2026-12-01T09:00"),
            (
                "rule-1-ramp",
                "2026-12-02 09:00 50%\n\n2026-12-03T09:00 100",
            ),
            ("rule-1-countries", "jp"),
            ("rule-1-device", "mobile"),
            ("rule", "0"),
            ("rule-0-id", "r1"),
            ("rule-0-value", "true"),
            ("rule-0-coverage", "100"),
            ("rule-0-timezone", "UTC"),
            ("rule-0-state", "off"),
            ("rule-0-attribute_name", "plan"),
            ("rule-0-attribute_operator", "is"),
            ("rule-0-attribute_values", "pro, team"),
        ])
    }

    #[test]
    fn what_is_typed_becomes_a_draft_in_the_order_of_the_marks() {
        let form = FlagForm::of_form(&typed());
        let draft = form.draft().unwrap();
        assert_eq!(draft.key, "new-checkout");
        let [first, second] = &draft.rules[..] else {
            panic!("{draft:?}")
        };
        assert_eq!((first.id.as_str(), first.coverage_bp), ("", 2_500));
        assert_eq!(first.schedule.start_ms, Some(1_796_083_200_000));
        let ramp: Vec<u16> = first.ramp.iter().map(|step| step.coverage_bp).collect();
        assert_eq!(ramp, [5_000, 10_000]);
        assert_eq!(first.ramp[0].from_ms, 1_796_083_200_000 + 86_400_000);
        assert_eq!((second.id.as_str(), second.enabled), ("r1", false));
        assert_eq!(second.targeting.attributes[0].values, ["pro", "team"]);
        // And back: nothing is lost or changed on the way.
        for lang in Lang::ALL {
            let again = FlagForm::of_draft(&draft, lang);
            assert_eq!(again.draft().unwrap(), draft);
        }
    }

    #[test]
    fn every_problem_is_told_at_its_place() {
        let mut form = FlagForm::of_form(&typed());
        form.name.clear();
        form.rules[0].coverage = "lots".to_owned();
        form.rules[0].value = "maybe".to_owned();
        form.rules[1].timezone = "Mars".to_owned();
        form.rules[0].ramp = "2026-12-02 09:00 50%\nsoon 100%".to_owned();
        form.rules[1].audience.condition = ConditionTyped::of_text("{".to_owned());
        let problems = form.draft().unwrap_err();
        let fields: Vec<Field> = problems.iter().map(|p| p.field).collect();
        for field in [
            Field::Name,
            Field::RuleCoverage(0),
            Field::RuleValue(0),
            Field::RuleRamp(0),
            Field::RuleTimezone(1),
            Field::RuleCondition(1),
        ] {
            assert!(fields.contains(&field), "{field:?} of {fields:?}");
        }
        assert_eq!(fields.len(), 6, "{fields:?}");
    }

    #[test]
    fn buttons_add_move_and_remove_rules_and_nothing_else() {
        let mut form = FlagForm::of_form(&typed());
        let ids = |form: &FlagForm| -> Vec<String> {
            form.rules.iter().map(|rule| rule.id.clone()).collect()
        };
        assert!(form.rearrange("down:0", Zone::UTC));
        assert_eq!(
            (ids(&form), form.focused),
            (vec!["r1".into(), String::new()], Some(1))
        );
        assert!(form.rearrange("up:0", Zone::UTC) && form.rearrange("down:7", Zone::UTC));
        assert!(form.rearrange("add-rule", Zone::UTC));
        assert_eq!(form.rules[2].value, "true");
        assert!(form.rearrange("remove-rule:1", Zone::UTC));
        assert_eq!(ids(&form), ["r1", ""]);
        assert!(!form.rearrange("", Zone::UTC) && !form.rearrange("save", Zone::UTC));
    }

    #[test]
    fn another_kind_keeps_what_fits() {
        let mut form = FlagForm::of_form(&typed());
        form.kind = FlagKind::Number;
        assert!(form.rearrange("kind", Zone::UTC));
        assert_eq!(
            (form.value.as_str(), form.rules[0].value.as_str()),
            ("", "")
        );
        form.value = "7.5".to_owned();
        form.kind = FlagKind::String;
        form.rearrange("kind", Zone::UTC);
        assert_eq!(form.value, "7.5");
    }
}
