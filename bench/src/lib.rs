//! One question to our evaluators and to those of other systems: is the country one of three,
//! and if so, which of two variants, half and half?
//!
//! Every evaluator gets the question in its own format, loaded as its maker loads it, and
//! the asker prepared in advance as it wants it. What is timed is the question alone, with
//! everything it allocates. Where an engine offers a cheaper and a dearer way to the same
//! answer, it is asked the cheaper way; the modules say which.

pub mod check;
pub mod ours;
pub mod peers;

use anyhow::Result;
use serde_json::Value;

/// Who takes part.
pub const COUNTRIES: [&str; 3] = ["US", "CA", "GB"];
/// Values of the variants.
pub const VARIANTS: [&str; 2] = ["old", "new"];
/// Value for everybody else.
pub const OFF: &str = "off";

/// An evaluator and how it is asked.
pub trait Evaluator: Sized {
    /// Name in the tables.
    const NAME: &'static str;
    /// A caller with id, country and plan, as the evaluator takes it.
    type Asker;
    /// The evaluator's own answer.
    type Found<'a>
    where
        Self: 'a;

    /// So many flags of the scenario, each with a salt of its own, in the evaluator's format.
    fn payload(flags: usize) -> Value;

    /// Reads a payload and gets ready to answer.
    ///
    /// # Errors
    /// When the evaluator cannot read it.
    fn load(json: &[u8]) -> Result<Self>;

    /// Prepares a caller.
    ///
    /// # Errors
    /// When the evaluator refuses it.
    fn asker(id: &str, country: &str) -> Result<Self::Asker>;

    /// The question.
    fn ask<'a>(&'a self, flag: &str, asker: &'a Self::Asker) -> Self::Found<'a>;

    /// Position of the variant in [`VARIANTS`]; nothing for somebody who does not take part.
    fn variant(found: &Self::Found<'_>) -> Option<usize>;
}

/// Key of a flag.
#[must_use]
pub fn key(index: usize) -> String {
    format!("flag-{index}")
}

/// A caller's id.
#[must_use]
pub fn unit(index: usize) -> String {
    format!("visitor-{index:06}")
}

/// A payload as text.
///
/// # Errors
/// Never for what [`Evaluator::payload`] makes.
pub fn payload_json<E: Evaluator>(flags: usize) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&E::payload(flags))?)
}

/// Position of a variant's value.
fn position(value: &str) -> Option<usize> {
    VARIANTS.iter().position(|variant| *variant == value)
}
