//! Words of comments and of places in code.

use crate::lang::words;

words! {
    CommentWord {
        Title: "Comments", "コメント";
        None: "Nobody has said anything yet.", "コメントはまだありません。";
        Label: "Comment", "コメント";
        Help: "Plain text, at most 2,000 characters. It goes into the audit log too and cannot be taken back.", "プレーンテキスト、2,000文字以内です。監査ログにも記録され、取り消せません。";
        Say: "Comment", "コメントする";
    }
}

words! {
    CodeWord {
        Title: "Where code asks for it", "コードでの参照箇所";
        None: "No upload has named this flag. “nexus-admin flag find-references” looks for it in a checkout.", "参照箇所は登録されていません。「nexus-admin flag find-references」でチェックアウト内を検索して登録できます。";
        Scanned: "{0}, {1} places", "{0}、{1}か所";
        At: "as of {0}", "対象リビジョン: {0}";
        Place: "Place", "場所";
        Line: "Line", "行の内容";
    }
}
