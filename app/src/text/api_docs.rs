//! Words of the page about the API. What operations say of themselves is English.

use crate::lang::words;

words! {
    ApiDocsWord {
        Title: "API", "API";
        Contents: "Contents", "目次";
        Shapes: "Shapes", "データ型";
        BasePath: "Base path", "ベースパス";
        ForPrograms: "As a document for programs:", "プログラム向けの定義:";
        Parameters: "Parameters", "パラメーター";
        Required: ", required", "（必須）";
        Answers: "Body and answers", "リクエスト本文とレスポンス";
        Body: "body", "本文";
        Error: "error", "エラー";
        NoBody: "no body", "本文なし";
        ArrayOf: "array of ", "配列: ";
        InPath: "path", "パス";
        InQuery: "query", "クエリ";
        InHeader: "header", "ヘッダー";
    }
}

words! {
    /// Groups of operations.
    ApiGroupWord {
        Audit: "Audit log", "監査ログ";
        Environments: "Environments", "環境";
        Estimates: "Estimates", "推定";
        Experiments: "Experiments", "実験";
        Flags: "Feature flags", "フラグ";
        Holdouts: "Holdouts", "ホールドアウト";
        Ingest: "Telemetry", "テレメトリー";
        Members: "Members", "メンバー";
        Overview: "Overview", "概要";
        QaLinks: "Links for testers", "テスト用リンク";
        SavedGroups: "Saved groups", "保存グループ";
        SdkKeys: "SDK keys", "SDKキー";
        Sdk: "Pages for SDKs", "SDK用エンドポイント";
        Templates: "Templates", "テンプレート";
        Tokens: "API tokens", "APIトークン";
    }
}

impl ApiGroupWord {
    /// Of a tag of the description.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        Some(match tag {
            "audit" => Self::Audit,
            "environments" => Self::Environments,
            "estimates" => Self::Estimates,
            "experiments" => Self::Experiments,
            "flags" => Self::Flags,
            "holdouts" => Self::Holdouts,
            "ingest" => Self::Ingest,
            "members" => Self::Members,
            "overview" => Self::Overview,
            "qa links" => Self::QaLinks,
            "saved groups" => Self::SavedGroups,
            "sdk keys" => Self::SdkKeys,
            "sdk" => Self::Sdk,
            "templates" => Self::Templates,
            "tokens" => Self::Tokens,
            _ => return None,
        })
    }
}

impl ApiDocsWord {
    /// Where a parameter stands.
    #[must_use]
    pub fn place(name: &str) -> Option<Self> {
        Some(match name {
            "path" => Self::InPath,
            "query" => Self::InQuery,
            "header" => Self::InHeader,
            _ => return None,
        })
    }
}
