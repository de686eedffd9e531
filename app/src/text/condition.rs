//! Words of conditions: the builder's, and those that say one in a sentence.

use nexus_domain::condition::{Join, RowOperator, RowProblem};
use nexus_flags::growthbook::{ConditionFault, ConditionProblem, Operand};

use crate::cx::Cx;
use crate::lang::words;

words! {
    ConditionWord {
        Title: "Conditions", "条件";
        Help: "Attributes that your application or the gateway sends. Numbers, true and false count as such; put in quotes, they are texts. Lists have commas.", "アプリケーションまたはゲートウェイが送る属性です。数値とtrue・falseはその型として扱い、引用符で囲むとテキストになります。複数の値はカンマで区切ります。";
        Nobody: "No conditions: everybody is meant.", "条件はありません。全員が対象です。";
        Add: "Add condition", "条件を追加";
        AddGroup: "Add group", "グループを追加";
        Remove: "Remove condition {0}", "条件{0}を削除";
        Group: "Group {0}", "グループ{0}";
        RemoveGroup: "Remove group {0}", "グループ{0}を削除";
        Holds: "Of these conditions", "これらの条件のうち";
        GroupsHold: "Of the groups", "グループのうち";
        Attribute: "Attribute", "属性名";
        Comparison: "Comparison", "比較";
        Value: "Value", "値";
        ToJson: "Edit as JSON", "JSONで編集";
        ToRows: "Edit as rows", "行で編集";
        CannotShow: "The rows cannot show this condition: it stays JSON.", "この条件は行では表示できません。JSONのまま編集してください。";
        NotYet: "Correct these rows first.", "先に次の行を修正してください。";
        AddSaved: "Add saved group", "保存グループを追加";
        TheUser: "The user", "ユーザー";
        Between: ", ", "、";
        OtherBrowser: "Other", "その他";
        Country: "Country, as JP or Japan", "国（例: JP、日本）";
        Subdivision: "State or prefecture, as JP-13 or Tokyo", "州・都道府県（例: JP-13、東京都）";
        Region: "Region code without its country, as 13 or CA", "国を含まない地域コード（例: 13、CA）";
        Device: "desktop, mobile, tablet, bot, other", "desktop、mobile、tablet、bot、other";
        Browser: "chrome, safari, firefox, edge, opera, samsung, other", "chrome、safari、firefox、edge、opera、samsung、other";
        Path: "Path of the page, as /checkout", "ページのパス（例: /checkout）";
        UnitId: "User id", "ユーザーID";
    }
}

words! {
    GroupNameWord {
        Is: "Saved group:", "保存グループ:";
        Group: "Saved group", "保存グループ";
        Choose: "Choose a group", "グループを選択";
        Unknown: "There is no saved group “{0}” in this environment.", "この環境に保存グループ「{0}」はありません。";
        Archived: "The saved group “{0}” is archived: take it back first.", "保存グループ「{0}」はアーカイブ済みです。先にアーカイブを解除してください。";
        NotAList: "“{0}” is a saved condition, and a list is needed here. Use “Add saved group” for it.", "「{0}」は条件の保存グループです。ここではリストが必要です。「保存グループを追加」を使ってください。";
    }
}

words! {
    JoinWord {
        All: "all hold", "すべてを満たす";
        Any: "at least one holds", "いずれかを満たす";
        None: "none holds", "どれも満たさない";
    }
}

impl JoinWord {
    #[must_use]
    pub const fn of(join: Join) -> Self {
        match join {
            Join::All => Self::All,
            Join::Any => Self::Any,
            Join::None => Self::None,
        }
    }
}

words! {
    RowOperatorWord {
        Is: "is", "が次と等しい";
        IsNot: "is not", "が次と等しくない";
        OneOf: "is one of", "が次のいずれか";
        NoneOf: "is none of", "が次のいずれでもない";
        InGroup: "is in saved group", "が次の保存グループに含まれる";
        NotInGroup: "is not in saved group", "が次の保存グループに含まれない";
        InSaved: "is in", "が次に含まれる";
        NotInSaved: "is not in", "が次に含まれない";
        Contains: "contains", "が次を含む";
        DoesNotContain: "does not contain", "が次を含まない";
        StartsWith: "starts with", "が次で始まる";
        EndsWith: "ends with", "が次で終わる";
        Matches: "matches (regex)", "が正規表現に一致する";
        DoesNotMatch: "does not match (regex)", "が正規表現に一致しない";
        Greater: "is greater than", "が次より大きい";
        AtLeast: "is at least", "が次以上";
        Less: "is less than", "が次より小さい";
        AtMost: "is at most", "が次以下";
        VersionIs: "version =", "のバージョンが次と等しい";
        VersionIsNot: "version ≠", "のバージョンが次と等しくない";
        VersionOver: "version >", "のバージョンが次より新しい";
        VersionAtLeast: "version ≥", "のバージョンが次以降";
        VersionUnder: "version <", "のバージョンが次より古い";
        VersionAtMost: "version ≤", "のバージョンが次以前";
        Exists: "exists", "がある";
        IsMissing: "does not exist", "がない";
    }
}

impl RowOperatorWord {
    #[must_use]
    pub const fn of(operator: RowOperator) -> Self {
        match operator {
            RowOperator::Is => Self::Is,
            RowOperator::IsNot => Self::IsNot,
            RowOperator::OneOf => Self::OneOf,
            RowOperator::NoneOf => Self::NoneOf,
            RowOperator::InGroup => Self::InGroup,
            RowOperator::NotInGroup => Self::NotInGroup,
            RowOperator::InSaved => Self::InSaved,
            RowOperator::NotInSaved => Self::NotInSaved,
            RowOperator::Contains => Self::Contains,
            RowOperator::DoesNotContain => Self::DoesNotContain,
            RowOperator::StartsWith => Self::StartsWith,
            RowOperator::EndsWith => Self::EndsWith,
            RowOperator::Matches => Self::Matches,
            RowOperator::DoesNotMatch => Self::DoesNotMatch,
            RowOperator::Greater => Self::Greater,
            RowOperator::AtLeast => Self::AtLeast,
            RowOperator::Less => Self::Less,
            RowOperator::AtMost => Self::AtMost,
            RowOperator::VersionIs => Self::VersionIs,
            RowOperator::VersionIsNot => Self::VersionIsNot,
            RowOperator::VersionOver => Self::VersionOver,
            RowOperator::VersionAtLeast => Self::VersionAtLeast,
            RowOperator::VersionUnder => Self::VersionUnder,
            RowOperator::VersionAtMost => Self::VersionAtMost,
            RowOperator::Exists => Self::Exists,
            RowOperator::IsMissing => Self::IsMissing,
        }
    }
}

words! {
    RowProblemWord {
        NoAttribute: "Name the attribute.", "属性名を入力してください。";
        AttributeName: "An attribute's name does not begin with $.", "属性名を「$」で始めることはできません。";
        NoValue: "Fill in a value.", "値を入力してください。";
        NotOrdered: "Only numbers and texts have an order.", "大小を比較できるのは数値と文字列だけです。";
        Pattern: "Not a regular expression, or one with look-around or back-references.", "正規表現として解釈できないか、先読み・後読み・後方参照を含んでいます。";
    }
}

impl RowProblemWord {
    #[must_use]
    pub const fn of(problem: RowProblem) -> Self {
        match problem {
            RowProblem::NoAttribute => Self::NoAttribute,
            RowProblem::AttributeName => Self::AttributeName,
            RowProblem::NoValue => Self::NoValue,
            RowProblem::NotOrdered => Self::NotOrdered,
            RowProblem::Pattern => Self::Pattern,
        }
    }
}

words! {
    /// What is wrong in a condition that was written as JSON.
    FaultWord {
        At: "{0}: {1}", "{0} — {1}";
        NotAnObject: "a condition is an object, as {\"country\": \"JP\"}", "条件はオブジェクトで書いてください（例: {\"country\": \"JP\"}）";
        NotConditions: "a list of conditions is expected", "条件のリストが必要です";
        UnknownOperator: "there is no operator {0}", "演算子 {0} はありません";
        Mixed: "operators and other fields do not mix in one object", "1つのオブジェクトに演算子とその他の項目を混在させることはできません";
        Scalar: "a text, a number, true, false or null is expected", "文字列・数値・true・false・null のいずれかが必要です";
        NumberOrText: "a number or a text is expected", "数値または文字列が必要です";
        Version: "a version is expected, as \"1.2.3\"", "バージョンが必要です（例: \"1.2.3\"）";
        Boolean: "true or false is expected", "true または false が必要です";
        TypeName: "the name of a JSON type is expected, as \"string\"", "JSONの型の名前が必要です（例: \"string\"）";
        List: "a list is expected", "リストが必要です";
        Text: "a regular expression is expected, as a text", "正規表現を文字列で書いてください";
        SavedGroup: "the id of a saved group is expected, as \"beta-users\"", "保存グループのIDが必要です（例: \"beta-users\"）";
        SavedGroups: "a list of saved groups is expected, as [\"beta-users\"]", "保存グループのリストが必要です（例: [\"beta-users\"]）";
        Pattern: "a regular expression without look-around and back-references is expected", "先読み・後読み・後方参照を含まない正規表現が必要です";
        UnknownGroup: "there is no saved group {0}", "保存グループ {0} はありません";
        GroupOfElement: "saved groups are about the user, so they can't stand within $elemMatch", "保存グループはユーザーに対する条件のため、$elemMatch の中では使えません";
        TooDeep: "it is nested too deeply", "入れ子が深すぎます";
        TooManyPatterns: "there are too many regular expressions", "正規表現が多すぎます";
    }
}

/// Where a condition means nothing, and why.
#[must_use]
pub fn fault_text(cx: &Cx, fault: &ConditionFault) -> String {
    use FaultWord as W;
    let word = |word: W| cx.t(word).to_owned();
    let why = match &fault.problem {
        ConditionProblem::NotAnObject => word(W::NotAnObject),
        ConditionProblem::NotConditions => word(W::NotConditions),
        ConditionProblem::UnknownOperator { name } => cx.f(W::UnknownOperator, &[name]),
        ConditionProblem::Mixed => word(W::Mixed),
        ConditionProblem::Operand { expected } => word(match expected {
            Operand::Scalar => W::Scalar,
            Operand::NumberOrText => W::NumberOrText,
            Operand::Version => W::Version,
            Operand::Boolean => W::Boolean,
            Operand::TypeName => W::TypeName,
            Operand::List => W::List,
            Operand::Pattern => W::Text,
            Operand::SavedGroup => W::SavedGroup,
            Operand::SavedGroups => W::SavedGroups,
        }),
        ConditionProblem::Pattern => word(W::Pattern),
        ConditionProblem::UnknownGroup { name } => cx.f(W::UnknownGroup, &[name]),
        ConditionProblem::GroupOfElement => word(W::GroupOfElement),
        ConditionProblem::TooDeep => word(W::TooDeep),
        ConditionProblem::TooManyPatterns => word(W::TooManyPatterns),
    };
    cx.f(W::At, &[&fault.path, &why])
}
