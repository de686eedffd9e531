//! Flags of other systems, from their export files: what each becomes here, and what of it
//! cannot be said.
//!
//! Sources: GrowthBook's SDK payload (specification 0.12.0) and its REST API's `Feature`;
//! Unleash's `exportResultSchema` (`/api/admin/features-batch/export`) and its client features.

mod growthbook;
#[cfg(test)]
mod tests;
mod unleash;

use std::collections::BTreeSet;

use nexus_flags::Prerequisite;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::flag::{FlagDraft, FlagKind, Rule};
use crate::ids::{is_flag_key, is_slug};
use crate::{Environment, FieldProblem};

/// Most flags that one commit takes; a file may have more.
pub const MAX_IMPORTED: usize = 100;

/// Flags of the longest chain of needs that can be saved.
const MAX_CHAIN: usize = 10;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// The payload that GrowthBook's SDKs read.
    GrowthbookPayload,
    /// Answers of GrowthBook's REST API.
    GrowthbookApi,
    Unleash,
}

impl ImportFormat {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GrowthbookPayload => "growthbook_payload",
            Self::GrowthbookApi => "growthbook_api",
            Self::Unleash => "unleash",
        }
    }
}

/// A file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub format: ImportFormat,
    /// Environments that the file tells of; empty when it tells of one without a name.
    pub environments: Vec<String>,
    pub flags: Vec<Imported>,
}

/// One flag of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub key: String,
    /// None when nothing of it can be said here.
    pub draft: Option<FlagDraft>,
    /// On where it comes from.
    pub enabled: bool,
    pub notes: Vec<ImportNote>,
}

/// What is lost or changes, and of which rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportNote {
    /// The rule's name or id in the file.
    pub rule: Option<String>,
    pub note: Note,
}

/// What of a flag cannot be said here. [`Note::DealtAnew`] and [`Note::NoDefault`] leave its
/// meaning whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// A share of users: which ones is decided by another hash here.
    DealtAnew,
    /// It has no default value, so its off value is null.
    NoDefault,
    /// Its key has other characters than letters, digits, `.`, `-` and `_`, or too many.
    Key,
    /// It deals users into several values: make it an experiment.
    Experiment,
    /// It depends on another flag in a way that can't be said here, on one that is neither here
    /// nor in the file, or in a circle or a chain that is too long.
    Prerequisite { flag: String },
    /// A running experiment sets it, and a new flag is off: that would end.
    SetBy { experiment: String },
    /// Its saved group or segment does not stand in the file.
    Group { name: String },
    /// Its share is of something other than users.
    Share { of: String },
    /// It has a schedule that is more than one span of time.
    Schedule,
    /// A kind of rule that is not known.
    Kind { name: String },
    /// It leaves users out by a field that rules here don't have.
    Field { name: String },
    /// A comparison that is not known.
    Comparison { name: String },
    /// The file says nothing of the flag in the environment.
    Absent { environment: String },
    /// Nothing like it can be saved here.
    Invalid { problem: FieldProblem },
}

impl Note {
    /// Whether something of the flag's meaning is missing, or somebody else loses something.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        !matches!(self, Self::DealtAnew | Self::NoDefault)
    }
}

impl Imported {
    /// Whether something of the flag's meaning is missing.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.notes.iter().any(|note| note.note.is_loss())
    }

    /// Keys of the flags that it and its rules need.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        self.draft.iter().flat_map(|draft| {
            let rules = draft.rules.iter().flat_map(|rule| &rule.prerequisites);
            let all = draft.prerequisites.iter().chain(rules);
            all.map(|needed| needed.flag.as_str())
        })
    }

    /// A running experiment sets what is a new flag, and new flags are off.
    pub fn ends(&mut self, experiment: &str) {
        let experiment = experiment.to_owned();
        self.note(None, Note::SetBy { experiment });
    }

    /// Leaves out, with a note, what needs a flag that there is not or a value that it can't
    /// have: a rule as a whole, so that it takes in nobody whom it would not.
    pub fn leave_out_needs(&mut self, is_there: impl Fn(&Prerequisite) -> bool) {
        let Some(draft) = &mut self.draft else {
            return;
        };
        let missing = |needs: &[Prerequisite]| {
            let missing = needs.iter().find(|needed| !is_there(needed));
            missing.map(|needed| needed.flag.clone())
        };
        let mut notes = Vec::new();
        if let Some(flag) = missing(&draft.prerequisites) {
            draft.prerequisites.retain(&is_there);
            notes.push((None, flag));
        }
        draft.rules.retain(|rule| {
            let found = missing(&rule.prerequisites);
            let stays = found.is_none();
            notes.extend(found.map(|flag| (Some(rule.id.clone()), flag)));
            stays
        });
        for (rule, flag) in notes {
            self.note(rule.as_deref(), Note::Prerequisite { flag });
        }
    }
}

/// Why a file is none that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("not JSON: line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    #[error("neither an export of GrowthBook nor one of Unleash")]
    Unknown,
}

/// Where the flags are to come from and go to.
#[derive(Clone, Copy, Debug)]
pub struct ImportTo<'a> {
    pub environment: Environment,
    /// Of the file; empty for the only one or the one of the same name.
    pub from: &'a str,
}

/// Reads a time as files have it (RFC 3339): milliseconds since 1970 UTC.
pub type TimeMs = fn(&str) -> Option<i64>;

/// What readers of files are given.
#[derive(Clone, Copy)]
struct Reading<'a> {
    to: ImportTo<'a>,
    time_ms: TimeMs,
}

/// Reads a file; `time_ms` reads its times.
///
/// # Errors
/// When it is no such file.
pub fn read_import(text: &str, to: ImportTo<'_>, time_ms: TimeMs) -> Result<Import, ImportError> {
    let to = Reading { to, time_ms };
    let json: Value = serde_json::from_str(text).map_err(|error| ImportError::NotJson {
        line: error.line(),
        column: error.column(),
    })?;
    let mut import = match &json["features"] {
        Value::Object(features) => growthbook::payload(features, &json["savedGroups"], to),
        Value::Array(_) if json.get("featureStrategies").is_some() => unleash::export(&json, to),
        Value::Array(features) if features.iter().any(|one| one.get("strategies").is_some()) => {
            unleash::client(&json, to)
        }
        Value::Array(features) if features.iter().any(|one| one.get("valueType").is_some()) => {
            growthbook::api(features, to)
        }
        _ if json
            .get("feature")
            .is_some_and(|one| one.get("valueType").is_some()) =>
        {
            growthbook::api(std::slice::from_ref(&json["feature"]), to)
        }
        _ => return Err(ImportError::Unknown),
    };
    for flag in &mut import.flags {
        flag.check();
    }
    import.flags.sort_by(|a, b| a.key.cmp(&b.key));
    order(&mut import.flags);
    Ok(import)
}

/// Those that others need before these, otherwise as they were: when a part of them is taken,
/// what it needs is there. What is in a circle, or in a longer chain than can be saved, comes
/// last, with a note.
fn order(flags: &mut Vec<Imported>) {
    let mut left = std::mem::take(flags);
    for _ in 0..MAX_CHAIN {
        let waiting: BTreeSet<String> = left.iter().map(|flag| flag.key.clone()).collect();
        let is_ready = |flag: &Imported| flag.needs().all(|key| !waiting.contains(key));
        let (ready, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
        flags.extend(ready);
        left = rest;
    }
    for mut flag in left {
        let needed = flag.needs().next().unwrap_or_default().to_owned();
        flag.note(None, Note::Prerequisite { flag: needed });
        flags.push(flag);
    }
}

impl Imported {
    fn note(&mut self, rule: Option<&str>, note: Note) {
        let rule = rule.map(|rule| rule.chars().take(80).collect());
        self.notes.push(ImportNote { rule, note });
    }

    /// What could not be saved becomes a note, and nothing is saved of it.
    fn check(&mut self) {
        if !is_flag_key(&self.key) {
            self.draft = None;
            self.notes.clear();
            self.note(None, Note::Key);
            return;
        }
        let problems = self.draft.as_ref().map(FlagDraft::problems);
        let problems = problems.unwrap_or_default();
        if !problems.is_empty() {
            self.draft = None;
        }
        for problem in problems {
            self.note(None, Note::Invalid { problem });
        }
    }
}

/// A draft of that key without rules; its name is its key, as files have no other.
fn draft(
    key: &str,
    Reading { to, .. }: Reading<'_>,
    description: &str,
    kind: FlagKind,
    value: Value,
) -> FlagDraft {
    FlagDraft {
        key: key.to_owned(),
        name: key.chars().take(120).collect(),
        description: description.chars().take(2_000).collect(),
        kind,
        value,
        ..FlagDraft::starter(to.environment)
    }
}

/// The rule's own id where it can be one: then another import finds the rule again.
fn rule_id(id: &str, position: usize) -> String {
    let id = id.to_ascii_lowercase();
    let prefixed = format!("s-{id}");
    if is_slug(&id) {
        id
    } else if is_slug(&prefixed) {
        prefixed
    } else {
        format!("r{}", position + 1)
    }
}

const EVERYBODY: &str = "everybody";

/// The last rule of a flag that is on for everybody whom no other rule takes in, so that its off
/// value can be another.
fn everybody(value: Value) -> Rule {
    Rule {
        id: EVERYBODY.to_owned(),
        ..Rule::for_everybody(value)
    }
}

/// A share of one as basis points.
fn basis_points(share: f64) -> u16 {
    (share.clamp(0.0, 1.0) * 10_000.0).round() as u16
}

/// The environment to read: the one that is asked for, of the same name, or the only one.
fn chosen<'e>(Reading { to, .. }: Reading<'e>, known: &'e [String]) -> Option<&'e str> {
    if !to.from.is_empty() {
        return Some(to.from);
    }
    let same = known.iter().find(|one| *one == to.environment.as_str());
    same.or_else(|| known.first().filter(|_| known.len() == 1))
        .map(String::as_str)
}
