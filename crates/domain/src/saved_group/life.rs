//! In use and out of use.

use super::SavedGroup;

impl SavedGroup {
    /// Out of use or back in it; none when it is so already.
    #[must_use]
    pub fn archived(&self, archived: bool, by: &str, now_ms: i64) -> Option<Self> {
        (self.archived != archived).then(|| Self {
            archived,
            version: self.version + 1,
            updated_ms: now_ms,
            updated_by: by.to_owned(),
            ..self.clone()
        })
    }
}
