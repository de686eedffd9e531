//! Words of the import of flags.

use nexus_domain::import::{ImportFormat, Note};

use crate::cx::Cx;
use crate::lang::words;
use crate::text::problem::placed_problem;

words! {
    ImportWord {
        Title: "Import flags", "フラグの取り込み";
        Lead: "From an export of GrowthBook or Unleash. First you see what becomes of each flag; nothing changes until you say so.", "GrowthBookまたはUnleashのエクスポートから取り込みます。まず、各フラグがどうなるかを確認できます。確定するまで何も変わりません。";
        Source: "File", "ファイル";
        SourceHelp: "GrowthBook: the SDK payload or features of the REST API. Unleash: the batch export or what its server SDKs read. A file may have any number of flags; 100 are imported at once.", "GrowthBook: SDKペイロードまたはREST APIの機能一覧。Unleash: 一括エクスポートまたはサーバーSDK用のデータ。ファイル内の件数に制限はなく、一度に100件ずつ取り込みます。";
        Choose: "Choose a file", "ファイルを選択";
        FileHelp: "Paste the JSON of the export.", "エクスポートしたJSONを貼り付けてください。";
        NoFile: "Choose or paste a file.", "ファイルを選択するか、内容を貼り付けてください。";
        To: "Into environment", "取り込み先の環境";
        From: "Environment in the file", "ファイル内の環境";
        FromHelp: "Empty: the one of the same name, or the only one.", "空欄の場合は、同じ名前の環境、または唯一の環境を使います。";
        Preview: "See what would happen", "結果を確認";
        Found: "What would happen", "実行される内容";
        Format: "{0}, flags: {1}", "{0}、フラグ{1}件";
        Environments: "Environments in the file: {0}", "ファイル内の環境: {0}";
        Take: "Import", "取り込む";
        Flag: "Flag", "フラグ";
        Becomes: "Becomes", "取り込み後";
        Lost: "What cannot be said here", "表現できない内容";
        Whole: "Nothing is lost.", "すべて取り込めます。";
        New: "new", "新規";
        Same: "there already, the same", "取り込み済み（変更なし）";
        Differs: "there already, differs: writes over it", "既存と異なる（上書きします）";
        Archived: "there, archived: bring it back first", "アーカイブ済み（先に解除してください）";
        Impossible: "cannot be imported", "取り込めません";
        Partial: "incomplete", "不完全";
        Needs: "needs {0} of this file", "ファイル内のフラグ {0} も必要です";
        Summary: "{0}, rules: {1}", "{0}、ルール{1}件";
        KeepState: "Switch on those that are on in the file", "ファイルでオンのフラグをオンにする";
        KeepStateHelp: "Incomplete ones and those that are there already stay as they are.", "不完全なフラグはオフで作成し、既存のフラグのオン・オフは変わりません。";
        Do: "Import the ticked flags", "選択したフラグを取り込む";
        NoneTicked: "Nothing is ticked.", "フラグが選択されていません。";
        Many: "At most {0} are imported at once: the first {0} are ticked. The others follow on this page.", "一度に取り込めるのは{0}件までです。最初の{0}件を選択しています。残りは、このページで続けて取り込めます。";
        PartDone: "Flags imported: {0}", "{0}件のフラグを取り込みました";
        PartLeft: "Still to be imported: {0}. The next ones are ticked below.", "残りは{0}件です。次に取り込むフラグを下で選択しています。";
        Nothing: "Nothing to import: everything is there already or cannot be.", "取り込めるフラグはありません。";
        OfRule: "Rule {0}: {1}", "ルール {0}: {1}";
    }
}

words! {
    FormatWord {
        GrowthbookPayload: "GrowthBook, SDK payload", "GrowthBook（SDKペイロード）";
        GrowthbookApi: "GrowthBook, REST API", "GrowthBook（REST API）";
        Unleash: "Unleash", "Unleash";
    }
}

impl FormatWord {
    #[must_use]
    pub const fn of(format: ImportFormat) -> Self {
        match format {
            ImportFormat::GrowthbookPayload => Self::GrowthbookPayload,
            ImportFormat::GrowthbookApi => Self::GrowthbookApi,
            ImportFormat::Unleash => Self::Unleash,
        }
    }
}

words! {
    NoteWord {
        DealtAnew: "the share stays, but other users are in it", "割合は同じですが、該当するユーザーは変わります";
        NoDefault: "it has no default value, so its off value is null", "既定値がないため、オフの値は null になります";
        Key: "its key can’t be one here: letters, digits, “.”, “-” and “_”, beginning with a letter or digit, at most 100", "キーとして使えません（英字または数字で始まる、英数字・「.」「-」「_」のみ、100文字以内）";
        Experiment: "deals users into several values: make it an experiment", "複数の値に振り分けるルールです。実験として作成してください";
        Prerequisite: "depends on the flag “{0}”, which is neither here nor in the file, or in a way that can’t be said here", "フラグ「{0}」に依存していますが、この環境にもファイルにもないか、条件を表現できません";
        SetBy: "the running experiment “{0}” sets it, and a new flag is off: who takes part would get the off value", "実行中の実験「{0}」がこの値を決めています。新しいフラグはオフのため、参加者にはオフの値を返すことになります";
        Group: "its group “{0}” does not stand in the file", "グループ「{0}」の内容がファイルにありません";
        Share: "its share is of “{0}”, not of users", "割合の単位がユーザーではなく「{0}」です";
        Schedule: "its schedule is more than one span of time", "スケジュールを1つの期間として表せません";
        Kind: "a rule of the kind “{0}”", "種類「{0}」のルールです";
        Field: "it leaves users out by “{0}”", "「{0}」でユーザーを除外しています";
        Comparison: "the comparison {0}", "比較「{0}」は使えません";
        Absent: "the file says nothing of it in “{0}”", "環境「{0}」の設定がファイルにありません";
    }
}

/// The note in the visitor's language.
#[must_use]
pub fn note_text(cx: &Cx, note: &Note) -> String {
    use NoteWord as W;
    match note {
        Note::DealtAnew => cx.t(W::DealtAnew).to_owned(),
        Note::NoDefault => cx.t(W::NoDefault).to_owned(),
        Note::Key => cx.t(W::Key).to_owned(),
        Note::Experiment => cx.t(W::Experiment).to_owned(),
        Note::Prerequisite { flag } => cx.f(W::Prerequisite, &[flag]),
        Note::SetBy { experiment } => cx.f(W::SetBy, &[experiment]),
        Note::Group { name } => cx.f(W::Group, &[name]),
        Note::Share { of } => cx.f(W::Share, &[of]),
        Note::Schedule => cx.t(W::Schedule).to_owned(),
        Note::Kind { name } => cx.f(W::Kind, &[name]),
        Note::Field { name } => cx.f(W::Field, &[name]),
        Note::Comparison { name } => cx.f(W::Comparison, &[name]),
        Note::Absent { environment } => cx.f(W::Absent, &[environment]),
        Note::Invalid { problem } => placed_problem(cx, problem),
    }
}
