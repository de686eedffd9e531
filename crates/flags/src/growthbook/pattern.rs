//! Regular expressions that cannot run away.
//!
//! `regex-lite` runs in time linear in the text, is a fraction of the size of `regex` in a
//! Worker, and its classes `\d` and `\w` are ASCII as in JavaScript. It has neither
//! look-around nor back-references, and folds the case of ASCII only.

use std::cell::Cell;

use regex_lite::{Regex, RegexBuilder};

/// Most bytes one compiled expression may take.
const PATTERN_BYTES: usize = 64 * 1_024;
/// Deepest nesting of groups in one expression.
const PATTERN_DEPTH: u32 = 50;
/// Most expressions of one payload, to bound what a small payload can make us hold.
pub(super) const MAX_PATTERNS: usize = 4_096;

/// Compiles expressions and counts them.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    count: Cell<usize>,
}

impl Patterns {
    /// Nothing when the expression is not understood, too large or one too many.
    pub(super) fn compile(&self, expression: &str, ignore_case: bool) -> Option<Regex> {
        self.count.set(self.count.get().saturating_add(1));
        if self.too_many() {
            return None;
        }
        RegexBuilder::new(expression)
            .case_insensitive(ignore_case)
            .size_limit(PATTERN_BYTES)
            .nest_limit(PATTERN_DEPTH)
            .build()
            .ok()
    }

    pub(super) fn too_many(&self) -> bool {
        self.count.get() > MAX_PATTERNS
    }
}
