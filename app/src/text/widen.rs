//! Words of the pages that give a running experiment more time or more users.

use crate::lang::words;

words! {
    WidenWord {
        MoveEnd: "Move the end", "終了日時を変更";
        MoveEndTitle: "Until when is “{0}” to run?", "「{0}」をいつまで続けますか？";
        EndsNow: "It ends by itself: {0}.", "現在の終了予定: {0}";
        EndHelp: "Later than it is. Empty: until somebody stops it.", "現在の予定より後の日時を入力してください。空欄の場合は、停止操作を行うまで続きます。";
        MoveEndA: "Nobody is dealt anew, and everything counted stays.", "ユーザーの割り当ては変わらず、集計済みの結果も残ります。";
        MoveEndB: "The method judges at any time, so its numbers mean the same afterwards.", "この判定方法はいつでも判定できるため、結果の意味は変わりません。";
        MoveEndC: "The end only moves later. To end it earlier, stop it.", "終了日時を早めることはできません。早く終えるには、停止してください。";
        MoveEndAct: "Move the end", "終了日時を変更する";
        Grow: "Grow coverage", "対象割合を拡大";
        GrowTitle: "Let more users into “{0}”?", "「{0}」の対象を広げますか？";
        CoverageNow: "{0}% of matching users take part.", "条件に一致するユーザーの{0}%が参加しています。";
        RampNow: "{0}% of matching users take part; its ramp leads to {1}%.", "条件に一致するユーザーの{0}%が参加しています。段階的な拡大の最終的な割合は{1}%です。";
        CoverageHelp: "More than it is.", "現在より大きい割合を入力してください。";
        GrowA: "Nobody changes variant: only new users are taken in, in the same split.", "割り当て済みのユーザーのバリアントは変わりません。同じ配分で新しいユーザーが加わります。";
        GrowB: "Everything counted stays and goes on.", "集計済みの結果は残り、集計は続きます。";
        GrowC: "It can't become less again. If there is trouble, pause or stop it.", "元の割合には戻せません。問題が起きた場合は、一時停止または停止してください。";
        GrowRamp: "The ramp goes on as planned, and ends at the new share.", "段階的な拡大は予定どおり進み、最後に新しい割合になります。";
        Look: "Show what it changes", "影響を確認";
        GrowAct: "Grow coverage", "対象割合を拡大する";
        AllByRamp: "Its ramp leads to everybody who matches.", "段階的な拡大の最後に、条件に一致する全員が参加します。";
        All: "Everybody who matches takes part already.", "条件に一致する全員がすでに参加しています。";
        Reason: "Reason", "理由";
        ReasonHelp: "Stands in the history and in the audit log.", "履歴と監査ログに残ります。";
    }
}
