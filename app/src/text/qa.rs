//! Words of links for testers.

use crate::lang::words;

words! {
    QaWord {
        Title: "Links for testers", "テスト用リンク";
        Lead: "Whoever opens such a link sees this variant or value, in this browser only, also before the start. Nothing they do is counted.", "リンクを開いたブラウザーにだけ、指定したバリアントまたは値を表示します。開始前でも利用でき、操作は一切集計されません。";
        New: "Make links", "リンクを作成";
        Page: "Page of your product", "製品のページ";
        PageHelp: "Where your gateway answers, as https://shop.example/cart.", "ゲートウェイが応答するアドレスです。例: https://shop.example/cart";
        Hours: "They hold for", "有効期間";
        Hour: "1 hour", "1時間";
        Day: "24 hours", "24時間";
        Week: "7 days", "7日間";
        Month: "30 days", "30日間";
        Only: "For", "対象";
        OnlyHelp: "None ticked: one link for each.", "選択しない場合は、それぞれのリンクを作成します。";
        Make: "Make links", "リンクを作成";
        InForce: "Links in force", "有効なリンク";
        None: "None in force. Make some, and send each to whoever is to look.", "有効なリンクはありません。作成して、確認する人に送ってください。";
        Over: "It is over, so there is nothing to test.", "終了しているため、試すものはありません。";
        SeeVariant: "See it as variant {0}", "バリアント {0} を表示";
        SeeValue: "See it with the value {0}", "値 {0} を表示";
        Until: "Works until", "期限";
        By: "by {0}", "作成者: {0}";
        Open: "Open", "開く";
        Address: "Address of the link", "リンクのアドレス";
        Revoke: "Revoke", "取り消す";
        RevokeTitle: "Revoke the link “{0}”?", "リンク「{0}」を取り消しますか？";
        RevokeA: "Whoever opens it is told that it does not hold any more, usually within seconds.", "通常は数秒以内に、リンクを開いても無効と表示されるようになります。";
        RevokeB: "Browsers that opened it see again what everybody sees, and count again.", "リンクを開いたブラウザーは、通常の表示に戻り、集計の対象になります。";
        RevokeC: "This can't be undone; a new link has another address.", "元に戻せません。新しいリンクは別のアドレスになります。";
        Leave: "The gateway says x-nexus-qa in every answer to such a browser. To leave, open the page with ?nexus_qa=off.", "リンクを開いたブラウザーへの応答には、ヘッダー x-nexus-qa が付きます。終了するには、ページに ?nexus_qa=off を付けて開いてください。";
        Secret: "Whoever has a link can open it: send it to testers only, and revoke it when in doubt.", "リンクを知っている人は誰でも開けます。テスト担当者にだけ送り、不安があれば取り消してください。";
    }
}
