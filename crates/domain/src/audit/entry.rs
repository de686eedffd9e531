//! One entry: who did what to what, when, how they had signed in, and why.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cause::{Cause, Reason};
use super::tree::{Hash, leaf_hash};
use crate::actor::Actor;

/// Every action there is an entry for; `docs/audit.md` lists them too.
pub const ACTIONS: [&str; 67] = [
    "experiment.create",
    "experiment.edit",
    "experiment.restore",
    "experiment.ask_review",
    "experiment.approve",
    "experiment.send_back",
    "experiment.withdraw_review",
    "experiment.schedule",
    "experiment.unschedule",
    "experiment.miss_start",
    "experiment.start",
    "experiment.pause",
    "experiment.resume",
    "experiment.step_ramp",
    "experiment.hold_ramp",
    "experiment.continue_ramp",
    "experiment.move_end",
    "experiment.grow_coverage",
    "experiment.stop",
    "experiment.end_schedule",
    "experiment.stop_for_harm",
    "experiment.stop_for_split",
    "experiment.stop_on_verdict",
    "experiment.decide",
    "experiment.archive",
    "experiment.unarchive",
    "experiment.recompute",
    "experiment.recomputed",
    "experiment.cancel_recompute",
    "experiment.fail_recompute",
    "experiment.comment",
    "experiment.make_qa_link",
    "experiment.revoke_qa_link",
    "flag.create",
    "flag.edit",
    "flag.enable",
    "flag.disable",
    "flag.archive",
    "flag.unarchive",
    "flag.restore",
    "flag.copy",
    "flag.import",
    "flag.comment",
    "flag.make_qa_link",
    "flag.revoke_qa_link",
    "repository.scan",
    "sdk_key.create",
    "sdk_key.change",
    "sdk_key.revoke",
    "saved_group.create",
    "saved_group.edit",
    "saved_group.archive",
    "saved_group.unarchive",
    "saved_group.restore",
    "holdout.create",
    "holdout.stop",
    "template.create",
    "template.delete",
    "environment.change",
    "member.add",
    "member.change",
    "token.create",
    "token.revoke",
    "snapshot.publish",
    "snapshot.republish",
    "audit.export",
    "audit.retention",
];

/// What a use case says of itself; the rest comes from the actor and the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDraft {
    /// One of [`ACTIONS`]: `<object kind>.<verb>`.
    pub action: &'static str,
    pub object_kind: &'static str,
    pub object_id: String,
    /// Environment the change touches, if any.
    pub environment: Option<crate::Environment>,
    /// Digest of the object's canonical state before, if it existed.
    pub before_digest: Option<String>,
    /// Digest after, if it still exists.
    pub after_digest: Option<String>,
    /// A person's reason or the facts that decided; the text has at most 2,000 characters.
    pub reason: Option<Reason>,
}

/// A stored entry. Its canonical JSON is the leaf of the tree, so no field may
/// ever be renamed or removed; new ones are optional and skipped when absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// Position in the log, from 0: the leaf index.
    pub seq: u64,
    pub at_ms: i64,
    pub actor_kind: String,
    pub actor: String,
    pub sign_in: String,
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub environment: Option<crate::Environment>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The facts that `reason` tells of, where it is more than a person's words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Cause>))]
    pub cause: Option<Value>,
    pub request_id: String,
}

impl Entry {
    #[must_use]
    pub fn new(seq: u64, at_ms: i64, actor: &Actor, draft: EntryDraft) -> Self {
        let (reason, cause) = draft.reason.map(Reason::written).unzip();
        Self {
            seq,
            at_ms,
            actor_kind: actor.principal.kind().to_owned(),
            actor: actor.principal.label().to_owned(),
            sign_in: actor.sign_in.as_str().to_owned(),
            action: draft.action.to_owned(),
            object_kind: draft.object_kind.to_owned(),
            object_id: draft.object_id,
            environment: draft.environment,
            before_digest: draft.before_digest,
            after_digest: draft.after_digest,
            reason: reason.map(|text| text.chars().take(2_000).collect()),
            cause: cause.flatten(),
            request_id: actor.request_id.clone(),
        }
    }

    /// The facts, where they are of a kind that is known.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.cause.as_ref().and_then(Cause::read)
    }

    /// The exact text that is hashed and exported.
    #[must_use]
    pub fn canonical(&self) -> String {
        // All fields are text or numbers, so writing can't fail.
        crate::digest::canonical(self).unwrap_or_default()
    }

    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(self.canonical().as_bytes())
    }
}
