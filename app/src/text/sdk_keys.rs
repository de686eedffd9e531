//! Words of SDK keys.

use nexus_domain::sdk_key::{OriginFault, SdkKeyKind};

use crate::lang::words;

words! {
    SdkKeyWord {
        Title: "SDK keys", "SDKキー";
        Lead: "By which applications ask the gateways of one environment for flags and experiments.", "アプリケーションが、特定の環境のゲートウェイからフラグや実験を取得するためのキーです。";
        New: "New SDK key", "SDKキーを作成";
        NewLead: "It works as soon as the gateways have the new snapshot, usually within seconds.", "ゲートウェイに反映されると（通常は数秒以内に）使えるようになります。";
        Name: "Name", "名前";
        NameHelp: "What uses it, as “web shop”.", "用途が分かる名前を付けてください。例: Webショップ";
        Environment: "Environment", "環境";
        Kind: "Kind", "種類";
        Client: "Client", "クライアント";
        ClientHelp: "In browsers and apps. Everybody can read it, so it opens nothing but the rules and decisions of this environment, the values of its saved groups included.", "ブラウザーやアプリで使います。誰でも読み取れるため、アクセスできるのはこの環境のルールと判定結果（保存グループの値を含む）に限られます。";
        Server: "Server", "サーバー";
        ServerHelp: "In services: a secret. It is shown once, and pages may not use it.", "サーバー側で使うシークレットです。一度だけ表示され、Webページからは使えません。";
        Origins: "Web origins", "オリジン";
        OriginsHelp: "Of a client key, one a line: https://shop.example, with a port where it is not 443; http only for localhost. Left empty, pages of any origin may use it.", "クライアントキー用です。1行に1つ、https://shop.example の形式で入力します（443以外のポートは明記、httpはlocalhostのみ）。空欄の場合、すべてのオリジンのページから使えます。";
        OriginSaid: "“{0}”: {1}", "「{0}」: {1}";
        AnyOrigin: "any origin", "すべてのオリジン";
        NoPages: "no pages", "Webページからは不可";
        Encryption: "Encryption", "暗号化";
        Encrypted: "Encrypt the rules", "ルールを暗号化する";
        EncryptedHelp: "GrowthBook SDKs then need the decryption key too. It stands in pages, so it keeps rules from casual eyes, no more.", "GrowthBook SDKには復号キーも必要になります。復号キーはページに含まれるため、簡単には読み取れなくする程度の保護です。";
        EncryptionOff: "GrowthBook SDKs get the rules as plain JSON, the values of saved groups included: whoever has this key can read them.", "GrowthBook SDKには、保存グループの値を含むルールが平文のJSONで渡されます。このキーがあれば誰でも読み取れます。";
        EncryptionOn: "GrowthBook SDKs get the rules encrypted and need this key to read them:", "GrowthBook SDKには暗号化されたルールが渡されます。読み取りには次のキーが必要です:";
        DecryptionHidden: "GrowthBook SDKs get the rules encrypted. The decryption key is shown to those who may manage SDK keys in this environment.", "GrowthBook SDKには暗号化されたルールが渡されます。復号キーは、この環境のSDKキーを管理できる人にのみ表示されます。";
        DecryptionKey: "Decryption key", "復号キー";
        TurnOn: "Switch encryption on", "暗号化を有効にする";
        TurnOff: "Switch encryption off", "暗号化を無効にする";
        Rotate: "Make a new decryption key", "復号キーを更新する";
        EncryptionTitle: "{0} for “{1}”?", "「{1}」の操作「{0}」を実行しますか？";
        OnA: "GrowthBook SDKs that use this key can't read any rule until they have the decryption key, which stands on the key's page afterwards.", "このキーを使うGrowthBook SDKは、復号キーを設定するまでルールを読み取れません。復号キーは、このあとキーのページに表示されます。";
        OnB: "OFREP asks and is answered as before.", "OFREPの問い合わせには影響しません。";
        RotateA: "GrowthBook SDKs that have the old decryption key can't read any rule until they have the new one.", "古い復号キーを使っているGrowthBook SDKは、新しいキーに切り替えるまでルールを読み取れません。";
        RotateB: "The old decryption key is forgotten; this can't be undone.", "古い復号キーは破棄され、元に戻せません。";
        OffA: "Whoever has the key reads the rules as plain JSON, conditions and lists included.", "SDKキーを持つ人は誰でも、条件やリストを含むルールを平文のJSONで読み取れます。";
        OffB: "The decryption key is forgotten; switching encryption on again makes another.", "復号キーは破棄されます。再び有効にすると、新しい復号キーになります。";
        Key: "Key", "キー";
        KeyHidden: "Begins with {0}. Only its hash is kept: whoever has lost it makes another.", "先頭は {0} です。ハッシュのみを保存しています。紛失した場合は新しいキーを作成してください。";
        State: "State", "状態";
        InUse: "in use", "有効";
        Revoked: "revoked", "失効済み";
        Created: "Created", "作成";
        Changed: "Last changed", "最終変更";
        By: "by {0}", "実行者: {0}";
        Facts: "Details", "詳細";
        History: "History", "履歴";
        NoHistory: "Nothing to see with your roles.", "現在のロールで閲覧できる履歴はありません。";
        Settings: "Name and origins", "名前とオリジン";
        Filter: "Show", "表示";
        EmptyTitle: "No SDK keys yet", "SDKキーはまだありません";
        EmptyText: "Make one for each application, then give it to a GrowthBook or OpenFeature SDK: it gets the same flags as the gateway decides.", "アプリケーションごとにキーを作成し、GrowthBookまたはOpenFeatureのSDKに設定すると、ゲートウェイと同じ判定でフラグを取得できます。";
        NothingFits: "No SDK keys in this environment", "この環境にSDKキーはありません";
        Revoke: "Revoke", "失効させる";
        RevokeTitle: "Revoke the SDK key “{0}”?", "SDKキー「{0}」を失効させますか？";
        RevokeA: "Gateways of {0} refuse it, usually within seconds.", "通常は数秒以内に、{0}環境のゲートウェイで拒否されます。";
        RevokeB: "Applications that use it keep the flags they have, or fall back to their defaults.", "このキーを使うアプリケーションは、取得済みのフラグか既定値で動作します。";
        RevokeC: "This can't be undone; a new key has another text.", "元に戻せません。新しいキーは別の文字列になります。";
        RevokedTitle: "This key was revoked", "このキーは失効しています";
        RevokedText: "Gateways refuse it. It stays here for the record.", "ゲートウェイで拒否されます。記録として残しています。";
        OnceTitle: "Copy the key now", "キーを今すぐコピーしてください";
        OnceText: "This is the only time it is shown. Keep it where the service keeps its secrets.", "表示されるのは今回だけです。サービスのシークレットと同じ場所に保管してください。";
        ToKey: "Done, to the key's page", "完了してキーのページへ";
    }
}

words! {
    /// How an application uses a key.
    UseWord {
        Title: "How to use it", "使い方";
        Lead: "Put the public address of your gateway in place of {0}. Without a gateway ask the console: its address stands in place of {0}/__nexus.", "{0} は、ゲートウェイの公開アドレスに置き換えてください。ゲートウェイがない場合は、{0}/__nexus をコンソールのアドレスに置き換えると、コンソールから取得できます。";
        ServerLead: "The key is read from the environment variable {0}.", "キーは環境変数 {0} から読み取ります。";
        GrowthBook: "GrowthBook", "GrowthBook";
        OpenFeature: "OpenFeature (OFREP)", "OpenFeature（OFREP）";
        Curl: "Command line", "コマンドライン";
    }
}

words! {
    /// Why a text is no web origin.
    OriginWord {
        NoScheme: "Begin with https://.", "https:// で始めてください。";
        NotHttps: "Only https; http is for localhost alone.", "httpsのみ使えます（httpはlocalhostのみ）。";
        HasPath: "Only scheme, host and port: nothing behind them, not even a slash.", "スキーム・ホスト・ポートのみを入力してください。末尾のスラッシュも不要です。";
        Wildcard: "No wildcards: list every host.", "ワイルドカードは使えません。ホストを個別に入力してください。";
        BadHost: "Not a host name as browsers send it; write other letters in their xn-- form.", "ホスト名を確認してください。英数字以外の文字は xn-- 形式で入力してください。";
        BadPort: "Not a port: 1 to 65535.", "ポート番号は1から65535で入力してください。";
        DefaultPort: "Leave the usual port out: browsers don't send it.", "既定のポートは省略してください（ブラウザーは送信しません）。";
    }
}

impl SdkKeyWord {
    #[must_use]
    pub const fn of(kind: SdkKeyKind) -> Self {
        match kind {
            SdkKeyKind::Client => Self::Client,
            SdkKeyKind::Server => Self::Server,
        }
    }
}

impl OriginWord {
    #[must_use]
    pub const fn of(fault: OriginFault) -> Self {
        match fault {
            OriginFault::NoScheme => Self::NoScheme,
            OriginFault::NotHttps => Self::NotHttps,
            OriginFault::HasPath => Self::HasPath,
            OriginFault::Wildcard => Self::Wildcard,
            OriginFault::BadHost => Self::BadHost,
            OriginFault::BadPort => Self::BadPort,
            OriginFault::DefaultPort => Self::DefaultPort,
        }
    }
}
