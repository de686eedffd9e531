//! Words about recent visitors: estimates while somebody edits, and what a change would change.

use nexus_control::views::AudienceStage;

use crate::lang::words;

words! {
    EstimateWord {
        Title: "Recent visitors", "最近の訪問者";
        TakePart: "About {0} of recent visitors take part", "最近の訪問者の約{0}が対象になります";
        TakePartDaily: "About {0} of recent visitors take part: {1} a day", "最近の訪問者の約{0}が対象になります（1日約{1}人）";
        Between: "{0} to {1} with 95% confidence, by a sample of {2} visitors {3}; about {4} came.", "95%信頼区間は{0}〜{1}です。{3}の訪問者から抽出した{2}人による推定です（訪問者は約{4}人）。";
        LastDay: "of the last 24 hours", "過去24時間";
        LastHours: "of the last {0} hours", "過去{0}時間";
        LastMinutes: "of the last {0} minutes", "過去{0}分";
        Small: "Only {0} visitors were seen, so this is a rough idea.", "訪問者がまだ{0}人のため、おおよその目安です。";
        Days: "At this rate the planned {0} users take {1} days or more.", "このペースでは、計画した{0}人に達するまで{1}日以上かかります。";
        OneDay: "At this rate the planned {0} users take about a day.", "このペースでは、計画した{0}人に約1日で達します。";
        NoDaysYet: "How many days the planned {0} users take is shown after an hour of traffic.", "計画した{0}人に達するまでの日数は、1時間以上のアクセスが集まると表示されます。";
        Never: "Nobody would take part, so the planned {0} users are never reached.", "対象になる人がいないため、計画した{0}人に達しません。";
        Unseen: "No visitor in the sample has {0}. An attribute is sampled once a rule in force asks for it, and only where it is a text, a number or yes/no, not a list or an object. Until then nobody counts as having it.", "抽出した訪問者に {0} を持つ人はいません。属性は有効なルールで使われると抽出されますが、文字列・数値・真偽値に限られ、リストやオブジェクトは含まれません。それまでは、だれもその属性を持たないものとして数えます。";
        EmptyTitle: "No visitors yet in {0}", "{0}にはまだ訪問者がいません";
        EmptyText: "As soon as requests pass through its gateways, or OFREP providers ask for users, a sample of up to 200 visitors a minute is taken. While you edit, this then shows how many match. Saving works without it.", "リクエストがゲートウェイを通るか、OFREPプロバイダーがユーザーについて問い合わせると、1分あたり最大200人の訪問者が抽出されます。以後、編集中に何人が条件に合うかをここに表示します。このままでも保存できます。";
        Wrong: "Correct this to see how many visitors match:", "次の項目を修正すると、条件に合う訪問者の割合を表示できます:";
        Failed: "The estimate is not available now. Saving works all the same.", "現在、推定を表示できません。保存はできます。";
        Busy: "Estimating…", "推定中…";
        Again: "Estimate", "推定する";
        After: "After", "段階";
        Left: "Left", "残り";
        Interval: "95% interval", "95%信頼区間";
        Visitors: "Visitors", "訪問者数";
        Steps: "Who is left after each step", "各段階の後に残る訪問者";
        Targeting: "Targeting", "対象条件";
        Above: "Not taken by a rule above", "上のルールに該当しない";
        Layer: "Its part of the layer", "レイヤーの割り当て範囲";
        Holdout: "Holdouts", "ホールドアウト";
        Prerequisites: "Prerequisites", "前提条件";
        Coverage: "Coverage", "対象割合";
        Rule: "Rule {0}: about {1} of recent visitors get its value", "ルール{0}: 最近の訪問者の約{1}がこの値になります";
        Others: "About {0} get the off value", "約{0}がオフの値になります";
        HeldOut: "About {0} of recent visitors would be left out of what starts from then on", "最近の訪問者の約{0}が、以後に開始する実験などから除外されます";
        HeldOutRuns: "What runs already keeps its users.", "実行中のものには影響しません。";
        Waiting: "Not started yet, and would leave them out:", "未開始のため、この除外が適用される実験:";
        GroupText: "Experiments and flags that name the group follow as soon as it is saved.", "保存すると、このグループを使用している実験とフラグにすぐ反映されます。";
        NoRules: "Without rules everybody gets the off value, unless an experiment sets it.", "ルールがないため、実験が値を決めるユーザー以外はオフの値になります。";
    }
}

words! {
    WhatIfWord {
        Title: "What would change", "変更の影響";
        Lead: "Visitors {0}, asked by the rules as they are and as they would be.", "{0}の訪問者を、現在のルールと変更後のルールの両方で判定した結果です。";
        LastHour: "of the last hour", "過去1時間";
        Changed: "About {0} of visitors would get something else", "約{0}の訪問者の結果が変わります";
        ChangedText: "{0} to {1} with 95% confidence; about {2} visitors.", "95%信頼区間は{0}〜{1}、約{2}人です。";
        Unchanged: "Nobody would get anything else", "結果が変わる訪問者はいません";
        Control: "Who comes to the control keeps what they have, so they are not among them.", "コントロールになる人の体験は現在と同じため、この割合には含まれません。";
        WhenSaved: "As soon as this is saved", "保存後すぐの影響";
        WhenOn: "Once the flag is on", "フラグをオンにした場合";
        WhenOff: "If the flag were off", "フラグをオフにした場合";
        WhenStarted: "If it started now", "今すぐ開始した場合";
        WhenDone: "Once this is done", "この操作を行った場合";
        Running: "What visitors get now", "現在の割り当て";
        From: "Now", "現在";
        To: "Then", "変更後";
        Share: "Share", "割合";
        Visitors: "Visitors", "訪問者数";
        Examples: "Examples", "例";
        Nothing: "takes no part", "参加しない";
        NoFlag: "no such flag", "フラグなし";
        Same: "as now", "変更なし";
        Explain: "Explain {0}", "{0} の理由を見る";
        Table: "What visitors get now and then", "訪問者ごとの現在と変更後";
        Others: "Would change with it:", "あわせて変わるもの:";
        OtherFlag: "flag {0}: {1} of visitors", "フラグ {0}: 訪問者の{1}";
        OtherExperiment: "experiment {0}: {1} of visitors", "実験 {0}: 訪問者の{1}";
        Ask: "Show what would change for recent visitors", "最近の訪問者への影響を表示";
        EmptyText: "As soon as requests pass through the gateways of {0}, or OFREP providers ask there, this shows for how many visitors the change would matter.", "{0}のゲートウェイをリクエストが通るか、OFREPプロバイダーが問い合わせると、変更の影響を受ける訪問者の数を表示します。";
    }
}

impl EstimateWord {
    #[must_use]
    pub const fn of(stage: AudienceStage) -> Self {
        match stage {
            AudienceStage::Targeting => Self::Targeting,
            AudienceStage::Above => Self::Above,
            AudienceStage::Layer => Self::Layer,
            AudienceStage::Holdout => Self::Holdout,
            AudienceStage::Prerequisites => Self::Prerequisites,
            AudienceStage::Coverage => Self::Coverage,
        }
    }
}
