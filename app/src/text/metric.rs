//! Words of the metrics beside the primary one.

use nexus_control::views::MarginState;
use nexus_domain::experiment::{Better, MetricKind};

use crate::lang::words;

words! {
    MetricWord {
        Title: "Other metrics", "その他の指標";
        Help: "Secondary metrics explain the result; guardrails must not become worse by the margin. Rows left empty are ignored.", "副次指標は結果を説明するための指標です。ガードレールは、許容幅以上に悪化してはならない指標です。空の行は無視されます。";
        Add: "Add metric", "指標を追加";
        Key: "Metric", "指標名";
        Kind: "Kind", "種類";
        Proportion: "share of users", "ユーザーの割合";
        Count: "times per user", "ユーザーあたりの回数";
        Mean: "sum of values per user", "ユーザーあたりの値の合計";
        Better: "Direction", "望ましい方向";
        Higher: "higher is better", "高いほど良い";
        Lower: "lower is better", "低いほど良い";
        Role: "Role", "役割";
        Secondary: "secondary", "副次";
        Guardrail: "guardrail", "ガードレール";
        Margin: "Margin %", "許容幅（%）";
        Cap: "Cap of values", "値の上限";
        PanelNote: "Secondary metrics are corrected together, so that several do not make one look clear by chance. Guardrails are always valid.", "副次指標は、偶然による誤判定が増えないようまとめて補正しています。ガードレールの判定は常時有効です。";
        Control: "Control", "コントロール";
        Value: "Value", "値";
        Said: "Verdict", "判定";
        Kept: "Within the margin", "許容幅内";
        Broken: "Worse than the margin", "許容幅を超えて悪化";
        MarginUnclear: "Not certain yet", "未確定";
        MarginOf: "guardrail, margin {0}%", "ガードレール（許容幅 {0}%）";
        CapOf: "cut at {0}", "上限 {0}";
    }
}

impl MetricWord {
    #[must_use]
    pub const fn kind(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Proportion => Self::Proportion,
            MetricKind::Count => Self::Count,
            MetricKind::Mean { .. } => Self::Mean,
        }
    }

    #[must_use]
    pub const fn better(better: Better) -> Self {
        match better {
            Better::Higher => Self::Higher,
            Better::Lower => Self::Lower,
        }
    }

    #[must_use]
    pub const fn margin(state: MarginState) -> Self {
        match state {
            MarginState::Kept => Self::Kept,
            MarginState::Broken => Self::Broken,
            MarginState::Unclear => Self::MarginUnclear,
        }
    }
}
