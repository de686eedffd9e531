//! A posted form as it was typed.

/// Fields in the order of the page; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

/// More fields than any page has: a flag with all the rules and conditions it may have has
/// some 4,500.
const MAX_FIELDS: usize = 5_000;

impl Form {
    /// From an `application/x-www-form-urlencoded` body or query.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(
            url::form_urlencoded::parse(text.as_bytes())
                .take(MAX_FIELDS)
                .map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")))
                .collect(),
        )
    }

    /// The first value of a field; empty when it is absent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    #[must_use]
    pub fn trimmed(&self, name: &str) -> String {
        self.get(name).trim().to_owned()
    }

    /// Every value of a field, in order.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Form {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_repeat_and_keep_their_order() {
        let form = Form::parse("k=a&n=%E5%AE%9F&k=b&t=x%0D%0Ay&e=");
        assert_eq!(form.all("k"), ["a", "b"]);
        assert_eq!(form.get("n"), "実");
        assert_eq!(form.get("t"), "x\ny");
        assert_eq!(form.get("missing"), "");
        assert!(form.has("e") && !form.has("missing"));
    }

    #[test]
    fn a_flood_of_fields_is_cut() {
        assert_eq!(
            Form::parse(&"a=1&".repeat(10_000)).all("a").len(),
            MAX_FIELDS
        );
    }
}
