//! The field's words: one per thing, the same on every page.

use nexus_domain::Environment;
use nexus_domain::access::{Action, Role, Scope};
use nexus_domain::experiment::Status;
use nexus_flags::{Device, Operator};

use crate::lang::words;

words! {
    StatusWord {
        Draft: "Draft", "下書き";
        InReview: "In review", "レビュー中";
        Approved: "Approved", "承認済み";
        Scheduled: "Scheduled", "開始予約済み";
        Running: "Running", "実行中";
        Paused: "Paused", "一時停止中";
        Stopped: "Stopped", "停止済み";
        Decided: "Decided", "結論済み";
        Archived: "Archived", "アーカイブ済み";
    }
}

impl StatusWord {
    #[must_use]
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Draft => Self::Draft,
            Status::InReview => Self::InReview,
            Status::Approved => Self::Approved,
            Status::Scheduled => Self::Scheduled,
            Status::Running => Self::Running,
            Status::Paused => Self::Paused,
            Status::Stopped => Self::Stopped,
            Status::Decided => Self::Decided,
            Status::Archived => Self::Archived,
        }
    }
}

words! {
    EnvironmentWord {
        Development: "Development", "開発";
        Staging: "Staging", "ステージング";
        Production: "Production", "本番";
        Preview: "Preview", "プレビュー";
    }
}

impl EnvironmentWord {
    #[must_use]
    pub const fn of(environment: Environment) -> Self {
        match environment {
            Environment::Development => Self::Development,
            Environment::Staging => Self::Staging,
            Environment::Production => Self::Production,
            Environment::Preview => Self::Preview,
        }
    }
}

words! {
    VerdictWord {
        None: "No data", "データなし";
        NotEnoughData: "Not enough data", "データ不足";
        Unclear: "No clear difference", "明確な差なし";
        Better: "Better", "改善";
        Worse: "Worse", "悪化";
        BrokenSplit: "Split is broken", "振り分けの異常";
        Harmful: "Hurt users", "ユーザーに悪影響";
    }
}

words! {
    RoleWord {
        Viewer: "Viewer", "閲覧者";
        Experimenter: "Experimenter", "実験担当者";
        Operator: "Operator", "運用担当者";
        Approver: "Approver", "承認者";
        SecurityAdmin: "Security admin", "セキュリティ管理者";
        Owner: "Owner", "オーナー";
        ViewerHelp: "Reads overview, experiments, feature flags and saved groups.", "概要・実験・フラグ・保存グループを閲覧できます。";
        ExperimenterHelp: "Creates, edits, starts and stops experiments; manages feature flags and saved groups.", "実験の作成・編集・開始・停止と、フラグや保存グループの管理ができます。";
        OperatorHelp: "Pauses and stops experiments, switches feature flags, reads the audit log, manages API tokens.", "実験の一時停止と停止、フラグの切り替え、監査ログの閲覧、APIトークンの管理ができます。";
        ApproverHelp: "Reads members and the audit log; reviews experiments.", "メンバーと監査ログの閲覧、実験のレビューができます。";
        SecurityAdminHelp: "Manages members, tokens and what environments ask for, exports the audit log.", "メンバー・トークン・環境の設定の管理と、監査ログのエクスポートができます。";
        OwnerHelp: "May do everything.", "すべての操作ができます。";
    }
}

impl RoleWord {
    #[must_use]
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Experimenter => Self::Experimenter,
            Role::Operator => Self::Operator,
            Role::Approver => Self::Approver,
            Role::SecurityAdmin => Self::SecurityAdmin,
            Role::Owner => Self::Owner,
        }
    }

    #[must_use]
    pub const fn help(role: Role) -> Self {
        match role {
            Role::Viewer => Self::ViewerHelp,
            Role::Experimenter => Self::ExperimenterHelp,
            Role::Operator => Self::OperatorHelp,
            Role::Approver => Self::ApproverHelp,
            Role::SecurityAdmin => Self::SecurityAdminHelp,
            Role::Owner => Self::OwnerHelp,
        }
    }
}

words! {
    ScopeWord {
        ExperimentsRead: "Read experiments", "実験の読み取り";
        ExperimentsWrite: "Read and change experiments", "実験の読み取りと変更";
        FlagsRead: "Read feature flags and saved groups", "フラグと保存グループの読み取り";
        FlagsWrite: "Read and change feature flags and saved groups", "フラグと保存グループの読み取りと変更";
        SdkKeysRead: "Read SDK keys", "SDKキーの読み取り";
        SdkKeysWrite: "Read and manage SDK keys", "SDKキーの読み取りと管理";
        AuditRead: "Read and export the audit log", "監査ログの読み取りとエクスポート";
        MembersRead: "Read members", "メンバーの読み取り";
        Ingest: "Send gateway events", "ゲートウェイのイベント送信";
    }
}

impl ScopeWord {
    #[must_use]
    pub const fn of(scope: Scope) -> Self {
        match scope {
            Scope::ExperimentsRead => Self::ExperimentsRead,
            Scope::ExperimentsWrite => Self::ExperimentsWrite,
            Scope::FlagsRead => Self::FlagsRead,
            Scope::FlagsWrite => Self::FlagsWrite,
            Scope::SdkKeysRead => Self::SdkKeysRead,
            Scope::SdkKeysWrite => Self::SdkKeysWrite,
            Scope::AuditRead => Self::AuditRead,
            Scope::MembersRead => Self::MembersRead,
            Scope::Ingest => Self::Ingest,
        }
    }
}

words! {
    /// What one may do, as the end of "You may not …".
    ActionWord {
        ViewOverview: "see the overview", "概要の閲覧";
        ViewExperiments: "see experiments", "実験の閲覧";
        CreateExperiment: "create experiments", "実験の作成";
        EditExperiment: "edit experiments", "実験の編集";
        StartExperiment: "start experiments", "実験の開始";
        PauseExperiment: "pause experiments", "実験の一時停止";
        StopExperiment: "stop experiments", "実験の停止";
        DecideExperiment: "decide experiments", "実験の結論の記録";
        ArchiveExperiment: "archive experiments", "実験のアーカイブ";
        ReviewExperiment: "review experiments", "実験のレビュー";
        CommentExperiment: "comment on experiments", "実験へのコメント";
        ViewFlags: "see feature flags", "フラグの閲覧";
        CreateFlag: "create feature flags", "フラグの作成";
        EditFlag: "edit feature flags", "フラグの編集";
        SwitchFlag: "switch feature flags", "フラグの切り替え";
        ArchiveFlag: "archive feature flags", "フラグのアーカイブ";
        CommentFlag: "comment on feature flags", "フラグへのコメント";
        ViewSdkKeys: "see SDK keys", "SDKキーの閲覧";
        ManageSdkKeys: "manage SDK keys", "SDKキーの管理";
        ViewSavedGroups: "see saved groups", "保存グループの閲覧";
        ManageSavedGroups: "change saved groups", "保存グループの変更";
        ViewHoldouts: "see holdouts", "ホールドアウトの閲覧";
        ManageHoldouts: "manage holdouts", "ホールドアウトの管理";
        MakeQaLinks: "make links for testers", "テスト用リンクの作成";
        ViewAudit: "see the audit log", "監査ログの閲覧";
        ExportAudit: "export the audit log", "監査ログのエクスポート";
        ManageEnvironments: "change what environments ask for", "環境の設定の変更";
        ViewMembers: "see members", "メンバーの閲覧";
        ManageMembers: "manage members", "メンバーの管理";
        ViewTokens: "see API tokens", "APIトークンの閲覧";
        CreateToken: "create API tokens", "APIトークンの作成";
        RevokeToken: "revoke API tokens", "APIトークンの失効";
        Ingest: "send gateway events", "ゲートウェイのイベント送信";
    }
}

impl ActionWord {
    #[must_use]
    pub const fn of(action: Action) -> Self {
        match action {
            Action::ViewOverview => Self::ViewOverview,
            Action::ViewExperiments => Self::ViewExperiments,
            Action::CreateExperiment => Self::CreateExperiment,
            Action::EditExperiment => Self::EditExperiment,
            Action::StartExperiment => Self::StartExperiment,
            Action::PauseExperiment => Self::PauseExperiment,
            Action::StopExperiment => Self::StopExperiment,
            Action::DecideExperiment => Self::DecideExperiment,
            Action::ArchiveExperiment => Self::ArchiveExperiment,
            Action::ReviewExperiment => Self::ReviewExperiment,
            Action::CommentExperiment => Self::CommentExperiment,
            Action::ViewFlags => Self::ViewFlags,
            Action::CreateFlag => Self::CreateFlag,
            Action::EditFlag => Self::EditFlag,
            Action::SwitchFlag => Self::SwitchFlag,
            Action::ArchiveFlag => Self::ArchiveFlag,
            Action::CommentFlag => Self::CommentFlag,
            Action::ViewSdkKeys => Self::ViewSdkKeys,
            Action::ManageSdkKeys => Self::ManageSdkKeys,
            Action::ViewSavedGroups => Self::ViewSavedGroups,
            Action::ManageSavedGroups => Self::ManageSavedGroups,
            Action::ViewHoldouts => Self::ViewHoldouts,
            Action::ManageHoldouts => Self::ManageHoldouts,
            Action::MakeQaLinks => Self::MakeQaLinks,
            Action::ViewAudit => Self::ViewAudit,
            Action::ExportAudit => Self::ExportAudit,
            Action::ManageEnvironments => Self::ManageEnvironments,
            Action::ViewMembers => Self::ViewMembers,
            Action::ManageMembers => Self::ManageMembers,
            Action::ViewTokens => Self::ViewTokens,
            Action::CreateToken => Self::CreateToken,
            Action::RevokeToken => Self::RevokeToken,
            Action::Ingest => Self::Ingest,
        }
    }
}

words! {
    DeviceWord {
        Desktop: "Desktop", "デスクトップ";
        Mobile: "Mobile", "モバイル";
        Tablet: "Tablet", "タブレット";
        Bot: "Bot", "ボット";
        Other: "Other", "その他";
    }
}

words! {
    OperatorWord {
        Is: "is", "が次のいずれか";
        IsNot: "is not", "が次のいずれでもない";
        StartsWith: "starts with", "が次で始まる";
        EndsWith: "ends with", "が次で終わる";
        Contains: "contains", "が次を含む";
        DoesNotContain: "does not contain", "が次を含まない";
    }
}

impl OperatorWord {
    pub const OPERATORS: [(Operator, &'static str); 6] = [
        (Operator::Is, "is"),
        (Operator::IsNot, "is_not"),
        (Operator::StartsWith, "starts_with"),
        (Operator::EndsWith, "ends_with"),
        (Operator::Contains, "contains"),
        (Operator::DoesNotContain, "does_not_contain"),
    ];

    #[must_use]
    pub const fn of(operator: Operator) -> Self {
        match operator {
            Operator::Is => Self::Is,
            Operator::IsNot => Self::IsNot,
            Operator::StartsWith => Self::StartsWith,
            Operator::EndsWith => Self::EndsWith,
            Operator::Contains => Self::Contains,
            Operator::DoesNotContain => Self::DoesNotContain,
        }
    }
}

impl DeviceWord {
    #[must_use]
    pub const fn of(device: Device) -> Self {
        match device {
            Device::Desktop => Self::Desktop,
            Device::Mobile => Self::Mobile,
            Device::Tablet => Self::Tablet,
            Device::Bot => Self::Bot,
            Device::Other => Self::Other,
        }
    }
}
