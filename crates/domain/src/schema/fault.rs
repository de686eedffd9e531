//! What of a value breaks a schema, as data and in English.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Problem;

/// So many places of a value are told.
const TOLD: usize = 5;

/// One place of a value that is not as the schema asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchemaFault {
    /// JSON pointer (RFC 6901) within the value: `/colors/2/hex`. Empty for the whole value.
    pub at: String,
    /// The keyword that does not hold: `maximum`; `false` where nothing may be.
    pub keyword: String,
    /// What it asks for: `5`, `"a", "b"`, `string, null`, or the name of the field it is about.
    pub asked: String,
}

impl fmt::Display for SchemaFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, asked) = (&self.at, &self.asked);
        match at.is_empty() {
            true => out.write_str("the value ")?,
            false => write!(out, "{at} ")?,
        }
        match self.keyword.as_str() {
            "type" => write!(out, "must be {}", types(asked)),
            "enum" => write!(out, "must be one of {asked}"),
            "const" => write!(out, "must be {asked}"),
            "required" | "dependentRequired" => write!(out, "is missing the field \"{asked}\""),
            "additionalProperties" => write!(out, "has the unknown field \"{asked}\""),
            "propertyNames" => write!(out, "has the field \"{asked}\", whose name is not allowed"),
            "minimum" => write!(out, "must be at least {asked}"),
            "maximum" => write!(out, "must be at most {asked}"),
            "exclusiveMinimum" => write!(out, "must be more than {asked}"),
            "exclusiveMaximum" => write!(out, "must be less than {asked}"),
            "multipleOf" => write!(out, "must be a multiple of {asked}"),
            "minLength" => write!(out, "has fewer characters than {asked}"),
            "maxLength" => write!(out, "has more characters than {asked}"),
            "minItems" => write!(out, "has fewer items than {asked}"),
            "maxItems" => write!(out, "has more items than {asked}"),
            "minProperties" => write!(out, "has fewer fields than {asked}"),
            "maxProperties" => write!(out, "has more fields than {asked}"),
            "uniqueItems" => out.write_str("has the same item twice"),
            "pattern" => write!(out, "must match the pattern {asked}"),
            "contains" => out.write_str("does not have the items that \"contains\" asks for"),
            "anyOf" => out.write_str("fits none of the alternatives of \"anyOf\""),
            "oneOf" => out.write_str("must fit exactly one of the alternatives of \"oneOf\""),
            "not" => out.write_str("is what \"not\" rules out"),
            "false" => out.write_str("is not allowed"),
            "$ref" => out.write_str("takes too long to check"),
            keyword => write!(out, "breaks \"{keyword}\": {asked}"),
        }
    }
}

impl Problem {
    /// Of many faults the first are told, and how many follow.
    pub(crate) fn breaks_schema(mut faults: Vec<SchemaFault>) -> Self {
        let more = faults.len().saturating_sub(TOLD) as u32;
        faults.truncate(TOLD);
        Self::of_schema(None, faults, more)
    }

    pub(crate) fn of_schema(variant: Option<String>, faults: Vec<SchemaFault>, more: u32) -> Self {
        let said = faults.iter().map(SchemaFault::to_string);
        let rest = (more > 0).then(|| format!("and {more} more"));
        let said: Vec<String> = said.chain(rest).collect();
        let said = said.join("; ");
        let detail = match &variant {
            Some(variant) => format!("{variant}: {said}"),
            None => said,
        };
        Self::BreaksSchema {
            detail,
            variant,
            faults,
            more,
        }
    }
}

/// Why a part of a schema is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeywordFault {
    /// A keyword that is not known.
    Unknown,
    /// A value that the keyword cannot have.
    BadValue,
    /// No name of a type, and no list of them.
    NotAType,
    /// A reference that leaves the schema.
    Remote,
    /// A reference to what is not in the schema.
    NothingThere,
    /// Neither an object nor true or false.
    NotASchema,
    TooDeep,
}

/// `number, null` in words.
fn types(asked: &str) -> String {
    let words = asked.split(", ").map(|name| match name {
        "boolean" => "true or false",
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "number" => "a number",
        "integer" => "a whole number",
        other => other,
    });
    words.collect::<Vec<_>>().join(" or ")
}
