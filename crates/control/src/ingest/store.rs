//! A tally as statements: few of them, each for many rows.

use std::collections::HashSet;
use std::sync::Arc;

use nexus_domain::Environment;
use nexus_domain::experiment::Dimension;

use super::tally::Tally;
use super::{IngestBatch, distributions, flags, numbers, raw, sums, waits};
use crate::Result;
use crate::bulk::Bulk;
use crate::ports::{Capacity, Statement};
use crate::results::take_look;
use crate::sql::sql;

static EVENTS: Bulk<2> = Bulk::new("INSERT INTO ingest_events (id, at_ms)", "");
static UNITS: Bulk<9> = Bulk::new(
    "INSERT INTO units (number, experiment_id, variant, exposed_ms, errored, converted, \
     country, device, browser)",
    "ON CONFLICT (number, experiment_id) DO UPDATE SET exposed_ms = excluded.exposed_ms, \
     errored = excluded.errored, converted = excluded.converted, \
     country = excluded.country, device = excluded.device, browser = excluded.browser",
);
static CONVERSIONS: Bulk<4> = Bulk::new(
    "INSERT INTO unit_conversions (number, metric, environment, at_ms)",
    "ON CONFLICT (number, metric, environment) DO UPDATE SET at_ms = excluded.at_ms",
);
/// Users of many buckets convert in one batch.
static SERIES: Bulk<6> = Bulk::new(
    "INSERT INTO variant_series \
     (experiment_id, bucket_ms, variant, exposures, conversions, converted)",
    "ON CONFLICT (experiment_id, bucket_ms, variant) \
     DO UPDATE SET exposures = variant_series.exposures + excluded.exposures, \
     conversions = variant_series.conversions + excluded.conversions, \
     converted = variant_series.converted + excluded.converted",
);
static WAITS: Bulk<3> = Bulk::new(
    "INSERT INTO unit_waits (number, experiment_id, slow)",
    "ON CONFLICT (number, experiment_id) DO UPDATE SET slow = excluded.slow",
);
static HAPPENED: Bulk<6> = Bulk::new(
    "INSERT INTO metric_events (number, metric, environment, id, at_ms, value_milli)",
    "",
);
static TOTALS: Bulk<11> = Bulk::new(
    "INSERT INTO unit_metrics (number, experiment_id, metric, events, total_milli, base_events, \
     base_milli, pre_events, pre_milli, pre_base_events, pre_base_milli)",
    "ON CONFLICT (number, experiment_id, metric) DO UPDATE SET events = excluded.events, \
     total_milli = excluded.total_milli, base_events = excluded.base_events, \
     base_milli = excluded.base_milli, pre_events = excluded.pre_events, \
     pre_milli = excluded.pre_milli, pre_base_events = excluded.pre_base_events, \
     pre_base_milli = excluded.pre_base_milli",
);

/// Everything of one ingest, its guard first.
pub(super) fn statements(
    environment: Environment,
    batches: &[Arc<IngestBatch>],
    tally: &Tally,
    now_ms: i64,
    capacity: Capacity,
) -> Result<Vec<Statement>> {
    let environment = environment.as_str();
    let mut all = vec![sql!(
        "UPDATE ingest_head SET seq = CASE WHEN seq = ?1 THEN seq + 1 ELSE -1 END WHERE id = 1",
        tally.known.seq
    )];
    all.extend(raw::statements(environment, tally, now_ms)?);
    let reported = batches.iter().filter(|batch| !batch.gateway_id.is_empty());
    all.extend(reported.map(|batch| gateway(batch, now_ms)));
    let mut events: Vec<_> = tally.events.iter().collect();
    events.sort_unstable();
    let events = events.into_iter();
    let events = events.map(|(id, at_ms)| [id.as_str().into(), (*at_ms).into()]);
    all.extend(EVENTS.statements(events, capacity));
    all.extend(traffic(environment, tally));
    let reports = tally.flag_reports.iter().filter_map(|at| batches.get(*at));
    let reports = reports.map(Arc::as_ref);
    let known = &tally.known.flags;
    all.extend(flags::statements(
        environment,
        reports,
        known,
        now_ms,
        capacity,
    ));
    all.extend(counted(environment, tally, now_ms, capacity)?);
    Ok(all)
}

/// What the events add to experiments. Conversions are kept under the name of the environment.
pub(super) fn counted(
    environment: &str,
    tally: &Tally,
    now_ms: i64,
    capacity: Capacity,
) -> Result<Vec<Statement>> {
    let known = &tally.known;
    let mut all = numbers::statements(&tally.new_units, &known.numbers, capacity);
    let units = in_order(&tally.changed_units).filter_map(|key| {
        let unit = tally.known.units.get(key)?;
        let seen = |of: Dimension| unit.seen.as_ref().map(|seen| seen.value(of));
        Some([
            known.numbers.number(&key.0),
            known.units_of(&key.1).into(),
            unit.variant.as_str().into(),
            unit.exposed_ms.into(),
            unit.errored.into(),
            unit.converted.into(),
            seen(Dimension::Country).into(),
            seen(Dimension::Device).into(),
            seen(Dimension::Browser).into(),
        ])
    });
    all.extend(UNITS.statements(units, capacity));
    let conversions = in_order(&tally.changed_conversions).filter_map(|key| {
        let at_ms = *tally.known.conversions.get(key)?;
        Some([
            known.numbers.number(&key.0),
            key.1.as_str().into(),
            environment.into(),
            at_ms.into(),
        ])
    });
    all.extend(CONVERSIONS.statements(conversions, capacity));
    counters(tally, capacity, &mut all);
    let waits = in_order(&tally.changed_waits).filter_map(|key| {
        let slow = *tally.known.waits.get(key)?;
        let units = known.units_of(&key.1);
        Some([known.numbers.number(&key.0), units.into(), slow.into()])
    });
    all.extend(WAITS.statements(waits, capacity));
    all.extend(waits::sums(tally));
    measures(environment, tally, capacity, &mut all);
    distributions::statements(tally, now_ms, capacity, &mut all)?;
    // After the counters: a look sees what the batch has added.
    for (experiment, look) in tally.looks() {
        all.extend(take_look(experiment, look, now_ms));
    }
    Ok(all)
}

/// New units have their numbers in this order: neighbours are written one after the other.
fn in_order<K: Ord>(keys: &HashSet<K>) -> impl Iterator<Item = &K> {
    let mut keys: Vec<&K> = keys.iter().collect();
    keys.sort_unstable();
    keys.into_iter()
}

fn measures(environment: &str, tally: &Tally, capacity: Capacity, all: &mut Vec<Statement>) {
    let mut happened: Vec<_> = tally.happened.iter().collect();
    happened.sort_unstable_by_key(|(key, _)| key);
    let happened = happened.into_iter().map(|((unit, metric), h)| {
        [
            tally.known.numbers.number(unit),
            metric.as_str().into(),
            environment.into(),
            h.id.as_str().into(),
            h.at_ms.into(),
            h.milli.into(),
        ]
    });
    all.extend(HAPPENED.statements(happened, capacity));
    let totals = in_order(&tally.changed_totals).filter_map(|place| {
        let total = tally.known.totals.get(place)?;
        let [had, base, pre, pre_base] = total;
        Some([
            tally.known.numbers.number(&place.0),
            tally.known.units_of(&place.1).into(),
            place.2.as_str().into(),
            had.events.into(),
            had.milli.into(),
            base.events.into(),
            base.milli.into(),
            pre.events.into(),
            pre.milli.into(),
            pre_base.events.into(),
            pre_base.milli.into(),
        ])
    });
    all.extend(TOTALS.statements(totals, capacity));
    sums::statements(environment, tally, capacity, all);
}

fn counters(tally: &Tally, capacity: Capacity, all: &mut Vec<Statement>) {
    for ((experiment, variant), added) in &tally.variants {
        all.push(sql!(
            "UPDATE variant_stats SET exposures = exposures + ?3, \
             conversions = conversions + ?4, errored_users = errored_users + ?5, \
             conflicts = conflicts + ?6, bots = bots + ?7, duplicates = duplicates + ?8 \
             WHERE experiment_id = ?1 AND variant = ?2",
            experiment.as_str(),
            variant.as_str(),
            added.exposures,
            added.conversions,
            added.errored_users,
            added.conflicts,
            added.bots,
            added.duplicates
        ));
    }
    let series = tally.series.iter();
    let series = series.map(|((experiment, bucket_ms, variant), grown)| {
        [
            experiment.as_str().into(),
            (*bucket_ms).into(),
            variant.as_str().into(),
            grown.exposures.into(),
            grown.conversions.into(),
            grown.converted.into(),
        ]
    });
    all.extend(SERIES.statements(series, capacity));
}

fn traffic(environment: &str, tally: &Tally) -> impl Iterator<Item = Statement> {
    let all = tally.traffic.iter();
    all.map(move |(bucket_ms, (requests, errors))| {
        sql!(
            "INSERT INTO traffic (environment, bucket_ms, requests, errors) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (environment, bucket_ms) \
             DO UPDATE SET requests = traffic.requests + excluded.requests, \
             errors = traffic.errors + excluded.errors",
            environment,
            *bucket_ms,
            *requests,
            *errors
        )
    })
}

pub(super) fn gateway(batch: &IngestBatch, now_ms: i64) -> Statement {
    sql!(
        "INSERT INTO gateways (environment, id, version, seen_ms, streams) \
         VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (environment, id) DO UPDATE SET version = excluded.version, \
         seen_ms = excluded.seen_ms, streams = excluded.streams",
        batch.environment.as_str(),
        batch.gateway_id.as_str(),
        batch.snapshot_version,
        now_ms,
        batch.streams.map(i64::from)
    )
}
