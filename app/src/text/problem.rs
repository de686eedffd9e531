//! What is wrong with an input, worded.

use nexus_domain::flag::FlagKind;
use nexus_domain::problem::{GroupFault, StepFault};
use nexus_domain::{Field, FieldProblem, Problem};

use crate::cx::Cx;
use crate::lang::{Lang, words};
use crate::text::condition::fault_text;
pub use crate::text::field::place;
use crate::text::flags::FlagKindWord;
use crate::text::form::FormWord;
use crate::text::life::LengthWord;
use crate::text::schema::{keyword_text, schema_text};
use crate::text::sdk_keys::OriginWord;

words! {
    ProblemWord {
        Summary: "Nothing has been done yet. {0} to correct:", "まだ完了していません。次の{0}件を修正してください。";
        InMetric: "Metric {0}", "指標 {0}";
        InRule: "Rule {0}", "ルール {0}";
        Required: "Fill this in.", "入力してください。";
        NotFlagKey: "Use letters (a–z, A–Z), digits, “.”, “-” and “_”, beginning with a letter or digit, at most 100.", "英字または数字で始め、英数字と「.」「-」「_」のみ、100文字以内で入力してください。";
        NotSlug: "Use a–z, 0–9, - and _, beginning with a letter, at most 64.", "英小文字で始め、英小文字・数字・「-」「_」のみ、64文字以内で入力してください。";
        TooLong: "At most {0} characters.", "{0}文字以内で入力してください。";
        TooMany: "At most {0}.", "{0}件以内にしてください。";
        TooFew: "At least {0}.", "{0}件以上必要です。";
        ChooseOne: "Choose at least one.", "1つ以上選択してください。";
        AsManyAsVariants: "As many as variants: {0}.", "バリアントと同じ数（{0}個）を入力してください。";
        OutOfRange: "Between {0} and {1}.", "{0}から{1}の範囲で入力してください。";
        Taken: "This one is taken already.", "すでに使われています。";
        Duplicate: "Used twice.", "重複しています。";
        NotOfQuantiles: "The days before adjust means and shares, not quantiles. Leave them empty.", "表示前の日数による補正は平均と割合のためのもので、分位点には使えません。空欄にしてください。";
        OneDecides: "Another metric decides already: only one can.", "すでに別の指標が結論を決めます。結論を決める指標は1つだけです。";
        HasItsOwnDays: "A retention counts on its own days. Leave the window empty.", "継続率には専用の日数があります。期間は空欄にしてください。";
        WeightsSum: "The weights must add up to 100%; now they make {0}%.", "配分の合計を100%にしてください（現在 {0}%）。";
        NotJsonObject: "Not a JSON object: {0}", "JSONオブジェクトではありません: {0}";
        BadCondition: "Not a condition: {0}", "条件として解釈できません: {0}";
        NotAnExport: "Neither an export of GrowthBook nor one of Unleash.", "GrowthBookまたはUnleashのエクスポートではありません。";
        NotALink: "An address begins with https:// or http://.", "https:// または http:// で始まるアドレスを入力してください。";
        OnlyForTemporary: "A permanent flag has no due date.", "恒久フラグに期限は設定できません。";
        Incomplete: "Some rows are incomplete.", "入力が足りない行があります。";
        LayerFull: "The layer has no free part of that size; the largest is {0}%. Stop another of its experiments, or ask for less.", "このレイヤーには、その大きさの空きがありません（最大 {0}%）。同じレイヤーの実験を停止するか、割合を小さくしてください。";
        LineColumn: "at line {0}, column {1}", "{0}行{1}文字目";
        NotJson: "Not JSON: {0}", "JSONとして読み取れません: {0}";
        NotOfKind: "Not a value of the kind “{0}”.", "種類「{0}」の値ではありません。";
        NotWhole: "A whole number from {0} to {1}.", "{0}から{1}までの整数を入力してください。";
        NotANumber: "A number from 0 up.", "0以上の数値を入力してください。";
        UnknownCountry: "“{0}” is not a country: give its code or name, as JP or Japan.", "「{0}」という国はありません。国コードまたは国名（例: JP、日本）を入力してください。";
        UnknownTimezone: "Not a time zone, as Asia/Tokyo.", "タイムゾーンを確認してください（例: Asia/Tokyo）。";
        GroupMissing: "There is no saved group “{1}” in this environment ({0}).", "この環境に保存グループ「{1}」はありません（{0}）。";
        GroupArchived: "The saved group “{1}” is archived ({0}). Bring it back, or take it out of the condition.", "保存グループ「{1}」はアーカイブ済みです（{0}）。アーカイブを解除するか、条件から外してください。";
        GroupNotAList: "The saved group “{1}” is a condition, not a list ({0}). Name it in $savedGroups.", "保存グループ「{1}」はリストではなく条件です（{0}）。$savedGroups で指定してください。";
        GroupCircle: "The saved groups contain each other: {1} ({0}).", "保存グループが互いを含んでいます: {1}（{0}）。";
        GroupTooMany: "The condition names too many saved groups, with those that they name ({0}).", "条件に含まれる保存グループが多すぎます（入れ子を含む、{0}）。";
        TooLarge: "It takes {0} bytes; at most {1} fit.", "サイズが大きすぎます: {0}バイト（上限 {1}バイト）。";
        NotAValue: "Value {0}: at most {1} characters, and no control characters.", "{0}番目の値: {1}文字以内で、制御文字を含めずに入力してください。";
        InUse: "In use by: {0}. Take it out of there first.", "使用中です: {0}。先に使用箇所から外してください。";
        OneTeamHoldout: "The team has a holdout in force in this environment already. Stop it first.", "このチームのホールドアウトはすでに有効です。先に終了してください。";
        OfNoTeam: "Only a holdout of a team’s experiments has a team. Leave it empty, or choose that kind.", "チームを指定できるのは「チームの実験」の場合だけです。空欄にするか、種類を選び直してください。";
        OneGlobalHoldout: "The environment has one of this kind in force already. Stop it first.", "この種類のホールドアウトはすでに有効です。先に終了してください。";
        UsedByFlag: "flag {0}", "フラグ {0}";
        UsedByExperiment: "experiment {0}", "実験 {0}";
        UsedByGroup: "saved group {0}", "保存グループ {0}";
        FlagCircle: "These flags would need each other: {0}. Take one of the prerequisites out.", "フラグの前提条件が循環しています: {0}。いずれかの前提条件を外してください。";
        TooManyLevels: "Flags may need each other over {0} levels at most.", "前提条件の連鎖は{0}段階以内にしてください。";
        NoSuchFlag: "There is no flag “{0}” in use in this environment.", "この環境に、使用中のフラグ「{0}」はありません。";
        NotComparable: "Only texts, numbers and true or false can be compared.", "比較できるのは、文字列・数値・真偽値のみです。";
        TooDeep: "Nested too deeply: at most {0} levels.", "入れ子が深すぎます。{0}階層以内にしてください。";
        NotATime: "Not a date and time.", "日時を確認してください。";
        TimeSkipped: "This local time does not exist, or exists twice, in that time zone.", "このタイムゾーンでは存在しない、または2回存在する時刻です。";
        EndBeforeStart: "The end lies before the start.", "終了日時が開始日時より前です。";
        NotGrowing: "Each step must be larger than the one before, and all of them smaller than the whole coverage.", "各段階の割合は前の段階より大きく、最終的な対象割合より小さくしてください。";
        Unordered: "Each step must be later than the one before.", "各段階の日時は、前の段階より後にしてください。";
        StepUnreadable: "Step {0}: write a share and how long it is held, as 5% 24h.", "{0}段階目: 割合と期間を入力してください（例: 5% 24時間）。";
        RuleStepUnreadable: "Step {0}: write a share and how long it is held, as 5% 24h, or from when on, as 25% 2027-02-01 09:00.", "{0}段階目: 割合と期間（例: 5% 24時間）、または割合と日時（例: 25% 2027-02-01 09:00）を入力してください。";
        StepNoLength: "Step {0}: how long? Write for example 50% 2h.", "{0}段階目: 期間も入力してください（例: 50% 2時間）。";
        CoverageFollows: "Step {0}: after the last step the coverage of {1}% follows by itself; leave this one out.", "{0}段階目: 最後の段階の後は、自動的に対象割合の{1}%になります。この段階は不要です。";
        StepShare: "Step {0}: a share is 100% at most.", "{0}段階目: 割合は100%以下にしてください。";
        StepLength: "Step {0}: a share is held for 1 minute to 90 days.", "{0}段階目: 期間は1分〜90日で指定してください。";
        StepMixed: "Step {0} is written otherwise than the first: let every step say how long, or every step from when on.", "{0}段階目: 期間と日時は混在できません。すべての段階を、1段階目と同じ書き方にしてください。";
        StepDated: "Step {0}: say how long the share is held, as 5% 24h, not from when on: an experiment may start at another time than planned.", "{0}段階目: 日時ではなく期間を入力してください（例: 5% 24時間）。実験は予定と違う日時に開始することがあります。";
        StepNoSuchTime: "Step {0}: there is no such date or time.", "{0}段階目: 存在しない日時です。";
        StepSkipped: "Step {0}: this local time does not exist, or exists twice, in that time zone.", "{0}段階目: このタイムゾーンでは存在しない、または2回存在する時刻です。";
        NoStart: "Fill in “Begins”: how long a share is held is counted from there.", "期間で指定する場合は、このルールの「開始日時」も入力してください。";
        InThePast: "This time has passed already.", "すでに過ぎた日時です。";
        OwnWork: "Nobody can approve what they made, changed or sent to review: another person must.", "自分が作成・変更した、またはレビューを依頼した実験は承認できません。別の人が承認してください。";
        ReviewNeeded: "This environment asks for an approval first: send the experiment to review.", "この環境では承認が必要です。レビューを依頼してください。";
        NoRawEvents: "This environment keeps no raw events, so nothing can be recomputed.", "この環境では生イベントを保存していないため、再計算できません。";
        RawEventsSince: "Raw events are complete since {0}, but they are needed since {1}: results from before would be lost.", "生イベントが揃っているのは {0} 以降ですが、再計算には {1} 以降が必要です。それ以前の結果が失われるため、再計算できません。";
        CountedAnew: "It is being recomputed already. Wait for its end, or cancel it.", "すでに再計算中です。終了を待つか、中止してください。";
        JudgedAtItsEnd: "Its method judges at a planned end, so the end can't move: choose the users it needs before the start, or repeat the experiment.", "この判定方法は計画した終了時に判定するため、終了日時は変更できません。必要に応じて、新しい実験を作成してください。";
        HasNoEnd: "It has no planned end: it runs until somebody stops it.", "終了日時は設定されていません。停止操作を行うまで続きます。";
        NotLater: "The end only moves later than it is.", "現在の終了日時より後の日時を入力してください。";
        NotMore: "More than {0}%, and at most 100%.", "{0}%より大きく、100%以下の割合を入力してください。";
        NotByAuthor: "This environment asks for approvals: another person than who made, changed or sent it to review must do this.", "この環境では承認が必要です。この実験を作成・変更した、またはレビューを依頼した人以外が行ってください。";
        OneLookOnly: "A fixed horizon has one look, at its planned end: choose another method, or leave this off.", "固定期間の判定は計画終了時の一度だけです。別の判定方法を選ぶか、この設定を無効にしてください。";
        NotAnEmail: "Not an e-mail address.", "メールアドレスを確認してください。";
        Unknown: "“{0}” is not known.", "「{0}」は認識できません。";
        OnlyForClientKeys: "Only client keys have origins: no page may use a server key.", "オリジンはクライアントキー専用です。サーバーキーはWebページから使えません。";
        Fixed: "Can't be changed.", "変更できません。";
        FixedAfterStart: "Can't change once the experiment has started.", "実験の開始後は変更できません。";
    }
}

/// Stands before each item of a problem that is a list below its first line. Pages make a list
/// of it: `ui::listed`.
pub const ITEM: &str = "\n– ";

/// "Rule 2 · Value: Fill this in.": where and what.
#[must_use]
pub fn placed_problem(cx: &Cx, found: &FieldProblem) -> String {
    format!(
        "{}: {}",
        place_title(cx, found.field),
        found_text(cx, found)
    )
}

/// "Rule 2 · Value".
#[must_use]
pub fn place_title(cx: &Cx, field: Field) -> String {
    let label = cx.t(place(field).0);
    field.row().map_or_else(
        || label.to_owned(),
        |(list, row)| format!("{} · {label}", row_title(cx, list, row)),
    )
}

/// The problem in the visitor's language, in the words of the field that it is found at.
#[must_use]
pub fn found_text(cx: &Cx, found: &FieldProblem) -> String {
    use ProblemWord as W;
    match (found.field, &found.problem) {
        (Field::Roles | Field::Scopes, Problem::Required | Problem::TooFew { min: 1 }) => {
            cx.t(W::ChooseOne).to_owned()
        }
        (Field::Weights, Problem::TooFew { min: n } | Problem::TooMany { max: n }) => {
            cx.f(W::AsManyAsVariants, &[&n.to_string()])
        }
        (
            Field::RuleRamp(_),
            Problem::NotAStep {
                line,
                why: StepFault::Unreadable,
            },
        ) => cx.f(W::RuleStepUnreadable, &[&line.to_string()]),
        (_, problem) => problem_text(cx, problem),
    }
}

/// As the row is headed on the page.
fn row_title(cx: &Cx, list: Field, row: u16) -> String {
    let nth = (u32::from(row) + 1).to_string();
    match (list, row) {
        (Field::Variants, 0) => cx.t(FormWord::Control).to_owned(),
        (Field::Variants, row) => cx.f(FormWord::Treatment, &[&row.to_string()]),
        (Field::Metrics, _) => cx.f(ProblemWord::InMetric, &[&nth]),
        _ => cx.f(ProblemWord::InRule, &[&nth]),
    }
}

/// The problem in the visitor's language.
#[must_use]
pub fn problem_text(cx: &Cx, problem: &Problem) -> String {
    use ProblemWord as W;
    match problem {
        Problem::Required => cx.t(W::Required).to_owned(),
        Problem::NotFlagKey => cx.t(W::NotFlagKey).to_owned(),
        Problem::NotSlug => cx.t(W::NotSlug).to_owned(),
        Problem::TooLong { max } => cx.f(W::TooLong, &[&crate::format::count(u64::from(*max))]),
        Problem::TooMany { max } => cx.f(W::TooMany, &[&crate::format::count(u64::from(*max))]),
        Problem::TooFew { min } => cx.f(W::TooFew, &[&min.to_string()]),
        Problem::OutOfRange { min, max } => {
            cx.f(W::OutOfRange, &[&bound(cx, min), &bound(cx, max)])
        }
        Problem::Taken => cx.t(W::Taken).to_owned(),
        Problem::Duplicate => cx.t(W::Duplicate).to_owned(),
        Problem::NotOfQuantiles => cx.t(W::NotOfQuantiles).to_owned(),
        Problem::OneDecides => cx.t(W::OneDecides).to_owned(),
        Problem::HasItsOwnDays => cx.t(W::HasItsOwnDays).to_owned(),
        Problem::WeightsSum { sum_bp } => {
            let sum = format!("{}.{:02}", sum_bp / 100, sum_bp % 100);
            cx.f(
                W::WeightsSum,
                &[sum.trim_end_matches('0').trim_end_matches('.')],
            )
        }
        Problem::NotJsonObject { detail } => cx.f(W::NotJsonObject, &[&at(cx, detail)]),
        Problem::LayerFull { free_bp } => cx.f(W::LayerFull, &[&crate::format::bp(*free_bp)]),
        Problem::BadCondition { detail, fault } => {
            let said = fault.as_ref().map(|fault| fault_text(cx, fault));
            cx.f(W::BadCondition, &[&said.unwrap_or_else(|| detail.clone())])
        }
        Problem::NotAnExport => cx.t(W::NotAnExport).to_owned(),
        Problem::NotALink => cx.t(W::NotALink).to_owned(),
        Problem::BadSchema { place, fault } => keyword_text(cx, place, *fault),
        Problem::BreaksSchema {
            variant,
            faults,
            more,
            ..
        } => schema_text(cx, variant.as_deref(), faults, *more),
        Problem::OnlyForTemporary => cx.t(W::OnlyForTemporary).to_owned(),
        Problem::Incomplete => cx.t(W::Incomplete).to_owned(),
        Problem::Group {
            place,
            group,
            fault,
        } => {
            let word = match fault {
                GroupFault::Missing => W::GroupMissing,
                GroupFault::Archived => W::GroupArchived,
                GroupFault::NotAList => W::GroupNotAList,
                GroupFault::Circle => W::GroupCircle,
                GroupFault::TooMany => W::GroupTooMany,
            };
            cx.f(word, &[place, group])
        }
        Problem::TooLarge { bytes, max } => {
            let [bytes, max] = [bytes, max].map(|n| crate::format::count(u64::from(*n)));
            cx.f(W::TooLarge, &[&bytes, &max])
        }
        Problem::NotAValue { line, max } => {
            cx.f(W::NotAValue, &[&line.to_string(), &max.to_string()])
        }
        Problem::InUse { by } => cx.f(W::InUse, &[&used_by(cx, by)]),
        Problem::OneTeamHoldout => cx.t(W::OneTeamHoldout).to_owned(),
        Problem::OfNoTeam => cx.t(W::OfNoTeam).to_owned(),
        Problem::OneGlobalHoldout => cx.t(W::OneGlobalHoldout).to_owned(),
        Problem::FlagCircle { path } => cx.f(W::FlagCircle, &[path]),
        Problem::TooManyLevels { max } => cx.f(W::TooManyLevels, &[&max.to_string()]),
        Problem::NoSuchFlag { flag } => cx.f(W::NoSuchFlag, &[flag]),
        Problem::NotComparable => cx.t(W::NotComparable).to_owned(),
        Problem::TooDeep { max } => cx.f(W::TooDeep, &[&max.to_string()]),
        Problem::NotWhole { min, max } => cx.f(W::NotWhole, &[min, max]),
        Problem::NotANumber => cx.t(W::NotANumber).to_owned(),
        Problem::UnknownCountry { code } => cx.f(W::UnknownCountry, &[code]),
        Problem::UnknownTimezone => cx.t(W::UnknownTimezone).to_owned(),
        Problem::NotATime => cx.t(W::NotATime).to_owned(),
        Problem::TimeSkipped => cx.t(W::TimeSkipped).to_owned(),
        Problem::EndBeforeStart => cx.t(W::EndBeforeStart).to_owned(),
        Problem::Unordered => cx.t(W::Unordered).to_owned(),
        Problem::NotGrowing => cx.t(W::NotGrowing).to_owned(),
        Problem::NotAStep { line, why } => cx.f(step_word(*why), &[&line.to_string()]),
        Problem::CoverageFollows { line, coverage_bp } => {
            let coverage = crate::format::bp(*coverage_bp);
            cx.f(W::CoverageFollows, &[&line.to_string(), &coverage])
        }
        Problem::NoStart => cx.t(W::NoStart).to_owned(),
        Problem::InThePast => cx.t(W::InThePast).to_owned(),
        Problem::OwnWork => cx.t(W::OwnWork).to_owned(),
        Problem::ReviewNeeded => cx.t(W::ReviewNeeded).to_owned(),
        Problem::NoRawEvents => cx.t(W::NoRawEvents).to_owned(),
        Problem::RawEventsSince { since_ms, from_ms } => {
            let times = [*since_ms, *from_ms].map(|ms| cx.zone.minute(ms, cx.lang));
            let [since, from] = &times;
            cx.f(W::RawEventsSince, &[since, from])
        }
        Problem::CountedAnew => cx.t(W::CountedAnew).to_owned(),
        Problem::OneLookOnly => cx.t(W::OneLookOnly).to_owned(),
        Problem::JudgedAtItsEnd => cx.t(W::JudgedAtItsEnd).to_owned(),
        Problem::HasNoEnd => cx.t(W::HasNoEnd).to_owned(),
        Problem::NotLater => cx.t(W::NotLater).to_owned(),
        Problem::NotMore { than_bp } => cx.f(W::NotMore, &[&crate::format::bp(*than_bp)]),
        Problem::NotByAuthor => cx.t(W::NotByAuthor).to_owned(),
        Problem::NotAnEmail => cx.t(W::NotAnEmail).to_owned(),
        Problem::Unknown { value } => cx.f(W::Unknown, &[value]),
        Problem::NotJson { detail } => cx.f(W::NotJson, &[&at(cx, detail)]),
        Problem::NotOfKind { kind } => {
            let known = FlagKind::parse(kind).map(|kind| cx.t(FlagKindWord::of(kind)));
            cx.f(W::NotOfKind, &[known.unwrap_or(kind)])
        }
        Problem::NotAnOrigin { fault } => cx.t(OriginWord::of(*fault)).to_owned(),
        Problem::OnlyForClientKeys => cx.t(W::OnlyForClientKeys).to_owned(),
        Problem::Fixed => cx.t(W::Fixed).to_owned(),
        Problem::FixedAfterStart => cx.t(W::FixedAfterStart).to_owned(),
    }
}

const fn step_word(why: StepFault) -> ProblemWord {
    use ProblemWord as W;
    match why {
        StepFault::Unreadable => W::StepUnreadable,
        StepFault::NoLength => W::StepNoLength,
        StepFault::Share => W::StepShare,
        StepFault::Length => W::StepLength,
        StepFault::Mixed => W::StepMixed,
        StepFault::Dated => W::StepDated,
        StepFault::NoSuchTime => W::StepNoSuchTime,
        StepFault::Skipped => W::StepSkipped,
    }
}

/// An end of a range; a length of time is told as it is typed in the visitor's language.
fn bound(cx: &Cx, end: &str) -> String {
    let unit = end.trim_start_matches(|c: char| c.is_ascii_digit());
    let word = match (cx.lang, unit.trim()) {
        (Lang::En, _) => return end.to_owned(),
        (_, "min") => LengthWord::Minutes,
        (_, "h") => LengthWord::Hours,
        (_, "d") => LengthWord::Days,
        _ => return end.to_owned(),
    };
    let number = end.strip_suffix(unit).unwrap_or(end);
    format!("{number}{}", cx.t(word))
}

/// `2:7` as a place in a text; anything else as it is.
fn at(cx: &Cx, detail: &str) -> String {
    match detail.split_once(':') {
        Some((line, column)) if line.parse::<u32>().is_ok() => {
            cx.f(ProblemWord::LineColumn, &[line, column])
        }
        _ => detail.to_owned(),
    }
}

/// `flag checkout, experiment cta` in the visitor's language.
fn used_by(cx: &Cx, by: &str) -> String {
    let kinds = [
        ("saved group ", ProblemWord::UsedByGroup),
        ("flag ", ProblemWord::UsedByFlag),
        ("experiment ", ProblemWord::UsedByExperiment),
    ];
    let said = by.split(", ").map(|one| {
        let mut known = kinds.into_iter();
        let known = known.find_map(|(kind, word)| Some((word, one.strip_prefix(kind)?)));
        known.map_or_else(|| one.to_owned(), |(word, id)| cx.f(word, &[id]))
    });
    let said: Vec<String> = said.collect();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    #[test]
    fn a_row_is_named_as_it_is_headed() {
        let cx = |lang| Cx {
            lang,
            ..Cx::outside_pages()
        };
        for (field, en, ja) in [
            (
                Field::VariantFeatures(0),
                "Control · Features (JSON): Fill this in.",
                "コントロール · 機能設定（JSON）: 入力してください。",
            ),
            (
                Field::VariantFeatures(2),
                "Treatment 2 · Features (JSON): Fill this in.",
                "トリートメント 2 · 機能設定（JSON）: 入力してください。",
            ),
        ] {
            let found = FieldProblem::new(field, Problem::Required);
            assert_eq!(placed_problem(&cx(Lang::En), &found), en);
            assert_eq!(placed_problem(&cx(Lang::Ja), &found), ja);
        }
        let found = FieldProblem::new(Field::Metric(0), Problem::NotSlug);
        let said = placed_problem(&cx(Lang::Ja), &found);
        assert!(said.starts_with("指標 1 · 指標名: "), "{said}");
        let found = FieldProblem::new(Field::RuleValue(1), Problem::Required);
        let said = placed_problem(&cx(Lang::En), &found);
        assert!(said.starts_with("Rule 2 · "), "{said}");
    }

    #[test]
    fn a_problem_is_worded_for_its_field() {
        let cx = |lang| Cx {
            lang,
            ..Cx::outside_pages()
        };
        let said = |field, problem| found_text(&cx(Lang::En), &FieldProblem::new(field, problem));
        let choose = "Choose at least one.";
        assert_eq!(said(Field::Scopes, Problem::Required), choose);
        assert_eq!(said(Field::Roles, Problem::TooFew { min: 1 }), choose);
        for wrong in [Problem::TooFew { min: 3 }, Problem::TooMany { max: 3 }] {
            assert_eq!(said(Field::Weights, wrong), "As many as variants: 3.");
        }
        let unreadable = || Problem::NotAStep {
            line: 2,
            why: StepFault::Unreadable,
        };
        assert!(!said(Field::Ramp, unreadable()).contains("from when on"));
        assert!(said(Field::RuleRamp(0), unreadable()).contains("from when on"));
        let window = Problem::OutOfRange {
            min: "1h".to_owned(),
            max: "90d".to_owned(),
        };
        assert_eq!(problem_text(&cx(Lang::En), &window), "Between 1h and 90d.");
        let said = problem_text(&cx(Lang::Ja), &window);
        assert!(said.starts_with("1時間から90日の"), "{said}");
    }
}
