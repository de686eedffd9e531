//! Words of reviews, and of what environments ask for.

use crate::lang::words;

words! {
    ReviewWord {
        Ask: "Send to review", "レビューを依頼";
        AskTitle: "Send “{0}” to review?", "「{0}」のレビューを依頼しますか？";
        AskA: "Somebody else, with the role of approver or owner, looks at the settings and approves them or sends them back.", "承認者またはオーナーのロールを持つ別の人が設定を確認し、承認または差し戻しを行います。";
        AskB: "An edit takes it back from review.", "編集すると、レビューの依頼は取り消されます。";
        AskWords: "For the reviewer", "レビュー担当者への説明";
        AskWordsHelp: "What to look at; goes into the audit log.", "確認してほしい点を記入してください。監査ログに記録されます。";
        AskAct: "Send to review", "レビューを依頼する";
        Approve: "Approve", "承認";
        ApproveTitle: "Approve “{0}”?", "「{0}」を承認しますか？";
        ApproveA: "It may be started as it is now. Any edit takes the approval back.", "現在の設定のまま開始できるようになります。編集すると、承認は取り消されます。";
        ApproveB: "Nobody can approve what they made or sent to review.", "自分が作成した、またはレビューを依頼した実験は承認できません。";
        ApproveAct: "Approve the experiment", "実験を承認する";
        Words: "Your words", "コメント";
        WordsHelp: "Stand on the experiment's page and in the audit log.", "実験のページと監査ログに記録されます。";
        SendBack: "Send back", "差し戻し";
        SendBackTitle: "Send “{0}” back?", "「{0}」を差し戻しますか？";
        SendBackA: "It is a draft again, with what you say on its page.", "下書きに戻り、コメントが実験のページに表示されます。";
        SendBackAct: "Send the experiment back", "実験を差し戻す";
        Withdraw: "Take back from review", "レビュー依頼を取り消す";
        WithdrawTitle: "Take “{0}” back from review?", "「{0}」のレビュー依頼を取り消しますか？";
        WithdrawA: "It is a draft again.", "下書きに戻ります。";
        WithdrawAct: "Take it back from review", "レビュー依頼を取り消す";
        OwnWork: "You made it, changed it or sent it to review: another person must approve it.", "自分が作成・変更した、またはレビューを依頼した実験です。承認は別の人が行う必要があります。";
        OtherPerson: "Another person must approve it.", "ほかの人の承認が必要です。";
        InReviewTitle: "Waits for the look of another person", "別の人によるレビューを待っています";
        InReviewText: "Sent to review by {0}.", "{0} がレビューを依頼しました。";
        ApprovedTitle: "Approved by {0}", "{0} が承認しました";
        ApprovedText: "It may be started. Any edit takes the approval back.", "開始できます。編集すると、承認は取り消されます。";
        SentBackTitle: "Sent back by {0}", "{0} が差し戻しました";
        NeededTitle: "Needs an approval before it starts", "開始には承認が必要です";
        NeededText: "{0} asks for one: send the draft to review.", "{0}環境では承認が必要です。レビューを依頼してください。";
        NeededDraft: "{0} asks for an approval before it starts: send the draft to review.", "{0}環境では、開始に承認が必要です。先にレビューを依頼してください。";
        NeededWaits: "{0} asks for an approval before it starts, and nobody has given it yet.", "{0}環境では、開始に承認が必要です。まだ承認されていません。";
        EnvironmentsTitle: "Environments", "環境";
        EnvironmentsLead: "What each environment asks of its experiments, and how long it keeps raw events.", "各環境で実験に求める条件と、生イベントの保存日数です。";
        Required: "An experiment needs the approval of another person before it starts", "実験の開始に、別の人の承認を必須にする";
        RequiredHelp: "Also for planned starts. What runs goes on.", "予約した開始にも適用されます。実行中の実験には影響しません。";
        RawDays: "Days for which raw events are kept", "生イベントの保存日数";
        RawDaysHelp: "With them an experiment can be recomputed, and a metric corrected after the start. 0 keeps none and removes those that were kept; at most 90. They hold the ids of users, as gateways report them.", "実験の再計算や、開始後の指標の修正に使います。0にすると保存せず、保存済みの分も削除します（上限90日）。ゲートウェイから届いたユーザーIDが含まれます。";
        RawOff: "No raw events are kept.", "生イベントは保存していません。";
        RawOn: "Raw events are kept for {0} days.", "生イベントを{0}日間保存しています。";
        ReviewOn: "approval needed", "承認必須";
        ReviewOff: "no approval needed", "承認不要";
    }
}
