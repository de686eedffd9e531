//! Words of the overview.

use crate::lang::words;

words! {
    OverviewWord {
        Title: "Overview", "概要";
        CalmOne: "1 experiment is running and nothing hurts.", "1件の実験が実行中です。問題は起きていません。";
        Calm: "{0} experiments are running and nothing hurts.", "{0}件の実験が実行中です。問題は起きていません。";
        CalmNone: "No experiment is running and nothing hurts.", "実行中の実験はありません。問題も起きていません。";
        UnjudgedOne: "1 experiment is running; nobody has been exposed, so nothing is judged yet.", "1件の実験が実行中です。表示ユーザーがいないため、まだ何も判定していません。";
        Unjudged: "{0} experiments are running; nobody has been exposed, so nothing is judged yet.", "{0}件の実験が実行中です。表示ユーザーがいないため、まだ何も判定していません。";
        HurtsOne: "One thing needs attention.", "対応が必要な項目が1件あります。";
        HurtsMany: "{0} things need attention.", "対応が必要な項目が{0}件あります。";
        Traffic: "Requests", "リクエスト";
        PerSecond: "per second, last minute", "毎秒（直近1分）";
        TrafficLabel: "Requests over the last 10 minutes, {0} per second now", "直近10分間のリクエスト数。現在 毎秒{0}件";
        Errors: "Error rate", "エラー率";
        ErrorsNote: "5xx, last minute", "5xx（直近1分）";
        RunningNow: "Running", "実行中";
        RunningNote: "experiments", "実験";
        Gateways: "Gateways", "ゲートウェイ";
        GatewaysNote: "on version {0}", "バージョン {0} を適用済み";
        GatewaysNone: "none has reported yet", "まだ報告がありません";
        NothingPublished: "nothing published yet", "未配信";
        What: "What needs attention", "要対応";
        NothingHurts: "Nothing hurts", "問題はありません";
        NothingHurtsText: "Guardrails, splits and gateways are all fine.", "ガードレール、振り分け、ゲートウェイのいずれも正常です。";
        NothingToJudge: "No experiment is running; the gateways are fine.", "実行中の実験はなく、ゲートウェイは正常です。";
        NothingJudged: "Nothing judged yet", "まだ判定していません";
        NothingJudgedText: "Guardrails and splits judge once users are exposed. The gateways are fine.", "ガードレールと振り分けは、ユーザーへの表示が始まると判定します。ゲートウェイは正常です。";
        JudgedText: "Guardrails, splits and gateways are fine where users are exposed.", "ユーザーへの表示が始まった実験では、ガードレール、振り分け、ゲートウェイのいずれも正常です。";
        NotJudged: "Nobody exposed, so not judged yet: {0}.", "表示ユーザーがいないため、まだ判定していない実験: {0}";
        StoppedForHarm: "“{0}” was stopped: variant {1} hurt users", "「{0}」を停止しました: バリアント {1} がユーザーに悪影響を与えました";
        BrokenSplit: "“{0}”: users are not split as configured", "「{0}」: ユーザーの振り分けが設定と一致していません";
        BrokenSplitText: "Its results can't be trusted until the cause is found.", "原因が判明するまで、結果は信頼できません。";
        NotPublished: "Version {0} has not reached Workers KV", "バージョン {0} がWorkers KVに配信されていません";
        GatewayLost: "Gateway {0} is silent", "ゲートウェイ {0} から応答がありません";
        GatewayLostText: "Last heard of {0}.", "最終応答: {0}";
        NoGateway: "No gateway has reported", "ゲートウェイからの報告がありません";
        NoGatewayText: "Experiments can be prepared, but nobody is assigned until a gateway runs.", "実験の準備はできますが、ゲートウェイが稼働するまで割り当ては行われません。";
        StartedAgo: "started", "開始:";
        Running: "Running experiments", "実行中の実験";
        NothingRuns: "Nothing is running", "実行中の実験はありません";
        NothingRunsText: "An experiment compares variants on live traffic. Create one, size it, and start it when you are ready.", "実験では、実際のトラフィックでバリアントを比較します。作成してサンプルサイズを決め、準備ができたら開始してください。";
        Waits: "Waiting for you", "あなたの対応待ち";
        NothingWaits: "Nothing is waiting for you.", "対応待ちの項目はありません。";
        WaitDraft: "Draft, not started", "下書き（未開始）";
        WaitReview: "To be reviewed, asked by {0}", "レビュー待ち（依頼: {0}）";
        WaitSentBack: "Sent back by {0}", "{0} が差し戻しました";
        WaitDecide: "Verdict is in: {0}", "判定が出ました: {0}";
        WaitAnswer: "To be decided; it ended", "結論が未記録です。終了:";
        WaitMissed: "The planned start was refused; it was to start", "予約した開始は行われませんでした。予定:";
        Recent: "Recent changes", "最近の変更";
        NoRecent: "Changes will appear here.", "変更はここに表示されます。";
        Exposed: "{0} exposed", "表示 {0}人";
    }
}
