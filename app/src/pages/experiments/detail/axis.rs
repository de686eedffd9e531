//! The axis that the pictures of a table's lifts share: its head, and its ends.

use leptos::prelude::*;
use nexus_control::views::Lift;

use crate::charts::forest_scale;
use crate::format::change;

/// Of the lifts that have a place on it.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// To either side of zero.
    pub(super) reach: f64,
    is_empty: bool,
}

impl Axis {
    #[must_use]
    pub(super) fn of(lifts: impl Iterator<Item = Option<Lift>>) -> Self {
        let charted: Vec<_> = lifts.filter_map(|lift| lift?.charted()).collect();
        Self {
            reach: forest_scale(&charted),
            is_empty: charted.is_empty(),
        }
    }

    /// Of the column. Where no row has a place on the axis, it has no ends.
    #[must_use]
    pub(super) fn head(self, caption: &str) -> AnyView {
        let ends = (!self.is_empty).then(|| self.ends());
        view! {
            <th scope="col" class="forest-head">
                <span class="forest-caption">{caption.to_owned()}</span>
                {ends}
            </th>
        }
        .into_any()
    }

    /// What the picture's axis reaches from and to: in the head of the column and, where a
    /// narrow screen has no heads, over each picture. Read aloud they would pass for an interval.
    #[must_use]
    pub(super) fn ends(self) -> AnyView {
        view! {
            " "
            <span class="forest-ends" aria-hidden="true">
                <span>{whole(-self.reach)}</span>
                " "
                <span>"0"</span>
                " "
                <span>{whole(self.reach)}</span>
            </span>
        }
        .into_any()
    }
}

/// Ends are round: mostly they need no decimal.
fn whole(end: f64) -> String {
    change(end).replace(".0%", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_ends_have_no_decimals() {
        assert_eq!(whole(0.6), "+60%");
        assert_eq!(whole(-0.025), "−2.5%");
    }
}
