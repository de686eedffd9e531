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
        CountryHelp: "Two letters, as JP.", "2文字の国コード（例: JP）";
        Device: "Device", "デバイス";
        Attributes: "Attributes", "属性";
        AttributesHelp: "name=value, separated by commas.", "名前=値の形式で、カンマ区切りで入力します。";
        Ask: "Explain", "理由を表示";
        Answer: "Answer", "結果";
        Gets: "This user gets {0}", "このユーザーには {0} が割り当てられます";
        Outside: "This user takes no part", "このユーザーは実験の対象外です";
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
        ConditionHolds: "The condition holds: {0}", "条件を満たす: {0}";
        Slice: "The user is in the layer's part from {0}% to {1}%", "レイヤーの{0}%から{1}%までに含まれる";
        Holdout: "The user is not held out by {0} ({1}%)", "ホールドアウト {0}（{1}%）の対象外に含まれない";
        Coverage: "The user is in the coverage of {0}%", "対象割合 {0}% に含まれる";
        Bucket: "bucket {0} of 10,000", "バケット {0} / 10,000";
        Nothing: "nothing", "なし";
        BadCountry: "Not a country code (two letters, as JP).", "国コードではありません（JPのような2文字）。";
        BadAttribute: "Write each attribute as name=value.", "属性は「名前=値」の形式で入力してください。";
    }
}
