//! Roles, the actions they allow, and the table between them.
//!
//! The table is data so that docs and tests can print it; the one function
//! that decides is `nexus_control::authority::authorise`.

use serde::{Deserialize, Serialize};

use crate::Environment;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Viewer,
    Experimenter,
    Operator,
    Approver,
    SecurityAdmin,
    Owner,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Viewer,
        Self::Experimenter,
        Self::Operator,
        Self::Approver,
        Self::SecurityAdmin,
        Self::Owner,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Experimenter => "experimenter",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::SecurityAdmin => "security_admin",
            Self::Owner => "owner",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// A role in one environment, or in all of them (`environment: None`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    pub role: Role,
    pub environment: Option<Environment>,
}

impl Grant {
    #[must_use]
    pub fn covers(self, environment: Option<Environment>) -> bool {
        match (self.environment, environment) {
            (None, _) => true,
            (Some(granted), Some(asked)) => granted == asked,
            // An action that belongs to no environment needs a role in all,
            // except reading, which `authorise` grants to every member.
            (Some(_), None) => false,
        }
    }
}

/// Everything that can be asked for. A page, API route or command maps to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    ViewOverview,
    ViewExperiments,
    CreateExperiment,
    EditExperiment,
    StartExperiment,
    PauseExperiment,
    StopExperiment,
    DecideExperiment,
    ArchiveExperiment,
    ReviewExperiment,
    CommentExperiment,
    ViewFlags,
    CreateFlag,
    EditFlag,
    SwitchFlag,
    ArchiveFlag,
    CommentFlag,
    ViewSdkKeys,
    ManageSdkKeys,
    ViewSavedGroups,
    ManageSavedGroups,
    ViewHoldouts,
    ManageHoldouts,
    MakeQaLinks,
    ViewAudit,
    ExportAudit,
    ManageEnvironments,
    ViewMembers,
    ManageMembers,
    ViewTokens,
    CreateToken,
    RevokeToken,
    Ingest,
}

impl Action {
    pub const ALL: [Self; 33] = [
        Self::ViewOverview,
        Self::ViewExperiments,
        Self::CreateExperiment,
        Self::EditExperiment,
        Self::StartExperiment,
        Self::PauseExperiment,
        Self::StopExperiment,
        Self::DecideExperiment,
        Self::ArchiveExperiment,
        Self::ReviewExperiment,
        Self::CommentExperiment,
        Self::ViewFlags,
        Self::CreateFlag,
        Self::EditFlag,
        Self::SwitchFlag,
        Self::ArchiveFlag,
        Self::CommentFlag,
        Self::ViewSdkKeys,
        Self::ManageSdkKeys,
        Self::ViewSavedGroups,
        Self::ManageSavedGroups,
        Self::ViewHoldouts,
        Self::ManageHoldouts,
        Self::MakeQaLinks,
        Self::ViewAudit,
        Self::ExportAudit,
        Self::ManageEnvironments,
        Self::ViewMembers,
        Self::ManageMembers,
        Self::ViewTokens,
        Self::CreateToken,
        Self::RevokeToken,
        Self::Ingest,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ViewOverview => "view_overview",
            Self::ViewExperiments => "view_experiments",
            Self::CreateExperiment => "create_experiment",
            Self::EditExperiment => "edit_experiment",
            Self::StartExperiment => "start_experiment",
            Self::PauseExperiment => "pause_experiment",
            Self::StopExperiment => "stop_experiment",
            Self::DecideExperiment => "decide_experiment",
            Self::ArchiveExperiment => "archive_experiment",
            Self::ReviewExperiment => "review_experiment",
            Self::CommentExperiment => "comment_experiment",
            Self::ViewFlags => "view_flags",
            Self::CreateFlag => "create_flag",
            Self::EditFlag => "edit_flag",
            Self::SwitchFlag => "switch_flag",
            Self::ArchiveFlag => "archive_flag",
            Self::CommentFlag => "comment_flag",
            Self::ViewSdkKeys => "view_sdk_keys",
            Self::ManageSdkKeys => "manage_sdk_keys",
            Self::ViewSavedGroups => "view_saved_groups",
            Self::ManageSavedGroups => "manage_saved_groups",
            Self::ViewHoldouts => "view_holdouts",
            Self::ManageHoldouts => "manage_holdouts",
            Self::MakeQaLinks => "make_qa_links",
            Self::ViewAudit => "view_audit",
            Self::ExportAudit => "export_audit",
            Self::ManageEnvironments => "manage_environments",
            Self::ViewMembers => "view_members",
            Self::ManageMembers => "manage_members",
            Self::ViewTokens => "view_tokens",
            Self::CreateToken => "create_token",
            Self::RevokeToken => "revoke_token",
            Self::Ingest => "ingest",
        }
    }

    /// Whether a fresh second factor, bound to the action's digest, is needed.
    #[must_use]
    pub const fn needs_step_up(self) -> bool {
        matches!(self, Self::ManageMembers | Self::CreateToken)
    }

    /// The roles that allow it. `Ingest` is allowed to no role: it is a
    /// token's scope only.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Approver, Experimenter, Operator, Owner, SecurityAdmin, Viewer};
        match self {
            Self::ViewOverview
            | Self::ViewExperiments
            | Self::ViewFlags
            | Self::ViewSdkKeys
            | Self::ViewSavedGroups
            | Self::ViewHoldouts
            // Whoever looks at it may have something to say.
            | Self::CommentExperiment
            | Self::CommentFlag => &[
                Viewer,
                Experimenter,
                Operator,
                Approver,
                SecurityAdmin,
                Owner,
            ],
            Self::CreateExperiment
            | Self::EditExperiment
            | Self::StartExperiment
            | Self::DecideExperiment
            | Self::ArchiveExperiment
            | Self::CreateFlag
            | Self::EditFlag
            | Self::ArchiveFlag
            | Self::ManageSavedGroups
            | Self::ManageHoldouts => &[Experimenter, Owner],
            // Whoever looks at it before others do: who makes it, who is on call, who approves.
            Self::MakeQaLinks => &[Experimenter, Operator, Approver, Owner],
            // Whoever is on call may stop harm.
            Self::PauseExperiment | Self::StopExperiment | Self::SwitchFlag => {
                &[Experimenter, Operator, Owner]
            }
            Self::ViewAudit | Self::ViewMembers => &[Operator, Approver, SecurityAdmin, Owner],
            Self::ReviewExperiment => &[Approver, Owner],
            Self::ExportAudit | Self::ManageEnvironments | Self::ManageMembers => {
                &[SecurityAdmin, Owner]
            }
            // Whoever hands out access hands out keys.
            Self::ViewTokens | Self::CreateToken | Self::RevokeToken | Self::ManageSdkKeys => {
                &[Operator, SecurityAdmin, Owner]
            }
            Self::Ingest => &[],
        }
    }
}

/// What an API token may do: a subset of its creator's actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    #[serde(rename = "experiments:read")]
    ExperimentsRead,
    #[serde(rename = "experiments:write")]
    ExperimentsWrite,
    #[serde(rename = "flags:read")]
    FlagsRead,
    #[serde(rename = "flags:write")]
    FlagsWrite,
    #[serde(rename = "sdk_keys:read")]
    SdkKeysRead,
    #[serde(rename = "sdk_keys:write")]
    SdkKeysWrite,
    #[serde(rename = "audit:read")]
    AuditRead,
    #[serde(rename = "members:read")]
    MembersRead,
    #[serde(rename = "ingest")]
    Ingest,
}

impl Scope {
    pub const ALL: [Self; 9] = [
        Self::ExperimentsRead,
        Self::ExperimentsWrite,
        Self::FlagsRead,
        Self::FlagsWrite,
        Self::SdkKeysRead,
        Self::SdkKeysWrite,
        Self::AuditRead,
        Self::MembersRead,
        Self::Ingest,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExperimentsRead => "experiments:read",
            Self::ExperimentsWrite => "experiments:write",
            Self::FlagsRead => "flags:read",
            Self::FlagsWrite => "flags:write",
            Self::SdkKeysRead => "sdk_keys:read",
            Self::SdkKeysWrite => "sdk_keys:write",
            Self::AuditRead => "audit:read",
            Self::MembersRead => "members:read",
            Self::Ingest => "ingest",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    #[must_use]
    pub const fn allows(self, action: Action) -> bool {
        match self {
            Self::ExperimentsRead => {
                matches!(
                    action,
                    Action::ViewExperiments | Action::ViewOverview | Action::ViewHoldouts
                )
            }
            Self::ExperimentsWrite => matches!(
                action,
                Action::ViewExperiments
                    | Action::ViewOverview
                    | Action::CreateExperiment
                    | Action::EditExperiment
                    | Action::StartExperiment
                    | Action::PauseExperiment
                    | Action::StopExperiment
                    | Action::DecideExperiment
                    | Action::ArchiveExperiment
                    | Action::CommentExperiment
                    | Action::ViewHoldouts
                    | Action::ManageHoldouts
                    | Action::MakeQaLinks
            ),
            Self::FlagsRead => matches!(action, Action::ViewFlags | Action::ViewSavedGroups),
            Self::FlagsWrite => matches!(
                action,
                Action::ViewFlags
                    | Action::CreateFlag
                    | Action::EditFlag
                    | Action::SwitchFlag
                    | Action::ArchiveFlag
                    | Action::CommentFlag
                    | Action::ViewSavedGroups
                    | Action::ManageSavedGroups
                    | Action::MakeQaLinks
            ),
            Self::SdkKeysRead => matches!(action, Action::ViewSdkKeys),
            Self::SdkKeysWrite => {
                matches!(action, Action::ViewSdkKeys | Action::ManageSdkKeys)
            }
            Self::AuditRead => matches!(action, Action::ViewAudit | Action::ExportAudit),
            Self::MembersRead => matches!(action, Action::ViewMembers),
            Self::Ingest => matches!(action, Action::Ingest),
        }
    }
}
