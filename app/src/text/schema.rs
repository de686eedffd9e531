//! What of a value breaks its schema, worded.

use nexus_domain::problem::{KeywordFault, SchemaFault};

use crate::cx::Cx;
use crate::lang::words;
use crate::text::problem::ITEM;

words! {
    SchemaWord {
        Said: "The schema does not allow it: {0}.", "スキーマに合いません: {0}。";
        OfVariant: "The schema does not allow what {0} sets: {1}.", "{0} の値がスキーマに合いません: {1}。";
        Whole: "the value {0}", "値全体 — {0}";
        At: "{0} {1}", "{0} — {1}";
        All: "The schema does not allow it:", "スキーマに合いません:";
        AllOfVariant: "The schema does not allow what {0} sets:", "{0} の値がスキーマに合いません:";
        More: "and {0} more", "ほか{0}件";
        Type: "must be {0}", "{0}を指定してください";
        Or: " or ", "または";
        Enum: "must be one of {0}", "次のいずれかにしてください: {0}";
        Const: "must be {0}", "{0} にしてください";
        Missing: "is missing the field “{0}”", "項目「{0}」が必要です";
        Unknown: "has the unknown field “{0}”", "項目「{0}」は定義されていません";
        BadName: "has the field “{0}”, whose name is not allowed", "「{0}」は項目名として使えません";
        Minimum: "must be at least {0}", "{0}以上にしてください";
        Maximum: "must be at most {0}", "{0}以下にしてください";
        Above: "must be more than {0}", "{0}より大きくしてください";
        Below: "must be less than {0}", "{0}より小さくしてください";
        MultipleOf: "must be a multiple of {0}", "{0}の倍数にしてください";
        MinLength: "has fewer characters than {0}", "{0}文字以上にしてください";
        MaxLength: "has more characters than {0}", "{0}文字以内にしてください";
        MinItems: "has fewer items than {0}", "要素を{0}個以上にしてください";
        MaxItems: "has more items than {0}", "要素を{0}個以内にしてください";
        MinFields: "has fewer fields than {0}", "項目を{0}個以上にしてください";
        MaxFields: "has more fields than {0}", "項目を{0}個以内にしてください";
        Unique: "has the same item twice", "同じ要素が重複しています";
        Pattern: "must match the pattern {0}", "正規表現 {0} に一致させてください";
        Contains: "does not have the items that “contains” asks for", "要素が「contains」の条件を満たしていません";
        AnyOf: "fits none of the alternatives of “anyOf”", "「anyOf」のどの条件にも当てはまりません";
        OneOf: "must fit exactly one of the alternatives of “oneOf”", "「oneOf」の条件のうち、ちょうど1つに当てはまるようにしてください";
        Not: "is what “not” rules out", "「not」で除外されています";
        Forbidden: "is not allowed", "使えません";
        TooLong: "takes too long to check", "確認に時間がかかりすぎます";
        Other: "breaks “{0}”: {1}", "「{0}」に反しています: {1}";
    }
}

words! {
    JsonTypeWord {
        Null: "null", "null";
        Boolean: "true or false", "true か false";
        Object: "an object", "オブジェクト";
        Array: "a list", "リスト";
        String: "a text", "文字列";
        Number: "a number", "数値";
        Integer: "a whole number", "整数";
    }
}

words! {
    KeywordWord {
        Unknown: "The schema is not understood at {0}: this keyword is not known.", "スキーマの {0} を解釈できません。未知のキーワードです。";
        BadValue: "The schema is not understood at {0}: this keyword cannot have that value.", "スキーマの {0} を解釈できません。このキーワードには使えない値です。";
        NotAType: "The schema is not understood at {0}: a type is null, boolean, object, array, string, number or integer, or a list of them.", "スキーマの {0} を解釈できません。null、boolean、object、array、string、number、integer のいずれか、またはそのリストを指定してください。";
        Remote: "The schema is not understood at {0}: a reference must stay within the schema (#/…).", "スキーマの {0} を解釈できません。参照できるのは、このスキーマの中（#/…）だけです。";
        NothingThere: "The schema is not understood at {0}: there is no schema where the reference points.", "スキーマの {0} を解釈できません。参照先にスキーマがありません。";
        NotASchema: "The schema is not understood at {0}: a schema is a JSON object, true or false.", "スキーマの {0} を解釈できません。JSONオブジェクト、true、false のいずれかを指定してください。";
        TooDeep: "The schema is nested too deeply.", "スキーマの入れ子が深すぎます。";
    }
}

/// What of a schema is not understood, where and why.
#[must_use]
pub fn keyword_text(cx: &Cx, place: &str, fault: KeywordFault) -> String {
    use KeywordWord as W;
    let word = match fault {
        KeywordFault::Unknown => W::Unknown,
        KeywordFault::BadValue => W::BadValue,
        KeywordFault::NotAType => W::NotAType,
        KeywordFault::Remote => W::Remote,
        KeywordFault::NothingThere => W::NothingThere,
        KeywordFault::NotASchema => W::NotASchema,
        KeywordFault::TooDeep => W::TooDeep,
    };
    cx.f(word, &[place])
}

/// Where the value is not as its schema asks, and how, each on a line of its own where there are
/// several; of an experiment's variant, with its name.
#[must_use]
pub fn schema_text(cx: &Cx, variant: Option<&str>, faults: &[SchemaFault], more: u32) -> String {
    use SchemaWord as W;
    let said = faults.iter().map(|fault| fault_text(cx, fault));
    let rest = (more > 0).then(|| cx.f(W::More, &[&more.to_string()]));
    let said: Vec<String> = said.chain(rest).collect();
    if let [only] = &said[..] {
        return match variant {
            Some(variant) => cx.f(W::OfVariant, &[variant, only]),
            None => cx.f(W::Said, &[only]),
        };
    }
    let head = match variant {
        Some(variant) => cx.f(W::AllOfVariant, &[variant]),
        None => cx.t(W::All).to_owned(),
    };
    said.iter().fold(head, |text, item| text + ITEM + item)
}

fn fault_text(cx: &Cx, fault: &SchemaFault) -> String {
    use SchemaWord as W;
    let asked = &fault.asked;
    let rule = match rule_word(&fault.keyword) {
        Some(W::Type) => cx.f(W::Type, &[&types_text(cx, asked)]),
        Some(word) => cx.f(word, &[asked]),
        None => cx.f(W::Other, &[&fault.keyword, asked]),
    };
    match fault.at.is_empty() {
        true => cx.f(W::Whole, &[&rule]),
        false => cx.f(W::At, &[&fault.at, &rule]),
    }
}

fn rule_word(keyword: &str) -> Option<SchemaWord> {
    use SchemaWord as W;
    Some(match keyword {
        "type" => W::Type,
        "enum" => W::Enum,
        "const" => W::Const,
        "required" | "dependentRequired" => W::Missing,
        "additionalProperties" => W::Unknown,
        "propertyNames" => W::BadName,
        "minimum" => W::Minimum,
        "maximum" => W::Maximum,
        "exclusiveMinimum" => W::Above,
        "exclusiveMaximum" => W::Below,
        "multipleOf" => W::MultipleOf,
        "minLength" => W::MinLength,
        "maxLength" => W::MaxLength,
        "minItems" => W::MinItems,
        "maxItems" => W::MaxItems,
        "minProperties" => W::MinFields,
        "maxProperties" => W::MaxFields,
        "uniqueItems" => W::Unique,
        "pattern" => W::Pattern,
        "contains" => W::Contains,
        "anyOf" => W::AnyOf,
        "oneOf" => W::OneOf,
        "not" => W::Not,
        "false" => W::Forbidden,
        "$ref" => W::TooLong,
        _ => return None,
    })
}

/// `number, null` in words.
fn types_text(cx: &Cx, asked: &str) -> String {
    use JsonTypeWord as W;
    let words = asked.split(", ").map(|name| match name {
        "null" => cx.t(W::Null),
        "boolean" => cx.t(W::Boolean),
        "object" => cx.t(W::Object),
        "array" => cx.t(W::Array),
        "string" => cx.t(W::String),
        "number" => cx.t(W::Number),
        "integer" => cx.t(W::Integer),
        other => other,
    });
    words.collect::<Vec<_>>().join(cx.t(SchemaWord::Or))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    fn cx(lang: Lang) -> Cx {
        Cx {
            lang,
            ..Cx::outside_pages()
        }
    }

    fn said(lang: Lang, faults: &[[&str; 3]], more: u32) -> String {
        let fault = |[at, keyword, asked]: &[&str; 3]| SchemaFault {
            at: (*at).to_owned(),
            keyword: (*keyword).to_owned(),
            asked: (*asked).to_owned(),
        };
        let faults: Vec<SchemaFault> = faults.iter().map(fault).collect();
        schema_text(&cx(lang), None, &faults, more)
    }

    #[test]
    fn a_fault_says_where_and_what_in_both_languages() {
        for (fault, en, ja) in [
            (
                ["", "type", "object"],
                "the value must be an object",
                "値全体 — オブジェクトを指定してください",
            ),
            (
                ["/size", "type", "integer, null"],
                "/size must be a whole number or null",
                "/size — 整数またはnullを指定してください",
            ),
            (
                ["/mode", "enum", "\"a\", \"b\""],
                "/mode must be one of \"a\", \"b\"",
                "/mode — 次のいずれかにしてください: \"a\", \"b\"",
            ),
            (
                ["", "required", "size"],
                "the value is missing the field “size”",
                "値全体 — 項目「size」が必要です",
            ),
            (
                ["/sizes/0", "additionalProperties", "more"],
                "/sizes/0 has the unknown field “more”",
                "/sizes/0 — 項目「more」は定義されていません",
            ),
            (
                ["/name", "maxLength", "20"],
                "/name has more characters than 20",
                "/name — 20文字以内にしてください",
            ),
            (
                ["/a", "later", "1"],
                "/a breaks “later”: 1",
                "/a — 「later」に反しています: 1",
            ),
        ] {
            let words = format!("The schema does not allow it: {en}.");
            assert_eq!(said(Lang::En, &[fault], 0), words);
            let words = format!("スキーマに合いません: {ja}。");
            assert_eq!(said(Lang::Ja, &[fault], 0), words);
        }
        let both = [["/a", "minimum", "1"], ["/b", "maximum", "2"]];
        assert_eq!(
            said(Lang::En, &both, 0),
            "The schema does not allow it:\n– /a must be at least 1\n– /b must be at most 2"
        );
        assert_eq!(
            said(Lang::En, &both, 3),
            "The schema does not allow it:\n– /a must be at least 1\n– /b must be at most 2\n\
             – and 3 more"
        );
        assert_eq!(
            said(Lang::Ja, &both[..1], 3),
            "スキーマに合いません:\n– /a — 1以上にしてください\n– ほか3件"
        );
        let fault = SchemaFault {
            at: "/a".to_owned(),
            keyword: "minimum".to_owned(),
            asked: "1".to_owned(),
        };
        assert_eq!(
            schema_text(&cx(Lang::En), Some("B"), &[fault], 1),
            "The schema does not allow what B sets:\n– /a must be at least 1\n– and 1 more"
        );
    }

    #[test]
    fn what_of_a_schema_is_not_understood_is_told_with_what_may_stand_there() {
        for (fault, en, ja) in [
            (KeywordFault::Unknown, "not known", "未知のキーワード"),
            (KeywordFault::NotAType, "array, string", "array、string"),
            (KeywordFault::Remote, "(#/…)", "（#/…）"),
        ] {
            for (lang, word) in [(Lang::En, en), (Lang::Ja, ja)] {
                let said = keyword_text(&cx(lang), "schema.type", fault);
                assert!(
                    said.contains("schema.type") && said.contains(word),
                    "{said}"
                );
            }
        }
    }

    /// The command line and pages say of a keyword what the API says.
    #[test]
    fn english_is_that_of_the_api_but_for_the_quotes() {
        for keyword in [
            "type",
            "enum",
            "const",
            "required",
            "additionalProperties",
            "propertyNames",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties",
            "uniqueItems",
            "pattern",
            "contains",
            "anyOf",
            "oneOf",
            "not",
            "false",
            "$ref",
            "unknown",
        ] {
            let fault = SchemaFault {
                at: String::new(),
                keyword: keyword.to_owned(),
                asked: "string".to_owned(),
            };
            let said = fault_text(&Cx::outside_pages(), &fault);
            assert_eq!(said.replace(['“', '”'], "\""), fault.to_string());
        }
    }
}
