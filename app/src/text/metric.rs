//! Words of the metrics.

use nexus_control::views::MarginState;
use nexus_domain::experiment::{Better, Dimension};

use crate::lang::words;

words! {
    MetricWord {
        Title: "Other metrics", "その他の指標";
        Key: "Metric", "指標名";
        PanelNote: "Secondary metrics are corrected together, so that several do not make one look clear by chance. Guardrails are always valid.", "副次指標は、偶然による誤判定が増えないようまとめて補正しています。ガードレールの判定は常時有効です。";
        PanelNoteShare: "Secondary metrics are corrected together (Benjamini–Hochberg): on average at most {0}% of those called better or worse are not, and at most {0}% of the intervals without zero miss. Guardrails are always valid.", "副次指標はまとめて補正しています（Benjamini–Hochberg法）。「良い」「悪い」と判定した結果のうち誤りの割合も、ゼロを含まない区間のうち真の値を外す割合も、平均で{0}%以下です。ガードレールの判定は常時有効です。";
        Control: "Control", "コントロール";
        Value: "Value", "値";
        Said: "Verdict", "判定";
        Kept: "Within the margin", "許容幅内";
        Broken: "Worse than the margin", "許容幅を超えて悪化";
        MarginUnclear: "Not certain", "未確定";
        Proportion: "share of users", "ユーザーの割合";
        Count: "times per user", "ユーザーあたりの回数";
        Mean: "sum of values per user", "ユーザーあたりの値の合計";
        RetentionOf: "came back on days {0} to {1}", "{0}〜{1}日目の継続率";
        RatioOf: "{0} per {1}", "{0} ÷ {1}";
        CountOf: "number of {0}", "「{0}」の回数";
        ValuesOf: "value of {0}", "「{0}」の値";
        QuantileOfEvents: "{0} of all events' values", "全イベントの値の{0}";
        QuantileOfUsers: "{0} of the users' sums", "ユーザーごとの合計の{0}";
        Median: "median", "中央値";
        Percentile: "p{0}", "{0}パーセンタイル";
        EventOf: "event {0}", "イベント「{0}」";
        WindowOf: "within {0} of the exposure", "表示から{0}以内";
        Hours: "{0} hours", "{0}時間";
        DaysLong: "{0} days", "{0}日";
        PreOf: "adjusted by {0} days before", "表示前{0}日間で補正";
        Higher: "higher is better", "高いほど良い";
        Lower: "lower is better", "低いほど良い";
        Secondary: "secondary", "副次";
        Primary: "decides", "結論を決める指標";
        Goal: "conversion goal, does not decide", "コンバージョン目標（結論には使いません）";
        Decides: "{0} decides.", "結論を決める指標: {0}。";
        On: "by {0}", "指標: {0}";
        MarginOf: "guardrail, margin {0}%", "ガードレール（許容幅 {0}%）";
        CapOf: "cut at {0}", "上限 {0}";
        Reduced: "Variance reduced by {0}", "分散を{0}削減";
        NotReduced: "Variance not reduced", "分散は減っていません";
        Counted: "Days over", "期間終了";
        Both: "Users of both", "両方のユーザー";
        WithEvents: "Users with events", "イベントのあるユーザー";
        Distribution: "Distribution", "分布";
        DistributionLabel: "Value below which a share of all values lies, per variant", "バリアントごとの、全体のうち各割合がその値以下になる値";
        DistributionNote: "The value below which that share of all values so far lies. The course shows what was known at the time: values that come late show when they come.", "これまでの値のうち各割合が、その値以下になります。推移は各時点で判明していた値です。遅れて届いた値は、届いた時点に反映されます。";
        Level: "Share", "割合";
        Quantiles: "Quantiles", "分位点";
        NotComparable: "Nothing to compare yet", "まだ比較できません";
        NotCompared: "Nothing to compare", "比較できません";
        DaysLeft: "Nobody’s days are over yet", "期間を終えたユーザーはまだいません";
        DaysLeftText: "A user counts once {0} days have passed since the exposure.", "ユーザーは、表示から{0}日が経過すると集計されます。";
        Silent: "No “{0}” has been counted yet", "「{0}」はまだ計測されていません";
        SilentText: "A page that the gateway serves reports one like this; from elsewhere an SDK key is needed. What a user does before the exposure does not count.", "ゲートウェイ経由のページからは、次のように送信します（それ以外からの送信にはSDKキーが必要です）。表示より前の行動は集計されません。";
        SilentEver: "No “{0}” was counted", "「{0}」は計測されませんでした";
        SilentEverText: "The experiment ended without one, so there is nothing to compare.", "1件も計測されないまま実験が終了したため、比較できません。";
        NoValueOf: "No value of “{0}” was counted", "「{0}」の値は計測されませんでした";
        NoValueOfText: "None came, or all without a value, or with 0.", "イベントが届かなかったか、すべて値がないか0でした。";
        NoValueIn: "No value in “{0}”", "「{0}」に値がありません";
        NoValue: "“{0}” comes without a value", "「{0}」に値が付いていません";
        NoValueText: "It is counted, but every one so far came without a value, or with 0. A page that the gateway serves sends one with its value like this; from elsewhere an SDK key is needed.", "イベントは届いていますが、すべて値がないか0です。ゲートウェイ経由のページからは、次のように値を付けて送信します（それ以外からの送信にはSDKキーが必要です）。";
        NoValueEver: "“{0}” came without a value", "「{0}」に値が付いていませんでした";
        NoValueEverText: "It was counted, but every one came without a value, or with 0.", "イベントは届きましたが、すべて値がないか0でした。";
        NoValueSoFar: "Every one so far came without a value, or with 0, so there is nothing to compare.", "これまでに届いたイベントは、すべて値がないか0のため、比較できません。";
        EndedNoValue: "Every “{0}” came without a value, or with 0, so there is nothing to compare.", "「{0}」はすべて値がないか0だったため、比較できません。";
        EndedNone: "No “{0}” was counted, so there is nothing to compare.", "「{0}」が1件も計測されなかったため、比較できません。";
        EndedEither: "No value of “{0}” was counted, so there is nothing to compare: none came, or all without a value, or with 0.", "「{0}」の値が計測されなかったため、比較できません（イベントが届かなかったか、すべて値がないか0でした）。";
        Through: "{0} of the users are through the window (their numbers are final)", "期間を過ぎたユーザー: {0}（値が確定した人の割合）";
    }
}

words! {
    SliceWord {
        Title: "By {0}", "{0}別";
        Country: "Country", "国";
        Device: "Device", "デバイス";
        Browser: "Browser", "ブラウザー";
        Breakdown: "Breakdown", "内訳";
        Choose: "Break down by", "内訳の切り替え";
        Unknown: "unknown", "不明";
        Other: "all others", "その他";
        Note: "As seen at each user's first exposure. Intervals are always valid and corrected for all {0} comparisons of the table: they hold together. A difference in one line alone is a reason to test again.", "各ユーザーの最初の表示時点の値です。区間は常時有効で、この表の{0}件の比較すべてをまとめて補正しています。1行だけに見える差は、再検証のきっかけとしてください。";
        NoteWaits: "As seen at each user's first exposure. Lifts appear after the first planned look.", "各ユーザーの最初の表示時点の値です。リフトは最初の計画時点の後に表示されます。";
        SplitBroken: "not split as configured", "振り分けが設定と不一致";
        Empty: "Users appear here once they are exposed.", "ユーザーへの表示が始まると、ここに表示されます。";
        EmptyEnded: "Nobody was exposed.", "表示されたユーザーはいません。";
        GoalAbout: "conversion goal, does not decide · share of users · higher is better", "コンバージョン目標（結論には使いません） · ユーザーの割合 · 高いほど良い";
        DecidingGoalAbout: "conversion goal · share of users · higher is better", "コンバージョン目標 · ユーザーの割合 · 高いほど良い";
    }
}

impl SliceWord {
    #[must_use]
    pub const fn of(dimension: Dimension) -> Self {
        match dimension {
            Dimension::Country => Self::Country,
            Dimension::Device => Self::Device,
            Dimension::Browser => Self::Browser,
        }
    }
}

words! {
    MetricFormWord {
        Help: "Secondary metrics explain the result; guardrails must not become worse by the margin; one metric may decide instead of the conversion. Rows without a name are ignored.", "副次指標は結果を説明するための指標です。ガードレールは、許容幅以上に悪化してはならない指標です。コンバージョンの代わりに、1つの指標で結論を決めることもできます。指標名が空の行は無視されます。";
        Add: "Add metric", "指標を追加";
        New: "New metric", "新しい指標";
        Key: "Metric", "指標名";
        Kind: "Kind", "種類";
        Proportion: "share of users", "ユーザーの割合";
        Count: "times per user", "ユーザーあたりの回数";
        Mean: "sum of values per user", "ユーザーあたりの値の合計";
        Retention: "retention: came back", "継続率（再び行動した割合）";
        Ratio: "ratio of two", "2つの値の比率";
        Quantile: "quantile: median, p95", "分位点（中央値・p95など）";
        Level: "Percentile", "パーセンタイル";
        LevelHint: "95; or 50, the median", "95（50は中央値）";
        Among: "Of", "対象";
        AllEvents: "values of all events", "全イベントの値";
        EachUser: "each user's sum", "ユーザーごとの合計";
        Better: "Direction", "望ましい方向";
        Higher: "higher is better", "高いほど良い";
        Lower: "lower is better", "低いほど良い";
        Role: "Role", "役割";
        Secondary: "secondary", "副次";
        Guardrail: "guardrail", "ガードレール";
        Primary: "decides", "結論を決める";
        Spread: "Standard deviation, % of the mean", "標準偏差（平均に対する%）";
        SpreadHint: "300", "300";
        SpreadHelp: "How much users differ, for the number of users needed. About 100 for visits per user, 150 for a p95 of load times, 500 to 1,000 for revenue where few buy; 300 is as much as a conversion rate of 10 %. An earlier experiment or the calculator tells more. Empty: 300.", "ユーザー間のばらつきです。必要なユーザー数の計算に使います。目安: ユーザーあたりの訪問数は約100、読み込み時間のp95は約150、購入者が少ない場合の売上は500〜1000。300はコンバージョン率10%に相当します。過去の実験や計算ツールも参考にしてください。空欄の場合は300です。";
        More: "Event, window and more", "イベント・期間などの詳細";
        Event: "Event", "イベント";
        EventHint: "same as the metric", "指標名と同じ";
        Margin: "Margin %", "許容幅（%）";
        Cap: "Cap of values", "値の上限";
        Window: "Counts for", "対象期間";
        WindowHint: "no end; or 12h, 7d", "無期限（例: 7日）";
        Days: "From day – before day", "開始日 – 終了日（含まず）";
        DaysHint: "7-14", "7-14";
        PreDays: "Days before (CUPED)", "表示前の日数（CUPED）";
        Top: "Numerator", "分子";
        Over: "Divided by event", "分母のイベント";
        OverHint: "purchase", "purchase";
        Bottom: "Denominator", "分母";
        Events: "number of events", "イベント数";
        Values: "sum of values", "値の合計";
        NoHint: "", "";
    }
}

impl MetricWord {
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
