//! Words of what stops an experiment by itself.

use crate::lang::words;

words! {
    SafeguardWord {
        Section: "Safeguards", "自動停止の条件";
        SectionHelp: "What stops the experiment by itself, at any hour. Harm stops at once; everybody gets the control again. What is empty is off; only the error rate is always watched.", "実験を自動的に停止する条件です。悪影響が確認されると直ちに停止し、全員がコントロールに戻ります。空欄の項目は無効になります（エラー率は必須です）。";
        MaxErrorRate: "Maximum error rate", "エラー率の上限";
        MaxErrorRateHelp: "Of any variant: share of users who met an error: a status of 500 or above in a request through a gateway, or an exposure that an SDK reports as failed.", "バリアントごとの、エラーが発生したユーザーの割合です。ゲートウェイを通したリクエストのステータス500以上と、SDKが失敗として報告した表示を数えます。";
        MaxLatency: "Longest wait (ms)", "待ち時間の上限（ミリ秒）";
        MaxLatencyHelp: "Of a treatment, to the first byte of an answer, as the gateway measures it; not of what SDKs report.", "トリートメントの応答の先頭が届くまでの時間です。ゲートウェイで計測し、SDKからの報告は含みません。";
        SlowShare: "Users who may wait longer", "上限を超えてよいユーザーの割合";
        SlowShareHelp: "5 %: of 100 users 95 never wait longer.", "5%の場合、100人中少なくとも95人は上限以内である必要があります。";
        MinConversion: "Minimum conversion rate", "コンバージョン率の下限";
        MinConversionHelp: "Of a treatment, whatever the control has.", "トリートメントの絶対値です。コントロールの値は影響しません。";
        ConversionHours: "Hours users have for it", "コンバージョンまでの時間（時間）";
        ConversionHoursHelp: "Only users exposed longer ago are judged: newcomers have had no time to convert.", "表示からこの時間が過ぎたユーザーのみを判定します。直後のユーザーはまだコンバージョンできないためです。";
        StopOnMetrics: "Stop when a guardrail metric is worse by more than its margin", "ガードレール指標が許容幅を超えて悪化したら停止する";
        StopOnMetricsHelp: "Judged by always-valid tests, whatever the method. Without guardrail metrics it does nothing.", "判定方法にかかわらず、常時有効な検定で判定します。ガードレール指標がない場合は何も起きません。";
        StopOnSplit: "Stop when users are not split as configured", "振り分けが設定と異なる場合に停止する";
        StopOnSplitHelp: "Nothing more can be learned then. Called broken by mistake in at most 1 of 100 experiments.", "その場合、それ以上の知見は得られません。正常な振り分けを誤って異常と判定する確率は1%以下です。";
        StopOnVerdict: "Stop when the answer is there", "結論が出たら停止する";
        StopOnVerdictHelp: "As soon as a treatment is better, or all are worse. Not with a fixed horizon, whose level is for one look; with the Bayesian method no error rate is stated.", "いずれかのトリートメントが優れている、またはすべて劣ると判定された時点で停止します。一度だけ判定する固定期間では使えません。ベイズの場合、誤り率は保証されません。";
        MinHours: "Minimum duration (hours)", "最短期間（時間）";
        MinHoursHelp: "Before, only harm stops: no answer and no broken split does. A whole week sees every weekday.", "この期間中は、悪影響がある場合のみ停止します。結論や振り分けの異常では停止しません。7日間（168時間）なら全曜日を含みます。";
        Title: "Safeguards", "自動停止の条件";
        Errors: "Errors", "エラー";
        Latency: "Waiting", "待ち時間";
        Conversion: "Conversions", "コンバージョン";
        Metric: "Guardrail metrics", "ガードレール指標";
        Split: "Split", "振り分け";
        Verdict: "Answer", "結論";
        LatencyText: "Stops by itself when more than {1}% of a treatment's users ever wait longer than {0} ms.", "トリートメントのユーザーの{1}%を超える人数が{0}ミリ秒を超えて待つと、自動停止します。";
        ConversionText: "Stops by itself when fewer than {0}% of a treatment's users convert. Judged are users exposed at least {1} h ago.", "トリートメントのコンバージョン率が{0}%を下回ると自動停止します。表示から{1}時間以上が過ぎたユーザーを判定します。";
        MetricText: "Stops by itself when a treatment is worse than the control by more than the margin.", "トリートメントがコントロールより許容幅を超えて悪化すると自動停止します。";
        SplitText: "Stops by itself when the split is broken.", "振り分けに異常があると自動停止します。";
        VerdictText: "Stops by itself when a treatment is better, or all are worse.", "いずれかのトリートメントが優れている、またはすべて劣ると判定されると自動停止します。";
        LatencyRow: "{0} slow of {1} ({2})", "{1}人中{0}人が上限超過（{2}）";
        ConversionRow: "{0} converted of {1} ({2})", "{1}人中{0}人がコンバージョン（{2}）";
        MetricRow: "{0}: {1} ({2} to {3}), margin {4}%", "{0}: {1}（{2} 〜 {3}）、許容幅 {4}%";
        SplitRow: "{0}: {1} users, configured {2}%", "{0}: {1}人（設定 {2}%）";
        VerdictRow: "{0} ({1} to {2}), {3} users against {4}", "{0}（{1} 〜 {2}）、{3}人（コントロール {4}人）";
        Quiet: "no reason to stop", "停止の理由なし";
        Waits: "would stop; waits for the minimum duration, until", "停止の条件を満たしていますが、最短期間の終了を待っています:";
        Stops: "reason to stop", "停止の理由あり";
        Patient: "Until then only harm stops:", "次の日時までは、悪影響がある場合のみ停止します:";
        How: "How it is decided", "判定の方法";
        FormulaShare: "e = ∫ L(p)/L(limit) dβ(p) over shares p beyond the limit; it stops at e ≥ 1/α. α is 5 % for all variants together, and holds however often one looks (Ville's inequality).", "e = ∫ L(p)/L(上限) dβ(p)（pは上限を超える割合）とし、e ≥ 1/α で停止します。αは全バリアント合計で5%です。何度確認しても保たれます（ヴィルの不等式）。";
        FormulaFloor: "e = ∫ L(p)/L(minimum) dβ(p) over rates p below the minimum; it stops at e ≥ 1/α. α is 5 % for all treatments together, and holds however often one looks (Ville's inequality).", "e = ∫ L(p)/L(下限) dβ(p)（pは下限を下回る率）とし、e ≥ 1/α で停止します。αは全トリートメント合計で5%です。何度確認しても保たれます（ヴィルの不等式）。";
        FormulaMetric: "It stops when the always-valid interval, with α shared among the treatments, is wholly worse than the margin.", "常時有効な区間（αはトリートメントで等分）の全体が、許容幅を超える悪化を示したときに停止します。";
        FormulaSplit: "Anytime-valid multinomial test of the configured shares; it stops at p ≤ 0.01.", "設定した割合に対する常時有効な多項検定を行い、p ≤ 0.01 で停止します。";
        FormulaVerdict: "By the experiment's own method: its interval excludes zero, at α shared among the treatments.", "実験の判定方法に従い、トリートメントで等分したαの区間がゼロを含まない場合に停止します。";
        StoppedLatency: "Until the stop, {0} of {1} users ({2}) waited longer than {3} ms; {4}% may. Evidence {5} reached the threshold {6} (1/α).", "停止までに{1}人中{0}人（{2}）が{3}ミリ秒を超えて待ちました（許容{4}%）。証拠値{5}がしきい値{6}（1/α）に達しました。";
        StoppedConversion: "Until the stop, {0} of {1} users ({2}) exposed for at least {3} h converted; at least {4}% must. Evidence {5} reached the threshold {6} (1/α).", "停止までに、表示から{3}時間以上が過ぎた{1}人中{0}人（{2}）がコンバージョンしました（下限{4}%）。証拠値{5}がしきい値{6}（1/α）に達しました。";
        StoppedMetric: "Until the stop, the metric {0} changed by {1} ({2} to {3}) in {4} users against {5}: worse by more than the margin of {6}%.", "停止までに、指標「{0}」が{1}（{2} 〜 {3}）変化し、許容幅{6}%を超えて悪化しました（{4}人、コントロール{5}人）。";
        StoppedSplitTitle: "Stopped by itself: users were not split as configured", "自動停止しました: 振り分けが設定と一致していません";
        StoppedSplit: "{0}. The p-value {1} is below {2}: do not trust the results. Look for redirects, bots, caches or a broken variant.", "{0}。p値 {1} が{2}を下回りました。結果は信頼できません。リダイレクト、ボット、キャッシュ、またはバリアントの不具合を確認してください。";
        StoppedBetter: "Stopped by itself: {0} converts better: {1}", "自動停止しました: 「{0}」のコンバージョン率が向上: {1}";
        StoppedWorse: "Stopped by itself: {0} converts worse: {1}", "自動停止しました: 「{0}」のコンバージョン率が低下: {1}";
        StoppedBetterOn: "Stopped by itself: {0} is better on {2}: {1}", "自動停止しました: 「{0}」で指標「{2}」が改善: {1}";
        StoppedWorseOn: "Stopped by itself: {0} is worse on {2}: {1}", "自動停止しました: 「{0}」で指標「{2}」が悪化: {1}";
        VerdictOn: "{0}: {1}", "{0}: {1}";
        StoppedVerdict: "At the stop the interval of {0} excluded zero, with {1} users against {2}.", "停止時点で、区間（{0}）がゼロを含まなくなりました（{1}人、コントロール{2}人）。";
        Join: "; ", "、";
        SetupErrors: "errors above {0}%", "エラー率 {0}%超";
        SetupLatency: "more than {1}% of users waiting over {0} ms", "{0}ミリ秒を超えて待つユーザーが{1}%超";
        SetupConversion: "fewer than {0}% converting within {1} h", "{1}時間以内のコンバージョン率が{0}%未満";
        SetupMetrics: "a guardrail metric beyond its margin", "ガードレール指標の許容幅超過";
        SetupSplit: "a broken split", "振り分けの異常";
        SetupVerdict: "an answer", "結論";
        SetupMinHours: "{0} (in the first {1} h only for harm)", "{0}（開始から{1}時間は、悪影響がある場合のみ停止）";
    }
}
