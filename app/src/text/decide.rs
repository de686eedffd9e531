//! Words of the page on which an experiment's question is answered.

use crate::lang::words;

words! {
    DecideWord {
        Short: "Decide", "結論を記録";
        Again: "Change the decision", "結論を変更";
        Title: "What came of “{0}”?", "「{0}」の結論";
        Lead: "Answer the question of the experiment, and write down what was learned.", "実験の結論と、得られた知見を記録します。";
        Ends: "The experiment still runs: deciding ends it.", "この実験は実行中です。結論を記録すると終了します。";
        EndsPaused: "The experiment is only paused: deciding ends it.", "この実験は一時停止中です。結論を記録すると終了します。";
        Answer: "Decision", "結論";
        Ship: "Ship {0}", "「{0}」を採用";
        ShipHelp: "Everybody is to get it.", "全員に適用します。";
        ShipHurt: "It was stopped because it hurt users.", "ユーザーへの悪影響により停止したバリアントです。";
        KeepControl: "Keep the control", "コントロールを維持";
        KeepControlHelp: "Everybody keeps what they have.", "全員が現在の状態のままになります。";
        Inconclusive: "Inconclusive", "結論なし";
        InconclusiveHelp: "The data does not say which is better.", "どれが良いかをデータから判断できませんでした。";
        Lift: "{0} against the control, {1}", "コントロール比 {0}（{1}）";
        Learned: "What was learned", "得られた知見";
        LearnedHelp: "For whoever asks the same in a year; also goes into the audit log.", "1年後に同じ疑問を持つ人のために書いてください。監査ログにも記録されます。";
        AsFlags: "Roll the shipped variant out as feature flags", "採用したバリアントをフラグとして展開";
        AsFlagsHelp: "In the same step, so nobody falls back to the control in between.", "同時に行うため、途中でコントロールに戻るユーザーはいません。";
        AsFlagsLater: "In the same step as the decision is recorded.", "結論の記録と同時に展開します。";
        FlagsOf: "With {0}:", "「{0}」の場合:";
        FlagNew: "new flag {0}, on: everybody the experiment was for gets {1}", "フラグ {0} をオンで作成: 実験の対象だった全員に {1} を返す";
        FlagRule: "flag {0} gets a first rule: everybody the experiment was for gets {1}", "フラグ {0} の先頭にルールを追加: 実験の対象だった全員に {1} を返す";
        FlagRuleOff: "flag {0}, which is off and stays so, gets a first rule: everybody the experiment was for gets {1}", "フラグ {0}（オフのまま）の先頭にルールを追加: 実験の対象だった全員に {1} を返す";
        WhileOff: "while it is off: {0}", "オフの間は {0}";
        FlagsThere: "its flags have this rule already", "フラグにはこのルールがすでにあります";
        RolledOut: "Rolled out as feature flags:", "展開したフラグ:";
        RolledOutStays: "Another decision leaves the flags as they are: change or switch them off on their own pages.", "結論を変更してもフラグはそのままです。必要に応じて各フラグのページで変更するか、オフにしてください。";
        NoFeatures: "it sets no features, so there is no flag to roll out: release its deployment instead", "機能設定がないため、展開するフラグはありません。デプロイで公開してください。";
        CanNot: "its features can't be flags: {0}", "機能設定をフラグにできません: {0}";
        Act: "Record the decision", "結論を記録する";
        ActEnds: "End it and record the decision", "終了して結論を記録する";
        Choose: "Choose what becomes of it.", "実験の結論を選択してください。";
        Decided: "Decided: {0}", "結論: {0}";
        By: "by {0}", "記録者: {0}";
    }
}
