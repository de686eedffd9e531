//! Words of the page that explains an assignment.

use crate::lang::words;

words! {
    WhyWord {
        Title: "Why does a user get what?", "なぜこのバリアントになるのか";
        Short: "Explain a user", "ユーザーごとの理由を見る";
        Lead: "Say who asks; every condition answers as the gateway's engine does.", "ユーザーの情報を入力すると、ゲートウェイと同じエンジンが条件ごとに答えます。";
        Somebody: "Who asks", "ユーザーの情報";
        User: "User id", "ユーザーID";
        UserHelp: "As the application sends it in x-nexus-user; or the value of the visitor's cookie.", "アプリケーションがx-nexus-userで送る値、または訪問者のCookieの値です。";
        Country: "Country", "国";
        CountryHelp: "A code or a name, as JP or Japan.", "国コードまたは国名（例: JP、日本）";
        Device: "Device", "デバイス";
        Attributes: "Attributes", "属性";
        AttributesHelp: "name=value, separated by commas; a value with commas in quotes: tags=\"a, b\". Or paste a JSON object as your SDK has it: its id, country and device fill the other fields.", "「名前=値」をカンマ区切りで入力します。カンマを含む値は引用符で囲みます（例: tags=\"a, b\"）。SDKの属性のJSONオブジェクトをそのまま貼り付けることもできます。その場合、id・country・deviceは他の項目に入ります。";
        Ask: "Explain", "理由を表示";
        Answer: "Answer", "結果";
        FlagsOff: "Flags that are off, so everybody gets their off value: {0}", "オフのため、全員にオフの値を返すフラグ: {0}";
        Gets: "This user gets {0}", "このユーザーには「{0}」が割り当てられます";
        Outside: "This user takes no part", "このユーザーは実験に参加しません";
        OutsideText: "They get what they would get without the experiment and are not counted.", "実験がない場合と同じ内容が表示され、集計には含まれません。";
        NotNow: "The experiment is not running now; this is what it would do if it were.", "この実験は現在実行中ではありません。実行中であれば次のように判定されます。";
        Condition: "Condition", "条件";
        Found: "Found", "値";
        Passed: "Passes", "一致";
        Failed: "Fails", "不一致";
        Verdict: "Verdict", "判定";
        Unit: "The user has an id", "ユーザーIDがある";
        Schedule: "Now is within the schedule", "スケジュールの期間内";
        CountryIs: "The country is one of {0}", "国が次のいずれか: {0}";
        DeviceIs: "The device is one of {0}", "デバイスが次のいずれか: {0}";
        ConditionHolds: "The condition holds", "条件を満たす";
        AndMore: "{0} and {1} more", "{0} ほか{1}件";
        Slice: "The user is in the layer's part {0}", "レイヤーの{0}の部分に含まれる";
        Holdout: "The user is not held out by {0} ({1}%)", "ホールドアウト「{0}」（{1}%）で除外されていない";
        Coverage: "The user is in the coverage of {0}%", "対象割合{0}%に含まれる";
        Bucket: "bucket {0} of 10,000, at {1}%", "バケット {0} / 10,000（{1}%）";
        Nothing: "nothing", "なし";
        HashVersion: "Hash version {0}", "ハッシュ バージョン{0}";
        Range: "from {0}% up to, not including, {1}%", "{0}%以上{1}%未満";
        LiesIn: "The user’s bucket, at {0}%, is in the range {1}", "このユーザーのバケット（{0}%）は、{1}の範囲に入ります";
        LiesOutside: "The user’s bucket, at {0}%, is not in the range {1}", "このユーザーのバケット（{0}%）は、{1}の範囲に入りません";
        LiesInNone: "The user’s bucket, at {0}%, is in none of the ranges: {1}", "このユーザーのバケット（{0}%）は、どの範囲にも入りません: {1}";
        BetweenRanges: "; ", "、";
        LiesInNothing: "The user’s bucket, at {0}%, is in no range: the coverage is empty", "このユーザーのバケット（{0}%）が入る範囲はありません（対象割合が0%です）";
    }
}

words! {
    /// What is wrong with a question.
    FaultWord {
        Country: "There is no country “{0}”. Write a code or a name, as JP or Japan.", "「{0}」という国はありません。国コードまたは国名（例: JP、日本）を入力してください。";
        Countries: "“{0}” is several countries. Write one.", "「{0}」は複数の国を指します。1か国だけ入力してください。";
        Device: "There is no device “{0}”. It is one of {1}.", "「{0}」というデバイスはありません。次のいずれかを指定してください: {1}";
        NoEquals: "Character {0}: “{1}” has no =. Write each attribute as name=value.", "{0}文字目: 「{1}」に「=」がありません。属性は「名前=値」の形式で入力してください。";
        NoName: "Character {0}: there is no name before the =.", "{0}文字目: 「=」の前に属性名がありません。";
        Quote: "Character {0}: this quotation does not end. Close it with \"; write a quotation mark within it as \\\".", "{0}文字目: 引用符が閉じられていません。「\"」で閉じてください。値の中の引用符は「\\\"」と書きます。";
        AfterQuote: "Character {0}: a comma is expected after the quotation.", "{0}文字目: 引用符の後にはカンマが必要です。";
        Repeated: "The attribute “{0}” is there twice. Upper and lower case are the same.", "属性「{0}」が重複しています（大文字と小文字は区別されません）。";
        Json: "Line {0}, column {1}: this is not JSON. Paste one whole object, as {\"id\": \"ann\", \"plan\": \"pro\"}.", "{0}行{1}列目: JSONとして読めません。オブジェクト全体を貼り付けてください（例: {\"id\": \"ann\", \"plan\": \"pro\"}）。";
        NotAnObject: "This JSON is a list. Paste one object, as {\"id\": \"ann\", \"plan\": \"pro\"}.", "このJSONは配列です。オブジェクトを貼り付けてください（例: {\"id\": \"ann\", \"plan\": \"pro\"}）。";
        Nested: "“{0}” is a list or an object. Gateways know attributes as texts, numbers, true and false: leave it out, or write what the condition asks for as an attribute of its own.", "「{0}」は配列またはオブジェクトです。ゲートウェイが扱う属性はテキスト・数値・true・falseだけです。取り除くか、条件が参照する値を個別の属性にしてください。";
        Twice: "{0} is given twice: “{1}” in its own field and “{2}” here. Clear one of them.", "{0}が2か所にあります（専用の項目では「{1}」、ここでは「{2}」）。どちらかを消してください。";
    }
}

words! {
    /// Recent visitors to pick from.
    PickWord {
        Title: "Pick a recent visitor", "最近の訪問者から選ぶ";
        Lead: "From the sample of the last 24 hours. Each fills the form.", "過去24時間のサンプルの一部です。選ぶとフォームに入力されます。";
        NobodyText: "Nobody yet. As soon as the environment's gateways serve visitors, or OFREP providers ask for users, some of them stand here.", "まだ訪問者がいません。この環境のゲートウェイに訪問者が来るか、OFREPプロバイダーがユーザーについて問い合わせると、その一部がここに表示されます。";
    }
}

words! {
    /// Two snapshots beside each other.
    CompareWord {
        Title: "Compare two snapshots", "スナップショットを比較";
        Lead: "The same user, asked of two published states: what changed for them, and by which step.", "同じユーザーについて、配信された2つの状態を比べます。何が変わり、どの条件で差が出たかがわかります。";
        NothingYet: "Nothing has been published in this environment yet. Every change that gateways must know makes a snapshot; the newest 100 are kept to be compared here.", "この環境ではまだ何も配信されていません。ゲートウェイに届く変更のたびにスナップショットが作られ、最新の100件をここで比較できます。";
        From: "From", "比較元";
        To: "To", "比較先";
        Compare: "Compare", "比較";
        Snapshot: "Snapshot {0}", "スナップショット{0}";
        InText: "snapshot {0}", "スナップショット{0}";
        Next: "What would be published next", "次に配信される内容";
        NextText: "As it is stored now, as if it ran.", "現在保存されている内容で、実行中とみなした結果です。";
        NotOut: "Not published: a newer one went out, or it is on its way.", "未配信（新しいものが先に配信されたか、配信処理中です）";
        Since: "Gets {0} instead of {1} since {2}", "{2}以降、「{1}」ではなく「{0}」になりました";
        Instead: "Gets {0} in {2} instead of {1} in {3}", "{3}では「{1}」、{2}では「{0}」です";
        Would: "Would get {0} instead of {1} with the next publication", "次の配信で「{1}」ではなく「{0}」になります";
        Same: "Gets {0} from both", "どちらも「{0}」です";
        Absent: "nothing (not in the snapshot)", "なし（スナップショットに含まれない）";
        Outside: "nothing (takes no part)", "参加しない";
        Unusable: "It can't be asked", "判定できません";
        UnusableText: "No gateway would obey this snapshot:", "ゲートウェイはこのスナップショットを受け付けません:";
        Missing: "There is no snapshot {0} to ask", "スナップショット{0}はありません";
        Purged: "It is no longer kept. The newest 100 of each environment are; the oldest is {0}.", "保存期間を過ぎました。環境ごとに最新の100件を保存しており、最も古いものは{0}です。";
        NeverText: "This environment has none of this number. Choose one of the list.", "この環境にその番号のスナップショットはありません。一覧から選んでください。";
        StepsDiffer: "{0} of {1} steps differ.", "{1}件中{0}件の条件に違いがあります。";
        NoStepDiffers: "No step differs.", "条件の判定に違いはありません。";
        Differs: "differs", "違いあり";
        NotAsked: "not asked", "条件なし";
    }
}
