//! A ramp as it is typed: the same for experiments, which know how long a share is held, and
//! for the rules of flags, which know from when on.

use leptos::prelude::*;
use nexus_domain::experiment::{CoverageStep, STEP_MINUTES};
use nexus_domain::flag::Rule;
use nexus_domain::{Field as At, Problem};
use nexus_flags::RampStep;

use crate::cx::Cx;
use crate::format::{bp, parse_bp, parse_minutes};
use crate::half_width::half_width;
use crate::pages::typed::Reader;
use crate::text::form::FormWord;
use crate::text::life::LifeWord;
use crate::ui::{Field, text_area};
use crate::zone::{LocalTimeError, Zone};

const MINUTE_MS: i64 = 60_000;
const DAY: u32 = 24 * 60;
/// Words around a time that say nothing more.
const AROUND: [&str; 4] = ["for", "from", "を", "から"];

/// The field, which reads alike in every form.
#[must_use]
pub(crate) fn view_ramp(cx: &Cx, name: &str, typed: &str, error: Option<String>) -> AnyView {
    let field = Field::new(name, cx.t(FormWord::Ramp))
        .help(cx.t(LifeWord::RampHelp))
        .error(error);
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = name.to_owned();
    let text = text_area(id, name, 3, typed, "mono", described, invalid);
    field.wrap(text)
}

/// The steps of an experiment as they are typed.
#[must_use]
pub(crate) fn steps_text(steps: &[CoverageStep]) -> String {
    let line = |step: &CoverageStep| {
        let length = match step.minutes {
            m if m % DAY == 0 => format!("{}d", m / DAY),
            m if m % 60 == 0 => format!("{}h", m / 60),
            m => format!("{m}min"),
        };
        format!("{}% {length}", bp(step.coverage_bp))
    };
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The steps of a flag's rule as they are typed.
#[must_use]
pub(crate) fn rule_steps_text(rule: &Rule, zone: Zone) -> String {
    if let Some(steps) = held(rule) {
        return steps_text(&steps);
    }
    let lines = rule.ramp.iter().map(|step| {
        let local = zone.local(step.from_ms).replace('T', " ");
        format!("{}% {local}", bp(step.coverage_bp))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// As shares that are held from the start on the way to the coverage, where they are that.
fn held(rule: &Rule) -> Option<Vec<CoverageStep>> {
    let (first, last) = (rule.ramp.first()?, rule.ramp.last()?);
    let is_on_the_way =
        rule.schedule.start_ms == Some(first.from_ms) && last.coverage_bp == rule.coverage_bp;
    let pairs = rule.ramp.iter().zip(rule.ramp.iter().skip(1));
    let steps = pairs.map(|(step, next)| {
        let ms = next.from_ms.checked_sub(step.from_ms)?;
        let minutes = u32::try_from(ms / MINUTE_MS).ok()?;
        let is_plain = ms % MINUTE_MS == 0 && STEP_MINUTES.contains(&minutes);
        is_plain.then_some(CoverageStep {
            coverage_bp: step.coverage_bp,
            minutes,
        })
    });
    let steps: Vec<CoverageStep> = steps.collect::<Option<_>>()?;
    (is_on_the_way && !steps.is_empty()).then_some(steps)
}

/// What was typed, with what the form says beside it.
pub(crate) struct RampTyped<'t> {
    pub(crate) field: At,
    pub(crate) typed: &'t str,
    pub(crate) zone: Zone,
    pub(crate) start_ms: Option<i64>,
    pub(crate) coverage_bp: u16,
}

impl RampTyped<'_> {
    /// The steps of an experiment, and the coverage that they end at. Times are those of its
    /// planned start: from the coverage on, and the last share is the whole.
    pub(crate) fn of_experiment(&self, read: &mut Reader) -> (Vec<CoverageStep>, u16) {
        let (held, from) = self.steps(read);
        let Some(last) = from.last() else {
            return (held, self.coverage_bp);
        };
        let first = self.start(read).map(|from_ms| RampStep {
            from_ms,
            coverage_bp: self.coverage_bp,
        });
        let Some(first) = first else {
            return (held, self.coverage_bp);
        };
        let pairs = std::iter::once(&first).chain(&from).zip(&from);
        let steps = pairs.map(|(step, next)| {
            let ms = next.from_ms - step.from_ms;
            (ms > 0).then(|| CoverageStep {
                coverage_bp: step.coverage_bp,
                minutes: u32::try_from(ms / MINUTE_MS).unwrap_or(u32::MAX),
            })
        });
        match steps.collect::<Option<Vec<_>>>() {
            Some(steps) => (steps, last.coverage_bp),
            None => {
                read.note(self.field, Problem::Unordered);
                (held, self.coverage_bp)
            }
        }
    }

    /// The steps of a flag's rule: shares that are held lead from its start to its coverage.
    pub(crate) fn of_rule(&self, read: &mut Reader) -> Vec<RampStep> {
        let (held, mut steps) = self.steps(read);
        if held.is_empty() {
            return steps;
        }
        let Some(mut from_ms) = self.start(read) else {
            return steps;
        };
        for step in held {
            steps.push(RampStep {
                from_ms,
                coverage_bp: step.coverage_bp,
            });
            from_ms += i64::from(step.minutes) * MINUTE_MS;
        }
        steps.push(RampStep {
            from_ms,
            coverage_bp: self.coverage_bp,
        });
        steps
    }

    fn start(&self, read: &mut Reader) -> Option<i64> {
        if self.start_ms.is_none() {
            read.note(self.field, Problem::NoStart);
        }
        self.start_ms
    }

    /// Lines of the kind that the first one is; each other is told by its number.
    fn steps(&self, read: &mut Reader) -> (Vec<CoverageStep>, Vec<RampStep>) {
        let (mut held, mut from) = (Vec::new(), Vec::new());
        for (line, text) in (1_u32..).zip(self.typed.lines()) {
            if text.trim().is_empty() {
                continue;
            }
            match step(text, self.zone) {
                Ok(Step::Held(step)) if !STEP_MINUTES.contains(&step.minutes) => {
                    let (min, max) = ("1 min".to_owned(), "90 d".to_owned());
                    read.note(self.field, Problem::OutOfRange { min, max });
                }
                Ok(Step::Held(step)) if from.is_empty() => held.push(step),
                Ok(Step::From(step)) if held.is_empty() => from.push(step),
                Err(LocalTimeError::Skipped) => read.note(self.field, Problem::TimeSkipped),
                _ => read.note(self.field, Problem::NotAStep { line }),
            }
        }
        (held, from)
    }
}

enum Step {
    Held(CoverageStep),
    From(RampStep),
}

/// `5% 24h`, `5 % for 24 h`, `25% 2026-12-01 09:00`; the time may come first.
fn step(text: &str, zone: Zone) -> Result<Step, LocalTimeError> {
    let text = half_width(text);
    let (share, when) = split(&text).ok_or(LocalTimeError::NotATime)?;
    let coverage_bp = parse_bp(share).ok_or(LocalTimeError::NotATime)?;
    let when = AROUND.into_iter().fold(when.trim(), |when, word| {
        when.trim_start_matches(word).trim_end_matches(word).trim()
    });
    if let Some(minutes) = parse_minutes(when) {
        return Ok(Step::Held(CoverageStep {
            coverage_bp,
            minutes,
        }));
    }
    let local: Vec<&str> = when.split_whitespace().collect();
    Ok(Step::From(RampStep {
        from_ms: zone.moment(&local.join("T"))?,
        coverage_bp,
    }))
}

/// Share and time.
fn split(text: &str) -> Option<(&str, &str)> {
    match text.split_once('%') {
        Some((share, when)) if !when.trim().is_empty() => Some((share, when)),
        _ => {
            let text = text.trim_end_matches('%').trim_end();
            let (when, share) = text.rsplit_once(char::is_whitespace)?;
            Some((share, when))
        }
    }
}

#[cfg(test)]
mod tests {
    use nexus_domain::experiment::Schedule;
    use serde_json::Value;

    use super::*;

    /// 2026-12-01 09:00 UTC.
    const START_MS: i64 = 1_796_115_600_000;
    const HOUR_MS: i64 = 60 * MINUTE_MS;

    fn held_step(coverage_bp: u16, minutes: u32) -> CoverageStep {
        CoverageStep {
            coverage_bp,
            minutes,
        }
    }

    fn from_step(coverage_bp: u16, hours: i64) -> RampStep {
        RampStep {
            from_ms: START_MS + hours * HOUR_MS,
            coverage_bp,
        }
    }

    fn typed(typed: &str, coverage_bp: u16) -> RampTyped<'_> {
        RampTyped {
            field: At::Ramp,
            typed,
            zone: Zone::UTC,
            start_ms: Some(START_MS),
            coverage_bp,
        }
    }

    type Read<T> = Result<T, Vec<Problem>>;

    fn answer<T>(found: T, read: Reader) -> Read<T> {
        match read.problems.is_empty() {
            true => Ok(found),
            false => Err(read.problems.into_iter().map(|one| one.problem).collect()),
        }
    }

    fn of_experiment(ramp: &RampTyped<'_>) -> Read<(Vec<CoverageStep>, u16)> {
        let mut read = Reader::default();
        let found = ramp.of_experiment(&mut read);
        answer(found, read)
    }

    fn of_rule(ramp: &RampTyped<'_>) -> Read<Vec<RampStep>> {
        let mut read = Reader::default();
        let found = ramp.of_rule(&mut read);
        answer(found, read)
    }

    fn rule(coverage_bp: u16, ramp: Vec<RampStep>) -> Rule {
        Rule {
            coverage_bp,
            ramp,
            schedule: Schedule {
                start_ms: Some(START_MS),
                ..Schedule::default()
            },
            ..Rule::for_everybody(Value::Null)
        }
    }

    #[test]
    fn durations_are_read_by_both_and_survive_the_form() {
        let held = [
            held_step(50, 45),
            held_step(500, 1_440),
            held_step(2_050, 180),
        ];
        let text = "0.5% 45min\n5% 1d\n20.5% 3h";
        assert_eq!(steps_text(&held), text);
        let ramp = typed(text, 8_000);
        assert_eq!(of_experiment(&ramp), Ok((held.to_vec(), 8_000)));
        let at = |coverage_bp, minutes: i64| RampStep {
            from_ms: START_MS + minutes * MINUTE_MS,
            coverage_bp,
        };
        let steps = vec![at(50, 0), at(500, 45), at(2_050, 1_485), at(8_000, 1_665)];
        assert_eq!(of_rule(&ramp), Ok(steps.clone()));
        assert_eq!(rule_steps_text(&rule(8_000, steps), Zone::UTC), text);
    }

    #[test]
    fn times_are_read_by_both_and_survive_the_form() {
        let text = "25% 2026-12-02 09:00\n100% 2026-12-02 21:00";
        let from = vec![from_step(2_500, 24), from_step(10_000, 36)];
        let ramp = typed(text, 500);
        assert_eq!(of_rule(&ramp), Ok(from.clone()));
        assert_eq!(rule_steps_text(&rule(500, from), Zone::UTC), text);
        let steps = vec![held_step(500, 1_440), held_step(2_500, 720)];
        assert_eq!(of_experiment(&ramp), Ok((steps, 10_000)));
        // What does not begin at the start or leads elsewhere is told by its times.
        let elsewhere = vec![from_step(500, 0), from_step(2_500, 24)];
        assert_eq!(
            rule_steps_text(&rule(10_000, elsewhere), Zone::UTC),
            "5% 2026-12-01 09:00\n25% 2026-12-02 09:00"
        );
    }

    #[test]
    fn a_line_is_read_as_people_type_it() {
        for text in [
            "5% 24h",
            " 5 % for 24 h ",
            "5%24h",
            "24h 5%",
            "５％ ２４時間",
            "5%を24時間",
            "5% 1日",
            "\n5%\t1 d\n\n",
        ] {
            let steps = vec![held_step(500, 1_440)];
            assert_eq!(
                of_experiment(&typed(text, 8_000)),
                Ok((steps, 8_000)),
                "{text}"
            );
        }
        for text in [
            "25% 2026-12-02 09:00",
            "2026-12-02 09:00 25%",
            "2026-12-02T09:00 25",
            "2026-12-02  09:00\t25 %",
            "25 % from 2026-12-02T09:00",
            "２０２６－１２－０２　０９：００　２５％",
            "2026-12-02 09:00 から 25%",
        ] {
            let steps = vec![from_step(2_500, 24)];
            assert_eq!(of_rule(&typed(text, 500)), Ok(steps), "{text}");
        }
        assert_eq!(of_rule(&typed(" \n", 500)), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_step_is_told_by_both_in_the_same_way() {
        for (bad, problem) in [
            ("5%", Problem::NotAStep { line: 2 }),
            ("5 24h", Problem::NotAStep { line: 2 }),
            ("x% 1h", Problem::NotAStep { line: 2 }),
            ("5% 1w", Problem::NotAStep { line: 2 }),
            ("5% h", Problem::NotAStep { line: 2 }),
            ("5% 99999999999d", Problem::NotAStep { line: 2 }),
            ("soon 100%", Problem::NotAStep { line: 2 }),
            // Of the other kind than the first.
            ("5% 2026-12-02 09:00", Problem::NotAStep { line: 2 }),
            (
                "5% 91d",
                Problem::OutOfRange {
                    min: "1 min".to_owned(),
                    max: "90 d".to_owned(),
                },
            ),
        ] {
            let text = format!("1% 1h\n{bad}");
            let ramp = typed(&text, 8_000);
            assert_eq!(of_experiment(&ramp), Err(vec![problem.clone()]), "{bad}");
            assert_eq!(of_rule(&ramp), Err(vec![problem]), "{bad}");
        }
        let skipped = RampTyped {
            zone: Zone::parse("Europe/Berlin").unwrap(),
            ..typed("5% 2026-03-29 02:30", 500)
        };
        assert_eq!(of_rule(&skipped), Err(vec![Problem::TimeSkipped]));
    }

    #[test]
    fn what_counts_from_the_start_needs_one() {
        let without = |text| RampTyped {
            start_ms: None,
            ..typed(text, 500)
        };
        let (held, from) = (without("5% 24h"), without("25% 2026-12-02 09:00"));
        assert_eq!(of_rule(&held), Err(vec![Problem::NoStart]));
        assert_eq!(of_experiment(&from), Err(vec![Problem::NoStart]));
        assert!(of_experiment(&held).is_ok() && of_rule(&from).is_ok());
        let early = typed("25% 2026-12-01 09:00", 500);
        assert_eq!(of_experiment(&early), Err(vec![Problem::Unordered]));
    }
}
