//! `nexus-admin experiment`: what can happen to one, for scripts and for whoever is on call.

use clap::Subcommand;
use nexus_control::views::{ExperimentQuery, RecomputeStatus, ResultRow};
use nexus_control::{Console, Deciding, TableRow};
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Outcome, Schedule};

use crate::commands::{described, every, open, parse_time, row, say, say_comments};
use crate::config::Data;
use crate::qa_commands::{VariantLink, variant_link};

#[derive(Subcommand)]
pub(crate) enum Experiment {
    /// List experiments.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show the results: a row for each metric and variant, what decides first.
    Results {
        /// As in `experiment list`.
        id: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Start a draft. The running console publishes it.
    Start {
        /// As in `experiment list`.
        id: String,
    },
    /// Plan the start of a draft; the running console starts it then.
    Schedule(Plan),
    /// Take a planned start off the plan.
    Unschedule {
        /// As in `experiment list`.
        id: String,
    },
    /// Hold a ramp at its step.
    HoldRamp {
        /// As in `experiment list`.
        id: String,
    },
    /// Let a held ramp go on.
    ContinueRamp {
        /// As in `experiment list`.
        id: String,
    },
    /// Let it run longer than planned.
    MoveEnd(NewEnd),
    /// Let more users in; nobody is dealt anew.
    GrowCoverage(NewCoverage),
    /// Make links by which a browser sees one variant and counts nowhere.
    QaLink(VariantLink),
    /// Stop for good. The running console publishes it.
    Stop {
        /// As in `experiment list`.
        id: String,
        /// Why; kept in the audit log.
        #[arg(long, default_value = "stopped on the command line")]
        reason: String,
    },
    /// Give everybody control for now; nobody is exposed. The running console publishes it.
    Pause {
        /// As in `experiment list`.
        id: String,
    },
    /// Go on after a pause; everybody gets the variant of before.
    Resume {
        /// As in `experiment list`.
        id: String,
    },
    /// Record what came of it; ends it where it still runs.
    Decide(Decision),
    /// Take it out of the lists.
    Archive {
        /// As in `experiment list`.
        id: String,
    },
    /// Bring it back to where it was.
    Unarchive {
        /// As in `experiment list`.
        id: String,
    },
    /// Recompute from raw events; the running console does it. Says how far it is when it is
    /// asked for again.
    Recompute {
        /// As in `experiment list`.
        id: String,
    },
    /// Cancel recomputing; results stay as they are.
    CancelRecompute {
        /// As in `experiment list`.
        id: String,
    },
    /// Send a draft to review.
    AskReview(Word),
    /// Take it back from review.
    WithdrawReview {
        /// As in `experiment list`.
        id: String,
    },
    /// Approve what is in review as it is; not one's own.
    Approve(Word),
    /// Send it back to the draft with what is to change; also takes an approval back.
    SendBack(Word),
    /// Say something of it.
    Comment {
        /// As in `experiment list`.
        id: String,
        /// Plain text of at most 2,000 characters.
        text: String,
    },
    /// List what was said of it, newest first.
    Comments {
        /// As in `experiment list`.
        id: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Plan {
    /// As in `experiment list`.
    id: String,
    /// When it is to start (RFC 3339), as 2026-12-01T09:00:00+09:00.
    #[arg(value_name = "TIME", value_parser = parse_time)]
    start: i64,
    /// When it is to stop by itself (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    end: Option<i64>,
    /// IANA name in which people read the times.
    #[arg(long, default_value = "UTC")]
    timezone: String,
}

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("outcome").required(true)))]
pub(crate) struct Decision {
    /// As in `experiment list`.
    id: String,
    /// Everybody is to get this variant.
    #[arg(long, value_name = "VARIANT", group = "outcome")]
    ship: Option<String>,
    /// What that variant sets becomes flags at once: nobody falls back to the control.
    #[arg(long, requires = "ship")]
    as_flags: bool,
    /// The control stays.
    #[arg(long, group = "outcome")]
    keep_control: bool,
    /// Nothing can be said.
    #[arg(long, group = "outcome")]
    inconclusive: bool,
    /// What was learned; kept with the decision.
    #[arg(long, default_value = "")]
    learned: String,
}

#[derive(clap::Args)]
pub(crate) struct NewEnd {
    /// As in `experiment list`.
    id: String,
    /// Later than the end as it is (RFC 3339).
    #[arg(value_name = "TIME", value_parser = parse_time, required_unless_present = "never")]
    end: Option<i64>,
    /// No planned end any more: until somebody stops it.
    #[arg(long, conflicts_with = "end")]
    never: bool,
    /// Why; kept in the audit log.
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
pub(crate) struct NewCoverage {
    /// As in `experiment list`.
    id: String,
    /// More than it is, in percent, as 25 or 12.5.
    #[arg(value_name = "PERCENT", value_parser = parse_percent)]
    coverage: u16,
    /// Why; kept in the audit log.
    #[arg(long)]
    reason: String,
}

/// Basis points of a share in percent, with at most two decimals.
fn parse_percent(text: &str) -> Result<u16, String> {
    let percent: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let bp = (percent * 100.0).round();
    if !(0.0..=10_000.0).contains(&bp) || (percent * 100.0 - bp).abs() > 1e-6 {
        return Err("a share from 0 to 100 with at most two decimals is expected".to_owned());
    }
    Ok(bp as u16)
}

#[derive(clap::Args)]
pub(crate) struct Word {
    /// As in `experiment list`.
    id: String,
    /// To the other person; kept with the experiment and in the audit log.
    #[arg(long, default_value = "")]
    words: String,
}

pub(crate) async fn experiment(data: &Data, experiment: Experiment) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    let (id, command) = match experiment {
        Experiment::List { json } => return list(&console, &actor, json).await,
        Experiment::Results { id, json } => return results(&console, &actor, &id, json).await,
        Experiment::QaLink(args) => return variant_link(&console, &actor, args).await,
        Experiment::Recompute { id } => return recompute(&console, &actor, &id).await,
        Experiment::Decide(args) => return decide(&console, &actor, args).await,
        Experiment::CancelRecompute { id } => {
            let cancelled = console.cancel_recomputation(&actor, &id).await;
            cancelled.map_err(described)?;
            say(format_args!("{id}: recomputing cancelled"));
            return Ok(());
        }
        Experiment::Comment { id, text } => return comment(&console, &actor, &id, &text).await,
        Experiment::Comments { id } => {
            let detail = console.experiment(&actor, &id).await?;
            say_comments(&detail.comments);
            return Ok(());
        }
        Experiment::Start { id } => (id, Command::Start),
        Experiment::Schedule(plan) => (plan.id.clone(), plan.command()),
        Experiment::Unschedule { id } => (id, Command::Unschedule),
        Experiment::HoldRamp { id } => (id, Command::HoldRamp),
        Experiment::ContinueRamp { id } => (id, Command::ContinueRamp),
        Experiment::MoveEnd(NewEnd {
            id, end, reason, ..
        }) => {
            let end_ms = end;
            (id, Command::MoveEnd { end_ms, reason })
        }
        Experiment::GrowCoverage(NewCoverage {
            id,
            coverage,
            reason,
        }) => {
            let coverage_bp = coverage;
            let more = Command::GrowCoverage {
                coverage_bp,
                reason,
            };
            (id, more)
        }
        Experiment::Stop { id, reason } => (id, Command::Stop { reason }),
        Experiment::Pause { id } => (id, Command::Pause),
        Experiment::Resume { id } => (id, Command::Resume),
        Experiment::Archive { id } => (id, Command::Archive),
        Experiment::Unarchive { id } => (id, Command::Unarchive),
        Experiment::AskReview(Word { id, words }) => (id, Command::AskReview { words }),
        Experiment::WithdrawReview { id } => (id, Command::WithdrawReview),
        Experiment::Approve(Word { id, words }) => (id, Command::Approve { words }),
        Experiment::SendBack(Word { id, words }) => (id, Command::SendBack { words }),
    };
    let reaches_gateways = matches!(
        command,
        Command::Start
            | Command::Pause
            | Command::Resume
            | Command::Stop { .. }
            | Command::HoldRamp
            | Command::ContinueRamp
            | Command::MoveEnd { .. }
            | Command::GrowCoverage { .. }
    );
    let changed = console.command_experiment(&actor, &id, None, command);
    let changed = changed.await.map_err(described)?;
    say(format_args!("{id} is {}", changed.status.as_str()));
    if reaches_gateways {
        say(format_args!(
            "the running console publishes the new snapshot to the gateways"
        ));
    }
    Ok(())
}

async fn decide(console: &Console, actor: &Actor, args: Decision) -> anyhow::Result<()> {
    let outcome = match args.ship {
        Some(variant) => Outcome::Ship { variant },
        None if args.keep_control => Outcome::KeepControl,
        None => Outcome::Inconclusive,
    };
    let deciding = Deciding {
        outcome,
        learned: args.learned,
        as_flags: args.as_flags,
    };
    let decided = console.decide_experiment(actor, &args.id, None, deciding);
    let decided = decided.await.map_err(described)?;
    say(format_args!("{} is {}", args.id, decided.status.as_str()));
    say(format_args!(
        "the running console publishes the new snapshot to the gateways"
    ));
    Ok(())
}

impl Plan {
    fn command(self) -> Command {
        Command::Schedule(Schedule {
            start_ms: Some(self.start),
            end_ms: self.end,
            timezone: self.timezone,
        })
    }
}

async fn comment(console: &Console, actor: &Actor, id: &str, text: &str) -> anyhow::Result<()> {
    let made = console.comment_on_experiment(actor, id, text).await;
    made.map_err(described)?;
    say(format_args!("said of {id}"));
    Ok(())
}

async fn list(console: &Console, actor: &Actor, json: bool) -> anyhow::Result<()> {
    let items = every(async |page| {
        let query = ExperimentQuery {
            page,
            ..ExperimentQuery::default()
        };
        let found = console.experiments(actor, &query).await?;
        anyhow::Ok((found.items, found.total))
    })
    .await?;
    if json {
        say(format_args!("{}", serde_json::to_string_pretty(&items)?));
    } else {
        row(&["ID", "STATUS", "EXPOSURES", "DECIDES", "NAME"]);
        for e in items {
            let (status, exposures) = (e.status.as_str(), e.exposures.to_string());
            let decides = e.primary.as_deref().unwrap_or("goal");
            row(&[&e.id, status, &exposures, decides, &e.name]);
        }
    }
    Ok(())
}

/// The columns of `results.csv`.
async fn results(console: &Console, actor: &Actor, id: &str, json: bool) -> anyhow::Result<()> {
    let rows = console.result_rows(actor, id).await.map_err(described)?;
    if json {
        say(format_args!("{}", serde_json::to_string_pretty(&rows)?));
        return Ok(());
    }
    let head: Vec<String> = ResultRow::HEAD
        .iter()
        .map(|name| name.to_ascii_uppercase())
        .collect();
    let cells = rows.iter().map(TableRow::cells);
    for line in std::iter::once(head).chain(cells) {
        row(&line.iter().map(String::as_str).collect::<Vec<_>>());
    }
    Ok(())
}

async fn recompute(console: &Console, actor: &Actor, id: &str) -> anyhow::Result<()> {
    let newest = console
        .recomputable(actor, id)
        .await
        .map_err(described)?
        .newest;
    if let Some(failure) = newest.as_ref().and_then(|job| job.failure) {
        let why = failure.said();
        say(format_args!("{id}: the last time it failed: {why}"));
    }
    let running = newest.filter(|job| job.status == RecomputeStatus::Running);
    let job = match running {
        Some(job) => job,
        None => {
            let begun = console.recompute_experiment(actor, id, None, None);
            begun.await.map_err(described)?
        }
    };
    let (done, all) = (job.events_done, job.events_all);
    say(format_args!("{id}: recomputing, {done} of {all} events"));
    Ok(())
}
