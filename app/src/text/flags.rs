//! Words of feature flags: list, page, history.

use nexus_domain::flag::{FlagKind, FlagStatus};

use crate::lang::words;

words! {
    FlagStatusWord {
        On: "On", "オン";
        Off: "Off", "オフ";
        Archived: "Archived", "アーカイブ済み";
    }
}

impl FlagStatusWord {
    #[must_use]
    pub const fn of(status: FlagStatus) -> Self {
        match status {
            FlagStatus::On => Self::On,
            FlagStatus::Off => Self::Off,
            FlagStatus::Archived => Self::Archived,
        }
    }
}

words! {
    FlagKindWord {
        Boolean: "Boolean", "真偽値";
        String: "Text", "文字列";
        Number: "Number", "数値";
        Json: "JSON", "JSON";
    }
}

impl FlagKindWord {
    #[must_use]
    pub const fn of(kind: FlagKind) -> Self {
        match kind {
            FlagKind::Boolean => Self::Boolean,
            FlagKind::String => Self::String,
            FlagKind::Number => Self::Number,
            FlagKind::Json => Self::Json,
        }
    }
}

words! {
    FlagListWord {
        Title: "Feature flags", "フラグ";
        Lead: "Values that applications ask for by key, and the rules that switch them for some users.", "アプリケーションがキーで参照する値と、ユーザーごとに値を切り替えるルールです。";
        New: "New flag", "フラグを作成";
        Search: "Name, key or description", "名前・キー・説明";
        Status: "Status", "状態";
        NotArchived: "All but archived", "アーカイブ以外";
        Environment: "Environment", "環境";
        Kind: "Kind", "種類";
        Sort: "Sort by", "並び順";
        SortUpdated: "Last changed", "更新日時";
        SortName: "Name", "名前";
        SortStatus: "Status", "状態";
        Flag: "Flag", "フラグ";
        Values: "Values", "値";
        OffValue: "off: {0}", "オフ: {0}";
        Given: "rules: {0}", "ルール: {0}";
        Rules: "Rules", "ルール";
        Changed: "Changed", "更新";
        Stale: "Lifetime", "存続期間";
        StaleOnly: "Stale: can go", "整理候補";
        Evaluated: "Last evaluated", "最終評価";
        Never: "never", "なし";
        TurnOn: "Switch on", "オンにする";
        TurnOff: "Switch off", "オフにする";
        EmptyTitle: "No flags yet", "フラグはまだありません";
        EmptyText: "A flag lets you release a feature to some users first and take it back in seconds, without a deployment. Start with the key your code will ask for.", "フラグを使うと、デプロイせずに、機能を一部のユーザーから公開したり、数秒で元に戻したりできます。まずは、コードから参照するキーを決めましょう。";
        NothingFits: "No flag fits", "該当するフラグはありません";
        NothingFitsText: "Try fewer conditions. Archived flags are listed when you ask for them.", "条件を減らしてください。アーカイブ済みのフラグは、状態で指定すると表示されます。";
    }
}

words! {
    FlagWord {
        Edit: "Edit", "編集";
        State: "State", "状態";
        OnTitle: "On: its rules decide", "オン: ルールで値が決まります";
        OnText: "Whoever no rule takes in gets {0}.", "どのルールにも該当しない場合は {0} を返します。";
        OnNoRules: "It has no rules: everybody gets {0}, unless an experiment sets it.", "ルールがないため、実験が値を決めるユーザー以外には {0} を返します。";
        OffTitle: "Off: everybody gets {0}", "オフ: 全員に {0} を返します";
        OffText: "The rules wait until it is switched on.", "オンにするまでルールは適用されません。";
        ArchivedTitle: "Archived: gateways do not know it", "アーカイブ済み: ゲートウェイには配信されません";
        ArchivedText: "Applications get the default that stands in their code.", "アプリケーションでは、コードに書かれた既定値が使われます。";
        KillHelp: "The kill switch: every gateway gives everybody the off value within seconds.", "キルスイッチです。数秒以内に、すべてのゲートウェイが全員にオフの値を返します。";
        SetTitle: "Running experiments set this flag", "実行中の実験がこのフラグの値を決めています";
        SetText: "Who takes part gets the experiment’s value before any rule. Switched off, the flag gives them the off value too.", "実験の参加者には、ルールより先に実験の値を返します。フラグをオフにすると、参加者にもオフの値を返します。";
        SetOffText: "The flag is off, so who takes part gets the off value in every variant, and these experiments compare nothing by it. Switch it on, or pause them.", "フラグがオフのため、参加者にはどのバリアントでもオフの値を返し、実験はこのフラグの違いを比較できません。フラグをオンにするか、実験を一時停止してください。";
        SetArchivedText: "The flag is archived, so who takes part gets the experiment’s value. To end that, pause them, or bring the flag back: it comes back switched off.", "フラグはアーカイブ済みのため、参加者には実験の値を返します。やめるには、実験を一時停止するか、フラグのアーカイブを解除してください（オフの状態で戻ります）。";
        AddReason: "Give a reason", "理由を記入";
        Reason: "Reason", "理由";
        ReasonHelp: "Goes into the audit log.", "監査ログに記録されます。";
        Rules: "Rules", "ルール";
        RulesHelp: "Tried from the top; the first that takes the user in decides.", "上から順に評価し、最初に該当したルールで値が決まります。";
        NoRules: "No rules yet. Add one to give some users another value.", "ルールはまだありません。一部のユーザーに別の値を返すには、ルールを追加してください。";
        Everybody: "Everybody gets {0}", "全員に {0} を返す";
        Share: "{0}% of users get {1}", "ユーザーの{0}%に {1} を返す";
        Who: "Users where {0} get {1}", "{0}に該当するユーザーに {1} を返す";
        WhoShare: "{0}% of users where {1} get {2}", "{1}に該当するユーザーの{0}%に {2} を返す";
        Now: "{0} (now {1}%)", "{0}（現在 {1}%）";
        Nobody: "Nobody gets {0} yet (0%)", "{0} を受け取るユーザーはまだいません（0%）";
        IfCountry: "the country is {0}", "「国が{0}」";
        IfDevice: "the device is {0}", "「デバイスが {0}」";
        IfAttribute: "{0} {1} {2}", "「{0} {1}: {2}」";
        IfCondition: "the condition below holds", "「下記の条件を満たす」";
        And: " and ", "かつ";
        OrMore: " or ", "または";
        From: "From {0}", "{0} から";
        Until: "Until {0}", "{0} まで";
        Ramp: "{1}% from {0}", "{0} から {1}%";
        Needs: "Only while {0}", "{0} のときのみ";
        HeldOut: "Not for users held out by", "次のホールドアウトで除外されたユーザーには適用されません:";
        Exempt: "Also for users held out, because: {0}", "ホールドアウトで除外されたユーザーにも適用します。理由: {0}";
        NeededBy: "Needed by", "前提にしているもの";
        NeededBlocks: "Needed by {0} others; take it out of their prerequisites first.", "{0}件の前提条件になっています。先にそこから外してください。";
        RuleOff: "switched off", "オフ";
        Otherwise: "Otherwise {0}", "それ以外は {0}";
        Facts: "About it", "詳細";
        Kind: "Kind", "種類";
        OffValue: "Off value", "オフの値";
        Description: "Description", "説明";
        Schema: "Schema", "スキーマ";
        Lifetime: "Lifetime", "存続期間";
        Permanent: "Permanent", "恒久";
        Temporary: "Temporary", "一時的";
        TemporaryUntil: "Temporary, to go by {0}", "一時的（削除予定日: {0}）";
        Created: "Created", "作成";
        By: "by {0}", "作成者: {0}";
        Changed: "Changed", "更新";
        ChangedBy: "by {0}", "更新者: {0}";
        Code: "In your code", "コードでの利用";
        CodeHelp: "Behind the gateway every request carries the value; elsewhere an SDK asks with a key.", "ゲートウェイの背後では、すべてのリクエストに値が付きます。それ以外の場所では、SDKがキーを使って取得します。";
        CodeHeader: "Request header", "リクエストヘッダー";
        CodeOff: "The off value is left out: make it the default in the code.", "オフの値は省略されるため、コードの既定値にしてください。";
        CodeKeys: "SDK keys and examples", "SDKキーと使用例";
        Elsewhere: "Other environments", "ほかの環境";
        ElsewhereHelp: "Copying takes words, values and rules along; whether it is on stays. Rules take in the same users everywhere.", "コピーすると、名前・値・ルールが反映されます。オン・オフは変わりません。ルールに該当するユーザーは、どの環境でも同じです。";
        Same: "same settings", "設定は同じ";
        Differs: "settings differ", "設定が異なる";
        NotThere: "not there", "未作成";
        CopyTo: "Copy to {0}", "{0}環境にコピー";
        CopyTitle: "Copy “{0}” to {1}", "「{0}」を{1}環境にコピー";
        CopyWhat: "What will happen", "実行される内容";
        CopyNew: "{0} gets the flag, switched off, with the same words, values and rules.", "{0}環境に、同じ名前・値・ルールのフラグをオフの状態で作成します。";
        CopyChanges: "In {0} these settings change at once; whether it is on stays.", "{0}環境では、次の設定がすぐに変わります。オン・オフは変わりません。";
        CopyOver: "Put these settings there", "この設定で上書き";
        CopyBlocked: "{0} can’t take this flag yet", "まだ{0}環境にはコピーできません";
        CopyNeeds: "It needs the flag “{0}”, which is not in use in {1}.", "前提条件のフラグ「{0}」が、{1}環境で使用されていません。";
        CopyFirst: "Copy “{0}” first", "先に「{0}」をコピー";
        CopyArchived: "The flag is archived there. Bring it back first.", "このフラグは、コピー先の環境でアーカイブ済みです。先にアーカイブを解除してください。";
        CopySee: "See it in {0}", "{0}環境のフラグを見る";
        History: "History", "履歴";
        Archive: "Archive", "アーカイブ";
        Unarchive: "Bring back", "アーカイブを解除";
        ArchiveTitle: "Archive “{0}”", "「{0}」をアーカイブ";
        ArchiveA: "Gateways in {0} forget the flag within seconds.", "{0}環境のゲートウェイから、数秒以内にフラグが削除されます。";
        ArchiveB: "Code that still asks for it gets its own default, not {0}.", "まだ参照しているコードには {0} ではなく、コード側の既定値が使われます。";
        ArchiveSet: "Running experiments set it ({0}): who takes part gets their value, also when the flag was off.", "実行中の実験（{0}）がこのフラグの値を決めています。フラグがオフだった場合も、参加者には実験の値を返します。";
        ArchiveBlocked: "It can’t be archived yet", "まだアーカイブできません";
        ArchiveNeeded: "These need it. Take it out of their prerequisites first.", "次の前提条件になっています。先に前提条件から外してください。";
        ArchiveC: "Its history stays; it can be brought back, switched off.", "変更履歴は残ります。後からオフの状態で戻すこともできます。";
    }
}

words! {
    /// The box in which one asks about a user.
    TryWord {
        Title: "Try it", "試してみる";
        Lead: "Say who asks; every rule answers as the gateway's engine does.", "ユーザーの情報を入力すると、ゲートウェイと同じエンジンがルールごとに答えます。";
        Gets: "They get {0}", "返される値: {0}";
        ByRule: "Rule {0} takes them in.", "ルール {0} に該当します。";
        BySet: "The experiment “{0}” gives them its variant {1}, before any rule.", "実験「{0}」のバリアント {1} の値です。ルールより優先されます。";
        Otherwise: "Without the experiment the rules would give them {0}.", "実験がなければ、ルールによって {0} が返されます。";
        GotBySet: "{0}, by the experiment “{1}”", "{0}（実験「{1}」）";
        RuleName: "“{0}”", "「{0}」";
        TakesIn: "takes them in", "該当します";
        ByNone: "No rule takes them in, so it is the off value.", "どのルールにも該当しないため、オフの値です。";
        NotNow: "The flag is off, so everybody gets {0} now; this is what it would give if it were on.", "このフラグはオフのため、現在は全員に {0} を返します。以下は、オンの場合の判定です。";
        NotThere: "The flag is archived, so gateways do not know it; this is what it would give if it were on.", "このフラグはアーカイブ済みのため配信されていません。以下は、オンの場合の判定です。";
        Rule: "Rule {0}", "ルール {0}";
        Decides: "decides", "適用";
        After: "not reached: an earlier rule decides", "先のルールが適用されるため評価されません";
        DoesNot: "does not take them in", "該当しません";
        Off: "switched off", "オフ";
    }
}

words! {
    FlagHistoryWord {
        Title: "History of “{0}”", "「{0}」の変更履歴";
        Short: "History", "変更履歴";
        Lead: "Every state this flag ever had. Compare any two, or go back to one.", "このフラグのすべての版です。2つの版を比較したり、以前の版に戻したりできます。";
        LeadOnly: "Every state this flag ever had. Compare any two.", "このフラグのすべての版です。2つの版を比較できます。";
        RestoreHelp: "Its settings become a new revision; whether the flag is on stays.", "この版の設定が新しい版として保存されます。オン・オフは変わりません。";
        Name: "Name", "名前";
        Description: "Description", "説明";
        Value: "Off value", "オフの値";
        Schema: "Schema", "スキーマ";
        Permanent: "Lifetime", "存続期間";
        Due: "To go by", "削除予定日";
        Order: "Order of the rules", "ルールの順序";
        Rule: "Rule {0}", "ルール {0}";
        RuleName: "Rule {0}: name", "ルール {0}: 名前";
        RuleDescription: "Rule {0}: description", "ルール {0}: 説明";
        RuleEnabled: "Rule {0}: state", "ルール {0}: 状態";
        RuleTargeting: "Rule {0}: users", "ルール {0}: 対象";
        RuleCoverage: "Rule {0}: coverage", "ルール {0}: 対象割合";
        RuleRamp: "Rule {0}: ramp", "ルール {0}: 段階的な拡大";
        RuleValue: "Rule {0}: value", "ルール {0}: 値";
        Prerequisites: "Prerequisites", "前提条件";
        RulePrerequisites: "Rule {0}: prerequisites", "ルール {0}: 前提条件";
        RuleHoldouts: "Rule {0}: holdouts", "ルール {0}: ホールドアウト";
        RuleHoldoutExemption: "Rule {0}: reason to leave the holdout out", "ルール {0}: ホールドアウトを適用しない理由";
        RuleSchedule: "Rule {0}: schedule", "ルール {0}: スケジュール";
        AllUsers: "everybody", "全員";
        Always: "always", "常時";
        ConflictTitle: "{0} was changed while you edited", "編集中に「{0}」が変更されました";
        ConflictText: "Nothing of yours was saved yet. Below is what you or somebody else changed since you opened the form. Saving again puts yours in place of theirs.", "変更内容はまだ保存されていません。フォームを開いたあとに、あなたまたはほかの人が変更した項目は次のとおりです。もう一度保存すると、あなたの内容で上書きします。";
        ConflictSame: "Your version and the current one do not differ.", "編集中の内容と現在の内容に違いはありません。";
        Before: "When you opened it", "編集開始時";
        Theirs: "Theirs", "ほかの人の変更";
        Yours: "Yours", "あなたの変更";
        Both: "both changed", "双方が変更";
    }
}

words! {
    FlagFormWord {
        NewTitle: "New flag", "フラグを作成";
        NewLead: "It starts switched off: everybody gets the off value until you switch it on.", "オフの状態で作成されます。オンにするまで、全員にオフの値を返します。";
        EditTitle: "Edit “{0}”", "「{0}」を編集";
        Create: "Create flag", "フラグを作成";
        Basics: "Flag", "フラグ";
        BasicsHelp: "What applications ask for, and what they get while it is off.", "アプリケーションが参照するキーと、オフのときに返す値を設定します。";
        NameHelp: "What people call it, as “New checkout”.", "分かりやすい名前を付けてください。例: 新しい購入手続き";
        KeyHelp: "What code asks for; can't be changed later.", "コードから参照するキーです。後から変更できません。名前に英数字が含まれていれば自動で入ります。日本語だけの名前の場合は入力してください。";
        EnvironmentHelp: "Copy it to others later.", "後からほかの環境にコピーできます。";
        DescriptionHelp: "What it is for, and when it can go.", "用途と、不要になる時期を書いておきましょう。";
        KindHelp: "Can't be changed later.", "後から変更できません。";
        KindApply: "Use this kind", "この種類にする";
        ValueHelp: "What everybody gets while it is off, and whoever no rule takes in.", "オフのとき、およびどのルールにも該当しない場合に返す値です。";
        JsonHelp: "Any JSON value.", "任意のJSON値です。";
        FitsSchema: "It must fit the flag’s schema.", "フラグのスキーマに合う値を指定してください。";
        SeeSchema: "See the schema", "スキーマを見る";
        HelpAnd: "{0} {1}", "{0}{1}";
        SchemaMore: "Schema and lifetime", "スキーマと存続期間";
        SchemaHelp: "Every value must keep to it. References stay within the schema.", "すべての値がこのスキーマに従う必要があります。参照できるのはスキーマ内の定義だけです。";
        Lifetime: "Lifetime", "存続期間";
        Temporary: "Temporary: to be removed once decided", "一時的: 結論が出たら削除する";
        Permanent: "Permanent: a kill switch or setting that stays", "恒久: 緊急停止や設定として残す";
        DueHelp: "From this day on it counts as stale. Empty: no date.", "この日以降は「整理候補」として扱います。空欄の場合は期限なしです。";
        Needs: "Prerequisites", "前提条件";
        Holdout: "Holdout", "ホールドアウト";
        Holdouts: "Respect holdouts", "ホールドアウトを適用";
        HoldoutBinds: "This rule takes in nobody whom the holdout “{0}” holds out, and no user without an id.", "ホールドアウト「{0}」で除外されたユーザーと、IDのないユーザーには、このルールは適用されません。";
        HoldoutExempt: "Take them in all the same, because", "除外されたユーザーにも適用する理由";
        HoldoutExemptHelp: "Empty: the holdout counts. Otherwise a reason, which the holdout's page shows, as “a fix that everybody needs”.", "空欄の場合はホールドアウトを適用します。適用しない場合は、ホールドアウトのページに表示する理由を記入してください。例: 全員に必要な修正";
        HoldoutsHelp: "The rule takes nobody in whom these hold out, while they are in force. Users without an id are left out too.", "有効な間、選択したホールドアウトで除外されたユーザーにはこのルールが適用されません。IDのないユーザーにも適用されません。";
        NeedsHelp: "Other flags that must have a value first.", "先に満たす必要があるほかのフラグの値です。";
        RulesTitle: "Rules", "ルール";
        RulesHelp: "Tried from the top; the first that takes the user in decides. Moving or editing a rule never deals anybody anew: more coverage only takes more users in.", "上から順に評価し、最初に該当したルールで値が決まります。順序や内容を変えてもユーザーの割り当ては変わらず、対象割合を増やすと対象ユーザーが追加されるだけです。";
        NoRulesYet: "No rules yet: everybody gets the off value, also while it is on.", "ルールはまだありません。オンにしても、全員にオフの値を返します。";
        Drag: "Drag to move", "ドラッグして移動";
        Moved: "Now rule {0}", "ルール {0} に移動しました";
        RuleTitle: "Rule {0}", "ルール {0}";
        AddRule: "Add rule", "ルールを追加";
        Remove: "Remove rule {0}", "ルール {0} を削除";
        Up: "Move rule {0} up", "ルール {0} を上へ移動";
        Down: "Move rule {0} down", "ルール {0} を下へ移動";
        RuleNameHelp: "As “Staff first”.", "例: 社員から先に公開";
        State: "State", "状態";
        StateOn: "On", "オン";
        StateOff: "Off: takes nobody in", "オフ: 誰も該当しない";
        CoverageHelp: "Share of matching users who get the value.", "条件に一致するユーザーのうち、この値を返す割合です。";
        More: "Note and schedule", "メモとスケジュール";
        MoreUsers: "Attributes and condition", "属性と条件";
        StartHelp: "Empty: at once; a ramp with lengths of time needs it.", "空欄の場合は、すぐに始まります。期間で指定した段階的な拡大には入力が必要です。";
        EndHelp: "Empty: no end.", "空欄の場合は、終了しません。";
        True: "true", "true";
        False: "false", "false";
    }
}

words! {
    FlagUsageWord {
        Title: "What it gave", "返した値";
        Lead: "As gateways count it, per hour of the last seven days. SDKs that evaluate by themselves count where the application reports it.", "ゲートウェイの集計です（過去7日間、1時間ごと）。SDK側で評価された分は、アプリケーションが報告した場合にだけ含まれます。";
        None: "No gateway has given it to anybody yet.", "まだどのゲートウェイも返していません。";
        Chart: "Evaluations per hour, all values together: {0} in seven days", "1時間ごとの評価回数（全値の合計、7日間で{0}回）";
        PerHour: "Evaluations per hour, all values together", "1時間あたりの評価回数（全値の合計）";
        ChartLater: "A chart follows as soon as the first hour is over.", "グラフは、最初の1時間が終わると表示されます。";
        Evaluations: "Evaluations", "評価回数";
        SoFar: "(so far)", "（途中）";
        Value: "Value", "値";
        Count: "In seven days", "過去7日間";
        Share: "Share", "割合";
        First: "First", "最初";
        Last: "Last", "最後";
        StaleTitle: "This flag can go", "このフラグは整理できます";
        Due: "It was to go by {0}.", "削除予定日（{0}）を過ぎています。";
        OneValue: "It has given everybody {0} for at least 30 days: put that into the code, then archive the flag.", "30日以上、全員に {0} を返しています。この値をコードに反映してから、フラグをアーカイブしてください。";
        Unused: "No gateway has given it to anybody for at least 30 days, and no application has reported it. One whose SDK evaluates by itself may use it and say nothing.", "30日以上、どのゲートウェイも返しておらず、アプリケーションからの報告もありません。SDK側で評価し、報告していないアプリケーションが使っている可能性はあります。";
        StillUsed: "It is still evaluated in: {0}", "引き続き評価されている環境: {0}";
        NotUsed: "No environment has evaluated it in the last 30 days.", "過去30日間に評価した環境はありません。";
        CodeUsed: "Code still asks for it in {0} places.", "コードの{0}か所で参照されています。";
        Keep: "If it is to stay, say so: edit it and make it permanent.", "残す場合は、編集画面で「恒久」にしてください。";
        CleanUp: "Archive it", "アーカイブする";
    }
}
