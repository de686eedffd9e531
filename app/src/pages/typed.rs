//! Reading what was typed into forms: numbers, times, JSON.

use nexus_domain::{Field, FieldProblem, Problem};
use serde_json::{Map, Value};

use crate::format::{parse_bp, parse_count, parse_number};
use crate::zone::{LocalTimeError, Zone};

/// Collects problems while values are read; a value that can't be read becomes
/// a harmless one, and its own problem is the only one told of it.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<FieldProblem>,
}

impl Reader {
    pub(crate) fn note(&mut self, field: Field, problem: Problem) {
        self.problems.push(FieldProblem::new(field, problem));
    }

    pub(crate) fn percent(&mut self, field: Field, typed: &str, otherwise: u16) -> u16 {
        let found = parse_bp(typed);
        self.found(field, typed, found, Problem::not_a_number)
            .unwrap_or(otherwise)
    }

    pub(crate) fn number(&mut self, field: Field, typed: &str, otherwise: f64) -> f64 {
        let found = parse_number(typed);
        self.found(field, typed, found, Problem::not_a_number)
            .unwrap_or(otherwise)
    }

    /// A whole number; `otherwise` when it is not, which is a problem of its own.
    pub(crate) fn count(&mut self, field: Field, typed: &str, otherwise: u64) -> u64 {
        let found = parse_count(typed);
        self.found(field, typed, found, Problem::not_whole)
            .unwrap_or(otherwise)
    }

    /// Notes what is wrong where nothing was found: that it is empty, or `wrong`.
    fn found<T>(
        &mut self,
        field: Field,
        typed: &str,
        found: Option<T>,
        wrong: fn(Field) -> Problem,
    ) -> Option<T> {
        if found.is_none() {
            let problem = match typed.is_empty() {
                true => Problem::Required,
                false => wrong(field),
            };
            self.note(field, problem);
        }
        found
    }

    pub(crate) fn moment(&mut self, field: Field, typed: &str, zone: Zone) -> Option<i64> {
        if typed.is_empty() {
            return None;
        }
        match zone.moment(typed) {
            Ok(ms) => Some(ms),
            Err(error) => {
                let problem = match error {
                    LocalTimeError::NotATime => Problem::NotATime,
                    LocalTimeError::Skipped => Problem::TimeSkipped,
                };
                self.note(field, problem);
                None
            }
        }
    }
}

/// An empty object where the text is none.
pub(crate) fn object(read: &mut Reader, field: Field, typed: &str) -> Map<String, Value> {
    let detail = match serde_json::from_str::<Value>(typed) {
        Ok(Value::Object(map)) => return map,
        Ok(_) => "{ … }".to_owned(),
        Err(error) => format!("{}:{}", error.line(), error.column()),
    };
    read.note(field, Problem::NotJsonObject { detail });
    Map::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cx::Cx;
    use crate::text::problem::problem_text;

    #[test]
    fn what_is_no_number_is_told_the_range_of_its_field() {
        let mut read = Reader::default();
        assert_eq!(read.percent(Field::Coverage, "abc", 7), 7);
        assert_eq!(read.count(Field::ConversionHours, "0.02", 24), 24);
        assert_eq!(read.count(Field::PlannedUsers, "many", 9), 9);
        assert_eq!(read.percent(Field::Coverage, "", 7), 7);
        assert_eq!(read.number(Field::Significance, "often", 0.05), 0.05);
        assert_eq!(read.number(Field::Significance, "", 0.05), 0.05);
        assert_eq!(read.number(Field::Significance, "0.1", 0.05), 0.1);
        let cx = Cx::outside_pages();
        let said: Vec<String> = read
            .problems
            .iter()
            .map(|found| problem_text(&cx, &found.problem))
            .collect();
        assert_eq!(
            said,
            [
                "Between 0 and 100.",
                "A whole number from 1 to 720.",
                "A number from 0 up.",
                "Fill this in.",
                "Between 0.001 and 0.2.",
                "Fill this in.",
            ]
        );
    }
}
