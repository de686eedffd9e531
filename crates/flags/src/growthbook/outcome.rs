//! Four answers of a condition, and how they combine.

/// What a condition says about somebody. Only [`Outcome::Pass`] lets anybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Pass,
    Fail,
    /// It depends on something this engine does not know, such as an operator of a later
    /// specification. The opposite of unknown is unknown, so `$not` lets nobody in either.
    Unknown,
    /// The condition is malformed: the whole of it lets nobody in.
    Broken,
}

impl Outcome {
    pub(super) const fn opposite(self) -> Self {
        match self {
            Self::Pass => Self::Fail,
            Self::Fail => Self::Pass,
            other => other,
        }
    }

    /// All must pass. One failure decides, also beside something unknown.
    #[inline]
    pub(super) fn all(outcomes: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::Pass;
        for outcome in outcomes {
            match outcome {
                Self::Pass => {}
                Self::Unknown => all = Self::Unknown,
                decided => return decided,
            }
        }
        all
    }

    /// One must pass. One pass decides, also beside something unknown.
    #[inline]
    pub(super) fn any(outcomes: impl IntoIterator<Item = Self>) -> Self {
        let opposites = outcomes.into_iter().map(Self::opposite);
        Self::all(opposites).opposite()
    }
}

impl From<bool> for Outcome {
    #[inline]
    fn from(passes: bool) -> Self {
        if passes { Self::Pass } else { Self::Fail }
    }
}
