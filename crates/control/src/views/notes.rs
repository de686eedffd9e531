//! What stands beside flags and experiments: comments, and places in code.

use serde::{Deserialize, Serialize};

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    pub id: String,
    /// Plain text of at most 2,000 characters.
    pub text: String,
    pub at_ms: i64,
    pub by: String,
}

/// Where a repository's code asks for a flag, as its last upload found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeUse {
    pub repository: String,
    pub revision: String,
    pub at_ms: i64,
    /// In the order of paths, at most 100.
    pub places: Vec<CodePlace>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodePlace {
    pub path: String,
    /// From 1.
    pub line: u32,
    pub snippet: String,
    /// Where it can be read, if the upload said so.
    pub href: Option<String>,
}
