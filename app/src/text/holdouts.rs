//! Words of holdouts.

use crate::lang::words;

words! {
    HoldoutWord {
        Title: "Holdouts", "ホールドアウト";
        Lead: "Users whom experiments leave out for months, to see what all of them together do.", "長期間、実験の対象から外しておくユーザーです。すべての実験を合わせた効果を確認できます。";
        New: "New holdout", "ホールドアウトを作成";
        NewLead: "In force at once: what starts from now on leaves these users out. Experiments that run already don't.", "作成するとすぐに有効になり、これから開始する実験などから一部のユーザーが除外されます。実行中の実験には影響しません。";
        Create: "Create holdout", "ホールドアウトを作成";
        Name: "Name", "名前";
        NameHelp: "What people call it, as “2027, all of checkout”.", "分かりやすい名前を付けてください。例: 2027年・購入フロー全体";
        Id: "Id", "ID";
        IdHelp: "Decides with the user who is held out; it never changes. Left empty, it follows from the name.", "このIDとユーザーから、除外する人が決まります。後から変更できません。名前に英数字が含まれていれば自動で入ります。日本語だけの名前の場合は入力してください。";
        Description: "Description", "説明";
        Environment: "Environment", "環境";
        Reach: "Which experiments", "対象となる実験";
        Global: "All of the environment", "環境のすべての実験";
        GlobalHelp: "Every experiment that starts joins. One of this kind at a time.", "開始するすべての実験が参加します。同時に1つだけ作成できます。";
        OfTeam: "Those of a team", "チームの実験";
        OfTeamHelp: "Every experiment of the team that starts joins. One at a time for each team.", "開始するチームのすべての実験が参加します。チームごとに同時に1つだけ作成できます。";
        Team: "Team", "チーム";
        TeamHelp: "As experiments name it. Only for a holdout of a team.", "実験で指定しているチーム名です。チームのホールドアウトでのみ入力します。";
        TeamIs: "Those of the team {0}", "チーム「{0}」の実験";
        Named: "Those that choose it", "選択した実験のみ";
        NamedHelp: "An experiment's form offers it; for one part of the product, say.", "実験のフォームで選択します。特定の機能だけに使う場合などに。";
        BindsFlags: "New rules of flags join too", "フラグの新しいルールも参加する";
        BindsFlagsHelp: "For a holdout of the whole environment. A new rule takes in nobody who is held out, unless its author says why. Rules that are there already stay as they are, and so do permanent flags.", "環境全体のホールドアウト用です。フラグの新しいルールは、作成者が理由を示さない限り、除外されたユーザーには適用されません。既存のルールと恒久フラグには影響しません。";
        Flags: "Flags", "フラグ";
        FlagsJoin: "New rules join, unless they say why not", "新しいルールが参加（理由を示した場合を除く）";
        FlagsChoose: "Rules that choose it", "選択したルールのみ";
        Unbound: "Rules that take its users in", "除外されたユーザーにも適用されるルール";
        UnboundLead: "What these rules give reaches the held-out too, so the comparison does not show it.", "これらのルールの値は除外されたユーザーにも届くため、比較結果には表れません。";
        UnboundNone: "None: every rule of this environment respects it.", "ありません。この環境のすべてのルールに適用されています。";
        UnboundWhy: "Because: {0}", "理由: {0}";
        UnboundPermanent: "Of a permanent flag.", "恒久フラグのルールです。";
        UnboundOlder: "Was there before, or came by a decision. Edit the rule to have it join.", "以前からあるか、実験の決定により作られたルールです。参加させるには、ルールを編集してください。";
        Share: "Held out", "除外の割合";
        ShareHelp: "Of all users, at most 50%; often 5%. It never changes, because another share would move people in or out.", "全ユーザーに対する割合です（最大50%、通常は5%程度）。変更すると対象者が入れ替わるため、後から変更できません。";
        Metric: "Compared by", "比較する指標";
        MetricHelp: "Name of the conversion by which the held-out and the others are compared.", "除外されたユーザーとそれ以外を比較するコンバージョンの名前です。";
        State: "State", "状態";
        InForce: "in force", "有効";
        Stopped: "stopped", "終了";
        Users: "Users seen", "確認済みユーザー";
        UsersOf: "{0} held out, {1} others", "除外 {0}人、それ以外 {1}人";
        Since: "Since", "開始";
        Until: "Until", "終了";
        By: "by {0}", "実行者: {0}";
        Facts: "About it", "詳細";
        HeldOut: "Held out", "除外";
        Others: "Others", "それ以外";
        TooFew: "Too few users so far to compare the held-out with the others.", "除外されたユーザーとそれ以外を比較するには、まだユーザー数が足りません。";
        Experiments: "Experiments and flags in it", "参加している実験とフラグ";
        NoExperiments: "None yet. The next one that starts joins.", "まだありません。次に開始する実験から参加します。";
        NoExperimentsNamed: "None yet. Choose it in an experiment's form.", "まだありません。実験のフォームで選択してください。";
        NoExperimentsTeam: "None yet. The next one of the team that starts joins.", "まだありません。このチームが次に開始する実験から参加します。";
        EmptyTitle: "No holdouts yet", "ホールドアウトはまだありません";
        EmptyText: "Keep a few users out of every experiment, and compare them with everybody else after some months.", "一部のユーザーをすべての実験から外しておき、数か月後にほかのユーザーと比較できます。";
        History: "History", "履歴";
        NoHistory: "Nothing to see with your roles.", "現在のロールで閲覧できる履歴はありません。";
        Stop: "Stop", "終了する";
        StopTitle: "Stop the holdout “{0}”?", "ホールドアウト「{0}」を終了しますか？";
        StopA: "Experiments that start from now on take these users in.", "これから開始する実験では、これらのユーザーも対象になります。";
        StopB: "Experiments that are in it leave them out until they end, so nobody is dealt anew. Rules of flags that respect it take them in at once.", "参加中の実験では、割り当てが変わらないよう、終了まで除外されたままです。このホールドアウトを適用しているフラグのルールは、すぐに全員へ適用されます。";
        StopC: "Counting ends. This can't be undone; a new holdout holds out other users.", "集計は終了します。元に戻せません。新しいホールドアウトでは別のユーザーが除外されます。";
        Choice: "Holdout", "ホールドアウト";
        ChoiceHelp: "Its users are left out from the start on. Those of a holdout of the whole environment or of its team always are.", "開始時から、このホールドアウトのユーザーが除外されます。環境全体とチームのホールドアウトは常に適用されます。";
        ChoiceNone: "None of its own", "指定なし";
        LeavesOut: "leaves out {1}% ({0})", "{1}%を除外（{0}）";
    }
}
