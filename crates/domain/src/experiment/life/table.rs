//! Which command leads from where to where. Everything else is refused.

use super::super::Status::{
    self, Approved, Archived, Decided, Draft, InReview, Paused, Running, Scheduled, Stopped,
};
use super::Verb;

/// From, by, to. Where one command leads to several places, the experiment's own past says
/// which. [`Experiment::takes`](super::Experiment::takes) adds what hangs on ramp and time;
/// an edit before the start leads back to the draft.
pub const TABLE: [(Status, Verb, Status); 41] = [
    (Draft, Verb::AskReview, InReview),
    (InReview, Verb::Approve, Approved),
    (InReview, Verb::SendBack, Draft),
    (InReview, Verb::WithdrawReview, Draft),
    (Approved, Verb::SendBack, Draft),
    (Approved, Verb::Start, Running),
    (Approved, Verb::Schedule, Scheduled),
    (Draft, Verb::Start, Running),
    (Draft, Verb::Schedule, Scheduled),
    (Draft, Verb::Archive, Archived),
    (Scheduled, Verb::Schedule, Scheduled),
    (Scheduled, Verb::StartPlanned, Running),
    (Scheduled, Verb::Start, Running),
    (Scheduled, Verb::MissStart, Draft),
    (Scheduled, Verb::MissStart, Approved),
    (Scheduled, Verb::Unschedule, Draft),
    (Scheduled, Verb::Unschedule, Approved),
    (Running, Verb::StepRamp, Running),
    (Running, Verb::HoldRamp, Running),
    (Running, Verb::ContinueRamp, Running),
    (Running, Verb::MoveEnd, Running),
    (Running, Verb::GrowCoverage, Running),
    (Running, Verb::Pause, Paused),
    (Running, Verb::Stop, Stopped),
    (Running, Verb::EndSchedule, Stopped),
    (Running, Verb::StopBySafeguard, Stopped),
    (Running, Verb::Decide, Decided),
    (Paused, Verb::MoveEnd, Paused),
    (Paused, Verb::GrowCoverage, Paused),
    (Paused, Verb::Resume, Running),
    (Paused, Verb::Stop, Stopped),
    (Paused, Verb::EndSchedule, Stopped),
    (Paused, Verb::StopBySafeguard, Stopped),
    (Paused, Verb::Decide, Decided),
    (Stopped, Verb::Decide, Decided),
    (Stopped, Verb::Archive, Archived),
    (Decided, Verb::Decide, Decided),
    (Decided, Verb::Archive, Archived),
    (Archived, Verb::Unarchive, Draft),
    (Archived, Verb::Unarchive, Stopped),
    (Archived, Verb::Unarchive, Decided),
];

/// Where the command may lead from there; nothing when it does not fit.
pub(super) fn targets(from: Status, verb: Verb) -> impl Iterator<Item = Status> {
    TABLE
        .into_iter()
        .filter(move |(f, v, _)| *f == from && *v == verb)
        .map(|(_, _, to)| to)
}
