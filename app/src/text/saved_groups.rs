//! Words of saved groups.

use nexus_control::views::UseKind;
use nexus_domain::saved_group::GroupKind;

use crate::lang::words;

words! {
    SavedGroupWord {
        Title: "Saved groups", "保存グループ";
        Lead: "Lists of ids, and conditions under a name, that flags and experiments share.", "フラグや実験で共通して使う、IDのリストや名前付きの条件です。";
        New: "New saved group", "保存グループを作成";
        NewLead: "A change reaches everything that names the group within seconds.", "グループを変更すると、使用しているすべてのフラグと実験に数秒で反映されます。";
        EditTitle: "Edit “{0}”", "「{0}」を編集";
        Create: "Create group", "グループを作成";
        Search: "Name, id or description", "名前・ID・説明";
        Environment: "Environment", "環境";
        Show: "Show", "表示";
        InUse: "In use", "使用可能";
        Archived: "Archived", "アーカイブ済み";
        Name: "Name", "名前";
        NameHelp: "What people call it, as “Beta testers”.", "用途が分かる名前を付けてください。例: ベータテスター";
        Id: "Id", "ID";
        IdHelp: "Conditions name it so; it never changes. Left empty, it follows from the name.", "条件からはこのIDで指定します。後から変更できません。名前に英数字が含まれていれば自動で入ります。日本語だけの名前の場合は入力してください。";
        Description: "Description", "説明";
        DescriptionHelp: "Where the ids come from, and who keeps them.", "IDの出どころや管理者など。";
        Kind: "Kind", "種類";
        List: "List of ids", "IDのリスト";
        ListHelp: "Everybody whose attribute is one of the values.", "属性がリストの値のいずれかに一致する人。";
        Condition: "Condition", "条件";
        ConditionHelp: "Everybody who fits a condition, written once for all.", "条件に当てはまる人。条件を1か所で管理できます。";
        Attribute: "Attribute", "属性";
        AttributeHelp: "“id” is the user; or any attribute that applications send, as “company”.", "「id」はユーザーです。アプリケーションが送信する属性（例: company）も使えます。";
        Values: "Values, one a line", "値（1行に1つ）";
        ValuesHelp: "At most 100,000 values and 1 MB together. Empty lines and values that come twice are dropped. Whoever has an SDK key of the environment, a client key that stands in pages included, can read the values: use ids that say nothing about people, no names or addresses.", "最大100,000件、合計1MBまで。空行と重複は取り除かれます。値は、Webページに埋め込まれるクライアントキーを含むSDKキーを使えば誰でも読み取れます。氏名やメールアドレスではなく、本人を特定できないIDを使ってください。";
        ConditionField: "Condition", "条件";
        AsJson: "As JSON", "JSON形式";
        Group: "Group", "グループ";
        Content: "Who is in it", "対象";
        Size: "{0} values of {1}", "{1} の値 {0}件";
        SizeShort: "{0} values", "{0}件";
        ByCondition: "by condition", "条件で指定";
        Changed: "Last changed", "最終変更";
        EmptyTitle: "No saved groups yet", "保存グループはまだありません";
        EmptyText: "Make one for people that several flags or experiments are for: testers, a customer's company, your own staff.", "テスター、特定の企業、社内メンバーなど、複数のフラグや実験で対象にする人をまとめておくと便利です。";
        NothingFits: "No saved group fits", "該当する保存グループはありません";
        NothingFitsText: "Try another word or environment.", "検索語や環境を変更してください。";
        Edit: "Edit", "編集";
        Archive: "Archive", "アーカイブ";
        Unarchive: "Bring back", "アーカイブを解除";
        ArchiveTitle: "Archive the saved group “{0}”?", "保存グループ「{0}」をアーカイブしますか？";
        ArchiveA: "No condition in {0} can name it until it is brought back.", "アーカイブを解除するまで、{0}環境の条件では使えません。";
        ArchiveB: "It leaves the list; a filter still finds it. Values and history stay.", "一覧に表示されなくなりますが、絞り込むと表示できます。値と履歴は残ります。";
        ArchiveC: "Nobody is shown anything else: what something names can't be archived.", "使用中のグループはアーカイブできないため、ユーザーへの表示は変わりません。";
        ArchiveBlocked: "In use by {0}; take it out of there first.", "{0}件で使用中です。先に使用箇所から外してください。";
        ArchivedTitle: "This group is archived", "このグループはアーカイブ済みです";
        ArchivedText: "No condition can name it until it is brought back.", "アーカイブを解除するまで、条件では使えません。";
        Values100: "The first {0} of {1}", "全{1}件のうち先頭{0}件";
        ValuesAll: "All {0}", "全{0}件";
        NobodyYet: "Nobody yet: the list is empty.", "リストは空です。";
        Find: "Is somebody in it?", "含まれているか確認";
        FindAct: "Look", "確認";
        Found: "Yes, “{0}” is in the list.", "「{0}」はリストに含まれています。";
        NotFound: "No, “{0}” is not in the list.", "「{0}」はリストに含まれていません。";
        HowTo: "Name it in a condition", "条件での指定方法";
        HowToIn: "Whoever is in it", "グループに含まれる人";
        HowToNot: "Whoever is not", "グループに含まれない人";
        HowToWith: "Whoever is in it, with anything else", "ほかの条件との組み合わせ";
        UsedBy: "Used by", "使用箇所";
        UsedByNothing: "Nothing names it yet.", "まだどこでも使われていません。";
        Flag: "flag", "フラグ";
        Experiment: "experiment", "実験";
        SavedGroup: "saved group", "保存グループ";
        History: "History", "履歴";
        NoHistory: "Nothing to see with your roles.", "現在のロールで閲覧できる履歴はありません。";
        ShowHistory: "Compare revisions", "版を比較";
        HistoryTitle: "History of “{0}”", "「{0}」の変更履歴";
        HistoryLead: "Every state is kept. Compare any two, or go back to one.", "すべての状態を保存しています。2つの版の比較や、以前の版への復元ができます。";
        HistoryLeadOnly: "Every state is kept. Compare any two.", "すべての状態を保存しています。2つの版を比較できます。";
        Added: "{0} added", "追加 {0}件";
        Removed: "{0} removed", "削除 {0}件";
        AndMore: "and {0} more", "ほか{0}件";
        RestoreHelp: "It becomes a new revision; everything that names the group follows.", "新しい版として保存され、使用箇所にも反映されます。";
        ConflictTitle: "Somebody saved “{0}” meanwhile", "「{0}」はほかの人によって更新されました";
        ConflictText: "This changed since you opened the form. What you typed is below; saving it replaces their change.", "フォームを開いたあとに、次の内容が変更されました。入力内容は下に残っています。保存すると、その変更は上書きされます。";
    }
}

impl SavedGroupWord {
    #[must_use]
    pub const fn of(kind: GroupKind) -> Self {
        match kind {
            GroupKind::List => Self::List,
            GroupKind::Condition => Self::Condition,
        }
    }

    #[must_use]
    pub const fn of_use(kind: UseKind) -> Self {
        match kind {
            UseKind::Flag => Self::Flag,
            UseKind::Experiment => Self::Experiment,
            UseKind::SavedGroup => Self::SavedGroup,
        }
    }
}
