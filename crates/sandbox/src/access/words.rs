//! Every sentence a visitor sees, in both languages; the compiler sees that none is missing.

use axum::http::{HeaderMap, header};

use super::people::Part;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    En,
    Ja,
}

impl Lang {
    /// The asked-for language, else the one of `Accept-Language` that is named first.
    pub(crate) fn of(asked: Option<&str>, headers: &HeaderMap) -> Self {
        match asked {
            Some("ja") => return Self::Ja,
            Some("en") => return Self::En,
            _ => {}
        }
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let first = accepted.unwrap_or_default().split(',').find_map(|part| {
            let tag = part.trim().to_ascii_lowercase();
            let of = |code: &str| tag.starts_with(code);
            if of("ja") {
                Some(Self::Ja)
            } else {
                of("en").then_some(Self::En)
            }
        });
        first.unwrap_or(Self::En)
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            Self::Ja => &JA,
        }
    }
}

/// The sentences.
pub(crate) struct Words {
    pub(crate) sandbox: &'static str,
    pub(crate) sandbox_note: &'static str,
    pub(crate) other_language: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) or_type: &'static str,
    pub(crate) address: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) bad_address: &'static str,
    pub(crate) second_factor: &'static str,
    pub(crate) signing_in_as: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) confirm_why: &'static str,
    pub(crate) action: &'static str,
    pub(crate) code: &'static str,
    pub(crate) code_hint: &'static str,
    pub(crate) verify: &'static str,
    pub(crate) only_here: &'static str,
    pub(crate) only_here_why: &'static str,
    pub(crate) current_code: &'static str,
    pub(crate) seconds_left: fn(i64) -> String,
    pub(crate) next_code_in: fn(i64) -> String,
    pub(crate) show_new: &'static str,
    pub(crate) own_app: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) uri: &'static str,
    pub(crate) qr: &'static str,
    pub(crate) other_identity: &'static str,
    pub(crate) wrong_code: &'static str,
    pub(crate) used_code: &'static str,
    pub(crate) too_many: fn(i64) -> String,
    pub(crate) expired: &'static str,
    pub(crate) expired_why: &'static str,
    pub(crate) again: &'static str,
    pub(crate) foreign: &'static str,
    pub(crate) foreign_why: &'static str,
    pub(crate) no_factor: &'static str,
    pub(crate) no_factor_why: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) signed_out_why: &'static str,
    pub(crate) down: &'static str,
    pub(crate) down_why: &'static str,
    pub(crate) retry: &'static str,
    pub(crate) bad_request: &'static str,
    pub(crate) broken: &'static str,
    pub(crate) broken_why: &'static str,
    parts: [&'static str; 9],
}

impl Words {
    /// What an identity is for.
    pub(crate) fn part(&self, part: Part) -> &'static str {
        self.parts[part as usize]
    }
}

static EN: Words = Words {
    sandbox: "Nexus Sandbox",
    sandbox_note: "Stands in for Cloudflare Access on this machine",
    other_language: "日本語",
    sign_in: "Sign in",
    choose: "Choose who you are",
    or_type: "Or type any address",
    address: "E-mail address",
    go_on: "Continue",
    bad_address: "That is not an e-mail address the sandbox can use.",
    second_factor: "Second factor",
    signing_in_as: "Signing in as",
    confirm: "Confirm it is you",
    confirm_why: "This action needs a fresh code. It is good for this one request.",
    action: "You are about to",
    code: "Six-digit code",
    code_hint: "From your authenticator app, or the one shown below.",
    verify: "Verify",
    only_here: "Shown in the sandbox only",
    only_here_why: "Real Access never shows these. Here they save you setting up an app.",
    current_code: "Current code",
    seconds_left: |left| format!("{left} s left; it is taken for 30 s longer"),
    next_code_in: |left| format!("Every code so far is used. The next one comes in {left} s."),
    show_new: "Show the newest code",
    own_app: "Use your own authenticator app",
    secret: "Secret",
    uri: "Set-up address",
    qr: "QR code of the set-up address for an authenticator app",
    other_identity: "Choose another identity",
    wrong_code: "That code is not right. Try the newest one.",
    used_code: "That code was used already. Each one is taken once.",
    too_many: |wait| format!("Too many wrong codes. Try again in {wait} s."),
    expired: "This sign-in has expired",
    expired_why: "It was started too long ago, or in another browser.",
    again: "Start again",
    foreign: "Refused",
    foreign_why: "This form was sent from another site.",
    no_factor: "No second factor enrolled",
    no_factor_why: "This action needs a second factor, and this identity has none.",
    signed_out: "You are signed out",
    signed_out_why: "The session has been ended here and on the server.",
    down: "The console does not answer",
    down_why: "Access let you through, but nothing is listening behind it. It may still be starting.",
    retry: "Try again",
    bad_request: "This request cannot be used",
    broken: "The sandbox failed",
    broken_why: "Its log says why.",
    parts: [
        "Owner: may do everything",
        "Experimenter: designs and runs experiments",
        "Operator: releases and rolls back",
        "Approver: approves what others ask for",
        "Security admin: keys, access, audit",
        "Viewer: reads",
        "Passes Access, is no member of the console",
        "Has no second factor enrolled",
        "A typed address",
    ],
};

static JA: Words = Words {
    sandbox: "Nexus サンドボックス",
    sandbox_note: "このマシン上で Cloudflare Access の代わりをします",
    other_language: "English",
    sign_in: "サインイン",
    choose: "利用者を選んでください",
    or_type: "または任意のアドレスを入力",
    address: "メールアドレス",
    go_on: "続ける",
    bad_address: "サンドボックスで使えるメールアドレスではありません。",
    second_factor: "二要素認証",
    signing_in_as: "サインインする利用者",
    confirm: "本人確認",
    confirm_why: "この操作には新しいコードが必要です。この一回のリクエストにだけ有効です。",
    action: "実行しようとしている操作",
    code: "6 桁のコード",
    code_hint: "認証アプリのコード、または下に表示されているコードを入力します。",
    verify: "確認",
    only_here: "サンドボックスでのみ表示",
    only_here_why: "本物の Access では表示されません。アプリを設定する手間を省くためのものです。",
    current_code: "現在のコード",
    seconds_left: |left| format!("残り {left} 秒（その後 30 秒間も有効）"),
    next_code_in: |left| {
        format!("これまでのコードはすべて使用済みです。次のコードは {left} 秒後です。")
    },
    show_new: "最新のコードを表示",
    own_app: "自分の認証アプリを使う",
    secret: "シークレット",
    uri: "設定用アドレス",
    qr: "認証アプリ用の設定アドレスの QR コード",
    other_identity: "別の利用者を選ぶ",
    wrong_code: "コードが正しくありません。最新のコードを入力してください。",
    used_code: "このコードは使用済みです。コードは一度だけ使えます。",
    too_many: |wait| format!("誤ったコードが多すぎます。{wait} 秒後にもう一度お試しください。"),
    expired: "このサインインは期限切れです",
    expired_why: "開始から時間が経ちすぎたか、別のブラウザーで開始されています。",
    again: "最初からやり直す",
    foreign: "拒否しました",
    foreign_why: "このフォームは別のサイトから送信されました。",
    no_factor: "二要素認証が登録されていません",
    no_factor_why: "この操作には二要素認証が必要ですが、この利用者には登録がありません。",
    signed_out: "サインアウトしました",
    signed_out_why: "このブラウザーとサーバーの両方でセッションを終了しました。",
    down: "コンソールが応答しません",
    down_why: "Access は通過しましたが、その先で何も待ち受けていません。起動中かもしれません。",
    retry: "再試行",
    bad_request: "このリクエストは使えません",
    broken: "サンドボックスでエラーが発生しました",
    broken_why: "理由はログにあります。",
    parts: [
        "オーナー：すべての操作ができます",
        "実験担当：実験を設計し実行します",
        "運用担当：リリースとロールバックを行います",
        "承認者：他の人の申請を承認します",
        "セキュリティ管理者：鍵、アクセス、監査",
        "閲覧者：閲覧のみ",
        "Access は通過しますがコンソールのメンバーではありません",
        "二要素認証が登録されていません",
        "入力されたアドレス",
    ],
};
