//! What each page and form asks for.

use nexus_domain::access::Action;

/// What each page and form asks for: an action, or only to be a member.
pub(super) const ROUTES: &[(&str, &str, Option<Action>)] = &[
    ("GET", "/", Some(Action::ViewOverview)),
    ("GET", "/experiments", Some(Action::ViewExperiments)),
    ("GET", "/experiments/new", Some(Action::CreateExperiment)),
    ("POST", "/experiments/new", Some(Action::CreateExperiment)),
    ("GET", "/experiments/{id}", Some(Action::ViewExperiments)),
    (
        "GET",
        "/experiments/{id}/edit",
        Some(Action::EditExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/edit",
        Some(Action::EditExperiment),
    ),
    (
        "GET",
        "/experiments/{id}/revisions",
        Some(Action::ViewExperiments),
    ),
    (
        "POST",
        "/experiments/{id}/revisions",
        Some(Action::EditExperiment),
    ),
    (
        "GET",
        "/experiments/{id}/why",
        Some(Action::ViewExperiments),
    ),
    // The page that explains a command says itself who may give it.
    (
        "GET",
        "/experiments/{id}/start",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/stop",
        Some(Action::ViewExperiments),
    ),
    (
        "POST",
        "/experiments/{id}/start",
        Some(Action::StartExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/pause",
        Some(Action::PauseExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/resume",
        Some(Action::StartExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/stop",
        Some(Action::StopExperiment),
    ),
    (
        "GET",
        "/experiments/{id}/decide",
        Some(Action::ViewExperiments),
    ),
    (
        "POST",
        "/experiments/{id}/decide",
        Some(Action::DecideExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/archive",
        Some(Action::ArchiveExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/unarchive",
        Some(Action::ArchiveExperiment),
    ),
    (
        "GET",
        "/experiments/{id}/results.csv",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/results.json",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/course.csv",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/course.json",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/slices.csv",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/slices.json",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/quantiles.csv",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/quantiles.json",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/goal",
        Some(Action::ViewExperiments),
    ),
    (
        "GET",
        "/experiments/{id}/metrics/{metric}",
        Some(Action::ViewExperiments),
    ),
    ("GET", "/experiments/{id}/qa", Some(Action::MakeQaLinks)),
    ("POST", "/experiments/{id}/qa", Some(Action::MakeQaLinks)),
    (
        "GET",
        "/flags/{environment}/{key}/qa",
        Some(Action::MakeQaLinks),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/qa",
        Some(Action::MakeQaLinks),
    ),
    ("GET", "/qa-links/{id}/revoke", Some(Action::MakeQaLinks)),
    ("POST", "/qa-links/{id}/revoke", Some(Action::MakeQaLinks)),
    ("GET", "/templates", Some(Action::ViewExperiments)),
    // It says itself who may delete it.
    (
        "GET",
        "/templates/{id}/delete",
        Some(Action::ViewExperiments),
    ),
    (
        "POST",
        "/templates/{id}/delete",
        Some(Action::CreateExperiment),
    ),
    (
        "GET",
        "/experiments/{id}/template",
        Some(Action::CreateExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/template",
        Some(Action::CreateExperiment),
    ),
    (
        "GET",
        "/flags/{environment}/{key}/template",
        Some(Action::CreateFlag),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/template",
        Some(Action::CreateFlag),
    ),
    ("GET", "/flags/import", Some(Action::CreateFlag)),
    ("POST", "/flags/import", Some(Action::CreateFlag)),
    ("GET", "/flags", Some(Action::ViewFlags)),
    ("GET", "/flags/new", Some(Action::CreateFlag)),
    ("POST", "/flags/new", Some(Action::CreateFlag)),
    ("GET", "/flags/{environment}/{key}", Some(Action::ViewFlags)),
    (
        "GET",
        "/flags/{environment}/{key}/edit",
        Some(Action::EditFlag),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/edit",
        Some(Action::EditFlag),
    ),
    (
        "GET",
        "/flags/{environment}/{key}/history",
        Some(Action::ViewFlags),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/history",
        Some(Action::EditFlag),
    ),
    (
        "GET",
        "/flags/{environment}/{key}/copy",
        Some(Action::ViewFlags),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/copy",
        Some(Action::CreateFlag),
    ),
    (
        "GET",
        "/flags/{environment}/{key}/archive",
        Some(Action::ViewFlags),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/enable",
        Some(Action::SwitchFlag),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/disable",
        Some(Action::SwitchFlag),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/archive",
        Some(Action::ArchiveFlag),
    ),
    (
        "POST",
        "/flags/{environment}/{key}/unarchive",
        Some(Action::ArchiveFlag),
    ),
    ("GET", "/saved-groups", Some(Action::ViewSavedGroups)),
    ("GET", "/saved-groups/new", Some(Action::ManageSavedGroups)),
    ("POST", "/saved-groups/new", Some(Action::ManageSavedGroups)),
    (
        "GET",
        "/saved-groups/{environment}/{id}",
        Some(Action::ViewSavedGroups),
    ),
    (
        "GET",
        "/saved-groups/{environment}/{id}/edit",
        Some(Action::ManageSavedGroups),
    ),
    (
        "POST",
        "/saved-groups/{environment}/{id}/edit",
        Some(Action::ManageSavedGroups),
    ),
    (
        "GET",
        "/saved-groups/{environment}/{id}/history",
        Some(Action::ViewSavedGroups),
    ),
    (
        "POST",
        "/saved-groups/{environment}/{id}/history",
        Some(Action::ManageSavedGroups),
    ),
    (
        "GET",
        "/saved-groups/{environment}/{id}/archive",
        Some(Action::ViewSavedGroups),
    ),
    (
        "POST",
        "/saved-groups/{environment}/{id}/archive",
        Some(Action::ManageSavedGroups),
    ),
    (
        "POST",
        "/saved-groups/{environment}/{id}/unarchive",
        Some(Action::ManageSavedGroups),
    ),
    ("GET", "/holdouts", Some(Action::ViewHoldouts)),
    ("GET", "/holdouts/new", Some(Action::ManageHoldouts)),
    ("POST", "/holdouts/new", Some(Action::ManageHoldouts)),
    ("GET", "/holdouts/{id}", Some(Action::ViewHoldouts)),
    // It says itself who may stop it.
    ("GET", "/holdouts/{id}/stop", Some(Action::ViewHoldouts)),
    ("POST", "/holdouts/{id}/stop", Some(Action::ManageHoldouts)),
    ("GET", "/calculator", Some(Action::ViewExperiments)),
    ("GET", "/audit", Some(Action::ViewAudit)),
    ("POST", "/audit/verify", Some(Action::ViewAudit)),
    ("GET", "/audit/export", Some(Action::ExportAudit)),
    ("GET", "/audit/{seq}", Some(Action::ViewAudit)),
    ("GET", "/settings/members", Some(Action::ViewMembers)),
    ("GET", "/settings/members/new", Some(Action::ManageMembers)),
    ("POST", "/settings/members/new", Some(Action::ManageMembers)),
    ("GET", "/settings/members/{id}", Some(Action::ManageMembers)),
    (
        "POST",
        "/settings/members/{id}",
        Some(Action::ManageMembers),
    ),
    ("GET", "/settings/sdk-keys", Some(Action::ViewSdkKeys)),
    ("GET", "/settings/sdk-keys/new", Some(Action::ManageSdkKeys)),
    (
        "POST",
        "/settings/sdk-keys/new",
        Some(Action::ManageSdkKeys),
    ),
    ("GET", "/settings/sdk-keys/{id}", Some(Action::ViewSdkKeys)),
    (
        "POST",
        "/settings/sdk-keys/{id}",
        Some(Action::ManageSdkKeys),
    ),
    // It says itself who may revoke.
    (
        "GET",
        "/settings/sdk-keys/{id}/revoke",
        Some(Action::ViewSdkKeys),
    ),
    (
        "POST",
        "/settings/sdk-keys/{id}/revoke",
        Some(Action::ManageSdkKeys),
    ),
    (
        "GET",
        "/settings/sdk-keys/{id}/encryption",
        Some(Action::ViewSdkKeys),
    ),
    (
        "POST",
        "/settings/sdk-keys/{id}/encryption",
        Some(Action::ManageSdkKeys),
    ),
    ("GET", "/flags/{environment}/{key}/comment", None),
    ("GET", "/experiments/{id}/comment", None),
    (
        "POST",
        "/flags/{environment}/{key}/comment",
        Some(Action::CommentFlag),
    ),
    (
        "POST",
        "/experiments/{id}/comment",
        Some(Action::CommentExperiment),
    ),
    ("GET", "/settings/tokens", Some(Action::ViewTokens)),
    (
        "GET",
        "/settings/tokens/{id}/revoke",
        Some(Action::ViewTokens),
    ),
    (
        "POST",
        "/settings/tokens/{id}/revoke",
        Some(Action::RevokeToken),
    ),
    ("GET", "/settings/tokens/new", Some(Action::CreateToken)),
    ("POST", "/settings/tokens/new", Some(Action::CreateToken)),
    ("GET", "/settings/appearance", None),
    // Whoever has asked for it may look at it; doing it needs the role still.
    ("GET", "/step-up/{id}", None),
    ("POST", "/confirm/{id}", Some(Action::ManageMembers)),
    ("GET", "/layers", Some(Action::ViewExperiments)),
    ("GET", "/api/docs", None),
    ("POST", "/preferences", None),
    ("GET", "/palette", Some(Action::ViewExperiments)),
    ("GET", "/live", None),
];
