//! Words of the experiment list, and of what experiments share.

use crate::lang::words;

words! {
    ListWord {
        Title: "Experiments", "実験";
        Lead: "What is compared on live traffic, and what came of it.", "実際のトラフィックで比較している内容と、その結果です。";
        Search: "Name, id, team or hypothesis", "名前・ID・チーム・仮説";
        Status: "Status", "状態";
        Environment: "Environment", "環境";
        Sort: "Sort by", "並び順";
        SortUpdated: "Last changed", "更新日時";
        SortName: "Name", "名前";
        SortStatus: "Status", "状態";
        SortExposures: "Exposed users", "表示ユーザー数";
        Order: "Order", "順序";
        Experiment: "Experiment", "実験";
        Coverage: "Coverage", "対象割合";
        Variants: "Variants", "バリアント";
        Exposures: "Exposed", "表示";
        Verdict: "Verdict", "判定";
        Changed: "Changed", "更新";
        EmptyTitle: "No experiments yet", "実験はまだありません";
        EmptyText: "An experiment shows different variants to different users and measures which one does better. Start with a question you want answered.", "実験では、ユーザーごとに異なるバリアントを表示し、どれが優れているかを計測します。まずは検証したい問いを決めましょう。";
        NothingFits: "No experiment fits", "該当する実験はありません";
        NothingFitsText: "Try fewer conditions.", "条件を減らしてください。";
        ExposedUsers: "{0} exposed", "表示 {0}人";
        NobodyExposed: "nobody exposed yet", "表示はまだありません";
    }
}

words! {
    /// How far a snapshot has come.
    GatewayWord {
        Title: "At the edge", "エッジへの反映";
        All: "Gateways with version {2}: {0} of {1}", "{1}台中{0}台のゲートウェイがバージョン {2} を適用済み";
        None: "No gateway has reported yet. Version {0} waits for one.", "ゲートウェイからの報告はまだありません（バージョン {0} を配信待ち）。";
        NothingYet: "Nothing has been published yet. The first version follows as soon as a gateway reports.", "まだ何も配信されていません。ゲートウェイが接続すると最初のバージョンが配信されます。";
        Publishing: "Version {0} is on its way to Workers KV, the store that gateways read. Until it is there they keep to what was before.", "バージョン{0}を、ゲートウェイが設定を読み取るWorkers KVへ配信中です。届くまでは前の内容のままです。";
        Problem: "Publishing is being retried: {0}", "配信を再試行しています: {0}";
        Current: "current", "最新";
        Behind: "behind", "更新待ち";
        Lost: "silent", "応答なし";
        Seen: "seen {0}", "応答: {0}";
        Gateway: "Gateway", "ゲートウェイ";
        OwnPages: "this console, for SDKs", "このコンソール（SDK向け）";
        Streams: "open streams: {0}", "接続中のストリーム: {0}";
    }
}

words! {
    /// Pages that ask before a command.
    CommandWord {
        Start: "Start", "開始";
        Pause: "Pause", "一時停止";
        Resume: "Resume", "再開";
        Stop: "Stop", "停止";
        StartTitle: "Start “{0}”?", "「{0}」を開始しますか？";
        PauseTitle: "Pause “{0}”?", "「{0}」を一時停止しますか？";
        ResumeTitle: "Resume “{0}”?", "「{0}」を再開しますか？";
        StopTitle: "Stop “{0}” for good?", "「{0}」を完全に停止しますか？";
        What: "What will happen", "実行される内容";
        StartA: "{0}% of matching users in {1} take part from the moment their gateway has the new version, usually within seconds.", "{1}環境で条件に一致するユーザーの{0}%が対象になります。ゲートウェイが新しいバージョンを適用した時点から（通常は数秒以内に）始まります。";
        StartLayer: "Of all users only its part of the layer {0} can match: {1}%.", "一致するのは、全ユーザーのうちレイヤー {0} の割り当て範囲（{1}%）に入る人だけです。";
        StartB: "They are split as configured: {0}.", "振り分けは設定どおりです: {0}";
        StartC: "Variants, targeting, schedule, metrics, method and limits can't be changed afterwards.", "開始後は、バリアント・対象条件・スケジュール・指標・判定方法・上限値を変更できません。";
        StartHoldout: "The holdout {0} keeps out {1}% of all users.", "ホールドアウト {0} により、全ユーザーの{1}%は対象から除外されます。";
        StartE: "Off at the moment, so every variant gives their off value: {0}.", "現在オフのため、どのバリアントでもオフの値を返すフラグ: {0}";
        StartD: "What stops it by itself: {0}.", "自動停止の条件: {0}";
        PauseA: "Nobody is assigned any more: everybody gets the control “{0}”.", "新たな割り当てを停止し、全員にコントロール「{0}」を適用します。";
        PauseB: "No exposures are counted while it is paused. The results so far are kept.", "一時停止中は表示を集計しません。これまでの結果は保持されます。";
        PauseC: "Resuming gives users the same variants as before.", "再開すると、ユーザーには以前と同じバリアントが割り当てられます。";
        ResumeA: "Users get the same variants as before the pause.", "ユーザーには一時停止前と同じバリアントが割り当てられます。";
        ResumeB: "Counting goes on where it stopped.", "集計は一時停止した時点から続行されます。";
        StopA: "Everybody gets the control “{0}” again, usually within seconds.", "通常は数秒以内に、全員がコントロール「{0}」に戻ります。";
        StopB: "A stopped experiment can't be started again; its results stay.", "停止した実験は再開できません。結果は保持されます。";
        StopC: "{0} users have been exposed so far.", "これまでに{0}人のユーザーに表示されました。";
        Archive: "Archive", "アーカイブ";
        ArchiveTitle: "Archive “{0}”?", "「{0}」をアーカイブしますか？";
        ArchiveA: "It leaves the lists; a filter still finds it.", "一覧に表示されなくなります。状態で絞り込むと表示できます。";
        ArchiveB: "Settings, results and history stay, and it can be brought back.", "設定・結果・履歴は残り、後から戻すこともできます。";
        ArchiveAct: "Archive the experiment", "実験をアーカイブする";
        Unarchive: "Bring back", "アーカイブを解除";
        UnarchiveTitle: "Bring “{0}” back?", "「{0}」のアーカイブを解除しますか？";
        UnarchiveA: "It stands in the lists again, in the state it was in.", "元の状態で、再び一覧に表示されます。";
        UnarchiveAct: "Bring the experiment back", "アーカイブを解除する";
        Reason: "Reason", "理由";
        ReasonHelp: "Goes into the audit log: what was learnt, or why it ends early.", "監査ログに記録されます。得られた知見や早期終了の理由を記入してください。";
        TypeName: "Type {0} to confirm", "確認のため {0} と入力してください";
        WrongName: "That is not {0}. Nothing was changed.", "{0} と一致しません。変更は行われていません。";
        StartAct: "Start the experiment", "実験を開始する";
        PauseAct: "Pause the experiment", "実験を一時停止する";
        ResumeAct: "Resume the experiment", "実験を再開する";
        StopAct: "Stop the experiment", "実験を停止する";
        NotDone: "Nothing was changed", "変更は行われませんでした";
        NotWhile: "Not possible while it is in the state “{0}”.", "「{0}」の状態では実行できません。";
    }
}
