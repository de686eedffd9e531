//! Words of what just happened, and of pages that say no.

use crate::lang::words;

words! {
    /// Toasts after a redirect; named in `?done=`.
    DoneWord {
        Created: "Experiment created.", "実験を作成しました。";
        Saved: "Changes saved.", "変更を保存しました。";
        Restored: "Revision restored.", "以前の版に戻しました。";
        Started: "Experiment started. Gateways take the new version within seconds.", "実験を開始しました。数秒でゲートウェイに反映されます。";
        Asked: "Sent to review.", "レビューを依頼しました。";
        Approved: "Approved.", "承認しました。";
        SentBack: "Sent back.", "差し戻しました。";
        Withdrawn: "Taken back from review.", "レビューの依頼を取り消しました。";
        Scheduled: "Start planned.", "開始を予約しました。";
        Unscheduled: "Taken off the plan.", "開始の予約を取り消しました。";
        RampHeld: "The ramp stays at its step.", "段階的な拡大を保留しました。";
        RampContinued: "The ramp goes on.", "段階的な拡大を再開しました。";
        EndMoved: "The end has moved.", "終了日時を変更しました。";
        CoverageGrown: "Coverage has grown.", "対象割合を拡大しました。";
        Paused: "Experiment paused. Everybody gets the control.", "実験を一時停止しました。全員にコントロールが適用されます。";
        Resumed: "Experiment resumed.", "実験を再開しました。";
        Stopped: "Experiment stopped.", "実験を停止しました。";
        Decided: "Decision recorded.", "結論を記録しました。";
        Archived: "Experiment archived.", "実験をアーカイブしました。";
        Unarchived: "Experiment brought back.", "実験のアーカイブを解除しました。";
        FlagCreated: "Flag created. It is switched off.", "フラグを作成しました。現在はオフです。";
        FlagOn: "Flag switched on. Gateways follow within seconds.", "フラグをオンにしました。数秒でゲートウェイに反映されます。";
        FlagOff: "Flag switched off. Gateways follow within seconds.", "フラグをオフにしました。数秒でゲートウェイに反映されます。";
        FlagArchived: "Flag archived.", "フラグをアーカイブしました。";
        FlagUnarchived: "Flag brought back. It is switched off.", "フラグのアーカイブを解除しました。現在はオフです。";
        FlagsImported: "Flags imported.", "フラグを取り込みました。";
        FlagsImportedAll: "Flags imported: {0}.", "{0}件のフラグを取り込みました。";
        FlagsImportedSome: "Flags imported: {0}, left out: {1}.", "{0}件のフラグを取り込みました（取り込まなかったフラグ: {1}件）。";
        FlagCopied: "Flag copied.", "フラグをコピーしました。";
        GroupCreated: "Saved group created.", "保存グループを作成しました。";
        GroupSaved: "Saved. What names the group follows within seconds.", "保存しました。使用箇所には数秒で反映されます。";
        GroupArchived: "Saved group archived.", "保存グループをアーカイブしました。";
        GroupUnarchived: "Saved group brought back.", "保存グループのアーカイブを解除しました。";
        HoldoutCreated: "Holdout created. Gateways follow within seconds.", "ホールドアウトを作成しました。数秒でゲートウェイに反映されます。";
        HoldoutStopped: "Holdout stopped.", "ホールドアウトを終了しました。";
        SdkKeyCreated: "SDK key created. Gateways follow within seconds.", "SDKキーを作成しました。数秒でゲートウェイに反映されます。";
        SdkKeyRevoked: "SDK key revoked. Gateways follow within seconds.", "SDKキーを失効させました。数秒でゲートウェイに反映されます。";
        QaMade: "Links made. Gateways honour them within seconds.", "リンクを作成しました。数秒で利用できるようになります。";
        QaRevoked: "Link revoked. Gateways follow within seconds.", "リンクを取り消しました。数秒でゲートウェイに反映されます。";
        TemplateSaved: "Template saved.", "テンプレートを保存しました。";
        TemplateDeleted: "Template deleted.", "テンプレートを削除しました。";
        MemberAdded: "Member added.", "メンバーを追加しました。";
        MemberChanged: "Member changed.", "メンバーを変更しました。";
        TokenRevoked: "API token revoked.", "APIトークンを失効させました。";
        Recomputing: "Recomputing. Results stay as they are until it is done.", "再計算を開始しました。完了するまで、結果は現在のまま表示されます。";
        RecomputeCancelled: "Recomputing cancelled. Results stay as they were.", "再計算を中止しました。結果は変わりません。";
        Preferences: "Preferences saved.", "表示設定を保存しました。";
    }
}

impl DoneWord {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "created" => Self::Created,
            "saved" => Self::Saved,
            "restored" => Self::Restored,
            "started" => Self::Started,
            "asked" => Self::Asked,
            "approved" => Self::Approved,
            "sent-back" => Self::SentBack,
            "withdrawn" => Self::Withdrawn,
            "scheduled" => Self::Scheduled,
            "unscheduled" => Self::Unscheduled,
            "ramp-held" => Self::RampHeld,
            "end-moved" => Self::EndMoved,
            "coverage-grown" => Self::CoverageGrown,
            "ramp-continued" => Self::RampContinued,
            "paused" => Self::Paused,
            "resumed" => Self::Resumed,
            "stopped" => Self::Stopped,
            "recomputing" => Self::Recomputing,
            "recompute-cancelled" => Self::RecomputeCancelled,
            "decided" => Self::Decided,
            "archived" => Self::Archived,
            "unarchived" => Self::Unarchived,
            "flag-created" => Self::FlagCreated,
            "flag-on" => Self::FlagOn,
            "flag-off" => Self::FlagOff,
            "flag-archived" => Self::FlagArchived,
            "flag-unarchived" => Self::FlagUnarchived,
            "flag-copied" => Self::FlagCopied,
            "imported" => Self::FlagsImported,
            "group-created" => Self::GroupCreated,
            "group-saved" => Self::GroupSaved,
            "group-archived" => Self::GroupArchived,
            "group-unarchived" => Self::GroupUnarchived,
            "holdout-created" => Self::HoldoutCreated,
            "holdout-stopped" => Self::HoldoutStopped,
            "sdk-key-created" => Self::SdkKeyCreated,
            "sdk-key-revoked" => Self::SdkKeyRevoked,
            "qa-made" => Self::QaMade,
            "qa-revoked" => Self::QaRevoked,
            "template-saved" => Self::TemplateSaved,
            "template-deleted" => Self::TemplateDeleted,
            "member-added" => Self::MemberAdded,
            "member-changed" => Self::MemberChanged,
            "token-revoked" => Self::TokenRevoked,
            "preferences" => Self::Preferences,
            _ => return None,
        })
    }
}

words! {
    /// Error pages and sign-in states.
    StateWord {
        NotFoundTitle: "Not found", "見つかりません";
        NotFoundText: "There is nothing at this address. It may have been typed wrongly, or what was here has never existed.", "このアドレスには何もありません。入力に誤りがあるか、対象がもともと存在しない可能性があります。";
        ForbiddenTitle: "Not allowed", "権限がありません";
        ForbiddenText: "Your roles do not allow this: {0}. An owner or security admin can change your roles.", "現在のロールでは実行できません（{0}）。ロールの変更はオーナーまたはセキュリティ管理者に依頼してください。";
        ForbiddenRoles: "Roles that allow it: {0}.", "必要なロール: {0}";
        StepUpTitle: "Confirm that it is you", "本人確認が必要です";
        StepUpText: "This action needs a fresh second factor, at most five minutes old and for this action only.", "この操作には、5分以内に行われた、この操作専用の二要素認証が必要です。";
        ConflictTitle: "Changed in the meantime", "ほかの変更がありました";
        ConflictText: "Somebody changed this after you opened it. Nothing of yours was saved. Look at the current state and try again.", "このページを開いたあとに、ほかの人が変更しました。今回の操作は保存されていません。最新の状態を確認して、もう一度お試しください。";
        RefusedTitle: "Not possible now", "現在の状態では実行できません";
        RefusedText: "This is not possible while the experiment is in the state “{0}”.", "実験が「{0}」の状態では実行できません。";
        ArchivedText: "It is archived. Bring it back first.", "アーカイブ済みです。先にアーカイブを解除してください。";
        InvalidTitle: "Not understood", "内容を確認してください";
        InvalidText: "The request could not be understood. Go back and try again.", "リクエストを処理できませんでした。前のページに戻り、もう一度お試しください。";
        InternalTitle: "Something went wrong", "エラーが発生しました";
        InternalText: "It is our fault, and it has been recorded. Trying again may help. If it keeps happening, tell whoever runs this console the request id below.", "コンソール側の問題です。記録されていますので、時間をおいて再度お試しください。繰り返し発生する場合は、下のリクエストIDを管理者にお知らせください。";
        UnavailableTitle: "Not available right now", "ただいま利用できません";
        UnavailableText: "Something this page needs does not answer. Nothing was lost; try again in a moment.", "このページに必要なサービスが応答していません。データは失われていません。しばらくしてから再度お試しください。";
        TooLargeTitle: "That is too much at once", "内容が大きすぎます";
        TooLargeText: "What was sent is larger than {0} MiB, the most that this form takes. Nothing was saved. Your browser's Back button shows the form with what you typed; send less of it, in several parts if need be.", "送信した内容が、このフォームの上限（{0} MiB）を超えています。何も保存されていません。ブラウザーの「戻る」で入力内容に戻り、内容を減らすか、複数回に分けて送信してください。";
        TimeoutTitle: "It took too long", "時間内に完了しませんでした";
        TimeoutText: "The console did not answer in time. If you were saving something, look first whether it was saved, then try again.", "コンソールが時間内に応答しませんでした。何かを保存していた場合は、保存されたかどうかを確認してから、もう一度お試しください。";
        CrossSiteTitle: "Not sent from this console", "このコンソール以外からの送信です";
        CrossSiteText: "The request did not come from one of this console's own pages, so nothing was done. Open the page here and send it again.", "このコンソールのページから送信されたものではないため、実行しませんでした。コンソールでページを開き、もう一度送信してください。";
        TryAgain: "Try again", "再試行";
        ToOverview: "Go to the overview", "概要へ";
        ToExperiments: "Go to experiments", "実験一覧へ";
        ToCurrent: "See the current state", "最新の状態を見る";
        RequestId: "Request id", "リクエストID";
        NoTokenTitle: "Sign in", "サインイン";
        NoTokenText: "This console is reached through your organisation's sign-in. Open it at its public address, or sign in now.", "このコンソールは組織のサインインを経由して利用します。公開アドレスから開くか、ここからサインインしてください。";
        BadTokenTitle: "Your sign-in is no longer valid", "サインインの有効期限が切れています";
        BadTokenText: "It has expired, or it was meant for something else. Sign in again.", "期限切れ、または別のアプリケーション用のサインインです。もう一度サインインしてください。";
        NoMfaTitle: "A second factor is needed", "二要素認証が必要です";
        NoMfaText: "You signed in as {0}, but without a second factor. Administrators must use one: sign out, then sign in again with your authenticator or security key.", "{0} としてサインインしていますが、二要素認証が行われていません。管理者には二要素認証が必須です。サインアウトしてから、認証アプリまたはセキュリティキーを使って再度サインインしてください。";
        NotMemberTitle: "You are not a member yet", "メンバー登録がありません";
        NotMemberText: "You are signed in as {0}, but nobody has added this address here. Ask an owner or security admin to add you.", "{0} としてサインインしていますが、このアドレスはメンバーとして登録されていません。オーナーまたはセキュリティ管理者に追加を依頼してください。";
        DisabledTitle: "Your access is switched off", "アクセスが無効になっています";
        DisabledText: "The membership of {0} has been disabled. An owner or security admin can enable it again.", "{0} のメンバー登録は無効になっています。再度有効にするには、オーナーまたはセキュリティ管理者に依頼してください。";
        UnverifiableTitle: "Your sign-in cannot be checked right now", "サインインを確認できません";
        UnverifiableText: "The keys that prove it cannot be fetched at the moment. You did nothing wrong; try again shortly.", "確認に必要な鍵を取得できません。お客様の操作に問題はありません。しばらくしてから再度お試しください。";
        SignIn: "Sign in", "サインイン";
        SignInAgain: "Sign in again", "再度サインイン";
        OtherAccount: "Use another account", "別のアカウントを使う";
    }
}
