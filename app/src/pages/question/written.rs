//! Attributes as people write them: `plan=pro, note="a, b"`, or a JSON object that was copied
//! from a program.

use serde_json::{Map, Value};

/// What separates pairs, beside the end of a line.
const BETWEEN: [char; 4] = [',', '、', '，', '\n'];

/// Names and values, in the order in which they were written.
pub(super) type Pairs = Vec<(String, String)>;

/// What cannot be read, and where. Characters, lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A pair without `=`, and the character it begins with.
    NoEquals {
        at: usize,
        pair: String,
    },
    /// `=` without a name before it.
    NoName {
        at: usize,
    },
    /// A quotation that never ends, or holds what JSON does not allow.
    Quote {
        at: usize,
    },
    /// Something between a quotation and the next comma.
    AfterQuote {
        at: usize,
    },
    Repeated {
        name: String,
    },
    Json {
        line: usize,
        column: usize,
    },
    /// JSON, but a list or a single value.
    NotAnObject,
    /// A list or an object where gateways have texts.
    Nested {
        name: String,
    },
}

/// Reads either way of writing.
pub(super) fn read(written: &str) -> Result<Pairs, Fault> {
    let pairs = match written.trim_start().starts_with(['{', '[']) {
        true => read_json(written)?,
        false => Reader::new(written).pairs()?,
    };
    let mut names: Vec<String> = pairs.iter().map(|(n, _)| n.to_ascii_lowercase()).collect();
    names.sort_unstable();
    match names.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => Err(Fault::Repeated {
            name: two[0].clone(),
        }),
        None => Ok(pairs),
    }
}

/// Whether it is an object, whose `id`, `country` and `device` are the form's other fields.
pub(super) fn is_json(written: &str) -> bool {
    written.trim_start().starts_with('{')
}

fn read_json(written: &str) -> Result<Pairs, Fault> {
    let json: Value = serde_json::from_str(written).map_err(|error| Fault::Json {
        line: error.line(),
        column: error.column(),
    })?;
    let Value::Object(fields) = json else {
        return Err(Fault::NotAnObject);
    };
    of_fields(fields)
}

/// Null is an attribute that is missing.
fn of_fields(fields: Map<String, Value>) -> Result<Pairs, Fault> {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    let pairs = fields.map(|(name, value)| {
        let value = match value {
            Value::String(text) => text,
            Value::Array(_) | Value::Object(_) => return Err(Fault::Nested { name }),
            plain => plain.to_string(),
        };
        Ok((name, value))
    });
    pairs.collect()
}

/// Writes pairs so that they are read as the same.
pub(super) fn write(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().enumerate();
    let written = pairs.map(|(n, (name, value))| {
        // An object would begin so.
        let name = match quoted(name, n == 0 && name.starts_with(['{', '['])) {
            Some(name) => name,
            None => name.clone(),
        };
        let value = quoted(value, false).unwrap_or_else(|| value.clone());
        format!("{name}={value}")
    });
    let written: Vec<String> = written.collect();
    written.join(", ")
}

/// In quotes, where it needs them.
fn quoted(text: &str, needs: bool) -> Option<String> {
    let needs =
        needs || text.trim() != text || text.contains(['=', '"', '\r']) || text.contains(BETWEEN);
    needs.then(|| Value::from(text).to_string())
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes read so far.
    at: usize,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn pairs(mut self) -> Result<Pairs, Fault> {
        let mut pairs = Vec::new();
        loop {
            self.skip(|c| c.is_whitespace() || BETWEEN.contains(&c));
            if self.rest().is_empty() {
                return Ok(pairs);
            }
            pairs.push(self.pair()?);
        }
    }

    fn pair(&mut self) -> Result<(String, String), Fault> {
        let (start, at) = (self.at, self.place());
        let name = self.word(|c| c == '=' || BETWEEN.contains(&c))?;
        if !self.rest().starts_with('=') {
            let pair = self.text[start..self.at].trim().chars().take(40).collect();
            return Err(Fault::NoEquals { at, pair });
        }
        if name.is_empty() {
            return Err(Fault::NoName { at });
        }
        self.at += 1;
        let value = self.word(|c| BETWEEN.contains(&c))?;
        Ok((name, value))
    }

    /// A quotation, or what stands before the first character that ends it.
    fn word(&mut self, ends: impl Fn(char) -> bool) -> Result<String, Fault> {
        self.skip(|c| c.is_whitespace() && !ends(c));
        if self.rest().starts_with('"') {
            let word = self.quotation()?;
            self.skip(|c| c.is_whitespace() && !ends(c));
            return match self.rest().chars().next() {
                Some(c) if !ends(c) => Err(Fault::AfterQuote { at: self.place() }),
                _ => Ok(word),
            };
        }
        let start = self.at;
        self.skip(|c| !ends(c));
        Ok(self.text[start..self.at].trim().to_owned())
    }

    /// A text as JSON writes it.
    fn quotation(&mut self) -> Result<String, Fault> {
        let fault = Fault::Quote { at: self.place() };
        let mut read = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        match read.next() {
            Some(Ok(text)) => {
                self.at += read.byte_offset();
                Ok(text)
            }
            _ => Err(fault),
        }
    }

    fn skip(&mut self, passes: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !passes(c)).unwrap_or(rest.len());
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Where the next character stands.
    fn place(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(of: &[(&str, &str)]) -> Pairs {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        of.iter().map(own).collect()
    }

    #[test]
    fn pairs_are_read_with_commas_in_quotes() {
        for (written, expected) in [
            ("", &[][..]),
            ("plan=pro, age = 34", &[("plan", "pro"), ("age", "34")]),
            ("plan=pro、\nage=34,", &[("plan", "pro"), ("age", "34")]),
            (r#"tags="a, b", x="#, &[("tags", "a, b"), ("x", "")]),
            (r#""a=b" = "\"c\"""#, &[("a=b", "\"c\"")]),
            ("url=/a?b=c", &[("url", "/a?b=c")]),
            (
                r#" {"plan": "pro", "age": 34, "staff": true, "gone": null}"#,
                &[("age", "34"), ("plan", "pro"), ("staff", "true")],
            ),
        ] {
            let mut found = read(written).unwrap();
            if is_json(written) {
                found.sort();
            }
            assert_eq!(found, pairs(expected), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        let nested = |name: &str| Fault::Nested {
            name: name.to_owned(),
        };
        for (written, fault) in [
            (
                "plan=pro, age",
                Fault::NoEquals {
                    at: 11,
                    pair: "age".to_owned(),
                },
            ),
            ("値=1、=2", Fault::NoName { at: 5 }),
            ("a=\"b", Fault::Quote { at: 3 }),
            ("a=\"b\" c", Fault::AfterQuote { at: 7 }),
            (
                "Plan=a, plan=b",
                Fault::Repeated {
                    name: "plan".to_owned(),
                },
            ),
            ("{\n \"a\" 1}", Fault::Json { line: 2, column: 6 }),
            ("[1]", Fault::NotAnObject),
            (r#"{"address": {"city": "Kyoto"}}"#, nested("address")),
            (r#"{"tags": ["a"]}"#, nested("tags")),
        ] {
            assert_eq!(read(written), Err(fault), "{written}");
        }
    }

    /// Every text of up to three characters of those that mean something.
    fn texts() -> Vec<String> {
        let hostile = [
            'a', '=', ',', '、', '"', '\\', ' ', '\n', '{', '[', '\r', '\u{3000}',
        ];
        let mut all = vec![String::new()];
        let mut longest = all.clone();
        for _ in 0..3 {
            let longer = longest
                .iter()
                .flat_map(|text| hostile.map(|c| format!("{text}{c}")));
            longest = longer.collect();
            all.extend(longest.iter().cloned());
        }
        all
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for text in texts() {
            let all = pairs(&[("first", text.as_str()), ("second", "x")]);
            let written = write(&all);
            assert_eq!(read(&written), Ok(all), "{written}");
            if !text.is_empty() {
                let all = pairs(&[(text.as_str(), text.as_str()), ("second", "")]);
                let written = write(&all);
                assert_eq!(read(&written), Ok(all), "{written}");
            }
            let _ = read(&text);
        }
    }
}
