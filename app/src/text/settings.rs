//! Words of the settings: members, tokens, appearance, confirmation.

use crate::lang::words;

words! {
    MemberWord {
        Title: "Members", "メンバー";
        Lead: "Who may sign in, and what they may do. Every change needs a fresh second factor.", "サインインできる人と権限を管理します。変更には二要素認証の再確認が必要です。";
        Add: "Add member", "メンバーを追加";
        AddTitle: "Add member", "メンバーを追加";
        AddLead: "The person can come in as soon as this is confirmed.", "確認が完了すると、すぐにサインインできるようになります。";
        Member: "Member", "メンバー";
        Roles: "Roles", "ロール";
        Seen: "Last seen", "最終アクセス";
        Since: "Since", "登録日";
        You: "you", "自分";
        Machine: "machine", "マシン";
        Disabled: "disabled", "無効";
        Email: "E-mail address", "メールアドレス";
        EmailHelp: "As the identity provider reports it; for a machine, the client id of its service token.", "IDプロバイダーが通知するアドレスです。マシンの場合は、サービストークンのクライアントIDを入力します。";
        Kind: "Kind", "種類";
        KindPerson: "Person", "人";
        KindPersonHelp: "Signs in with a second factor.", "二要素認証でサインインします。";
        KindMachine: "Machine", "マシン";
        KindMachineHelp: "A service token; never approves.", "サービストークンです。承認はできません。";
        RolesHelp: "A role counts in one environment or in all.", "ロールは、すべての環境または特定の環境に付与できます。";
        Where: "Where", "対象環境";
        Nowhere: "not given", "付与しない";
        Everywhere: "All environments", "すべての環境";
        AllShort: "all", "全環境";
        Access: "Access", "アクセス";
        Enabled: "May sign in", "サインインを許可";
        EnabledHelp: "Switched off, the member is refused at once; the history stays.", "オフにすると直ちにアクセスできなくなります。履歴は保持されます。";
        ToConfirm: "Continue to confirmation", "確認に進む";
        Change: "Change", "変更";
        NoRoles: "no roles", "ロールなし";
        Sorry: "Nothing changed", "変更がありません";
    }
}

words! {
    TokenWord {
        Title: "API tokens", "APIトークン";
        Lead: "For scripts, pipelines and gateways. The secret is shown once and stored only as a hash.", "スクリプト、パイプライン、ゲートウェイ用のトークンです。シークレットは一度だけ表示され、ハッシュのみが保存されます。";
        ApiDocs: "How to use the API", "APIの使い方";
        New: "New API token", "APIトークンを作成";
        Name: "Name", "名前";
        NameHelp: "What uses it, as “deploy pipeline”.", "用途が分かる名前を付けてください。例: デプロイパイプライン";
        Scopes: "Scopes", "スコープ";
        ScopesHelp: "It can never do more than you may.", "作成者の権限を超えることはできません。";
        Expires: "Expires", "有効期限";
        ExpiresIn: "Valid for", "有効期間";
        Days: "{0} days", "{0}日";
        LastUsed: "Last used", "最終使用";
        CreatedBy: "Created by", "作成者";
        State: "State", "状態";
        Active: "active", "有効";
        Expired: "expired", "期限切れ";
        Revoked: "revoked", "失効済み";
        Revoke: "Revoke", "失効させる";
        RevokeLabel: "Revoke {0}", "{0} を失効させる";
        RevokeTitle: "Revoke the API token “{0}”?", "APIトークン「{0}」を失効させますか？";
        RevokeA: "Whatever uses it is refused from now on: scripts, pipelines, and gateways that report with it.", "このトークンを使うスクリプト、パイプライン、イベントを送信するゲートウェイは、直ちに拒否されます。";
        RevokeB: "This can't be undone; a new token has another secret.", "元に戻せません。新しいトークンは別のシークレットになります。";
        RevokeUsed: "It was last used {0}.", "最終使用: {0}";
        RevokeNeverUsed: "It was never used.", "まだ一度も使われていません。";
        EmptyTitle: "No API tokens yet", "APIトークンはまだありません";
        EmptyText: "A token lets a script read or change what its scopes allow, and a gateway send its events.", "トークンを使うと、スクリプトはスコープの範囲で読み取りや変更を行い、ゲートウェイはイベントを送信できます。";
        OnceTitle: "Copy the secret now", "シークレットを今すぐコピーしてください";
        OnceText: "This is the only time it is shown. Whoever has it can act within its scopes until {0}.", "表示されるのは今回だけです。シークレットを持つ人は、{0} までスコープの範囲で操作できます。";
        Secret: "Secret", "シークレット";
        ToList: "Done, back to the list", "完了して一覧に戻る";
    }
}

words! {
    AppearanceWord {
        Title: "Appearance", "表示設定";
        Lead: "Kept in this browser.", "このブラウザーに保存されます。";
        Theme: "Theme", "テーマ";
        ThemeHelp: "“System” follows your device.", "「システム」はデバイスの設定に従います。";
        Density: "Density", "表示密度";
        Regular: "Regular", "標準";
        Compact: "Compact", "コンパクト";
        DensityHelp: "Compact shows more rows at once.", "「コンパクト」では、一度により多くの行を表示します。";
        Language: "Language", "言語";
        Zone: "Time zone", "タイムゾーン";
        ZoneHelp: "In which times are shown: now {0}.", "時刻の表示に使用します（現在: {0}）。";
    }
}

words! {
    ConfirmWord {
        Title: "Confirm", "確認";
        AddMember: "Add {0} as a member", "{0} をメンバーに追加";
        ChangeMember: "Change the member {0}", "メンバー {0} を変更";
        CreateToken: "Create the API token “{0}”", "APIトークン「{0}」を作成";
        Exactly: "Exactly this will happen", "実行される内容";
        Fresh: "Your second factor was checked just now, for this action only.", "この操作のために二要素認証を確認しました。";
        Expires: "This confirmation can be used until {0}.", "この確認の有効期限: {0}";
        Digest: "Digest of the action", "操作のダイジェスト";
        Confirm: "Confirm and carry out", "確認して実行";
        StepUpAgain: "Check my second factor", "二要素認証を行う";
        GoneTitle: "Nothing waits for confirmation here", "確認待ちの操作はありません";
        GoneText: "It has been confirmed already, or it has expired. Start again from the settings.", "すでに確認済みか、有効期限が切れています。設定画面からやり直してください。";
        May: "may sign in", "サインイン可";
        MayNot: "may not sign in", "サインイン不可";
    }
}
