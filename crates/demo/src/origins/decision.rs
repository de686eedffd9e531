//! The gateway's decision as an application reads it.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `x-nexus-decision`; empty when the gateway decided nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// The deployment that the gateway chose.
    pub deployment: String,
    /// Variant by experiment id.
    pub assignments: BTreeMap<String, String>,
    /// What the variants bring.
    pub features: Map<String, Value>,
    /// Why, such as `ab_test_<id>_<variant>`.
    pub reasons: Vec<String>,
}

impl Decision {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        headers
            .get("x-nexus-decision")
            .and_then(|value| serde_json::from_slice(value.as_bytes()).ok())
            .unwrap_or_default()
    }

    /// `experiment=variant`, comma-separated.
    pub(crate) fn variants(&self) -> String {
        let pairs = self
            .assignments
            .iter()
            .map(|(id, variant)| format!("{id}={variant}"));
        pairs.collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_and_garbage_is_no_decision() {
        let mut headers = HeaderMap::new();
        assert_eq!(Decision::from_headers(&headers), Decision::default());
        let value = r#"{"deployment":"canary","version":3,"assignments":{"a":"x","b":"y"}}"#;
        headers.insert("x-nexus-decision", value.parse().unwrap());
        assert_eq!(Decision::from_headers(&headers).variants(), "a=x,b=y");
        headers.insert("x-nexus-decision", "{oops".parse().unwrap());
        assert_eq!(Decision::from_headers(&headers), Decision::default());
    }
}
