//! Why something was done, where it was not a person's words alone: as data, so that a page can
//! say it in its reader's language. The entry's `reason` says the same in English.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{RecomputeFailure, Recount};
use crate::access::{Grant, Scope};
use crate::experiment::{Evidence, Outcome};
use crate::import::ImportFormat;
use crate::sdk_key::SdkKeyKind;
use crate::template::TemplateKind;
use crate::{Environment, FieldProblem};

/// The numbers or facts behind an entry. New kinds may come; whoever does not know one reads
/// the entry's `reason`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Cause {
    /// A safeguard has seen enough.
    Safeguard {
        /// The evidence as JSON text: the log itself holds no fractions, whose writing is not
        /// the same everywhere.
        evidence: String,
    },
    /// A planned start was refused.
    Missed { problems: Vec<FieldProblem> },
    /// Coverage in force, or where its ramp leads.
    Coverage {
        from_bp: u16,
        to_bp: u16,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
    },
    /// The planned end; none: until somebody stops it.
    End {
        from_ms: Option<i64>,
        to_ms: Option<i64>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        words: String,
    },
    /// What came of an experiment, and what was learned.
    Decision { outcome: Outcome, words: String },
    /// Back to a revision.
    Restored { revision: u64 },
    /// The winner of an experiment became a flag.
    Winner { experiment: String },
    /// From another environment.
    Copied {
        environment: Environment,
        revision: u64,
    },
    /// From a file that another tool has exported.
    Imported { format: ImportFormat },
    /// Places in code.
    Places { count: u64 },
    /// What changed of an environment's rules.
    Rules {
        /// Whether an experiment needs an approval before it starts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<bool>,
        /// Days for which raw events are kept; 0: none are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw_days: Option<u16>,
    },
    /// Values of a saved group that came and went.
    Values { added: u64, removed: u64 },
    /// What a link for testers gives, for how long, where.
    QaLink {
        link: String,
        value: String,
        hours: u32,
        page: String,
    },
    /// An SDK key that was made.
    MadeSdkKey { name: String, key_kind: SdkKeyKind },
    /// What changed of an SDK key; no origins: any.
    SdkKey {
        /// Old and new.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<[String; 2]>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origins: Option<Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encryption: Option<Encryption>,
    },
    /// A team's template, and what it makes.
    Template { of: TemplateKind, name: String },
    /// A member as it is now, so that the log can be read without the database.
    Member {
        /// Of a machine its client id.
        email: String,
        disabled: bool,
        grants: Vec<Grant>,
        /// Let in by configuration alone, while there was no owner.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        first_owner: bool,
    },
    /// An API token, and what it may do.
    Token { name: String, scopes: Vec<Scope> },
    /// Entries that were taken away, of how many.
    Exported { from_seq: u64, of: u64 },
    /// Entries whose text had its time.
    Retention { entries: u64, days: u32 },
    /// An experiment is to be recomputed with other metrics.
    OtherMetrics,
    /// Who asked for an experiment to be recomputed, and what became of its counts.
    Recomputed { by: String, counts: Vec<Recount> },
    /// Who asked for an experiment to be recomputed, and why it was given up.
    RecomputeFailed {
        by: String,
        failure: RecomputeFailure,
    },
    /// The edge had a snapshot that the database does not know.
    Ahead { version: u64 },
}

/// Of payloads for an SDK key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    On,
    Off,
    NewKey,
}

impl Cause {
    #[must_use]
    pub fn safeguard(evidence: &Evidence) -> Self {
        // Texts and numbers only, so writing can't fail.
        let evidence = serde_json::to_string(evidence).unwrap_or_default();
        Self::Safeguard { evidence }
    }

    /// As stored in an entry.
    #[must_use]
    pub fn read(stored: &Value) -> Option<Self> {
        Self::deserialize(stored).ok()
    }

    /// In English, for the log.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Safeguard { evidence } => match serde_json::from_str::<Evidence>(evidence) {
                Ok(evidence) => evidence.said(),
                Err(_) => evidence.clone(),
            },
            Self::Missed { problems } => {
                let said: Vec<String> = problems.iter().map(code).collect();
                format!("the planned start was refused: {}", said.join(", "))
            }
            Self::Coverage {
                from_bp,
                to_bp,
                words,
            } => {
                let percent = |bp: u16| f64::from(bp) / 100.0;
                let (from, to) = (percent(*from_bp), percent(*to_bp));
                with(format!("coverage from {from} % to {to} %"), words)
            }
            Self::End { to_ms, words, .. } => {
                let end = match to_ms {
                    Some(ms) => format!("ends at {ms} (milliseconds since 1970)"),
                    None => "no planned end any more".to_owned(),
                };
                with(end, words)
            }
            Self::Decision { outcome, words } => {
                let answer = match outcome {
                    Outcome::Ship { variant } => format!("ship {variant}"),
                    Outcome::KeepControl => "keep the control".to_owned(),
                    Outcome::Inconclusive => "inconclusive".to_owned(),
                };
                with(answer, words)
            }
            Self::Restored { revision } => format!("revision {revision}"),
            Self::Winner { experiment } => format!("winner of experiment {experiment}"),
            Self::Copied {
                environment,
                revision,
            } => format!("from {environment}, revision {revision}"),
            Self::Imported { format } => format!("from a file: {}", format.as_str()),
            Self::Places { count } => format!("{count} places"),
            Self::Rules { approval, raw_days } => {
                let approval = approval.map(|needed| match needed {
                    true => "an experiment needs an approval before it starts".to_owned(),
                    false => "an experiment needs no approval".to_owned(),
                });
                let raw = raw_days.map(|days| match days {
                    0 => "no raw events are kept".to_owned(),
                    days => format!("raw events are kept for {days} days"),
                });
                let said: Vec<String> = approval.into_iter().chain(raw).collect();
                said.join("; ")
            }
            Self::Values { added, removed } => {
                let counts = [(added, "added"), (removed, "removed")];
                let said = counts.into_iter().filter(|(count, _)| **count > 0);
                let said: Vec<String> = said.map(|(n, what)| format!("{n} {what}")).collect();
                said.join(", ")
            }
            Self::QaLink {
                link,
                value,
                hours,
                page,
            } => format!("{link}: {value} for {hours} h on {page}"),
            Self::MadeSdkKey { name, key_kind } => format!("{name}: {}", key_kind.as_str()),
            Self::SdkKey {
                name,
                origins,
                encryption,
            } => of_key(name.as_ref(), origins.as_deref(), *encryption),
            Self::Template { of, name } => format!("{}: {name}", of.as_str()),
            Self::Member {
                email,
                disabled,
                grants,
                first_owner,
            } => of_member(email, *disabled, grants, *first_owner),
            Self::Token { name, scopes } => {
                let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
                format!("{name}: {}", scopes.join(", "))
            }
            Self::Exported { from_seq, of } => format!("from entry {from_seq}, of {of}"),
            Self::Retention { entries, days } => {
                format!("removed the text of {entries} entries older than {days} days")
            }
            Self::OtherMetrics => "with other metrics".to_owned(),
            Self::Recomputed { by, counts } => {
                let of = |r: &Recount| {
                    format!(
                        "{}: {} exposed and {} converted, now {} and {}",
                        r.variant,
                        r.exposures_before,
                        r.conversions_before,
                        r.exposures,
                        r.conversions
                    )
                };
                let counts: Vec<String> = counts.iter().map(of).collect();
                format!("asked for by {by}; {}", counts.join("; "))
            }
            Self::RecomputeFailed { by, failure } => {
                format!("asked for by {by}; {}", failure.said())
            }
            Self::Ahead { version } => {
                format!("the edge had a version {version} that the database does not know")
            }
        }
    }
}

fn of_key(
    name: Option<&[String; 2]>,
    origins: Option<&[String]>,
    encryption: Option<Encryption>,
) -> String {
    let name = name.map(|[old, new]| format!("name: {old} → {new}"));
    let origins = origins.map(|origins| match origins {
        [] => "origins: any".to_owned(),
        some => format!("origins: {}", some.join(", ")),
    });
    let encryption = encryption.map(|state| match state {
        Encryption::On => "encryption: on".to_owned(),
        Encryption::Off => "encryption: off".to_owned(),
        Encryption::NewKey => "encryption: new key".to_owned(),
    });
    let said: Vec<String> = [name, origins, encryption].into_iter().flatten().collect();
    said.join("; ")
}

fn of_member(email: &str, disabled: bool, grants: &[Grant], first_owner: bool) -> String {
    let grants: Vec<String> = grants.iter().map(of_grant).collect();
    let state = if disabled { "disabled" } else { "active" };
    let why = match first_owner {
        true => "first owner, by configuration: ",
        false => "",
    };
    format!("{why}{email}: {state}; {}", grants.join(", "))
}

/// As `viewer in staging`; a role in all environments is its name alone.
fn of_grant(grant: &Grant) -> String {
    let role = grant.role.as_str();
    match grant.environment {
        Some(environment) => format!("{role} in {environment}"),
        None => role.to_owned(),
    }
}

fn with(said: String, words: &str) -> String {
    match words.trim() {
        "" => said,
        words => format!("{said}: {words}"),
    }
}

/// As `layer_share: layer_full`.
fn code(found: &FieldProblem) -> String {
    let name = |value: Result<Value, _>, tag: &str| {
        let value: Value = value.unwrap_or_default();
        let name = value.get(tag).and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    let field = name(serde_json::to_value(found.field), "at");
    let problem = name(serde_json::to_value(&found.problem), "problem");
    format!("{field}: {problem}")
}

/// What a use case says of why: words of a person, or facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Words(String),
    Cause(Cause),
}

impl From<String> for Reason {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<Cause> for Reason {
    fn from(cause: Cause) -> Self {
        Self::Cause(cause)
    }
}

impl Reason {
    /// In English, for the log.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Cause(cause) => cause.said(),
        }
    }

    /// Text and facts as they stand in an entry.
    pub(super) fn written(self) -> (String, Option<Value>) {
        let cause = match &self {
            Self::Words(_) => None,
            Self::Cause(cause) => serde_json::to_value(cause).ok(),
        };
        (self.said(), cause)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::experiment::GuardrailEvidence;
    use crate::{Field, Problem};

    #[test]
    fn what_is_written_is_read_and_a_kind_to_come_is_left_to_the_text() {
        let evidence = Evidence::Errors(GuardrailEvidence {
            variant: "short".to_owned(),
            errors: 40,
            users: 100,
            max_error_rate_bp: 500,
            e_value: 123.456_789_012_345_67,
            threshold: 40.0,
        });
        let problem = FieldProblem::new(Field::LayerShare, Problem::LayerFull { free_bp: 100 });
        for (cause, said) in [
            (Cause::safeguard(&evidence), evidence.said()),
            (
                Cause::Missed {
                    problems: vec![problem],
                },
                "the planned start was refused: layer_share: layer_full".to_owned(),
            ),
            (
                Cause::Coverage {
                    from_bp: 500,
                    to_bp: 2_050,
                    words: " all is well ".to_owned(),
                },
                "coverage from 5 % to 20.5 %: all is well".to_owned(),
            ),
            (
                Cause::Decision {
                    outcome: Outcome::KeepControl,
                    words: String::new(),
                },
                "keep the control".to_owned(),
            ),
            (
                Cause::RecomputeFailed {
                    by: "ann".to_owned(),
                    failure: RecomputeFailure::Gone,
                },
                "asked for by ann; raw events that it needs were removed meanwhile".to_owned(),
            ),
        ] {
            assert_eq!(cause.said(), said);
            let (text, stored) = Reason::from(cause.clone()).written();
            assert_eq!(text, said);
            let stored = stored.unwrap();
            assert_eq!(Cause::read(&stored), Some(cause));
            // The leaf's text is made of texts and whole numbers.
            assert!(!has_fraction(&stored), "{stored}");
        }
        let unknown = json!({ "kind": "of a later version" });
        assert_eq!(Cause::read(&unknown), None);
    }

    #[test]
    fn keys_templates_members_and_tokens_are_said_as_before_there_were_facts() {
        let viewer = json!({ "role": "viewer", "environment": null });
        let staging = json!({ "role": "experimenter", "environment": "staging" });
        let owner = json!({ "role": "owner", "environment": null });
        let who = "jl@demo.nexus";
        let stored = [
            json!({ "kind": "made_sdk_key", "name": "Web", "key_kind": "client" }),
            json!({ "kind": "template", "of": "experiment", "name": "Price" }),
            json!({ "kind": "token", "name": "ci", "scopes": ["experiments:read", "ingest"] }),
            json!({ "kind": "member", "email": who, "disabled": false,
                "grants": [viewer, staging] }),
            json!({ "kind": "member", "email": who, "disabled": true, "grants": [owner] }),
            json!({ "kind": "member", "email": who, "disabled": false, "grants": [owner],
                "first_owner": true }),
        ];
        let said = [
            "Web: client",
            "experiment: Price",
            "ci: experiments:read, ingest",
            "jl@demo.nexus: active; viewer, experimenter in staging",
            "jl@demo.nexus: disabled; owner",
            "first owner, by configuration: jl@demo.nexus: active; owner",
        ];
        for (stored, said) in stored.into_iter().zip(said) {
            let cause = Cause::read(&stored).unwrap();
            let written = Reason::from(cause).written();
            assert_eq!(written, (said.to_owned(), Some(stored)));
        }
    }

    fn has_fraction(value: &Value) -> bool {
        match value {
            Value::Number(number) => !number.is_i64() && !number.is_u64(),
            Value::Array(items) => items.iter().any(has_fraction),
            Value::Object(map) => map.values().any(has_fraction),
            _ => false,
        }
    }
}
