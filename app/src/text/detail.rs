//! Words of an experiment's own page.

use crate::lang::words;

words! {
    DetailWord {
        Edit: "Edit", "編集";
        HeadlineDraft: "Not started yet", "まだ開始されていません";
        HeadlineDraftText: "Check the set-up below, then start it. Nothing reaches users until then.", "以下の設定を確認してから開始してください。開始するまでユーザーには影響しません。";
        HeadlineNoData: "Collecting data", "データを収集中";
        HeadlineNoDataText: "Too few users so far to say anything: {0} of the {1} per variant it was sized for.", "判定に必要なユーザー数に達していません（計画: バリアントあたり{1}人、現在{0}人）。";
        HeadlineUnclear: "No clear difference so far", "明確な差は見られません";
        HeadlineUnclearText: "The interval still includes zero: {0}.", "区間がゼロを含んでいます: {0}";
        HeadlineBetter: "{0} converts better: {1}", "{0} のコンバージョン率が向上: {1}";
        HeadlineWorse: "{0} converts worse: {1}", "{0} のコンバージョン率が低下: {1}";
        HeadlineSure: "The interval of {0} excludes zero, and stays valid however often you look.", "区間（{0}）はゼロを含みません。この区間は何度確認しても有効です。";
        HeadlineBroken: "Users are not split as configured", "ユーザーの割り付けが設定と一致していません";
        HeadlineBrokenText: "Do not trust the results. Look for redirects, bots, caches or a broken variant.", "結果は信頼できません。リダイレクト、ボット、キャッシュ、またはバリアントの不具合を確認してください。";
        HeadlineHarm: "Stopped by itself: {0} hurt users", "自動停止しました: {0} がユーザーに悪影響を与えました";
        HeadlineHarmText: "{0} of {1} users ({2}) met an error; the limit is {3}%. Evidence {4} reached the threshold {5}.", "{1}人中{0}人（{2}）にエラーが発生しました（上限 {3}%）。証拠値 {4} がしきい値 {5} に達しました。";
        PausedNote: "Paused: everybody gets the control, nothing is counted.", "一時停止中: 全員にコントロールが適用され、集計は行われません。";
        StoppedBy: "Stopped by {0}", "{0} が停止";
        StoppedSchedule: "Ended on schedule", "スケジュールにより終了";
        Results: "Results", "結果";
        Variant: "Variant", "バリアント";
        Exposures: "Exposed", "表示";
        Conversions: "Conversions", "コンバージョン";
        Rate: "Rate", "率";
        Lift: "Lift", "リフト";
        Interval: "Lift against control", "コントロールに対するリフト";
        IntervalText: "{0} to {1}", "{0} 〜 {1}";
        IntervalSure: "{0}% interval, always valid", "{0}%信頼区間（常時有効）";
        PValue: "p-value", "p値";
        Control: "Control", "コントロール";
        Metric: "Metric: {0}", "指標: {0}";
        NoResults: "Results appear here once users are exposed.", "ユーザーへの表示が始まると、ここに結果が表示されます。";
        ForestLabel: "{0}: lift {1}, interval {2}", "{0}: リフト {1}、区間 {2}";
        ChartExposures: "Exposed users", "表示ユーザー数";
        ChartExposuresLabel: "Cumulative exposed users per variant over time", "バリアントごとの累積表示ユーザー数の推移";
        ChartLift: "Lift over time", "リフトの推移";
        ChartLiftLabel: "Lift of each treatment against the control over time, with its interval", "各トリートメントのコントロールに対するリフトと区間の推移";
        Health: "Health", "健全性";
        Srm: "Split", "割り付け";
        SrmFine: "Users are split as configured.", "設定どおりに割り付けられています。";
        SrmBroken: "Users are not split as configured.", "設定どおりに割り付けられていません。";
        SrmNumbers: "p-value {0}, alarm below {1}", "p値 {0}（{1}未満で警告）";
        Guardrail: "Guardrail", "ガードレール";
        GuardrailText: "Stops by itself when a variant's error rate is over {0}%.", "いずれかのバリアントのエラー率が{0}%を超えると自動停止します。";
        GuardrailRow: "{0} errored of {1} ({2})", "{1}人中{0}人でエラー（{2}）";
        GuardrailMeter: "{0}: {1} of the evidence needed to stop", "{0}: 停止に必要な証拠の{1}";
        Evidence: "{0} of the way to an automatic stop", "自動停止まで {0}";
        Planned: "Progress", "進捗";
        PlannedText: "{0} of {1} users per variant", "バリアントあたり {1}人中{0}人";
        PlannedMeter: "{0} of the planned users", "計画ユーザー数の{0}";
        Setup: "Set-up", "設定";
        Hypothesis: "Hypothesis", "仮説";
        Split: "Split", "配分";
        SplitLabel: "Weights: {0}", "配分: {0}";
        Coverage: "Coverage", "対象割合";
        CoverageText: "{0}% of matching users", "条件に一致するユーザーの{0}%";
        Targeting: "Targeting", "対象条件";
        Everybody: "everybody", "全員";
        Schedule: "Schedule", "スケジュール";
        FromStart: "from the start command", "開始操作の直後から";
        UntilStop: "until it is stopped", "停止するまで";
        ScheduleText: "{0} — {1}", "{0} 〜 {1}";
        Plan: "Sized for", "サンプル設計";
        PlanText: "+{0}% on a rate of {1}% at level {2}", "基準 {1}% に対して +{0}%、有意水準 {2}";
        Created: "Created", "作成";
        CreatedText: "by {0}", "作成者: {0}";
        Started: "Started", "開始";
        Features: "Features", "機能設定";
        Deployment: "Deployment", "デプロイ先";
        History: "History", "履歴";
        NoHistory: "What happens to this experiment is listed here.", "この実験に対する操作がここに表示されます。";
        Time: "Time", "時刻";
        StatusForbids: "Not possible while it is in the state “{0}”.", "「{0}」の状態では実行できません。";
    }
}
