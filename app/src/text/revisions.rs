//! Words of the page of an experiment's revisions.

use crate::lang::words;

words! {
    RevisionsWord {
        Title: "Revisions", "変更履歴";
        Lead: "Every state this experiment ever had. Compare any two, or go back to one.", "この実験のすべての版です。2つの版を比較したり、以前の版に戻したりできます。";
        LeadOnly: "Every state this experiment ever had. Compare any two.", "この実験のすべての版です。2つの版を比較できます。";
        Short: "Compare revisions", "版を比較";
        Revision: "Revision", "版";
        Number: "Revision {0}", "版 {0}";
        When: "When", "日時";
        What: "What was done", "操作";
        State: "State", "状態";
        Unknown: "no details", "詳細なし";
        Compare: "Compare", "比較";
        From: "From", "比較元";
        To: "To", "比較先";
        Show: "Show", "表示";
        Changes: "From revision {0} to {1}", "版 {0} から版 {1} への変更";
        Field: "Field", "項目";
        Before: "Before", "変更前";
        After: "After", "変更後";
        Same: "The settings are the same.", "設定に違いはありません。";
        StateChanged: "The state went from “{0}” to “{1}”.", "状態が「{0}」から「{1}」に変わりました。";
        StateDiffers: "State: “{1}” in revision {0}, “{3}” in revision {2}.", "状態: 版 {0} は「{1}」、版 {2} は「{3}」";
        Nothing: "nothing", "なし";
        CompareCurrent: "Compare revision {0} with the current one", "版 {0} を現在の版と比較";
        Restore: "Restore revision {0}", "版 {0} に戻す";
        RestoreHelp: "Its settings become a new revision; nothing is lost.", "この版の設定が新しい版として保存されます。現在の版も残ります。";
        RestoreWords: "The experiment has been started, so only its name and hypothesis can go back.", "この実験は開始済みのため、戻せるのは名前と仮説のみです。";
        Current: "current", "現在";
    }
}
