//! Words of the frame around every page.

use nexus_control::views::HitKind;

use crate::lang::words;

words! {
    Shell {
        Skip: "Skip to content", "本文へ移動";
        Main: "Main", "メイン";
        Primary: "Primary navigation", "メインナビゲーション";
        Quick: "Quick navigation", "クイックナビゲーション";
        Trail: "Breadcrumb", "現在位置";
        Overview: "Overview", "概要";
        Experiments: "Experiments", "実験";
        Flags: "Feature flags", "フラグ";
        SavedGroups: "Saved groups", "保存グループ";
        Holdouts: "Holdouts", "ホールドアウト";
        Calculator: "Calculator", "計算ツール";
        Audit: "Audit log", "監査ログ";
        Settings: "Settings", "設定";
        Members: "Members", "メンバー";
        Environments: "Environments", "環境";
        SdkKeys: "SDK keys", "SDKキー";
        Tokens: "API tokens", "APIトークン";
        Appearance: "Appearance", "表示設定";
        More: "More", "その他";
        GroupObserve: "Observe", "監視";
        GroupRelease: "Release", "リリース";
        GroupEdge: "Edge", "エッジ";
        GroupProtect: "Protect", "保護";
        GroupSettings: "Settings", "設定";
        Palette: "Search or go to…", "検索・移動…";
        PaletteTitle: "Command palette", "コマンドパレット";
        PaletteNothing: "Nothing matches.", "該当する項目はありません。";
        PaletteFound: "Found", "検索結果";
        PaletteKeys: "↑ ↓ to choose · Enter to open · Esc to close", "↑ ↓ 選択 · Enter 開く · Esc 閉じる";
        PalettePages: "Go to", "移動";
        PaletteActions: "Actions", "操作";
        NewExperiment: "New experiment", "実験を作成";
        StaleFlags: "Stale flags", "整理候補のフラグ";
        ApiDocs: "API docs", "APIドキュメント";
        ThemeTo: "Theme: {0}", "テーマ: {0}";
        LanguageTo: "Language: {0}", "言語: {0}";
        Account: "Account", "アカウント";
        SignedInAs: "Signed in as", "サインイン中";
        SignOut: "Sign out", "サインアウト";
        SignOutEverywhere: "Sign out everywhere", "すべてのデバイスからサインアウト";
        Preferences: "Language and theme", "言語とテーマ";
        Language: "Language", "言語";
        Theme: "Theme", "テーマ";
        ThemeSystem: "System", "システム";
        ThemeLight: "Light", "ライト";
        ThemeDark: "Dark", "ダーク";
        Updated: "Updated {0}", "更新: {0}";
        Pause: "Pause updates", "自動更新を停止";
        Resume: "Resume updates", "自動更新を再開";
        LivePaused: "Updates paused", "自動更新を停止中";
        LiveOffline: "Not connected", "接続が切れています";
        Dismiss: "Dismiss", "閉じる";
    }
}

words! {
    /// What the command palette found.
    HitWord {
        Experiment: "Experiment", "実験";
        Flag: "Flag", "フラグ";
        SavedGroup: "Saved group", "保存グループ";
        SdkKey: "SDK key", "SDKキー";
        Member: "Member", "メンバー";
        Token: "API token", "APIトークン";
    }
}

impl HitWord {
    #[must_use]
    pub const fn of(kind: HitKind) -> Self {
        match kind {
            HitKind::Experiment => Self::Experiment,
            HitKind::Flag => Self::Flag,
            HitKind::SavedGroup => Self::SavedGroup,
            HitKind::SdkKey => Self::SdkKey,
            HitKind::Member => Self::Member,
            HitKind::Token => Self::Token,
        }
    }
}
