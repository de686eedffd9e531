-- Units by number, in the order in which they were met. What is kept of a unit is kept by its
-- number, so that units that come at the same time are neighbours, and a new one touches one
-- page at random (its name) instead of one of each table.
--
-- Against the rule of two releases, because there has been no release yet. The column has
-- another name than before: what an older version would write is refused.

-- The key has the number in it, so that who looks a unit up reads nothing else. That a unit has
-- one number only is guarded by the count of numbers below.
CREATE TABLE unit_numbers (
    unit TEXT NOT NULL,
    number BIGINT NOT NULL UNIQUE,
    PRIMARY KEY (unit, number)
);

-- The last number that was given out. Writing -1 refuses a batch.
ALTER TABLE ingest_head ADD COLUMN units BIGINT NOT NULL DEFAULT 0 CHECK (units >= 0);
-- Looking through all numbers for those of which nothing is kept any more: up to where that has
-- come, where it ends, and when it began.
ALTER TABLE ingest_head ADD COLUMN pass_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ingest_head ADD COLUMN pass_end BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ingest_head ADD COLUMN pass_ms BIGINT NOT NULL DEFAULT 0;

-- One table after the other: D1 takes five parts of a UNION.
CREATE TABLE met (unit TEXT NOT NULL PRIMARY KEY);
INSERT INTO met SELECT DISTINCT unit FROM units WHERE TRUE ON CONFLICT DO NOTHING;
INSERT INTO met SELECT DISTINCT unit FROM unit_conversions WHERE TRUE ON CONFLICT DO NOTHING;
INSERT INTO met SELECT DISTINCT unit FROM metric_events WHERE TRUE ON CONFLICT DO NOTHING;
INSERT INTO met SELECT DISTINCT unit FROM unit_metrics WHERE TRUE ON CONFLICT DO NOTHING;
INSERT INTO met SELECT DISTINCT unit FROM unit_values WHERE TRUE ON CONFLICT DO NOTHING;
INSERT INTO met SELECT DISTINCT unit FROM unit_waits WHERE TRUE ON CONFLICT DO NOTHING;
INSERT INTO met SELECT DISTINCT unit FROM unit_days WHERE TRUE ON CONFLICT DO NOTHING;
INSERT INTO unit_numbers (unit, number)
SELECT unit, ROW_NUMBER() OVER (ORDER BY unit) FROM met;
DROP TABLE met;
UPDATE ingest_head SET units = (SELECT COUNT(*) FROM unit_numbers), seq = seq + 1;

CREATE TABLE numbered (
    number BIGINT NOT NULL,
    experiment_id TEXT NOT NULL,
    variant TEXT NOT NULL,
    exposed_ms BIGINT NOT NULL,
    errored BIGINT NOT NULL,
    converted BIGINT NOT NULL,
    -- What the gateway saw of a unit at its earliest exposure; none of a unit that an earlier
    -- version counted, which is in no slice.
    country TEXT,
    device TEXT,
    browser TEXT,
    PRIMARY KEY (number, experiment_id)
);
INSERT INTO numbered
SELECT n.number, u.experiment_id, u.variant, u.exposed_ms, u.errored, u.converted, u.country,
    u.device, u.browser
FROM units u JOIN unit_numbers n ON n.unit = u.unit ORDER BY n.number;
DROP TABLE units;
ALTER TABLE numbered RENAME TO units;
CREATE INDEX units_by_exposure ON units (experiment_id, exposed_ms);

-- Newest conversion per unit: an exposure that arrives later may need it.
CREATE TABLE numbered (
    number BIGINT NOT NULL,
    metric TEXT NOT NULL,
    environment TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (number, metric, environment)
);
INSERT INTO numbered
SELECT n.number, u.metric, u.environment, u.at_ms
FROM unit_conversions u JOIN unit_numbers n ON n.unit = u.unit ORDER BY n.number;
DROP TABLE unit_conversions;
ALTER TABLE numbered RENAME TO unit_conversions;
CREATE INDEX unit_conversions_by_time ON unit_conversions (at_ms);

-- Conversions of metrics while an exposure that they follow may still be reported. Values are in
-- thousandths, so that sums are exact in any order.
CREATE TABLE numbered (
    number BIGINT NOT NULL,
    metric TEXT NOT NULL,
    environment TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    value_milli BIGINT NOT NULL,
    PRIMARY KEY (number, metric, environment, id)
);
INSERT INTO numbered
SELECT n.number, u.metric, u.environment, u.id, u.at_ms, u.value_milli
FROM metric_events u JOIN unit_numbers n ON n.unit = u.unit ORDER BY n.number;
DROP TABLE metric_events;
ALTER TABLE numbered RENAME TO metric_events;
CREATE INDEX metric_events_by_time ON metric_events (at_ms);

-- Running totals of each exposed unit: above the line, below it, and both before the exposure.
CREATE TABLE numbered (
    number BIGINT NOT NULL,
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    events BIGINT NOT NULL,
    total_milli BIGINT NOT NULL,
    base_events BIGINT NOT NULL,
    base_milli BIGINT NOT NULL,
    pre_events BIGINT NOT NULL,
    pre_milli BIGINT NOT NULL,
    pre_base_events BIGINT NOT NULL,
    pre_base_milli BIGINT NOT NULL,
    PRIMARY KEY (number, experiment_id, metric)
);
INSERT INTO numbered
SELECT n.number, u.experiment_id, u.metric, u.events, u.total_milli, u.base_events,
    u.base_milli, u.pre_events, u.pre_milli, u.pre_base_events, u.pre_base_milli
FROM unit_metrics u JOIN unit_numbers n ON n.unit = u.unit ORDER BY n.number;
DROP TABLE unit_metrics;
ALTER TABLE numbered RENAME TO unit_metrics;
CREATE INDEX unit_metrics_by_experiment ON unit_metrics (experiment_id);

-- Of a quantile of events: those of each exposed unit by bin.
CREATE TABLE numbered (
    number BIGINT NOT NULL,
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    bins TEXT NOT NULL,
    PRIMARY KEY (number, experiment_id, metric)
);
INSERT INTO numbered
SELECT n.number, u.experiment_id, u.metric, u.bins
FROM unit_values u JOIN unit_numbers n ON n.unit = u.unit ORDER BY n.number;
DROP TABLE unit_values;
ALTER TABLE numbered RENAME TO unit_values;
CREATE INDEX unit_values_by_experiment ON unit_values (experiment_id);

-- Whether a user whose waiting was measured ever waited longer than the limit.
CREATE TABLE numbered (
    number BIGINT NOT NULL,
    experiment_id TEXT NOT NULL,
    slow BIGINT NOT NULL,
    PRIMARY KEY (number, experiment_id)
);
INSERT INTO numbered
SELECT n.number, u.experiment_id, u.slow
FROM unit_waits u JOIN unit_numbers n ON n.unit = u.unit ORDER BY n.number;
DROP TABLE unit_waits;
ALTER TABLE numbered RENAME TO unit_waits;
CREATE INDEX unit_waits_by_experiment ON unit_waits (experiment_id);

-- The past of conversions, per day (UTC, counted from 1970).
CREATE TABLE numbered (
    number BIGINT NOT NULL,
    metric TEXT NOT NULL,
    environment TEXT NOT NULL,
    day BIGINT NOT NULL,
    events BIGINT NOT NULL,
    total_milli BIGINT NOT NULL,
    PRIMARY KEY (number, metric, environment, day)
);
INSERT INTO numbered
SELECT n.number, u.metric, u.environment, u.day, u.events, u.total_milli
FROM unit_days u JOIN unit_numbers n ON n.unit = u.unit ORDER BY n.number;
DROP TABLE unit_days;
ALTER TABLE numbered RENAME TO unit_days;
CREATE INDEX unit_days_by_day ON unit_days (day);
