//! Words of the methods that judge a result.

use nexus_domain::experiment::{Correction, Method};

use crate::lang::words;

words! {
    MethodWord {
        AlwaysValid: "Always valid", "常時有効";
        GroupSequential: "Group-sequential", "群逐次";
        FixedHorizon: "Fixed horizon", "固定期間";
        Bayesian: "Bayesian", "ベイズ";
        AlwaysValidHelp: "Look whenever and as often as you like; the stated error rate holds at every look. Takes more users than a single look at the end.", "いつ何度確認しても、定めた誤り率が保たれます。最後に一度だけ確認する方法より多くのユーザーが必要です。";
        GroupSequentialHelp: "A few looks at planned numbers of users, the first ones strict. Takes hardly more users than a single look, and a large effect can end it early.", "計画したユーザー数に達するたびに判定します。早い判定ほど厳しくなります。必要なユーザー数は一度だけの判定とほぼ同じで、効果が大きければ早く終えられます。";
        FixedHorizonHelp: "One look, when the planned users have taken part. Takes the fewest users; until then nothing is said.", "計画したユーザー数に達した時点で一度だけ判定します。必要なユーザー数は最も少なく、それまでは何も判定しません。";
        BayesianHelp: "The chance that a variant is better, given a prior around no difference. Stopping at a good moment is not paid for: no error rate is stated.", "「差なし」を中心とする事前分布のもとで、バリアントが優れている確率を示します。都合のよい時点で止めた場合の誤り率は保証されません。";
        Holm: "Holm", "Holm法";
        HolmHelp: "The chance that any of the results is false is at most the significance level.", "結果に1つでも誤りが含まれる確率を、有意水準以下に抑えます。";
        BenjaminiHochberg: "Benjamini–Hochberg", "Benjamini–Hochberg法";
        BenjaminiHochbergHelp: "On average at most that share of the results is false: finds more, for metrics that are independent or rise and fall together.", "結果のうち誤りが占める割合を、平均で有意水準以下に抑えます。より多くの差を検出できますが、指標が互いに独立か、ともに増減することが前提です。";
        SureAlwaysValid: "The interval of {0} excludes zero, and stays valid however often you look.", "区間（{0}）はゼロを含みません。この区間は何度確認しても有効です。";
        SureGroupSequential: "At this look the interval of {0} excluded zero; earlier and later looks are paid for.", "この判定時点の区間（{0}）はゼロを含みません。前後の判定の回数も考慮済みです。";
        SureFixedHorizon: "At its one look the interval of {0} excluded zero. Later counts do not change this.", "一度の判定の時点で、区間（{0}）はゼロを含みませんでした。その後の集計で判定は変わりません。";
        SureBayesian: "The credible interval of {0} excludes zero. It says what to believe now, not how often such a claim is wrong.", "信用区間（{0}）はゼロを含みません。現時点での確からしさを示すもので、誤り率の保証ではありません。";
        SureAtLook: "At look {1} of {2}, with {3} users in all, the interval of {0} excluded zero; earlier and later looks are paid for.", "{2}回中{1}回目の判定（合計{3}人の時点）で、区間（{0}）はゼロを含みませんでした。前後の判定の回数も考慮済みです。";
        SureAtOneLook: "At its one look, with {3} users in all, the interval of {0} excluded zero. Later counts do not change this.", "一度の判定（合計{3}人の時点）で、区間（{0}）はゼロを含みませんでした。その後の集計で判定は変わりません。";
        LiftAtLook: "Lift at look {0} of {1}, with {2} users in all", "リフトは{1}回中{0}回目の判定時点（合計{2}人）";
        LiftAtOneLook: "Lift at the one look, with {2} users in all", "リフトは一度の判定の時点（合計{2}人）";
        LooksLive: "Each lift stays as it was at the look that decided it, else at the newest one. Users, conversions and rates also count what came after that look.", "リフトは、結論が出た判定の時点、結論が出ていなければ最新の判定の時点の値です。ユーザー数・コンバージョン・率には、その後の分も含まれます。";
        LooksNewest: "Lifts of secondary metrics are those of the newest look; users and values also count what came after it.", "副次指標のリフトは最新の判定の時点の値です。ユーザー数と値には、その後の分も含まれます。";
        IntervalAlwaysValid: "{0}% interval, always valid", "{0}%信頼区間（常時有効）";
        IntervalGroupSequential: "{0}% interval, valid at every look", "{0}%信頼区間（各判定で有効）";
        IntervalFixedHorizon: "{0}% interval, of the one look", "{0}%信頼区間（一度の判定）";
        IntervalBayesian: "{0}% credible interval", "{0}%信用区間";
        PlannedUsers: "{0} users in all", "合計{0}人";
        PlannedLooks: "{0} looks up to {1} users in all", "合計{1}人までに{0}回判定";
        Prior: "prior of the lift: 0 ± {0}%", "リフトの事前分布: 0 ± {0}%";
        Waiting: "Waiting for its planned look", "計画した判定を待っています";
        WaitingText: "{0} of {1} users have taken part; {2} more until look {3} of {4}. A verdict before then would err more often than stated.", "{1}人中{0}人が参加しました。{4}回中{3}回目の判定まであと{2}人です。それより前に判定すると、定めた誤り率を超えてしまいます。";
        EndedEarly: "It ended before its planned look", "計画した判定の前に終了しました";
        EndedEarlyText: "{0} of {1} users had taken part; look {2} of {3} was not reached.", "{1}人中{0}人が参加した時点で終了し、{3}回中{2}回目の判定には達しませんでした。";
        UnclearText: "At look {1} of {2}, with {3} users in all, the interval still included zero: {0}.", "{2}回中{1}回目の判定（合計{3}人の時点）では、区間がゼロを含んでいます: {0}";
        ChanceToWin: "Chance to win", "優れている確率";
        Looks: "Looks", "判定";
        LooksNone: "The first look is due at {0} users.", "最初の判定は{0}人に達した時点で行います。";
        LooksNext: "The next look is due at {0} users.", "次の判定は{0}人に達した時点で行います。";
        Look: "Look", "回";
        LookOf: "{0} of {1}", "{1}回中{0}回目";
        LookUsers: "Users", "ユーザー";
        LookTime: "Time", "時刻";
        LookProgress: "{0} of {1} users in all", "合計 {1}人中{0}人";
        LookLift: "{0} ({1})", "{0}（{1}）";
    }
}

impl MethodWord {
    #[must_use]
    pub const fn of(method: Method) -> Self {
        match method {
            Method::AlwaysValid => Self::AlwaysValid,
            Method::GroupSequential { .. } => Self::GroupSequential,
            Method::FixedHorizon { .. } => Self::FixedHorizon,
            Method::Bayesian { .. } => Self::Bayesian,
        }
    }

    /// What it does, in a sentence or two.
    #[must_use]
    pub const fn help(method: Method) -> Self {
        match method {
            Method::AlwaysValid => Self::AlwaysValidHelp,
            Method::GroupSequential { .. } => Self::GroupSequentialHelp,
            Method::FixedHorizon { .. } => Self::FixedHorizonHelp,
            Method::Bayesian { .. } => Self::BayesianHelp,
        }
    }

    #[must_use]
    pub const fn of_correction(correction: Correction) -> Self {
        match correction {
            Correction::Holm => Self::Holm,
            Correction::BenjaminiHochberg => Self::BenjaminiHochberg,
        }
    }

    /// What it bounds, in a sentence.
    #[must_use]
    pub const fn correction_help(correction: Correction) -> Self {
        match correction {
            Correction::Holm => Self::HolmHelp,
            Correction::BenjaminiHochberg => Self::BenjaminiHochbergHelp,
        }
    }

    /// Why a verdict stands; with the interval.
    #[must_use]
    pub const fn sure(method: Method) -> Self {
        match method {
            Method::AlwaysValid => Self::SureAlwaysValid,
            Method::GroupSequential { .. } => Self::SureGroupSequential,
            Method::FixedHorizon { .. } => Self::SureFixedHorizon,
            Method::Bayesian { .. } => Self::SureBayesian,
        }
    }

    /// What the interval is; with its level.
    #[must_use]
    pub const fn interval(method: Method) -> Self {
        match method {
            Method::AlwaysValid => Self::IntervalAlwaysValid,
            Method::GroupSequential { .. } => Self::IntervalGroupSequential,
            Method::FixedHorizon { .. } => Self::IntervalFixedHorizon,
            Method::Bayesian { .. } => Self::IntervalBayesian,
        }
    }
}
