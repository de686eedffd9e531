//! The calculator's form as typed, which is its URL.

use nexus_control::views::{Direction, Expected, PlanQuery};
use nexus_domain::experiment::Method;
use nexus_domain::{Field, FieldProblem, Problem};

use crate::format::{parse_bp, parse_count, parse_number};
use crate::host::Form;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalculatorState {
    pub kind: String,
    pub baseline: String,
    pub mean: String,
    pub standard_deviation: String,
    pub minimum_effect: String,
    /// `increase` or `decrease`.
    pub direction: String,
    pub significance: String,
    pub power: String,
    pub variants: String,
    /// As `90, 10` or `90/10`; empty: equal.
    pub weights: String,
    pub looks: String,
    pub users_per_day: String,
    pub variance_reduction: String,
}

impl Default for CalculatorState {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            kind: text("proportion"),
            baseline: text("10"),
            mean: text("20"),
            standard_deviation: text("40"),
            minimum_effect: text("10"),
            direction: text("increase"),
            significance: text("0.05"),
            power: text("80"),
            variants: text("2"),
            weights: String::new(),
            looks: Method::USUAL_LOOKS.to_string(),
            users_per_day: String::new(),
            variance_reduction: text("0"),
        }
    }
}

impl CalculatorState {
    /// What the URL says; what it leaves out is as usual, or was left empty in the form, which
    /// always says the kind.
    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        let usual = Self::default();
        let is_of_form = form.has("kind");
        let or = |name: &str, usual: String| {
            if is_of_form || form.has(name) {
                form.trimmed(name)
            } else {
                usual
            }
        };
        Self {
            kind: or("kind", usual.kind),
            baseline: or("baseline", usual.baseline),
            mean: or("mean", usual.mean),
            standard_deviation: or("standard_deviation", usual.standard_deviation),
            minimum_effect: or("minimum_effect", usual.minimum_effect),
            direction: or("direction", usual.direction),
            significance: or("significance", usual.significance),
            power: or("power", usual.power),
            variants: or("variants", usual.variants),
            weights: or("weights", usual.weights),
            looks: or("looks", usual.looks),
            users_per_day: or("users_per_day", usual.users_per_day),
            variance_reduction: or("variance_reduction", usual.variance_reduction),
        }
    }

    #[must_use]
    pub fn is_mean(&self) -> bool {
        self.kind == "mean"
    }

    #[must_use]
    pub fn is_decrease(&self) -> bool {
        self.direction == "decrease"
    }

    /// Of each variant in hundredths; none when one is not a number.
    fn weights(&self) -> Option<Vec<u16>> {
        let apart = |c: char| matches!(c, ',' | '，' | '、' | '/' | '／' | ':' | '：' | ' ' | '　');
        let parts = self.weights.split(apart).filter(|part| !part.is_empty());
        parts.map(parse_bp).collect()
    }

    /// Where this view is.
    #[must_use]
    pub fn url(&self) -> String {
        let page = "/calculator?".to_owned();
        let start = page.len();
        let mut url = url::form_urlencoded::Serializer::for_suffix(page, start);
        url.append_pair("kind", &self.kind)
            .append_pair("baseline", &self.baseline)
            .append_pair("mean", &self.mean)
            .append_pair("standard_deviation", &self.standard_deviation)
            .append_pair("minimum_effect", &self.minimum_effect)
            .append_pair("direction", &self.direction)
            .append_pair("significance", &self.significance)
            .append_pair("power", &self.power)
            .append_pair("variants", &self.variants)
            .append_pair("weights", &self.weights)
            .append_pair("looks", &self.looks)
            .append_pair("users_per_day", &self.users_per_day)
            .append_pair("variance_reduction", &self.variance_reduction);
        url.finish()
    }

    /// # Errors
    /// Every field that is not a number; ranges are the use case's to check.
    pub fn query(&self) -> Result<PlanQuery, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let weights = self.weights();
        if weights.is_none() {
            problems.push(FieldProblem::new(Field::Weights, Problem::NotANumber));
        }
        let mut need = |field: Field, value: Option<f64>| {
            value.unwrap_or_else(|| {
                let problem = match field {
                    Field::Variants | Field::Looks | Field::UsersPerDay => {
                        Problem::not_whole(field)
                    }
                    field => Problem::not_a_number(field),
                };
                problems.push(FieldProblem::new(field, problem));
                1.0
            })
        };
        let percent = |typed: &str| parse_bp(typed).map(f64::from);
        let expected = if self.is_mean() {
            Expected::Mean {
                mean: need(Field::Mean, parse_number(&self.mean)),
                standard_deviation: need(
                    Field::StandardDeviation,
                    parse_number(&self.standard_deviation),
                ),
            }
        } else {
            Expected::Proportion {
                baseline_bp: need(Field::Baseline, percent(&self.baseline)) as u16,
            }
        };
        let query = PlanQuery {
            expected,
            minimum_effect_bp: need(Field::MinimumEffect, percent(&self.minimum_effect)) as u16,
            direction: match self.is_decrease() {
                true => Direction::Decrease,
                false => Direction::Increase,
            },
            significance: need(Field::Significance, parse_number(&self.significance)),
            power: need(Field::Power, percent(&self.power)) / 10_000.0,
            variants: need(
                Field::Variants,
                parse_count(&self.variants).map(|n| n as f64),
            ) as u32,
            weights: weights.unwrap_or_default(),
            looks: need(Field::Looks, parse_count(&self.looks).map(|n| n as f64)) as u16,
            users_per_day: (!self.users_per_day.is_empty()).then(|| {
                need(
                    Field::UsersPerDay,
                    parse_count(&self.users_per_day).map(|n| n as f64),
                ) as u64
            }),
            variance_reduction_bp: need(Field::VarianceReduction, percent(&self.variance_reduction))
                as u16,
        };
        if problems.is_empty() {
            Ok(query)
        } else {
            Err(problems)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_holds_the_whole_view() {
        let state = CalculatorState {
            kind: "mean".to_owned(),
            users_per_day: "12,000".to_owned(),
            variants: "３".to_owned(),
            weights: "８０/10、 10".to_owned(),
            direction: "decrease".to_owned(),
            ..CalculatorState::default()
        };
        let url = state.url();
        let form = Form::parse(url.split_once('?').unwrap().1);
        assert_eq!(CalculatorState::of_form(&form), state);
        let query = state.query().unwrap();
        assert_eq!((query.variants, query.users_per_day), (3, Some(12_000)));
        assert_eq!(query.weights, [8_000, 1_000, 1_000]);
        assert_eq!(query.direction, Direction::Decrease);
        assert_eq!(
            CalculatorState::of_form(&Form::parse("")).query().unwrap(),
            PlanQuery::default()
        );
    }

    #[test]
    fn a_field_that_was_emptied_is_not_as_usual() {
        let state = CalculatorState::of_form(&Form::parse("kind=proportion&baseline=5"));
        assert_eq!((&*state.baseline, &*state.power), ("5", ""));
        let state = CalculatorState::of_form(&Form::parse("baseline=5"));
        assert_eq!((&*state.baseline, &*state.power), ("5", "80"));
    }

    #[test]
    fn what_is_not_a_number_is_named_and_what_is_not_used_is_not_asked_for() {
        let state = CalculatorState {
            mean: "x".to_owned(),
            power: "often".to_owned(),
            users_per_day: "1.5".to_owned(),
            variance_reduction: "half".to_owned(),
            weights: "90 to 10".to_owned(),
            looks: String::new(),
            ..CalculatorState::default()
        };
        let problems = state.query().unwrap_err();
        let fields: Vec<Field> = problems.iter().map(|p| p.field).collect();
        assert_eq!(problems[1].problem, Problem::not_a_number(Field::Power));
        assert_eq!(problems[2].problem, Problem::not_whole(Field::Looks));
        assert_eq!(
            fields,
            [
                Field::Weights,
                Field::Power,
                Field::Looks,
                Field::UsersPerDay,
                Field::VarianceReduction
            ]
        );
    }
}
