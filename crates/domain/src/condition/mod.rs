//! Conditions as rows and groups: what a form can show of the condition language, and the way
//! to JSON and back.
//!
//! A form has two levels: rows joined to groups, groups joined to the whole. Whatever else the
//! language can say has no form ([`ConditionForm::of_json`] is none) and stays JSON.

mod json;
mod read;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value;

/// Most groups of a form, and most rows of all of them.
pub const MAX_GROUPS: usize = 10;
pub const MAX_ROWS: usize = 30;

/// Groups, and how many of them must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConditionForm {
    pub join: Join,
    pub groups: Vec<ConditionGroup>,
}

/// Rows, and how many of them must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConditionGroup {
    pub join: Join,
    pub rows: Vec<ConditionRow>,
}

/// One test of one attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConditionRow {
    pub attribute: String,
    pub operator: RowOperator,
    /// As typed. Numbers, `true`, `false` and `null` are what they say; in quotes (as in JSON)
    /// they are texts. Lists have commas.
    pub value: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    #[default]
    All,
    Any,
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowOperator {
    #[default]
    Is,
    IsNot,
    OneOf,
    NoneOf,
    /// In the saved group, a list, of that id.
    InGroup,
    NotInGroup,
    /// The user is in the saved group of that id, list or condition; of no attribute.
    InSaved,
    NotInSaved,
    Contains,
    DoesNotContain,
    StartsWith,
    EndsWith,
    Matches,
    DoesNotMatch,
    Greater,
    AtLeast,
    Less,
    AtMost,
    VersionIs,
    VersionIsNot,
    VersionOver,
    VersionAtLeast,
    VersionUnder,
    VersionAtMost,
    Exists,
    IsMissing,
}

/// What a row lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowProblem {
    NoAttribute,
    /// Names that begin with `$` are operators.
    AttributeName,
    NoValue,
    /// Only numbers and texts have an order.
    NotOrdered,
    /// No regular expression without look-around and back-references.
    Pattern,
}

impl Join {
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::All, "all"), (Self::Any, "any"), (Self::None, "none")];

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, known)| *known == name).map(|(join, _)| join)
    }
}

impl RowOperator {
    /// With their names in forms, in the order of a list to choose from.
    pub const ALL: [(Self, &'static str); 26] = [
        (Self::Is, "is"),
        (Self::IsNot, "is_not"),
        (Self::OneOf, "one_of"),
        (Self::NoneOf, "none_of"),
        (Self::InGroup, "in_group"),
        (Self::NotInGroup, "not_in_group"),
        (Self::InSaved, "in_saved"),
        (Self::NotInSaved, "not_in_saved"),
        (Self::Contains, "contains"),
        (Self::DoesNotContain, "does_not_contain"),
        (Self::StartsWith, "starts_with"),
        (Self::EndsWith, "ends_with"),
        (Self::Matches, "matches"),
        (Self::DoesNotMatch, "does_not_match"),
        (Self::Greater, "greater"),
        (Self::AtLeast, "at_least"),
        (Self::Less, "less"),
        (Self::AtMost, "at_most"),
        (Self::VersionIs, "version_is"),
        (Self::VersionIsNot, "version_is_not"),
        (Self::VersionOver, "version_over"),
        (Self::VersionAtLeast, "version_at_least"),
        (Self::VersionUnder, "version_under"),
        (Self::VersionAtMost, "version_at_most"),
        (Self::Exists, "exists"),
        (Self::IsMissing, "is_missing"),
    ];

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, known)| *known == name).map(|(one, _)| one)
    }

    /// Whether the row is about an attribute; otherwise it is about the user as a whole.
    #[must_use]
    pub const fn has_attribute(self) -> bool {
        !matches!(self, Self::InSaved | Self::NotInSaved)
    }

    /// Whether the value is the id of a saved group.
    #[must_use]
    pub const fn names_group(self) -> bool {
        matches!(self, Self::InGroup | Self::NotInGroup) || !self.has_attribute()
    }

    /// Whether the row has a value.
    #[must_use]
    pub const fn has_value(self) -> bool {
        !matches!(self, Self::Exists | Self::IsMissing)
    }
}

impl ConditionRow {
    /// Left empty: it counts as not there.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let names_nothing = !self.operator.has_attribute() || self.attribute.trim().is_empty();
        names_nothing && self.value.trim().is_empty()
    }

    /// What it lacks to mean something.
    #[must_use]
    pub fn problem(&self) -> Option<RowProblem> {
        let attribute = self.attribute.trim();
        if self.is_blank() || !self.operator.has_attribute() {
            None
        } else if attribute.is_empty() {
            Some(RowProblem::NoAttribute)
        } else if attribute.starts_with('$') {
            Some(RowProblem::AttributeName)
        } else if !self.operator.has_value() {
            None
        } else if !self.says_something() {
            Some(RowProblem::NoValue)
        } else {
            self.fault()
        }
    }

    fn says_something(&self) -> bool {
        match self.operator {
            RowOperator::OneOf | RowOperator::NoneOf => !text::list(&self.value).is_empty(),
            _ => !self.value.trim().is_empty(),
        }
    }

    fn fault(&self) -> Option<RowProblem> {
        use nexus_flags::growthbook::check_condition;
        // Whether there is such a group is known where the condition is saved.
        if self.operator.names_group() {
            return None;
        }
        check_condition(&self.json()).err()?;
        Some(match self.operator {
            RowOperator::Matches | RowOperator::DoesNotMatch => RowProblem::Pattern,
            _ => RowProblem::NotOrdered,
        })
    }
}

impl ConditionForm {
    /// Nothing but blank rows: everybody is meant.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let mut rows = self.groups.iter().flat_map(|group| &group.rows);
        rows.all(ConditionRow::is_blank)
    }

    /// Whether every row that is not blank means something.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let mut rows = self.groups.iter().flat_map(|group| &group.rows);
        rows.all(|row| row.problem().is_none())
    }

    /// The condition; none when everybody is meant. Rows that lack something are left out, so
    /// ask [`Self::is_complete`] first.
    #[must_use]
    pub fn condition(&self) -> Option<Value> {
        let form = self.normal();
        (!form.groups.is_empty()).then(|| form.json())
    }

    /// The simplest form that means the same: without blank rows, empty groups and needless
    /// levels. It is what [`Self::of_json`] makes of the condition.
    #[must_use]
    pub fn normal(&self) -> Self {
        let mut form = self.clone();
        for group in &mut form.groups {
            group
                .rows
                .retain(|row| !row.is_blank() && row.problem().is_none());
            for row in &mut group.rows {
                *row = row.normal();
            }
            if group.rows.len() == 1 && group.join == Join::Any {
                group.join = Join::All;
            }
        }
        form.groups.retain(|group| !group.rows.is_empty());
        if form.groups.len() == 1 && form.join == Join::Any {
            form.join = Join::All;
        }
        let is_row = |group: &ConditionGroup| group.rows.len() == 1 && group.join == Join::All;
        let is_flat = form.groups.iter().all(is_row);
        if is_flat && (form.groups.len() > 1 || form.join == Join::None) {
            let rows = form.groups.drain(..).flat_map(|group| group.rows).collect();
            let join = std::mem::take(&mut form.join);
            form.groups.push(ConditionGroup { join, rows });
        }
        form.groups.retain(|group| !group.rows.is_empty());
        form
    }
}
