//! What a question carries besides attributes.

use serde_json::Value;

use super::result::Observer;
use super::sticky::StickyDocument;

/// Borrowed, so that asking allocates nothing.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Experiments run at all. True by default.
    pub enabled: bool,
    /// Only forced variations count.
    pub qa_mode: bool,
    /// The address asked for. Experiments may be targeted by it and overridden in its
    /// query; empty for none.
    pub url: &'a str,
    /// Variation by experiment key; one that does not exist leaves the unit out.
    pub forced_variations: &'a [(&'a str, i64)],
    /// Value by feature key.
    pub forced_features: &'a [(&'a str, &'a Value)],
    /// The remote saved groups the user is in, where the caller knows them. Wins over the
    /// attribute `__gb_remoteGroupIds`.
    pub remote_group_ids: Option<&'a [Value]>,
    /// What is kept for this user. Nothing at all turns sticky buckets off, and with them
    /// fallback attributes.
    pub sticky: Option<&'a [StickyDocument]>,
    /// Is told of exposures.
    pub observer: Option<&'a dyn Observer>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            enabled: true,
            qa_mode: false,
            url: "",
            forced_variations: &[],
            forced_features: &[],
            remote_group_ids: None,
            sticky: None,
            observer: None,
        }
    }
}
