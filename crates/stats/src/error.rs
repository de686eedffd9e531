//! Arguments no formula can work with.

/// An argument is outside its range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{name} must be {range}, not {found}")]
pub struct OutOfRange {
    /// Which argument.
    pub name: &'static str,
    /// What it may be, in words.
    pub range: &'static str,
    /// What it was.
    pub found: f64,
}

/// `value` when it lies strictly between 0 and 1.
pub(crate) fn inside_unit(name: &'static str, value: f64) -> Result<f64, OutOfRange> {
    if value > 0.0 && value < 1.0 {
        return Ok(value);
    }
    Err(OutOfRange {
        name,
        range: "between 0 and 1, both excluded",
        found: value,
    })
}
