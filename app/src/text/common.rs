//! Words that many pages share.

use crate::lang::words;

words! {
    /// Shared words.
    Common {
        JustNow: "just now", "たった今";
        SecondsAgo: "{0} s ago", "{0}秒前";
        MinutesAgo: "{0} min ago", "{0}分前";
        HoursAgo: "{0} h ago", "{0}時間前";
        DaysAgo: "{0} d ago", "{0}日前";
        InSeconds: "in {0} s", "{0}秒後";
        InMinutes: "in {0} min", "{0}分後";
        InHours: "in {0} h", "{0}時間後";
        InDays: "in {0} d", "{0}日後";
        Never: "never", "なし";
        None: "none", "なし";
        Copy: "Copy", "コピー";
        Copied: "Copied", "コピーしました";
        Cancel: "Cancel", "キャンセル";
        Back: "Back", "戻る";
        Save: "Save", "保存";
        Apply: "Apply", "適用";
        Clear: "Clear filters", "条件をクリア";
        Search: "Search", "検索";
        All: "All", "すべて";
        Yes: "Yes", "はい";
        No: "No", "いいえ";
        ShowAll: "Show all", "すべて表示";
        Pages: "Pages", "ページ";
        PreviousPage: "Previous page", "前のページ";
        NextPage: "Next page", "次のページ";
        Range: "{0}–{1} of {2}", "{2}件中 {0}–{1}件";
        Permalink: "Link to “{0}”", "「{0}」へのリンク";
        SaveTable: "Save:", "保存:";
        SaveAs: "{0}: {1}", "{0}: {1}";
        DataTable: "Show as table", "表で見る";
        Time: "Time", "時刻";
        Reason: "Reason", "理由";
        NotAllowed: "Your roles do not allow this: {0}.", "現在のロールでは実行できません（{0}）。";
        NeedsRole: "It needs the role {0}.", "必要なロール: {0}";
        Or: " or ", " / ";
        Comma: ", ", "、";
        Version: "Version {0}", "バージョン {0}";
    }
}
