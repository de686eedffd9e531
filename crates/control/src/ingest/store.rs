//! A tally as statements: few of them, each for many rows.

use nexus_domain::experiment::Dimension;

use super::tally::Tally;
use super::{IngestBatch, sums};
use crate::ports::{Statement, Value};
use crate::sql::sql;

/// A statement for as many rows as the list of placeholders has.
pub(super) struct Rows {
    pub(super) rows: usize,
    pub(super) sql: &'static str,
}

macro_rules! rows {
    ($head:literal, $tail:literal, $($rows:literal => $places:expr),+) => {
        &[$(Rows { rows: $rows, sql: concat!($head, " VALUES ", $places, " ", $tail) }),+]
    };
}
pub(super) use rows;

/// Largest first; D1 takes at most 100 values in a statement.
const EVENTS: &[Rows] = rows!(
    "INSERT INTO ingest_events (id, at_ms)", "",
    32 => concat!(
        "(?1,?2),(?3,?4),(?5,?6),(?7,?8),(?9,?10),(?11,?12),(?13,?14),(?15,?16),",
        "(?17,?18),(?19,?20),(?21,?22),(?23,?24),(?25,?26),(?27,?28),(?29,?30),(?31,?32),",
        "(?33,?34),(?35,?36),(?37,?38),(?39,?40),(?41,?42),(?43,?44),(?45,?46),(?47,?48),",
        "(?49,?50),(?51,?52),(?53,?54),(?55,?56),(?57,?58),(?59,?60),(?61,?62),(?63,?64)"
    ),
    8 => "(?1,?2),(?3,?4),(?5,?6),(?7,?8),(?9,?10),(?11,?12),(?13,?14),(?15,?16)",
    1 => "(?1,?2)"
);
const UNITS: &[Rows] = rows!(
    "INSERT INTO units (unit, experiment_id, variant, exposed_ms, errored, converted, \
     country, device, browser)",
    "ON CONFLICT (unit, experiment_id) DO UPDATE SET exposed_ms = excluded.exposed_ms, \
     errored = excluded.errored, converted = excluded.converted, \
     country = excluded.country, device = excluded.device, browser = excluded.browser",
    10 => concat!(
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9),(?10,?11,?12,?13,?14,?15,?16,?17,?18),(?19,?20,?21,",
        "?22,?23,?24,?25,?26,?27),(?28,?29,?30,?31,?32,?33,?34,?35,?36),(?37,?38,?39,?40,",
        "?41,?42,?43,?44,?45),(?46,?47,?48,?49,?50,?51,?52,?53,?54),(?55,?56,?57,?58,?59,",
        "?60,?61,?62,?63),(?64,?65,?66,?67,?68,?69,?70,?71,?72),(?73,?74,?75,?76,?77,?78,",
        "?79,?80,?81),(?82,?83,?84,?85,?86,?87,?88,?89,?90)"
    ),
    4 => concat!(
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9),(?10,?11,?12,?13,?14,?15,?16,?17,?18),(?19,?20,?21,",
        "?22,?23,?24,?25,?26,?27),(?28,?29,?30,?31,?32,?33,?34,?35,?36)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6,?7,?8,?9)"
);
const CONVERSIONS: &[Rows] = rows!(
    "INSERT INTO unit_conversions (unit, metric, environment, at_ms)",
    "ON CONFLICT (unit, metric, environment) DO UPDATE SET at_ms = excluded.at_ms",
    8 => concat!(
        "(?1,?2,?3,?4),(?5,?6,?7,?8),(?9,?10,?11,?12),(?13,?14,?15,?16),",
        "(?17,?18,?19,?20),(?21,?22,?23,?24),(?25,?26,?27,?28),(?29,?30,?31,?32)"
    ),
    1 => "(?1,?2,?3,?4)"
);

const HAPPENED: &[Rows] = rows!(
    "INSERT INTO metric_events (unit, metric, environment, id, at_ms, value_milli)", "",
    16 => concat!(
        "(?1,?2,?3,?4,?5,?6),(?7,?8,?9,?10,?11,?12),(?13,?14,?15,?16,?17,?18),",
        "(?19,?20,?21,?22,?23,?24),(?25,?26,?27,?28,?29,?30),(?31,?32,?33,?34,?35,?36),",
        "(?37,?38,?39,?40,?41,?42),(?43,?44,?45,?46,?47,?48),(?49,?50,?51,?52,?53,?54),",
        "(?55,?56,?57,?58,?59,?60),(?61,?62,?63,?64,?65,?66),(?67,?68,?69,?70,?71,?72),",
        "(?73,?74,?75,?76,?77,?78),(?79,?80,?81,?82,?83,?84),(?85,?86,?87,?88,?89,?90),",
        "(?91,?92,?93,?94,?95,?96)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6)"
);
const TOTALS: &[Rows] = rows!(
    "INSERT INTO unit_metrics (unit, experiment_id, metric, events, total_milli, base_events, \
     base_milli, pre_events, pre_milli, pre_base_events, pre_base_milli)",
    "ON CONFLICT (unit, experiment_id, metric) DO UPDATE SET events = excluded.events, \
     total_milli = excluded.total_milli, base_events = excluded.base_events, \
     base_milli = excluded.base_milli, pre_events = excluded.pre_events, \
     pre_milli = excluded.pre_milli, pre_base_events = excluded.pre_base_events, \
     pre_base_milli = excluded.pre_base_milli",
    9 => concat!(
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11),(?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,",
        "?22),(?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33),(?34,?35,?36,?37,?38,?39,?40,",
        "?41,?42,?43,?44),(?45,?46,?47,?48,?49,?50,?51,?52,?53,?54,?55),(?56,?57,?58,?59,",
        "?60,?61,?62,?63,?64,?65,?66),(?67,?68,?69,?70,?71,?72,?73,?74,?75,?76,?77),(?78,",
        "?79,?80,?81,?82,?83,?84,?85,?86,?87,?88),(?89,?90,?91,?92,?93,?94,?95,?96,?97,",
        "?98,?99)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"
);

/// Everything of one ingest, its guard first.
pub(super) fn statements(batch: &IngestBatch, tally: &Tally, now_ms: i64) -> Vec<Statement> {
    let environment = batch.environment.as_str();
    let mut all = vec![
        sql!(
            "UPDATE ingest_head SET seq = CASE WHEN seq = ?1 THEN seq + 1 ELSE -1 END WHERE id = 1",
            tally.known.seq
        ),
        gateway(batch, now_ms),
    ];
    let events = tally
        .events
        .iter()
        .map(|(id, at_ms)| vec![id.as_str().into(), (*at_ms).into()]);
    many(EVENTS, events.collect(), &mut all);
    let units = tally.changed_units.iter().filter_map(|key| {
        let unit = tally.known.units.get(key)?;
        let seen = |of: Dimension| unit.seen.as_ref().map(|seen| seen.value(of));
        Some(vec![
            key.0.as_str().into(),
            key.1.as_str().into(),
            unit.variant.as_str().into(),
            unit.exposed_ms.into(),
            unit.errored.into(),
            unit.converted.into(),
            seen(Dimension::Country).into(),
            seen(Dimension::Device).into(),
            seen(Dimension::Browser).into(),
        ])
    });
    many(UNITS, units.collect(), &mut all);
    let conversions = tally.changed_conversions.iter().filter_map(|key| {
        let at_ms = *tally.known.conversions.get(key)?;
        Some(vec![
            key.0.as_str().into(),
            key.1.as_str().into(),
            environment.into(),
            at_ms.into(),
        ])
    });
    many(CONVERSIONS, conversions.collect(), &mut all);
    counters(environment, tally, &mut all);
    measures(environment, tally, &mut all);
    // After the counters: a look sees what the batch has added.
    for (experiment, look) in tally.looks() {
        all.push(sql!(
            "INSERT INTO look_counts (experiment_id, look, variant, exposures, conversions, at_ms) \
             SELECT experiment_id, CAST(?2 AS BIGINT), variant, exposures, conversions, \
             CAST(?3 AS BIGINT) FROM variant_stats \
             WHERE experiment_id = ?1",
            experiment,
            u32::from(look),
            now_ms
        ));
        all.push(sql!(
            "INSERT INTO look_metrics (experiment_id, look, variant, metric, units, sum, base, \
             pre, pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, base_squares, base_pre, \
             base_pre_base, pre_squares, pre_pre_base, pre_base_squares) \
             SELECT experiment_id, CAST(?2 AS BIGINT), variant, metric, units, sum, base, \
             pre, pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, base_squares, base_pre, \
             base_pre_base, pre_squares, pre_pre_base, pre_base_squares \
             FROM metric_stats WHERE experiment_id = ?1",
            experiment,
            u32::from(look)
        ));
    }
    all
}

fn measures(environment: &str, tally: &Tally, all: &mut Vec<Statement>) {
    let happened = tally.happened.iter().map(|((unit, metric), h)| {
        vec![
            unit.as_str().into(),
            metric.as_str().into(),
            environment.into(),
            h.id.as_str().into(),
            h.at_ms.into(),
            h.milli.into(),
        ]
    });
    many(HAPPENED, happened.collect(), all);
    let totals = tally.changed_totals.iter().filter_map(|place| {
        let total = tally.known.totals.get(place)?;
        let keys = [&place.0, &place.1, &place.2].map(|key| key.as_str().into());
        let had = total.iter().flat_map(|h| [h.events.into(), h.milli.into()]);
        Some(keys.into_iter().chain(had).collect())
    });
    many(TOTALS, totals.collect(), all);
    sums::statements(environment, tally, all);
}

fn counters(environment: &str, tally: &Tally, all: &mut Vec<Statement>) {
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
    for ((experiment, bucket_ms, variant), (exposures, conversions)) in &tally.series {
        all.push(sql!(
            "INSERT INTO variant_series (experiment_id, bucket_ms, variant, exposures, conversions) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (experiment_id, bucket_ms, variant) \
             DO UPDATE SET exposures = variant_series.exposures + excluded.exposures, \
             conversions = variant_series.conversions + excluded.conversions",
            experiment.as_str(),
            *bucket_ms,
            variant.as_str(),
            *exposures,
            *conversions
        ));
    }
    for (bucket_ms, (requests, errors)) in &tally.traffic {
        all.push(sql!(
            "INSERT INTO traffic (environment, bucket_ms, requests, errors) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (environment, bucket_ms) \
             DO UPDATE SET requests = traffic.requests + excluded.requests, \
             errors = traffic.errors + excluded.errors",
            environment,
            *bucket_ms,
            *requests,
            *errors
        ));
    }
}

pub(super) fn gateway(batch: &IngestBatch, now_ms: i64) -> Statement {
    sql!(
        "INSERT INTO gateways (environment, id, version, seen_ms) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (environment, id) DO UPDATE SET version = excluded.version, \
         seen_ms = excluded.seen_ms",
        batch.environment.as_str(),
        batch.gateway_id.as_str(),
        batch.snapshot_version,
        now_ms
    )
}

/// Cuts the rows into the sizes there are statements for.
pub(super) fn many(sizes: &[Rows], rows: Vec<Vec<Value>>, all: &mut Vec<Statement>) {
    let mut rest = rows.into_iter();
    for size in sizes {
        while rest.len() >= size.rows {
            all.push(Statement {
                sql: size.sql,
                values: rest.by_ref().take(size.rows).flatten().collect(),
            });
        }
    }
}
