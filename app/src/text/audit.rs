//! Words of the audit log.

use crate::lang::words;

words! {
    AuditWord {
        Title: "Audit log", "監査ログ";
        Lead: "Every action and every automatic decision, in an order nobody can change unnoticed.", "すべての操作と自動判断を記録しています。順序や内容の改ざんは検出されます。";
        Verify: "Verify the log", "ログを検証";
        VerifyOk: "The log is intact", "ログは改ざんされていません";
        VerifyOkText: "{0} entries checked in {1} ms. They hash to the root below, and the signed checkpoint over {2} entries fits.", "{0}件のエントリーを{1}ミリ秒で検証しました。ハッシュは下記のルートと一致し、{2}件時点の署名付きチェックポイントとも整合しています。";
        VerifyBad: "The log has been tampered with", "ログの改ざんを検出しました";
        VerifyBadEntry: "The first entry that does not match its recorded hash is {0}.", "記録されたハッシュと一致しない最初のエントリーは {0} です。";
        VerifyBadCheckpoint: "The log does not fit its signed checkpoint over {0} entries.", "{0}件時点の署名付きチェックポイントと整合していません。";
        Root: "Root hash", "ルートハッシュ";
        Export: "Export", "エクスポート";
        ExportHelp: "The whole log with its signed checkpoint; “nexus-admin audit verify” checks it offline.", "署名付きチェックポイントを含むログ全体です。「nexus-admin audit verify」でオフライン検証できます。";
        Search: "Actor, action, object or reason", "実行者・操作・対象・理由";
        ActorKind: "By", "実行者の種類";
        KindPerson: "People", "人";
        KindMachine: "Machines", "マシン";
        KindToken: "API tokens", "APIトークン";
        KindCli: "Command line", "コマンドライン";
        KindSystem: "Controllers", "コントローラー";
        Action: "Action", "操作";
        From: "From", "開始日時";
        To: "To", "終了日時";
        When: "When", "日時";
        Who: "Who", "実行者";
        Object: "Object", "対象";
        EmptyTitle: "No entry fits", "該当するエントリーはありません";
        EmptyText: "Try fewer conditions, or another period.", "条件を減らすか、期間を変更してください。";
        Entry: "Entry {0}", "エントリー {0}";
        Sequence: "Sequence", "連番";
        SignIn: "Signed in by", "サインイン方法";
        RequestId: "Request id", "リクエストID";
        Before: "Digest before", "変更前のダイジェスト";
        After: "Digest after", "変更後のダイジェスト";
        Leaf: "Leaf hash", "リーフハッシュ";
        Environment: "Environment", "環境";
        Canonical: "Canonical entry", "正規化されたエントリー";
        CanonicalHelp: "The leaf hash is SHA-256 over a zero byte and exactly this text (RFC 6962).", "リーフハッシュは、ゼロバイトとこのテキストを連結したもののSHA-256です（RFC 6962）。";
        Proof: "Inclusion proof", "包含証明";
        ProofText: "With these {0} hashes anybody can compute the root of the log at {1} entries from the leaf hash alone.", "以下の{0}個のハッシュを使えば、リーフハッシュだけから{1}件時点のログのルートを計算できます。";
        Checkpoint: "Signed checkpoint", "署名付きチェックポイント";
        Older: "Older entry", "前のエントリー";
        Newer: "Newer entry", "次のエントリー";
        ActorGuardrail: "guardrail", "ガードレール";
        ActorPublisher: "publisher", "配信";
        ActorSchedule: "schedule", "スケジュール";
        ActorRetention: "retention", "保持期間";
        ActorRecompute: "recompute", "再計算";
        ActorCommandLine: "command line", "コマンドライン";
        SignInAccess: "Cloudflare Access with second factor", "Cloudflare Access（二要素認証）";
        SignInOidc: "OpenID Connect with second factor", "OpenID Connect（二要素認証）";
        SignInService: "Service token", "サービストークン";
        SignInApi: "API token", "APIトークン";
        SignInCli: "Command line on the server", "サーバー上のコマンドライン";
        SignInSystem: "Controller of the console", "コンソールのコントローラー";
    }
}

words! {
    /// What an entry says was done. Unknown actions are shown as recorded.
    Did {
        ExperimentCreate: "created experiment", "実験を作成";
        ExperimentEdit: "edited experiment", "実験を編集";
        ExperimentRestore: "restored experiment", "実験を以前の版に復元";
        ExperimentStart: "started experiment", "実験を開始";
        ExperimentPause: "paused experiment", "実験を一時停止";
        ExperimentResume: "resumed experiment", "実験を再開";
        ExperimentStop: "stopped experiment", "実験を停止";
        ExperimentEndSchedule: "ended experiment on schedule", "スケジュールにより実験を終了";
        ExperimentAskReview: "asked for a review of experiment", "実験のレビューを依頼";
        ExperimentApprove: "approved experiment", "実験を承認";
        ExperimentSendBack: "sent back experiment", "実験を差し戻し";
        ExperimentWithdrawReview: "withdrew the review of experiment", "実験のレビュー依頼を取り消し";
        EnvironmentChange: "changed environment", "環境の設定を変更";
        ExperimentSchedule: "planned the start of experiment", "実験の開始を予約";
        ExperimentUnschedule: "took experiment off the plan", "実験の予約を取り消し";
        ExperimentMissStart: "could not start experiment as planned", "予約どおりに実験を開始できず";
        ExperimentStepRamp: "ramped experiment", "実験の対象割合を拡大";
        ExperimentMoveEnd: "moved the end of experiment", "実験の終了日時を変更";
        ExperimentGrowCoverage: "grew the coverage of experiment", "実験の最終的な対象割合を拡大";
        ExperimentHoldRamp: "held the ramp of experiment", "実験の拡大を保留";
        ExperimentContinueRamp: "continued the ramp of experiment", "実験の拡大を再開";
        ExperimentStopForSplit: "stopped experiment for a broken split", "振り分けの異常のため実験を停止";
        ExperimentStopOnVerdict: "stopped experiment on its answer", "結論が出たため実験を停止";
        ExperimentStopForHarm: "stopped experiment for harm", "悪影響のため実験を停止";
        ExperimentDecide: "decided experiment", "実験の結論を記録";
        ExperimentArchive: "archived experiment", "実験をアーカイブ";
        ExperimentUnarchive: "brought back experiment", "実験のアーカイブを解除";
        ExperimentRecompute: "asked to recompute experiment", "実験の再計算を依頼";
        ExperimentRecomputed: "recomputed experiment", "実験を再計算";
        ExperimentCancelRecompute: "cancelled recomputing experiment", "実験の再計算を中止";
        ExperimentFailRecompute: "gave up recomputing experiment", "実験の再計算に失敗";
        FlagCreate: "created flag", "フラグを作成";
        FlagEdit: "edited flag", "フラグを編集";
        FlagEnable: "switched on flag", "フラグをオンに変更";
        FlagDisable: "switched off flag", "フラグをオフに変更";
        FlagArchive: "archived flag", "フラグをアーカイブ";
        FlagUnarchive: "brought back flag", "フラグのアーカイブを解除";
        FlagRestore: "restored flag", "フラグを以前の版に復元";
        FlagCopy: "copied flag", "フラグをコピー";
        FlagImport: "imported flag", "フラグを取り込み";
        FlagComment: "commented on flag", "フラグにコメント";
        RepositoryScan: "uploaded places in code of", "コードの参照箇所を登録";
        ExperimentComment: "commented on experiment", "実験にコメント";
        SdkKeyCreate: "created SDK key", "SDKキーを作成";
        SdkKeyChange: "changed SDK key", "SDKキーを変更";
        SdkKeyRevoke: "revoked SDK key", "SDKキーを失効";
        SavedGroupCreate: "created saved group", "保存グループを作成";
        SavedGroupEdit: "edited saved group", "保存グループを編集";
        SavedGroupArchive: "archived saved group", "保存グループをアーカイブ";
        SavedGroupUnarchive: "brought back saved group", "保存グループのアーカイブを解除";
        SavedGroupRestore: "restored saved group", "保存グループを以前の版に復元";
        HoldoutCreate: "created holdout", "ホールドアウトを作成";
        HoldoutStop: "stopped holdout", "ホールドアウトを終了";
        ExperimentMakeQaLink: "made a link for testers of experiment", "実験のテスト用リンクを作成";
        ExperimentRevokeQaLink: "revoked a link for testers of experiment", "実験のテスト用リンクを取り消し";
        FlagMakeQaLink: "made a link for testers of flag", "フラグのテスト用リンクを作成";
        FlagRevokeQaLink: "revoked a link for testers of flag", "フラグのテスト用リンクを取り消し";
        TemplateCreate: "saved template", "テンプレートを保存";
        TemplateDelete: "deleted template", "テンプレートを削除";
        MemberAdd: "added member", "メンバーを追加";
        MemberChange: "changed member", "メンバーを変更";
        TokenCreate: "created API token", "APIトークンを作成";
        TokenRevoke: "revoked API token", "APIトークンを失効";
        SnapshotPublish: "published the first snapshot", "最初のスナップショットを配信";
        SnapshotRepublish: "published snapshot anew", "スナップショットを再配信";
        AuditExport: "exported the audit log", "監査ログをエクスポート";
        AuditRetention: "removed old text from the audit log", "保存期間を過ぎたエントリーの本文を削除";
    }
}

impl Did {
    /// Every known action by its recorded name.
    pub const ACTIONS: [(&'static str, Self); 67] = [
        ("experiment.create", Self::ExperimentCreate),
        ("experiment.edit", Self::ExperimentEdit),
        ("experiment.restore", Self::ExperimentRestore),
        ("experiment.ask_review", Self::ExperimentAskReview),
        ("experiment.approve", Self::ExperimentApprove),
        ("experiment.send_back", Self::ExperimentSendBack),
        ("experiment.withdraw_review", Self::ExperimentWithdrawReview),
        ("experiment.schedule", Self::ExperimentSchedule),
        ("experiment.unschedule", Self::ExperimentUnschedule),
        ("experiment.miss_start", Self::ExperimentMissStart),
        ("experiment.start", Self::ExperimentStart),
        ("experiment.pause", Self::ExperimentPause),
        ("experiment.resume", Self::ExperimentResume),
        ("experiment.step_ramp", Self::ExperimentStepRamp),
        ("experiment.hold_ramp", Self::ExperimentHoldRamp),
        ("experiment.continue_ramp", Self::ExperimentContinueRamp),
        ("experiment.move_end", Self::ExperimentMoveEnd),
        ("experiment.grow_coverage", Self::ExperimentGrowCoverage),
        ("experiment.stop", Self::ExperimentStop),
        ("experiment.end_schedule", Self::ExperimentEndSchedule),
        ("experiment.stop_for_harm", Self::ExperimentStopForHarm),
        ("experiment.stop_for_split", Self::ExperimentStopForSplit),
        ("experiment.stop_on_verdict", Self::ExperimentStopOnVerdict),
        ("experiment.decide", Self::ExperimentDecide),
        ("experiment.archive", Self::ExperimentArchive),
        ("experiment.unarchive", Self::ExperimentUnarchive),
        ("experiment.recompute", Self::ExperimentRecompute),
        ("experiment.recomputed", Self::ExperimentRecomputed),
        (
            "experiment.cancel_recompute",
            Self::ExperimentCancelRecompute,
        ),
        ("experiment.fail_recompute", Self::ExperimentFailRecompute),
        ("experiment.comment", Self::ExperimentComment),
        ("experiment.make_qa_link", Self::ExperimentMakeQaLink),
        ("experiment.revoke_qa_link", Self::ExperimentRevokeQaLink),
        ("flag.create", Self::FlagCreate),
        ("flag.edit", Self::FlagEdit),
        ("flag.enable", Self::FlagEnable),
        ("flag.disable", Self::FlagDisable),
        ("flag.archive", Self::FlagArchive),
        ("flag.unarchive", Self::FlagUnarchive),
        ("flag.restore", Self::FlagRestore),
        ("flag.copy", Self::FlagCopy),
        ("flag.import", Self::FlagImport),
        ("flag.comment", Self::FlagComment),
        ("flag.make_qa_link", Self::FlagMakeQaLink),
        ("flag.revoke_qa_link", Self::FlagRevokeQaLink),
        ("repository.scan", Self::RepositoryScan),
        ("sdk_key.create", Self::SdkKeyCreate),
        ("sdk_key.change", Self::SdkKeyChange),
        ("sdk_key.revoke", Self::SdkKeyRevoke),
        ("saved_group.create", Self::SavedGroupCreate),
        ("saved_group.edit", Self::SavedGroupEdit),
        ("saved_group.archive", Self::SavedGroupArchive),
        ("saved_group.unarchive", Self::SavedGroupUnarchive),
        ("saved_group.restore", Self::SavedGroupRestore),
        ("holdout.create", Self::HoldoutCreate),
        ("holdout.stop", Self::HoldoutStop),
        ("template.create", Self::TemplateCreate),
        ("template.delete", Self::TemplateDelete),
        ("environment.change", Self::EnvironmentChange),
        ("member.add", Self::MemberAdd),
        ("member.change", Self::MemberChange),
        ("token.create", Self::TokenCreate),
        ("token.revoke", Self::TokenRevoke),
        ("snapshot.publish", Self::SnapshotPublish),
        ("snapshot.republish", Self::SnapshotRepublish),
        ("audit.export", Self::AuditExport),
        ("audit.retention", Self::AuditRetention),
    ];

    #[must_use]
    pub fn of(action: &str) -> Option<Self> {
        Self::ACTIONS
            .into_iter()
            .find(|(name, _)| *name == action)
            .map(|(_, did)| did)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recorded_action_has_its_words_and_stands_in_the_document() {
        let named = Did::ACTIONS.map(|(name, _)| name);
        assert_eq!(named, nexus_domain::audit::ACTIONS);
        let words = Did::ACTIONS.map(|(_, did)| did);
        assert!(Did::ALL.iter().all(|did| words.contains(did)));

        let document = include_str!("../../../docs/audit.md");
        let (_, list) = document.split_once("Actions now: ").unwrap();
        let (list, _) = list.split_once("\n\n").unwrap();
        let mut kind = "";
        let listed: Vec<String> = list
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|name| {
                if let Some((of, _)) = name.split_once('.').filter(|(of, _)| !of.is_empty()) {
                    kind = of;
                    return name.to_owned();
                }
                format!("{kind}{name}")
            })
            .collect();
        assert_eq!(listed, nexus_domain::audit::ACTIONS);
    }
}
