//! A ramp as it is typed: in experiments with how long a share is held, in the rules of flags
//! also with the time from when on.

mod step;

use leptos::prelude::*;
use nexus_domain::experiment::{CoverageStep, STEP_MINUTES};
use nexus_domain::flag::Rule;
use nexus_domain::problem::StepFault;
use nexus_domain::{Field as At, Problem};
use nexus_flags::{BASIS_POINTS, RampStep};

use self::step::{Step, each_step, share_alone, step};
use crate::cx::Cx;
use crate::format::bp;
use crate::lang::{Lang, Words};
use crate::pages::typed::Reader;
use crate::text::form::FormWord;
use crate::text::life::{LengthWord, LifeWord};
use crate::ui::{Field, text_area};
use crate::zone::Zone;

const MINUTE_MS: i64 = 60_000;
const DAY: u32 = 24 * 60;

#[must_use]
pub(crate) fn view_ramp(
    cx: &Cx,
    name: &str,
    help: LifeWord,
    typed: &str,
    error: Option<String>,
) -> AnyView {
    let field = Field::new(name, cx.t(FormWord::Ramp))
        .help(cx.t(help))
        .error(error);
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = name.to_owned();
    let text = text_area(id, name, 3, typed, "mono", described, invalid);
    field.wrap(text)
}

/// The steps of an experiment as they are typed by somebody who reads this language.
#[must_use]
pub(crate) fn steps_text(steps: &[CoverageStep], lang: Lang) -> String {
    let line = |step: &CoverageStep| {
        let (number, unit) = match step.minutes {
            m if m % DAY == 0 => (m / DAY, LengthWord::Days),
            m if m % 60 == 0 => (m / 60, LengthWord::Hours),
            m => (m, LengthWord::Minutes),
        };
        format!("{}% {number}{}", bp(step.coverage_bp), unit.text(lang))
    };
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The steps of a flag's rule as they are typed by somebody who reads this language.
#[must_use]
pub(crate) fn rule_steps_text(rule: &Rule, zone: Zone, lang: Lang) -> String {
    if let Some(steps) = held(rule) {
        return steps_text(&steps, lang);
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

/// The steps of an experiment. It may start at another time than planned, so none has a date.
pub(crate) fn read_steps(read: &mut Reader, typed: &str, coverage_bp: u16) -> Vec<CoverageStep> {
    let (mut steps, mut wrong) = (Vec::new(), Vec::new());
    let each = each_step(typed);
    for (line, text) in (1..).zip(&each) {
        let why = match step(text, Zone::UTC) {
            Ok(Step::Held(step)) => {
                steps.push(step);
                continue;
            }
            Ok(Step::From(_)) => StepFault::Dated,
            Err(why) => why,
        };
        // Who ends with everybody means what follows, whatever that is.
        let is_end = |share| share == coverage_bp || share == BASIS_POINTS;
        let is_last = line as usize == each.len();
        wrong.push(match share_alone(text).filter(|s| is_last && is_end(*s)) {
            Some(_) if coverage_bp > 0 => Problem::CoverageFollows { line, coverage_bp },
            _ => Problem::NotAStep { line, why },
        });
    }
    // Of steps that can all be read the draft's own check tells.
    let is_growing = steps.is_sorted_by(|a, b| a.coverage_bp < b.coverage_bp)
        && (coverage_bp == 0 || steps.iter().all(|step| step.coverage_bp < coverage_bp));
    if !wrong.is_empty() && !is_growing {
        wrong.push(Problem::NotGrowing);
    }
    for problem in wrong {
        read.note(At::Ramp, problem);
    }
    steps
}

/// What was typed of a flag's rule, with what the form says beside it.
pub(crate) struct RuleRamp<'t> {
    pub(crate) field: At,
    pub(crate) typed: &'t str,
    pub(crate) zone: Zone,
    pub(crate) start_ms: Option<i64>,
    pub(crate) coverage_bp: u16,
}

impl RuleRamp<'_> {
    /// Steps of the kind that the first one is. Shares that are held lead from the rule's start
    /// to its coverage.
    pub(crate) fn steps(&self, read: &mut Reader) -> Vec<RampStep> {
        let (mut held, mut from) = (Vec::new(), Vec::new());
        let each = each_step(self.typed);
        for (line, text) in (1..).zip(&each) {
            let why = match step(text, self.zone) {
                Ok(Step::Held(step)) if from.is_empty() => {
                    held.push(step);
                    continue;
                }
                Ok(Step::From(step)) if held.is_empty() => {
                    from.push(step);
                    continue;
                }
                Ok(_) => StepFault::Mixed,
                Err(why) => why,
            };
            let is_end = |share: &u16| *share == self.coverage_bp && *share > 0;
            let follows = line as usize == each.len() && from.is_empty();
            let problem = match share_alone(text).filter(is_end) {
                Some(coverage_bp) if follows => Problem::CoverageFollows { line, coverage_bp },
                _ => Problem::NotAStep { line, why },
            };
            read.note(self.field, problem);
        }
        match self.start_ms {
            _ if held.is_empty() => from,
            Some(start_ms) => self.after(start_ms, &held),
            None => {
                read.note(self.field, Problem::NoStart);
                Vec::new()
            }
        }
    }

    fn after(&self, start_ms: i64, held: &[CoverageStep]) -> Vec<RampStep> {
        let mut from_ms = start_ms;
        let mut steps = Vec::new();
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

    fn typed(typed: &str, coverage_bp: u16) -> RuleRamp<'_> {
        RuleRamp {
            field: At::RuleRamp(0),
            typed,
            zone: Zone::UTC,
            start_ms: Some(START_MS),
            coverage_bp,
        }
    }

    type Read<T> = Result<T, Vec<Problem>>;

    fn answer<T>(reading: impl FnOnce(&mut Reader) -> T) -> Read<T> {
        let mut read = Reader::default();
        let found = reading(&mut read);
        match read.problems.is_empty() {
            true => Ok(found),
            false => Err(read.problems.into_iter().map(|one| one.problem).collect()),
        }
    }

    fn of_experiment(typed: &str) -> Read<Vec<CoverageStep>> {
        answer(|read| read_steps(read, typed, BASIS_POINTS))
    }

    fn of_rule(ramp: &RuleRamp<'_>) -> Read<Vec<RampStep>> {
        answer(|read| ramp.steps(read))
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
        let texts = [
            (Lang::En, "0.5% 45min\n5% 1d\n20.5% 3h"),
            (Lang::Ja, "0.5% 45分\n5% 1日\n20.5% 3時間"),
        ];
        let at = |coverage_bp, minutes: i64| RampStep {
            from_ms: START_MS + minutes * MINUTE_MS,
            coverage_bp,
        };
        let steps = vec![at(50, 0), at(500, 45), at(2_050, 1_485), at(8_000, 1_665)];
        for (lang, text) in texts {
            assert_eq!(steps_text(&held, lang), text);
            assert_eq!(of_experiment(text), Ok(held.to_vec()));
            assert_eq!(of_rule(&typed(text, 8_000)), Ok(steps.clone()));
            let rule = rule(8_000, steps.clone());
            assert_eq!(rule_steps_text(&rule, Zone::UTC, lang), text);
        }
    }

    #[test]
    fn times_of_rules_survive_the_form() {
        let text = "25% 2026-12-02 09:00\n100% 2026-12-02 21:00";
        let from = vec![from_step(2_500, 24), from_step(10_000, 36)];
        assert_eq!(of_rule(&typed(text, 500)), Ok(from.clone()));
        for lang in Lang::ALL {
            let rule = rule(500, from.clone());
            assert_eq!(rule_steps_text(&rule, Zone::UTC, lang), text);
        }
        // What does not begin at the start or leads elsewhere is told by its times.
        let elsewhere = vec![from_step(500, 0), from_step(2_500, 24)];
        assert_eq!(
            rule_steps_text(&rule(10_000, elsewhere), Zone::UTC, Lang::Ja),
            "5% 2026-12-01 09:00\n25% 2026-12-02 09:00"
        );
    }

    /// Whatever may be held, at lengths that are whole days, hours or neither.
    #[test]
    fn every_step_written_is_read_back_in_every_language() {
        let lengths = [1, 59, 60, 61, 1_439, 1_440, 1_441, 2_880, 20_220, 129_600];
        for minutes in lengths {
            for coverage_bp in [1, 10, 333, 2_050, 9_999] {
                let steps = vec![held_step(coverage_bp, minutes)];
                for lang in Lang::ALL {
                    let text = steps_text(&steps, lang);
                    assert_eq!(of_experiment(&text), Ok(steps.clone()), "{text}");
                }
            }
        }
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
            "5% 1d,",
        ] {
            let steps = vec![held_step(500, 1_440)];
            assert_eq!(of_experiment(text), Ok(steps), "{text}");
        }
        for text in [
            "25% 2026-12-02 09:00",
            "2026-12-02 09:00 25%",
            "2026-12-02T09:00 25",
            "2026-12-02  09:00\t25 %",
            "25 % from 2026-12-02T09:00",
            "25% 2026/12/2 9:00",
            "25% 2026年12月2日 9時",
            "2026年12月2日 9時0分 から 25%",
            "２０２６－１２－０２　０９：００　２５％",
            "2026-12-02 09:00 から 25%",
        ] {
            let steps = vec![from_step(2_500, 24)];
            assert_eq!(of_rule(&typed(text, 500)), Ok(steps), "{text}");
        }
        assert_eq!(of_rule(&typed(" \n", 500)), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_step_is_told_by_line_and_reason() {
        use StepFault as F;
        for (bad, of_both) in [
            ("5%", F::NoLength),
            ("５０％", F::NoLength),
            ("5 24h", F::Unreadable),
            ("x% 1h", F::Unreadable),
            ("5% 1w", F::Unreadable),
            ("5% h", F::Unreadable),
            ("5% 99999999999d", F::Unreadable),
            ("soon 100%", F::Unreadable),
            ("120% 24h", F::Share),
            ("5% 0h", F::Length),
            ("5% 91d", F::Length),
            ("5% 2026-13-45 09:00", F::NoSuchTime),
        ] {
            let text = format!("1% 1h\n{bad}");
            let told = Err(vec![Problem::NotAStep {
                line: 2,
                why: of_both,
            }]);
            assert_eq!(of_experiment(&text).map(|_| ()), told, "{bad}");
            assert_eq!(of_rule(&typed(&text, 8_000)).map(|_| ()), told, "{bad}");
        }
        let dated = "1% 1h\n5% 2026-12-02 09:00";
        let told = |why| Err(vec![Problem::NotAStep { line: 2, why }]);
        assert_eq!(of_experiment(dated).map(|_| ()), told(F::Dated));
        assert_eq!(of_rule(&typed(dated, 500)).map(|_| ()), told(F::Mixed));
        let skipped = RuleRamp {
            zone: Zone::parse("Europe/Berlin").unwrap(),
            ..typed("\n5% 2026-03-29 02:30", 500)
        };
        let told = Err(vec![Problem::NotAStep {
            line: 1,
            why: F::Skipped,
        }]);
        assert_eq!(of_rule(&skipped).map(|_| ()), told);
    }

    #[test]
    fn steps_stand_on_lines_or_between_commas_and_the_coverage_follows_them() {
        let held = vec![held_step(1_000, 1_440), held_step(5_000, 120)];
        for text in [
            "10% 1d, 50% 2h",
            "10% 1d; 50% 2h;",
            "10% 1日、50% 2時間",
            "１０％　１日，５０％　２時間",
            "10% 1d,\n\n50% 2h",
        ] {
            assert_eq!(of_experiment(text), Ok(held.clone()), "{text}");
        }
        let follows = |line, coverage_bp| Problem::CoverageFollows { line, coverage_bp };
        let no_length = |line| Problem::NotAStep {
            line,
            why: StepFault::NoLength,
        };
        let of = |text, coverage_bp| answer(|read| read_steps(read, text, coverage_bp));
        let text = "10% 1d, 50% 2h, 100%";
        assert_eq!(of(text, BASIS_POINTS), Err(vec![follows(3, BASIS_POINTS)]));
        assert_eq!(of(text, 8_000), Err(vec![follows(3, 8_000)]));
        assert_eq!(of("10% 1d, 80%", 8_000), Err(vec![follows(2, 8_000)]));
        assert_eq!(of("10% 1d, 70%", 8_000), Err(vec![no_length(2)]));
        assert_eq!(of("10% 1d, 50%, 60% 1h", 8_000), Err(vec![no_length(2)]));
        // What can be read is checked in the same round.
        assert_eq!(
            of("10%, 30% 1d, 20% 1d, 100%", 8_000),
            Err(vec![no_length(1), follows(4, 8_000), Problem::NotGrowing])
        );
        let rule = |text| of_rule(&typed(text, 8_000)).unwrap_err();
        assert_eq!(rule("10% 1d, 80%"), [follows(2, 8_000)]);
        assert_eq!(rule("10% 1d, 100%"), [no_length(2)]);
    }

    #[test]
    fn what_a_rule_holds_is_counted_from_its_start() {
        let without = |text| RuleRamp {
            start_ms: None,
            ..typed(text, 500)
        };
        assert_eq!(of_rule(&without("5% 24h")), Err(vec![Problem::NoStart]));
        assert!(of_rule(&without("25% 2026-12-02 09:00")).is_ok());
    }
}
