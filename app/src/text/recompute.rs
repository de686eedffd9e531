//! Words of counting an experiment anew.

use nexus_domain::audit::RecomputeFailure;

use crate::lang::words;

words! {
    RecomputeWord {
        Short: "Recompute", "再計算";
        Title: "Recompute “{0}”", "「{0}」の再計算";
        Lead: "Counts every raw event of this experiment once more, from its start. Use it after a metric was defined wrongly or forgotten.", "この実験の生イベントを、開始時点からすべて数え直します。指標の定義に誤りがあった場合や、指標を追加し忘れた場合に使います。";
        Covered: "What raw events cover", "生イベントの範囲";
        Off: "This environment keeps no raw events.", "この環境では生イベントを保存していません。";
        Settings: "Settings of environments", "環境の設定";
        Days: "Kept for", "保存日数";
        DaysValue: "{0} days", "{0}日";
        Since: "Complete since", "完全に揃っている期間の開始";
        Needed: "Needed since", "再計算に必要な期間の開始";
        NotStarted: "The experiment has not been started: there is nothing to recompute.", "この実験はまだ開始されていないため、再計算するものがありません。";
        Archived: "The experiment is archived. Bring it back first.", "この実験はアーカイブ済みです。先にアーカイブを解除してください。";
        What: "What happens", "実行される内容";
        A: "Results stay as they are until everything is counted; then they change at once. Safeguards go on.", "すべて数え終わるまで結果は現在のまま表示され、完了時に一度に切り替わります。自動停止の条件は、その間も有効です。";
        B: "Events that arrive meanwhile are counted too, once each.", "再計算中に届いたイベントも、重複なく1回ずつ数えられます。";
        C: "Who asked and what changed goes into the history and the audit log.", "依頼者と変更内容は、履歴と監査ログに記録されます。";
        Act: "Recompute", "再計算する";
        Correct: "Correct the metrics first", "先に指標を修正する";
        MetricsHelp: "The corrected metrics become a new revision when everything is counted. The goal, what decides, the method, guardrails and the days before the exposure stay fixed after the start.", "修正した指標は、数え終わった時点で新しい版として保存されます。コンバージョン目標、結論を決める指標、判定方法、ガードレール、表示前の日数は、開始後に変更できません。";
        Running: "Recomputing", "再計算中";
        Progress: "{0}% · {1} of {2} events", "{0}%（{2}件中{1}件）";
        AskedBy: "{0} asked for it.", "依頼者: {0}";
        Cancel: "Cancel", "中止する";
        Newest: "The last time", "前回の再計算";
        Done: "Recomputed", "再計算が完了しました";
        Cancelled: "Cancelled. Results stayed as they were.", "中止されました。結果は変わっていません。";
        Retrying: "The next step has failed {0} times in a row. It is tried again by itself, and given up if it goes on failing.", "次のステップが{0}回続けて失敗しました。自動的に再試行し、失敗が続く場合は打ち切ります。";
        Failed: "It failed. Results stayed as they were.", "再計算に失敗しました。結果は変わっていません。";
        Unknown: "Raw events went while it was running, or could not be read. Try again, or ask whoever runs the console to look at its log.", "実行中に生イベントが削除されたか、読み取れませんでした。もう一度実行するか、コンソールの管理者にログの確認を依頼してください。";
        Gone: "Raw events that it needs were removed meanwhile, because the environment keeps them for fewer days now. It can be asked for again only while raw events reach back to the start.", "環境の保存日数が変更されたため、必要な生イベントが実行中に削除されました。生イベントが開始時点まで揃っている場合に限り、もう一度実行できます。";
        Fault: "The console met an error that would come again. Ask whoever runs it to look at its log before you try again.", "コンソールで、再試行しても解消しないエラーが発生しました。もう一度実行する前に、コンソールの管理者にログの確認を依頼してください。";
        Metrics: "The experiment was changed meanwhile, and the corrected metrics no longer fit it. Check them, then try again.", "実行中に実験が変更され、修正した指標が合わなくなりました。指標を確認してから、もう一度実行してください。";
        Refused: "The database refused the new counts several times in a row. Ask whoever runs the console to look at its log before you try again.", "データベースが新しい集計を続けて拒否しました。もう一度実行する前に、コンソールの管理者にログの確認を依頼してください。";
        Unavailable: "The database could not take the new counts, many times in a row. Try again when it is less busy; if that does not help, ask whoever runs the console.", "データベースが新しい集計を何度も受け付けませんでした。負荷が下がってからもう一度実行し、解消しない場合はコンソールの管理者に連絡してください。";
        Variant: "Variant", "バリアント";
        UsersBefore: "Exposed before", "再計算前の表示ユーザー";
        Users: "Exposed now", "再計算後の表示ユーザー";
        ConvertedBefore: "Converted before", "再計算前のコンバージョン";
        Converted: "Converted now", "再計算後のコンバージョン";
    }
}

impl RecomputeWord {
    /// Why it failed, and what to do.
    #[must_use]
    pub const fn of(failure: RecomputeFailure) -> Self {
        match failure {
            RecomputeFailure::Gone => Self::Gone,
            RecomputeFailure::Fault => Self::Fault,
            RecomputeFailure::Metrics => Self::Metrics,
            RecomputeFailure::Refused => Self::Refused,
            RecomputeFailure::Unavailable => Self::Unavailable,
        }
    }
}
