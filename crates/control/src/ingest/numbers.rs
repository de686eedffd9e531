//! Units by number, given out in the order in which units are met.
//!
//! What is kept of a unit is kept by its number: those of units that come at the same time are
//! neighbours in every table, so that a batch of new ones writes to the ends of them, and only
//! its names to places in no order. A number is given to a unit of which something is kept for
//! the first time, by the batch that keeps it, and never again to another.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::tally::Tally;
use crate::bulk::Bulk;
use crate::ports::{Capacity, Statement, Value};
use crate::sql::sql;
use crate::{Error, Result};

static NEW: Bulk<2> = Bulk::new("INSERT INTO unit_numbers (unit, number)", "");

/// Of the units of a batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    by_unit: HashMap<String, i64>,
    units: HashMap<i64, String>,
    /// The last that was given out, to whomever.
    last: i64,
}

impl Numbers {
    /// None of which anything is kept as yet. The last number is read before the units are: one
    /// that another process gives in between makes the guard of [`statements`] fail.
    pub(super) fn after(last: i64) -> Self {
        Self {
            last,
            ..Self::default()
        }
    }

    pub(super) const fn last(&self) -> i64 {
        self.last
    }

    pub(super) fn insert(&mut self, unit: &str, number: i64) {
        if self.by_unit.insert(unit.to_owned(), number).is_none() {
            self.units.insert(number, unit.to_owned());
        }
    }

    /// Numbers for those that have none: these, in the order of their numbers, which is that of
    /// their names.
    pub(super) fn give<'a>(&mut self, units: impl Iterator<Item = &'a str>) -> Vec<String> {
        let new: BTreeSet<&str> = units
            .filter(|unit| !self.by_unit.contains_key(*unit))
            .collect();
        for unit in &new {
            self.last += 1;
            self.insert(unit, self.last);
        }
        new.into_iter().map(str::to_owned).collect()
    }

    /// Of those of the units that have one.
    pub(super) fn of<'a>(&'a self, units: &'a HashSet<&str>) -> impl Iterator<Item = [Value; 1]> {
        let numbers = units.iter().filter_map(|unit| self.by_unit.get(*unit));
        numbers.map(|number| [(*number).into()])
    }

    /// Whose a number that was read is.
    pub(super) fn unit(&self, number: i64) -> Result<String> {
        let unit = self.units.get(&number).cloned();
        unit.ok_or_else(|| Error::internal("a row of a unit that was not asked for"))
    }

    /// Every unit of which something is written has one; no table takes a row without.
    pub(super) fn number(&self, unit: &str) -> Value {
        self.by_unit.get(unit).copied().into()
    }
}

impl Tally {
    /// Units of which something is kept now and nothing was before.
    pub(super) fn number_units(&mut self) {
        let pairs = self.changed_units.iter();
        let pairs = pairs.chain(&self.changed_conversions);
        let pairs = pairs.chain(&self.changed_waits);
        let pairs = pairs.chain(self.happened.iter().map(|(key, _)| key));
        let places = self.changed_totals.iter().chain(self.exchanged.keys());
        let units = pairs.map(|(unit, _)| unit);
        let units = units.chain(places.map(|(unit, ..)| unit));
        let units = units.chain(self.days.keys().map(|(unit, ..)| unit));
        self.new_units = self.known.numbers.give(units.map(String::as_str));
    }
}

/// The numbers given out, unless another process has given some out in between.
pub(super) fn statements(
    units: &[String],
    numbers: &Numbers,
    capacity: Capacity,
) -> Vec<Statement> {
    if units.is_empty() {
        return Vec::new();
    }
    let last = numbers.last;
    let before = last - units.len() as i64;
    let mut all = vec![sql!(
        "UPDATE ingest_head SET units = CASE WHEN units = ?1 THEN CAST(?2 AS BIGINT) ELSE -1 END \
         WHERE id = 1",
        before,
        last
    )];
    let rows = units.iter();
    let rows = rows.map(|unit| [unit.as_str().into(), numbers.number(unit)]);
    all.extend(NEW.statements(rows, capacity));
    all
}
