//! Words that many pages share.

use crate::cx::Cx;
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
        Or: " or ", "または";
        Comma: ", ", "、";
        Version: "Version {0}", "バージョン {0}";
    }
}

/// `Operator, Approver or Owner`.
#[must_use]
pub fn one_of(cx: &Cx, names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => {
            let others = others.join(cx.t(Common::Comma));
            format!("{others}{}{last}", cx.t(Common::Or))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    #[test]
    fn several_names_are_told_as_a_choice() {
        let cx = |lang| Cx {
            lang,
            ..Cx::outside_pages()
        };
        for (names, en, ja) in [
            (&[][..], "", ""),
            (&["A"][..], "A", "A"),
            (&["A", "B"][..], "A or B", "AまたはB"),
            (&["A", "B", "C"][..], "A, B or C", "A、BまたはC"),
        ] {
            assert_eq!(one_of(&cx(Lang::En), names), en);
            assert_eq!(one_of(&cx(Lang::Ja), names), ja);
        }
    }
}
