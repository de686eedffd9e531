//! Why something was done, worded for the history and the audit log.

use crate::lang::words;

words! {
    ReasonWord {
        Two: "{0}. {1}", "{0}。{1}";
        WithWords: "{0}: {1}", "{0}: {1}";
        Refused: "The planned start was refused. {0}", "予約した開始は行われませんでした。{0}";
        Coverage: "Coverage from {0}% to {1}%", "対象割合 {0}% → {1}%";
        EndMoved: "The end moved from {0} to {1}", "終了日時 {0} → {1}";
        EndGone: "No planned end any more; it was {0}", "終了日時（{0}）を取り消し";
        Revision: "Revision {0}", "版 {0}";
        Winner: "Winner of experiment {0}", "実験 {0} で採用";
        Copied: "From {0}, revision {1}", "{0}の版 {1} から";
        Imported: "From a file: {0}", "ファイルから: {0}";
        Places: "{0} places in code", "コード内の{0}か所";
        ApprovalNeeded: "An experiment needs an approval before it starts", "実験の開始前に承認が必要";
        ApprovalNotNeeded: "An experiment needs no approval", "実験の承認は不要";
        OtherMetrics: "With other metrics", "指標を変更";
        AskedBy: "Asked for by {0}", "依頼者 {0}";
        Recount: "{0}: exposed {1} → {3}, converted {2} → {4}", "{0}: 表示 {1} → {3}、コンバージョン {2} → {4}";
        RawNone: "No raw events are kept", "生イベントを保存しない";
        RawDays: "Raw events are kept for {0} days", "生イベントを{0}日間保存";
        Values: "{0} added, {1} removed", "追加 {0}件、削除 {1}件";
        QaLink: "{0}: {1} for {2} h on {3}", "{0}: {3} で {1} を{2}時間";
        MadeKey: "{0} ({1} key)", "{0}（{1}キー）";
        KeyName: "Name: {0} → {1}", "名前: {0} → {1}";
        Origins: "Origins: {0}", "オリジン: {0}";
        AnyOrigin: "Origins: any", "オリジン: 制限なし";
        EncryptionOn: "Encryption: on", "暗号化: 有効";
        EncryptionOff: "Encryption: off", "暗号化: 無効";
        EncryptionNewKey: "Encryption: new key", "暗号化: 新しい鍵";
        ExperimentTemplate: "Experiment template “{0}”", "実験のテンプレート「{0}」";
        FlagTemplate: "Feature flag template “{0}”", "フラグのテンプレート「{0}」";
        Member: "{0} ({1}): {2}", "{0}（{1}）: {2}";
        Active: "active", "有効";
        RoleIn: "{0} ({1})", "{0}（{1}環境）";
        FirstOwner: "First owner, by configuration: {0}", "設定による最初のオーナー: {0}";
        Token: "{0}: {1}", "{0}: {1}";
        Exported: "From entry {0}, of {1}", "エントリー {0} から（全{1}件）";
        Retention: "The text of {0} entries older than {1} days", "{1}日より古いエントリー{0}件の本文";
        Ahead: "The edge had version {0}, which the database does not know", "エッジに、データベースにないバージョン {0} がありました";
    }
}
