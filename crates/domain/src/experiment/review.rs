//! Review: another person looks at an experiment before it starts.

use serde::{Deserialize, Serialize};

use super::Experiment;

/// Asked for, and perhaps answered. Gone with the next edit: what was approved is what starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Review {
    pub asked_by: String,
    pub asked_ms: i64,
    /// What the reviewer is to know.
    pub words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ReviewAnswer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewAnswer {
    /// Otherwise it was sent back.
    pub approved: bool,
    pub by: String,
    pub at_ms: i64,
    pub words: String,
}

impl Experiment {
    /// Another person has approved the settings as they are.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.answer().is_some_and(|answer| answer.approved)
    }

    /// What the reviewer said.
    #[must_use]
    pub fn answer(&self) -> Option<&ReviewAnswer> {
        self.review.as_ref()?.answer.as_ref()
    }

    /// Whoever made it, changed it since it was last approved, or asked for the review can't
    /// be the one who approves.
    #[must_use]
    pub fn is_work_of(&self, who: &str) -> bool {
        let asked = self.review.as_ref().is_some_and(|r| r.asked_by == who);
        asked || self.created_by == who || self.authors.iter().any(|author| author == who)
    }

    /// The authors after another edit. What was approved is its reviewer's work to vouch for,
    /// so after it they are counted anew; once started nothing is left to approve.
    pub(super) fn authors_with(&self, by: &str) -> Vec<String> {
        let mut authors = match self.is_approved() && self.status.is_before_start() {
            true => Vec::new(),
            false => self.authors.clone(),
        };
        let is_known = authors.iter().any(|author| author == by);
        if self.status.is_before_start() && !is_known {
            authors.push(by.to_owned());
        }
        authors
    }

    pub(super) fn answer_review(&mut self, approved: bool, by: String, words: String, at_ms: i64) {
        if let Some(review) = &mut self.review {
            review.answer = Some(ReviewAnswer {
                approved,
                by,
                at_ms,
                words,
            });
        }
    }
}
