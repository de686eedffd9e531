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

/// What each line of the table is held to; `None` where it is shown for contrast.
const HELD: [(&str, &str, Option<f64>); 5] = [
    ("always_valid", "always-valid interval", Some(0.05)),
    ("decision", "decision that automation acts by", Some(0.05)),
    ("guardrail", "guardrail without a margin", Some(0.05)),
    ("group_sequential", "group-sequential", Some(0.05)),
    (
        "peeking",
        "fixed-horizon test at every look (the wrong way)",
        None,
    ),
];

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
    for (judge, name, limit) in HELD {
        let Some(limit) = limit else { continue };
        for x in of_judge(report, judge).filter(|x| x.lift == 0.0 && x.model != RARE) {
            let most = most(x.outcome.runs, limit);
            ensure!(
                x.outcome.stopped <= most,
                "{name}: {} of {} experiments without a difference were stopped ({})",
                x.outcome.stopped,
                x.outcome.runs,
                x.model
            );
        }
    }
    for x in of_judge(report, "always_valid").filter(|x| x.model != RARE) {
        let most = most(x.outcome.runs, 0.05);
        ensure!(
            x.outcome.missed <= most,
            "{}: coverage is below nominal",
            x.model
        );
    }
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
         The section is written only when false stops and misses are at most 5 % (three standard \
         errors of the simulation allowed), false alarms about the split at most 1 %, and 51/49 \
         of {} users is found in at least 99 %. Rare revenue is far from normal and shown \
         without a promise.\n\n\
         | method | users do | false stops | true difference left out at some look | at the last look | stopped with a difference |\n\
         |---|---|---:|---:|---:|---:|\n",
        section::STATISTICS,
        machine.commit,
        report.assigned
    );
    for (judge, name, _) in HELD {
        for none in of_judge(report, judge).filter(|x| x.lift == 0.0) {
            let some = of_judge(report, judge)
                .find(|x| x.model == none.model && x.lift != 0.0)
                .context("a model was not simulated with a difference")?;
            writeln!(
                text,
                "| {name} | {} | {} | {} | {} | {} |",
                none.model.replace('_', " "),
                percent(none.outcome.stopped, none.outcome.runs),
                percent(some.outcome.missed, some.outcome.runs),
                percent(some.outcome.missed_at_the_end, some.outcome.runs),
                percent(some.outcome.stopped, some.outcome.runs),
            )?;
        }
    }
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
    Ok(text)
}

fn percent(part: u64, of: u64) -> String {
    format!("{:.2} %", part as f64 * 100.0 / of.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::most;

    #[test]
    fn a_rate_at_its_limit_passes_and_one_well_above_does_not() {
        assert!((500..600).contains(&most(10_000, 0.05)));
        assert!(most(10_000, 0.05) < 600);
    }
}
