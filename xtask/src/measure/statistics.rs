//! `cargo xtask measure statistics`: the promises about errors, by simulation in full.
//! The tests make the same promises in a small form on every run.

use super::{machine, section};
use crate::{run, ui};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::fmt::Write as _;
use std::path::Path;

#[derive(clap::Args, Clone, Copy)]
pub(super) struct Args {
    /// Experiments per line
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(100..))]
    runs: u64,
}

/// The report of the example `simulate` of `nexus-stats`.
#[derive(Deserialize)]
struct Report {
    of: Of,
    experiments: Vec<Experiment>,
    powers: Vec<Planned>,
    assigned: u64,
    assignments: Vec<Assignment>,
}

#[derive(Deserialize)]
struct Of {
    runs: u64,
    looks: u64,
    step: u64,
}

#[derive(Deserialize)]
struct Experiment {
    model: String,
    lift: f64,
    judge: String,
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    runs: u64,
    stopped: u64,
    missed: u64,
    missed_at_the_end: u64,
}

#[derive(Deserialize)]
struct Planned {
    method: String,
    model: String,
    power: Power,
}

#[derive(Deserialize)]
struct Power {
    runs: u64,
    units: u64,
    curve: f64,
    by_interval: u64,
    by_verdict: u64,
}

#[derive(Deserialize)]
struct Assignment {
    share: f64,
    alarms: Alarms,
}

#[derive(Deserialize)]
struct Alarms {
    runs: u64,
    anytime: u64,
    chi_square: u64,
}

/// The lines of the table. All but the last, which is shown for contrast, are held to 5 % of
/// false stops and of misses.
const JUDGES: [(&str, &str); 11] = [
    ("always_valid", "always-valid interval"),
    ("always_valid_one_sided", "one-sided always-valid interval"),
    ("always_valid_verdict", "always-valid verdict"),
    ("decision", "decision that automation acts by"),
    ("guardrail", "guardrail without a margin"),
    ("group_sequential", "group-sequential interval"),
    ("group_sequential_verdict", "group-sequential verdict"),
    ("fixed", "fixed-horizon interval, once"),
    ("fixed_verdict", "fixed-horizon verdict, once"),
    ("bayesian", "credible interval of a flat prior, once"),
    (
        PEEKING,
        "fixed-horizon interval at every look (the wrong way)",
    ),
];

const PEEKING: &str = "peeking";

/// Simulates, holds the results against what is promised, and writes the section.
///
/// # Errors
/// When a promise does not hold.
pub(super) fn run(args: Args, page: &Path) -> Result<()> {
    let step = ui::step(format!("{} experiments per method", args.runs));
    let mut simulate = run::cargo();
    simulate.args([
        "run",
        "--locked",
        "--release",
        "--quiet",
        "--package",
        "nexus-stats",
    ]);
    simulate.args(["--example", "simulate", "--", &args.runs.to_string()]);
    let report: Report = serde_json::from_str(&run::reading(&mut simulate)?)
        .context("the report of the example `simulate`")?;
    step.done();
    hold(&report)?;
    section::replace(page, section::STATISTICS, &markdown(&report)?)?;
    ui::note(page.display());
    Ok(())
}

fn hold(report: &Report) -> Result<()> {
    for (judge, name) in JUDGES {
        let held = of_judge(report, judge).filter(|x| judge != PEEKING && x.model != RARE);
        for x in held {
            let Outcome {
                runs,
                stopped,
                missed,
                ..
            } = x.outcome;
            let most = most(runs, 0.05);
            ensure!(
                x.lift != 0.0 || stopped <= most,
                "{name}: {stopped} of {runs} experiments without a difference were stopped ({})",
                x.model
            );
            ensure!(
                missed <= most,
                "{name}: {missed} of {runs} experiments left the truth out ({})",
                x.model
            );
        }
    }
    for Planned { method, power, .. } in &report.powers {
        for found in [power.by_interval, power.by_verdict] {
            ensure!(
                found >= least(power.runs, power.curve),
                "{method}: {} units of each arm found a difference in {found} of {}; the plan says {}",
                power.units,
                power.runs,
                share(power.curve)
            );
        }
    }
    hold_splits(report)
}

fn hold_splits(report: &Report) -> Result<()> {
    for split in &report.assignments {
        let Alarms { runs, anytime, .. } = split.alarms;
        let right = if split.share == 0.5 {
            anytime <= most(runs, 0.01)
        } else {
            anytime * 100 >= runs * 99
        };
        ensure!(
            right,
            "{anytime} of {runs} splits of {} were called broken",
            split.share
        );
    }
    Ok(())
}

/// An amount that is rare and far from normal: shown, but held to nothing.
const RARE: &str = "rare_revenue";

/// A rate of at most `limit` shows no more than this in so many runs, but for three
/// standard errors of the simulation itself.
fn most(runs: u64, limit: f64) -> u64 {
    let runs = runs as f64;
    (runs * limit + 3.0 * (runs * limit * (1.0 - limit)).sqrt()) as u64
}

/// A rate of at least `limit` reaches this in so many runs, likewise.
fn least(runs: u64, limit: f64) -> u64 {
    runs - most(runs, 1.0 - limit)
}

fn of_judge<'a>(report: &'a Report, judge: &str) -> impl Iterator<Item = &'a Experiment> {
    let judge = judge.to_owned();
    report.experiments.iter().filter(move |x| x.judge == judge)
}

fn markdown(report: &Report) -> Result<String> {
    let machine = machine::describe()?;
    let Of { runs, looks, step } = report.of;
    let mut text = format!(
        "{}\n\nWritten by `cargo xtask measure statistics`, commit {}. {runs} experiments per line, \
         {looks} looks each, {step} more users of each variant between two looks, alpha 5 %. \
         The section is written only when false stops and misses are at most 5 %, the power of a \
         plan at least what its curve says (three standard errors of the simulation allowed, here \
         {} for 5 %), false alarms about the split at most 1 %, and 51/49 \
         of {} users is found in at least 99 %. Rare revenue is far from normal and shown \
         without a promise. An interval is of the difference; a verdict is what pages say: the \
         lift's interval (Fieller) and one by the common variance leave zero out.\n\n{}\n\n",
        section::STATISTICS,
        machine.commit,
        share(3.0 * (0.05 * 0.95 / runs as f64).sqrt()),
        report.assigned,
        verdicts(report)
    );
    judges(report, &mut text)?;
    powers(report, &mut text)?;
    splits(report, &mut text)?;
    Ok(text)
}

/// The most false stops of the verdicts, beside the 5 % itself.
fn verdicts(report: &Report) -> String {
    let highest = |judge: &str| {
        let none = of_judge(report, judge).filter(|x| x.lift == 0.0 && x.model != RARE);
        let rates = none.map(|x| x.outcome.stopped as f64 / x.outcome.runs.max(1) as f64);
        rates.fold(0.0, f64::max)
    };
    let said = JUDGES
        .iter()
        .filter(|(judge, _)| judge.ends_with("_verdict"));
    let said: Vec<String> = said
        .map(|(judge, name)| {
            let highest = highest(judge);
            let beside = match highest <= 0.05 {
                true => "within 5 %",
                false => "5 % but for the error of the simulation",
            };
            format!("{name} {} ({beside})", share(highest))
        })
        .collect();
    format!("False stops of verdicts, at worst: {}.", said.join(", "))
}

fn judges(report: &Report, text: &mut String) -> Result<()> {
    text.push_str(
        "| method | users do | false stops | true difference left out at some look | at the last look |\n\
         |---|---|---:|---:|---:|\n",
    );
    for (judge, name) in JUDGES {
        for none in of_judge(report, judge).filter(|x| x.lift == 0.0) {
            let some = of_judge(report, judge)
                .find(|x| x.model == none.model && x.lift != 0.0)
                .context("a model was not simulated with a difference")?;
            writeln!(
                text,
                "| {name} | {} | {} | {} | {} |",
                none.model.replace('_', " "),
                percent(none.outcome.stopped, none.outcome.runs),
                percent(some.outcome.missed, some.outcome.runs),
                percent(some.outcome.missed_at_the_end, some.outcome.runs),
            )?;
        }
    }
    Ok(())
}

fn powers(report: &Report, text: &mut String) -> Result<()> {
    text.push_str(
        "\n| plan to find a fifth more | users do | users of each variant | the curve says | found by the interval | by the verdict |\n\
         |---|---|---:|---:|---:|---:|\n",
    );
    for planned in &report.powers {
        let power = &planned.power;
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            match planned.method.as_str() {
                "fixed" => "looked at once",
                _ => "looked at ten times, always valid",
            },
            planned.model,
            power.units,
            share(power.curve),
            percent(power.by_interval, power.runs),
            percent(power.by_verdict, power.runs),
        )?;
    }
    Ok(())
}

fn splits(report: &Report, text: &mut String) -> Result<()> {
    writeln!(
        text,
        "\n| split of {} users | called broken, anytime-valid at 1 % | chi-square at 5 % at every look |\n|---|---:|---:|",
        report.assigned
    )?;
    for split in &report.assignments {
        let Alarms {
            runs,
            anytime,
            chi_square,
        } = split.alarms;
        writeln!(
            text,
            "| {} of the first | {} | {} |",
            percent((split.share * 100.0).round() as u64, 100),
            percent(anytime, runs),
            percent(chi_square, runs)
        )?;
    }
    Ok(())
}

fn share(of: f64) -> String {
    format!("{:.2} %", of * 100.0)
}

fn percent(part: u64, of: u64) -> String {
    format!("{:.2} %", part as f64 * 100.0 / of.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::{least, most};

    #[test]
    fn a_rate_at_its_limit_passes_and_one_well_above_does_not() {
        assert!((500..600).contains(&most(10_000, 0.05)));
        assert!(most(10_000, 0.05) < 600);
        assert!((7_800..8_000).contains(&least(10_000, 0.8)));
    }
}
