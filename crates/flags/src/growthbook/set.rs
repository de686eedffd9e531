//! The operand of `$in` and of a saved group: values sorted once, looked up often.

use std::borrow::Cow;

use serde_json::Value;

use super::attribute::Attribute;

/// Up to here comparing with each short text is quicker than a binary search.
const FEW: usize = 8;

/// JSON values without lists and objects, which are never equal to an attribute.
#[derive(Debug, Clone, Default)]
pub(super) struct ValueSet {
    /// Texts of at most eight bytes, as numbers; sorted.
    short: Box<[u64]>,
    /// The others; sorted.
    long: Box<[Box<str>]>,
    /// Sorted by `total_cmp`; zero has one sign.
    numbers: Box<[f64]>,
    null: bool,
    yes: bool,
    no: bool,
}

impl ValueSet {
    pub(super) fn new(values: &[Value]) -> Self {
        Self::with(values, |text| text.into())
    }

    /// A set of texts in lower case, for [`ValueSet::contains_folded`].
    pub(super) fn folded(values: &[Value]) -> Self {
        Self::with(values, |text| fold(text).into())
    }

    fn with(values: &[Value], text: impl Fn(&str) -> Box<str>) -> Self {
        let mut texts: Vec<Box<str>> = Vec::new();
        let mut numbers = Vec::new();
        let mut set = Self::default();
        for value in values {
            match value {
                Value::String(value) => texts.push(text(value)),
                Value::Number(number) => numbers.extend(number.as_f64().map(one_zero)),
                Value::Bool(true) => set.yes = true,
                Value::Bool(false) => set.no = true,
                Value::Null => set.null = true,
                Value::Array(_) | Value::Object(_) => {}
            }
        }
        let mut short: Vec<u64> = texts.iter().filter_map(|text| packed(text)).collect();
        texts.retain(|text| packed(text).is_none());
        short.sort_unstable();
        short.dedup();
        texts.sort_unstable();
        texts.dedup();
        numbers.sort_unstable_by(f64::total_cmp);
        set.short = short.into();
        set.long = texts.into();
        set.numbers = numbers.into();
        set
    }

    /// Whether the value, or any element of a list, is in the set.
    #[inline]
    pub(super) fn contains(&self, value: Attribute<'_>) -> bool {
        match value {
            Attribute::List(items) => items.iter().any(|item| self.has(item.into())),
            value => self.has(value),
        }
    }

    /// [`ValueSet::contains`] whatever the case of texts.
    pub(super) fn contains_folded(&self, value: Attribute<'_>) -> bool {
        let has = |value: Attribute<'_>| match value {
            Attribute::Text(text) => self.has_text(&fold(text)),
            value => self.has(value),
        };
        match value {
            Attribute::List(items) => items.iter().any(|item| has(item.into())),
            value => has(value),
        }
    }

    #[inline]
    fn has(&self, value: Attribute<'_>) -> bool {
        match value {
            Attribute::Text(text) => self.has_text(text),
            Attribute::Number(number) => {
                let found = |known: &f64| known.total_cmp(&one_zero(number));
                self.numbers.binary_search_by(found).is_ok()
            }
            Attribute::Bool(flag) => (flag && self.yes) || (!flag && self.no),
            Attribute::Null => self.null,
            Attribute::List(_) | Attribute::Map(_) => false,
        }
    }

    #[inline]
    fn has_text(&self, text: &str) -> bool {
        match packed(text) {
            // Without a branch, which would be taken as often as not.
            Some(wanted) if self.short.len() <= FEW => {
                let equal = self.short.iter().map(|known| *known == wanted);
                equal.fold(false, |found, equal| found | equal)
            }
            Some(wanted) => self.short.binary_search(&wanted).is_ok(),
            None => {
                let found = self.long.binary_search_by(|known| (**known).cmp(text));
                found.is_ok()
            }
        }
    }
}

/// A text of at most eight bytes as a number. No text has a byte 255, which fills it up, so
/// different texts are different numbers.
#[inline]
fn packed(text: &str) -> Option<u64> {
    let bytes = text.as_bytes().iter();
    (text.len() <= 8).then(|| bytes.fold(u64::MAX, |all, byte| (all << 8) | u64::from(*byte)))
}

/// Minus zero equals zero.
fn one_zero(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number }
}

/// Lower case. Borrows what is ASCII and in lower case already.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    let lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.bytes().all(lower) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sets_of_any_size_agree() {
        // Of eight and nine bytes at the most, and of more.
        for head in ["t", "t12345", "é23456", "a longer text "] {
            let texts: Vec<Value> = (0..100).map(|n| json!(format!("{head}{n}"))).collect();
            for size in [0, 1, FEW, FEW + 1, 100] {
                let set = ValueSet::new(&texts[..size]);
                for (n, text) in texts.iter().enumerate() {
                    assert_eq!(set.contains(text.into()), n < size, "{size} {text}");
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_in_the_set_if_it_was_put_there(
            texts in proptest::collection::vec("[a\0é]{0,10}", 0..20),
            asked in "[a\0é]{0,10}",
        ) {
            let set = ValueSet::new(&texts.iter().map(|text| json!(text)).collect::<Vec<_>>());
            for text in texts.iter().chain([&asked]) {
                let found = set.contains(Attribute::Text(text));
                proptest::prop_assert_eq!(found, texts.contains(text), "{}", text);
            }
        }
    }

    #[test]
    fn values_keep_their_types() {
        let set = ValueSet::new(&[json!(1), json!("2"), json!(-0.0), json!(true), json!([3])]);
        for inside in [
            json!(1.0),
            json!("2"),
            json!(0),
            json!(true),
            json!(["x", 1]),
        ] {
            assert!(set.contains((&inside).into()), "{inside}");
        }
        for outside in [
            json!("1"),
            json!(2),
            json!(false),
            json!(null),
            json!([[3]]),
            json!([]),
        ] {
            assert!(!set.contains((&outside).into()), "{outside}");
        }
    }
}
