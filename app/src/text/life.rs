//! Words of planned starts and ramps.

use crate::lang::words;

words! {
    LifeWord {
        Schedule: "Plan the start", "開始を予約";
        Replan: "Change the plan", "予約を変更";
        ScheduleTitle: "When is “{0}” to start?", "「{0}」をいつ開始しますか？";
        ScheduleLead: "It starts by itself then, with the same checks as a start by hand.", "指定した日時に自動的に開始します。手動で開始する場合と同じ確認が行われます。";
        ScheduleAct: "Plan the start", "開始を予約する";
        StartHelp: "Local time of the time zone. A time that the zone skips or has twice, when its clocks change, is refused.", "タイムゾーンの現地時刻です。夏時間の切り替えで存在しない、または2回ある時刻は指定できません。";
        EndHelp: "Empty: until somebody stops it.", "空欄の場合は、停止操作を行うまで続きます。";
        ScheduleA: "Until then it can be taken off the plan or started at once.", "その時刻までは、予約の取り消しや即時の開始ができます。";
        ScheduleB: "An edit takes it off the plan.", "編集すると、予約は取り消されます。";
        ScheduleC: "If the start is refused at its time, it is a draft again and says why.", "開始できなかった場合は下書きに戻り、理由が表示されます。";
        Scheduled: "Starts by itself: {0}", "自動的に開始します: {0}";
        ScheduledText: "Nothing reaches users until then. The same checks as by hand are made at that time.", "それまでユーザーには影響しません。開始時には、手動の場合と同じ確認が行われます。";
        StartsIn: "Starts", "開始:";
        MissedTitle: "The planned start was refused", "予約した開始は行われませんでした";
        MissedText: "It was planned for {0} and is a draft again. What was wrong: {1}", "{0} に予約されていましたが、下書きに戻りました。理由: {1}";
        Unschedule: "Take off the plan", "予約を取り消す";
        UnscheduleTitle: "Take “{0}” off the plan?", "「{0}」の予約を取り消しますか？";
        UnscheduleA: "It does not start by itself any more. Its settings and times stay.", "自動的に開始しなくなります。設定と日時は残ります。";
        UnscheduleAct: "Take it off the plan", "予約を取り消す";
        StartNow: "The planned start is dropped: it starts now.", "予約した開始日時は破棄され、ただちに開始します。";
        Ramp: "Ramp", "段階的な拡大";
        RampHelp: "Smaller shares on the way there, one per line or between commas, with how long each is held, as “5% 24h, 25% 2d” (min, h, d), counted from the start. The coverage follows the last one by itself. Empty: all at once.", "開始してから対象割合に達するまでの途中の割合を、1行に1つずつ、またはカンマで区切って、期間とともに入力します。例: 5% 24時間、25% 2日（分・時間・日、min・h・dも可）。最後の段階の後は、自動的に対象割合になります。空欄の場合は、はじめから対象割合で開始します。";
        RuleRampHelp: "Coverage that changes by itself, one step per line or between commas. “5% 24h” (min, h, d) holds a share for that long: from “Begins” on, which it needs, up to the coverage. “25% 2027-02-01 09:00” gives a share from that time on, in this rule's time zone. Empty: no steps.", "対象割合を自動で変更します。1行に1段階ずつ、またはカンマで区切って入力してください。「5% 24時間」（分・時間・日、min・h・dも可）は、その割合を指定した期間保ちます。「開始日時」（入力が必要です）から順に進み、最後に対象割合になります。「25% 2027-02-01 09:00」は、その日時（このルールのタイムゾーン）からその割合にします。空欄の場合は変更しません。";
        RampStep: "{0}% for {1}", "{0}%を{1}";
        Minutes: "{0} min", "{0}分間";
        Hours: "{0} h", "{0}時間";
        Days: "{0} d", "{0}日間";
        Then: " → ", " → ";
        Last: "{0}%", "{0}%";
        Ramping: "Ramping: step {0} of {1}.", "段階的に拡大中（{1}段階中{0}段階目）。";
        NothingToHold: "Its ramp is held already, or has come to its end.", "段階的な拡大は保留中か、すでに完了しています。";
        NotHeld: "Its ramp is not held.", "段階的な拡大は保留されていません。";
        HeldShort: "Held at {0}/{1}", "保留中 {0}/{1}";
        RampingShort: "Ramping {0}/{1}", "拡大中 {0}/{1}";
        RampNow: "{0}% of matching users take part.", "条件に一致するユーザーの{0}%が参加しています。";
        RampNext: "The next step begins", "次の段階:";
        RampHeld: "{0} holds it at this step.", "{0} がこの段階で保留しています。";
        RampPaused: "The step's time stands still while the experiment is paused.", "一時停止中は、この段階の時間は進みません。";
        HoldRamp: "Hold the ramp", "拡大を保留";
        HoldRampTitle: "Hold the ramp of “{0}”?", "「{0}」の拡大を保留しますか？";
        HoldRampA: "Coverage stays at {0}% until somebody lets it go on.", "再開されるまで、対象割合は{0}%のままです。";
        HoldRampB: "Safeguards and the end of the schedule act all the same.", "自動停止の条件とスケジュールの終了は、保留中も有効です。";
        HoldRampAct: "Hold the ramp", "拡大を保留する";
        ContinueRamp: "Go on ramping", "拡大を再開";
        ContinueRampTitle: "Let the ramp of “{0}” go on?", "「{0}」の拡大を再開しますか？";
        ContinueRampA: "The step goes on with what was left of its time, then coverage grows.", "この段階の残り時間から再開し、その後、対象割合が拡大します。";
        ContinueRampB: "Nobody changes variant: more coverage only takes new users in.", "割り当て済みのユーザーのバリアントは変わりません。新しいユーザーが加わるだけです。";
        ContinueRampAct: "Let the ramp go on", "拡大を再開する";
        MeanwhileTitle: "It was changed while this page was open", "このページを開いている間に変更されました";
        MeanwhileText: "Nothing was done yet, and what you typed is still here. Look at what changed, then send it again.", "操作はまだ行われていません。入力した内容は残っています。次の変更を確認してから、もう一度送信してください。";
        StartRamp: "Coverage grows in steps: {0}.", "対象割合は段階的に拡大します: {0}";
    }
}

words! {
    /// How long a step is held, as it is typed after a number.
    LengthWord {
        Minutes: "min", "分";
        Hours: "h", "時間";
        Days: "d", "日";
    }
}
