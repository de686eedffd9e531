//! The calculator's form as typed, which is its URL.

use nexus_control::planning::plan_problems;
use nexus_control::views::{Direction, Expected, PlanQuery};
use nexus_domain::experiment::Method;
use nexus_domain::{Field, FieldProblem, Problem};

use crate::format::parse_bp;
use crate::host::Form;
use crate::pages::typed::Reader;

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
    /// Every field that is empty or not a number, with what the use case says of the others.
    pub fn query(&self) -> Result<PlanQuery, Vec<FieldProblem>> {
        let mut read = Reader::default();
        let weights = self.weights().unwrap_or_else(|| {
            read.note(Field::Weights, Problem::NotANumber);
            Vec::new()
        });
        let expected = if self.is_mean() {
            Expected::Mean {
                mean: read.number(Field::Mean, &self.mean, 1.0),
                standard_deviation: read.number(
                    Field::StandardDeviation,
                    &self.standard_deviation,
                    1.0,
                ),
            }
        } else {
            Expected::Proportion {
                baseline_bp: read.percent(Field::Baseline, &self.baseline, 1),
            }
        };
        let minimum_effect_bp = read.percent(Field::MinimumEffect, &self.minimum_effect, 1);
        let significance = read.number(Field::Significance, &self.significance, 0.05);
        let power_bp = read.percent(Field::Power, &self.power, 1);
        let variants = read.count(Field::Variants, &self.variants, 2);
        let looks = read.count(Field::Looks, &self.looks, 2);
        let users_per_day = (!self.users_per_day.is_empty())
            .then(|| read.count(Field::UsersPerDay, &self.users_per_day, 1));
        let variance_reduction_bp =
            read.percent(Field::VarianceReduction, &self.variance_reduction, 1);
        let query = PlanQuery {
            expected,
            minimum_effect_bp,
            direction: match self.is_decrease() {
                true => Direction::Decrease,
                false => Direction::Increase,
            },
            significance,
            power: f64::from(power_bp) / 10_000.0,
            // Of too many the use case says how many may be.
            variants: u32::try_from(variants).unwrap_or(u32::MAX),
            weights,
            looks: u16::try_from(looks).unwrap_or(u16::MAX),
            users_per_day,
            variance_reduction_bp,
        };
        let unread: Vec<Field> = read.problems.iter().map(|p| p.field).collect();
        if unread.is_empty() {
            return Ok(query);
        }
        // How many weights there must be is known once the variants are.
        let is_own = |p: &FieldProblem| {
            let counts = p.field == Field::Weights && unread.contains(&Field::Variants);
            !counts && !unread.contains(&p.field)
        };
        let others = plan_problems(&query).into_iter().filter(is_own);
        read.problems.extend(others);
        Err(read.problems)
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
    fn what_can_be_read_is_checked_in_the_same_round() {
        let state = |looks: &str, variants: &str| CalculatorState {
            looks: looks.to_owned(),
            variants: variants.to_owned(),
            weights: "80, 10, 10".to_owned(),
            ..CalculatorState::default()
        };
        let fields = |state: CalculatorState| -> Vec<Field> {
            let problems = state.query().unwrap_err();
            problems.into_iter().map(|p| p.field).collect()
        };
        assert_eq!(fields(state("x", "2")), [Field::Looks, Field::Weights]);
        assert_eq!(fields(state("x", "y")), [Field::Variants, Field::Looks]);
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
        assert_eq!(problems[2].problem, Problem::Required);
        assert_eq!(problems[3].problem, Problem::not_whole(Field::UsersPerDay));
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
