//! From what was typed to a draft, with every problem at its field.

use nexus_domain::experiment::{
    Correction, Draft, DraftVariant, LayerShare, Method, Plan, Schedule,
};
use nexus_domain::{Environment, Field, FieldProblem, Problem};
use nexus_flags::Prerequisite;
use serde_json::Map;

use super::method::KINDS;
use super::metric_fields::{MetricFields, pre_days, window_hours};
use super::state::FormState;
use crate::islands::VariantFields;
use crate::pages::ramp::read_steps;
use crate::pages::typed::{Reader, object};
use crate::zone::Zone;

impl FormState {
    fn needs(&self) -> Vec<Prerequisite> {
        let typed = self.prerequisites.iter();
        typed.map(|row| row.prerequisite(&self.flags)).collect()
    }

    /// The draft, or everything that is wrong with what was typed. A draft may
    /// still be refused by the use case (a taken id, a time in the past).
    ///
    /// # Errors
    /// Every problem with its field.
    pub fn draft(&self) -> Result<Draft, Vec<FieldProblem>> {
        let (draft, mut problems) = self.as_typed();
        for found in draft.problems() {
            // A weight that is no number makes every sum wrong; say it once.
            let follows = found.field == Field::Variants
                && problems
                    .iter()
                    .any(|p| matches!(p.field, Field::VariantWeight(_)));
            if !follows && problems.iter().all(|p| p.field != found.field) {
                problems.push(found);
            }
        }
        if problems.is_empty() {
            Ok(draft)
        } else {
            Err(problems)
        }
    }

    /// What was typed, with the usual in place of what can't be read, and what that is.
    #[must_use]
    pub fn as_typed(&self) -> (Draft, Vec<FieldProblem>) {
        let mut read = Reader::default();
        let environment = Environment::parse(&self.environment).unwrap_or_else(|| {
            let value = self.environment.clone();
            read.note(Field::Environment, Problem::Unknown { value });
            Environment::Development
        });
        let variants = (0u16..)
            .zip(&self.variants)
            .map(|(i, v)| variant(&mut read, i, v))
            .collect();
        let targeting = self.audience.targeting(&mut read, |field| field);
        let schedule = self.schedule(&mut read);
        let coverage_bp = read.percent(Field::Coverage, &self.coverage, 0);
        let ramp = read_steps(&mut read, &self.ramp, coverage_bp);
        let significance = read.number(Field::Significance, &self.significance, 0.05);
        let method = self.method(&mut read);
        let correction = self.correction(&mut read);
        let draft = Draft {
            id: self.id.clone(),
            environment,
            name: self.name.clone(),
            hypothesis: self.hypothesis.clone(),
            team: (!self.team.is_empty()).then(|| self.team.clone()),
            variants,
            coverage_bp,
            ramp,
            targeting,
            prerequisites: self.needs(),
            holdout: (!self.holdout.is_empty()).then(|| self.holdout.clone()),
            layer: self.layer(&mut read),
            schedule,
            goal: self.goal.clone(),
            goal_window_hours: window_hours(&self.goal_window),
            goal_pre_days: pre_days(&self.goal_pre),
            guardrail: self.safeguards.read(&mut read),
            significance,
            plan: Plan {
                baseline_bp: read.percent(Field::Baseline, &self.baseline, 1_000),
                minimum_effect_bp: read.percent(Field::MinimumEffect, &self.minimum_effect, 1_000),
            },
            method,
            correction,
            metrics: self.metrics.iter().map(MetricFields::metric).collect(),
        };
        (draft, read.problems)
    }

    /// Of the numbers only those of the chosen method are read.
    fn method(&self, read: &mut Reader) -> Method {
        if self.method.is_empty() {
            return Method::default();
        }
        let Some(kind) = KINDS.into_iter().find(|k| k.as_str() == self.method) else {
            let value = self.method.chars().take(40).collect();
            read.note(Field::Method, Problem::Unknown { value });
            return Method::default();
        };
        match kind {
            Method::AlwaysValid => kind,
            Method::GroupSequential { looks, .. } => Method::GroupSequential {
                looks: u16::try_from(read.count(Field::Looks, &self.looks, looks.into()))
                    .unwrap_or(u16::MAX),
                planned_users: read.count(Field::PlannedUsers, &self.planned_users, 0),
            },
            Method::FixedHorizon { .. } => Method::FixedHorizon {
                planned_users: read.count(Field::PlannedUsers, &self.planned_users, 0),
            },
            Method::Bayesian { prior_sd_bp } => Method::Bayesian {
                prior_sd_bp: read.percent(Field::PriorSd, &self.prior_sd, prior_sd_bp),
            },
        }
    }

    fn correction(&self, read: &mut Reader) -> Correction {
        if self.correction.is_empty() {
            return Correction::default();
        }
        Correction::parse(&self.correction).unwrap_or_else(|| {
            let value = self.correction.chars().take(40).collect();
            read.note(Field::Correction, Problem::Unknown { value });
            Correction::default()
        })
    }

    fn layer(&self, read: &mut Reader) -> Option<LayerShare> {
        (!self.layer.is_empty() || !self.layer_share.is_empty()).then(|| LayerShare {
            layer: self.layer.clone(),
            share_bp: read.percent(Field::LayerShare, &self.layer_share, 1),
            from_bp: None,
        })
    }

    fn schedule(&self, read: &mut Reader) -> Schedule {
        let zone = Zone::parse(&self.timezone).unwrap_or_else(|| {
            read.note(Field::Timezone, Problem::UnknownTimezone);
            Zone::UTC
        });
        Schedule {
            start_ms: read.moment(Field::StartAt, &self.start, zone),
            end_ms: read.moment(Field::EndAt, &self.end, zone),
            timezone: zone.name().to_owned(),
        }
    }
}

fn variant(read: &mut Reader, i: u16, typed: &VariantFields) -> DraftVariant {
    let features = if typed.features.is_empty() {
        Map::new()
    } else {
        object(read, Field::VariantFeatures(i), &typed.features)
    };
    DraftVariant {
        key: typed.key.clone(),
        name: typed.name.clone(),
        weight_bp: read.percent(Field::VariantWeight(i), &typed.weight, 0),
        features,
        deployment: Some(typed.deployment.clone()).filter(|d| !d.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use nexus_domain::experiment::{
        Among, Better, Counted, MaxLatency, Metric, MetricKind, MetricRole, MinConversion,
        Safeguards,
    };
    use nexus_flags::{AttributeRule, CountryCode, Device, Operator};
    use serde_json::Value;

    use super::*;
    use crate::lang::Lang;

    fn good() -> FormState {
        let draft = Draft {
            id: "checkout".to_owned(),
            name: "Checkout".to_owned(),
            ..Draft::starter(Environment::Production)
        };
        FormState::of_draft(&draft, Lang::En)
    }

    #[test]
    fn a_draft_survives_the_form() {
        let mut draft = good().draft().unwrap();
        draft.targeting.countries = vec![CountryCode::new("JP").unwrap()];
        draft.targeting.devices = vec![Device::Mobile];
        draft.targeting.attributes = vec![AttributeRule {
            name: "plan".to_owned(),
            operator: Operator::IsNot,
            values: vec!["free".to_owned(), "trial".to_owned()],
        }];
        draft.schedule = Schedule {
            start_ms: Some(1_795_219_200_000),
            end_ms: Some(1_795_305_600_000),
            timezone: "Asia/Tokyo".to_owned(),
        };
        draft.variants[1]
            .features
            .insert("cta".to_owned(), Value::from("</textarea>"));
        draft.variants[1].deployment = Some("canary".to_owned());
        draft.goal_window_hours = Some(36);
        draft.goal_pre_days = 14;
        draft.correction = Correction::BenjaminiHochberg;
        assert_eq!(
            FormState::of_draft(&draft, Lang::En).draft().unwrap(),
            draft
        );
    }

    #[test]
    fn every_method_survives_the_form() {
        for method in [
            Method::AlwaysValid,
            Method::GroupSequential {
                looks: 4,
                planned_users: 12_000,
            },
            Method::FixedHorizon {
                planned_users: 9_000,
            },
            Method::Bayesian { prior_sd_bp: 1_250 },
        ] {
            let draft = Draft {
                method,
                ..good().draft().unwrap()
            };
            assert_eq!(
                FormState::of_draft(&draft, Lang::En).draft().unwrap(),
                draft
            );
        }
    }

    #[test]
    fn safeguards_survive_the_form_and_a_limit_left_empty_is_off() {
        let mut draft = good().draft().unwrap();
        draft.guardrail = Safeguards {
            max_error_rate_bp: 250,
            max_latency: Some(MaxLatency {
                limit_ms: 800,
                share_bp: 1_000,
            }),
            min_conversion: Some(MinConversion {
                rate_bp: 275,
                within_hours: 48,
            }),
            stop_on_metrics: false,
            stop_on_split: true,
            stop_on_verdict: true,
            min_hours: 168,
        };
        let mut state = FormState::of_draft(&draft, Lang::En);
        assert_eq!(state.draft().unwrap(), draft);
        state.safeguards.min_conversion = String::new();
        state.safeguards.conversion_hours = "not read".to_owned();
        assert_eq!(state.draft().unwrap().guardrail.min_conversion, None);
        state.safeguards.max_latency = "fast".to_owned();
        state.method = "fixed_horizon".to_owned();
        state.planned_users = "9000".to_owned();
        let problems = state.draft().unwrap_err();
        let fields: Vec<Field> = problems.iter().map(|p| p.field).collect();
        assert_eq!(fields, [Field::MaxLatency, Field::StopOnVerdict]);
    }

    #[test]
    fn metrics_survive_the_form_and_a_mistyped_margin_is_named() {
        let metric = |key: &str, kind, role| Metric {
            key: key.to_owned(),
            kind,
            better: Better::Lower,
            role,
            ..Metric::default()
        };
        let mut draft = good().draft().unwrap();
        draft.metrics = vec![
            metric(
                "revenue",
                MetricKind::Mean { cap: Some(250.5) },
                MetricRole::Secondary,
            ),
            metric(
                "refund",
                MetricKind::Proportion,
                MetricRole::Guardrail { margin_bp: 250 },
            ),
            Metric {
                event: "visit".to_owned(),
                pre_days: 14,
                ..metric(
                    "back",
                    MetricKind::Retention {
                        from_day: 7,
                        until_day: 14,
                    },
                    MetricRole::Secondary,
                )
            },
            Metric {
                window_hours: Some(168),
                ..metric(
                    "order-value",
                    MetricKind::Ratio {
                        top: Counted::Values,
                        over: "order".to_owned(),
                        bottom: Counted::Events,
                    },
                    MetricRole::Secondary,
                )
            },
            metric(
                "page-load",
                MetricKind::Quantile {
                    level_bp: 9_750,
                    among: Among::Users,
                },
                MetricRole::Guardrail { margin_bp: 500 },
            ),
            metric(
                "visits",
                MetricKind::Count,
                MetricRole::Primary { spread_bp: 123_450 },
            ),
        ];
        let mut state = FormState::of_draft(&draft, Lang::En);
        assert_eq!(state.draft().unwrap(), draft);
        state.metrics[1].margin = "few".to_owned();
        state.metrics[0].cap = "none".to_owned();
        let problems = state.draft().unwrap_err();
        let fields: Vec<Field> = problems.iter().map(|p| p.field).collect();
        assert_eq!(fields, [Field::MetricCap(0), Field::MetricMargin(1)]);
        let mut state = FormState::of_draft(&draft, Lang::En);
        state.metrics[2].days = "a week".to_owned();
        state.metrics[3].window = "soon".to_owned();
        state.metrics[4].level = "most".to_owned();
        let problems = state.draft().unwrap_err();
        let fields: Vec<Field> = problems.iter().map(|p| p.field).collect();
        assert_eq!(
            fields,
            [
                Field::MetricDays(2),
                Field::MetricWindow(3),
                Field::MetricLevel(4)
            ]
        );
    }

    #[test]
    fn the_spread_of_what_decides_is_as_usual_where_nothing_is_typed() {
        let mut state = good();
        let row = |key: &str, spread: &str| MetricFields {
            key: key.to_owned(),
            kind: "count".to_owned(),
            role: "primary".to_owned(),
            spread: spread.to_owned(),
            ..MetricFields::default()
        };
        for (typed, spread_bp) in [("", 30_000), ("１２５ %", 12_500), ("1000", 100_000)] {
            state.metrics = vec![row("visits", typed)];
            let role = state.draft().unwrap().metrics[0].role;
            assert_eq!(role, MetricRole::Primary { spread_bp }, "{typed}");
        }
        for typed in ["0", "much", "-3", "1e9"] {
            state.metrics = vec![row("visits", typed)];
            let problems = state.draft().unwrap_err();
            assert_eq!(problems[0].field, Field::MetricSpread(0), "{typed}");
        }
        state.metrics = vec![row("visits", ""), row("orders", "")];
        let second = FieldProblem::new(Field::Metric(1), Problem::OneDecides);
        assert_eq!(state.draft().unwrap_err(), [second]);
    }

    #[test]
    fn a_methods_own_numbers_are_asked_for_and_no_others() {
        let mut state = good();
        state.planned_users = String::new();
        state.looks = "x".to_owned();
        assert_eq!(state.draft().unwrap().method, Method::AlwaysValid);
        state.method = "group_sequential".to_owned();
        let fields = |state: &FormState| -> Vec<Field> {
            let problems = state.draft().unwrap_err();
            problems.iter().map(|p| p.field).collect()
        };
        assert_eq!(fields(&state), [Field::Looks, Field::PlannedUsers]);
        state.method = "guess".to_owned();
        assert_eq!(fields(&state), [Field::Method]);
    }

    #[test]
    fn a_draft_that_a_program_made_can_be_saved_as_it_is() {
        for timezone in ["", "Mars"] {
            let mut draft = good().draft().unwrap();
            draft.schedule.timezone = timezone.to_owned();
            let saved = FormState::of_draft(&draft, Lang::En).draft().unwrap();
            assert_eq!(saved.schedule.timezone, "UTC");
        }
    }

    #[test]
    fn every_mistyped_field_is_named_once() {
        let mut state = good();
        state.coverage = "half".to_owned();
        state.audience.countries = "JP, Atlantis".to_owned();
        state.variants[0].weight = "x".to_owned();
        state.variants[1].features = "[1]".to_owned();
        state.timezone = "Mars".to_owned();
        state.start = "soon".to_owned();
        state.name = String::new();
        state.goal_window = "a while".to_owned();
        state.goal_pre = "two weeks".to_owned();
        let problems = state.draft().unwrap_err();
        let fields: Vec<Field> = problems.iter().map(|p| p.field).collect();
        for field in [
            Field::Coverage,
            Field::Countries,
            Field::VariantWeight(0),
            Field::VariantFeatures(1),
            Field::Timezone,
            Field::StartAt,
            Field::GoalWindow,
            Field::GoalPreDays,
            Field::Name,
        ] {
            assert_eq!(
                fields.iter().filter(|f| **f == field).count(),
                1,
                "{field:?}"
            );
        }
        assert!(
            !fields.contains(&Field::Variants),
            "the sum follows from the weight"
        );
    }
}
