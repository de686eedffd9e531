-- Metrics with windows, ratios and a period before the exposure; sums by dimension and
-- over time; what is not counted.

-- What the gateway saw of a unit at its earliest exposure; none of a unit that an earlier
-- release counted, which is in no slice.
ALTER TABLE units ADD COLUMN country TEXT;
ALTER TABLE units ADD COLUMN device TEXT;
ALTER TABLE units ADD COLUMN browser TEXT;

-- Requests of known bots, and events that had come before.
ALTER TABLE variant_stats ADD COLUMN bots BIGINT NOT NULL DEFAULT 0;
ALTER TABLE variant_stats ADD COLUMN duplicates BIGINT NOT NULL DEFAULT 0;

-- Conversions a metric asks for; none: those of the metric's name.
ALTER TABLE experiment_metrics ADD COLUMN event TEXT;
-- Of a ratio: 'events' or 'values' above the line, and what is below it.
ALTER TABLE experiment_metrics ADD COLUMN counts TEXT;
ALTER TABLE experiment_metrics ADD COLUMN base_event TEXT;
ALTER TABLE experiment_metrics ADD COLUMN base_counts TEXT;
-- Milliseconds after the exposure, the end not included; none: without end.
ALTER TABLE experiment_metrics ADD COLUMN from_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE experiment_metrics ADD COLUMN until_ms BIGINT;
-- Days before the day of the exposure.
ALTER TABLE experiment_metrics ADD COLUMN pre_days BIGINT NOT NULL DEFAULT 0;
-- Of a retention: units exposed until then are counted, because their days are over.
ALTER TABLE experiment_metrics ADD COLUMN settled_ms BIGINT;
DROP INDEX units_by_experiment;
CREATE INDEX units_by_exposure ON units (experiment_id, exposed_ms);

-- Of each unit: below the line of a ratio, and both before the exposure.
ALTER TABLE unit_metrics ADD COLUMN base_events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE unit_metrics ADD COLUMN base_milli BIGINT NOT NULL DEFAULT 0;
ALTER TABLE unit_metrics ADD COLUMN pre_events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE unit_metrics ADD COLUMN pre_milli BIGINT NOT NULL DEFAULT 0;
ALTER TABLE unit_metrics ADD COLUMN pre_base_events BIGINT NOT NULL DEFAULT 0;
ALTER TABLE unit_metrics ADD COLUMN pre_base_milli BIGINT NOT NULL DEFAULT 0;

-- Sums over units of each unit's numbers (above the line, below it, and both before the
-- exposure) and of the products of any two. Of a retention `units` are those counted; of all
-- others it is 0, and the exposed units count.
ALTER TABLE metric_stats ADD COLUMN units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN base BIGINT NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN pre BIGINT NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN pre_base BIGINT NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN sum_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN sum_pre DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN sum_pre_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN base_squares DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN base_pre DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN base_pre_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN pre_squares DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN pre_pre_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE metric_stats ADD COLUMN pre_base_squares DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN base BIGINT NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN pre BIGINT NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN pre_base BIGINT NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN sum_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN sum_pre DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN sum_pre_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN base_squares DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN base_pre DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN base_pre_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN pre_squares DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN pre_pre_base DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE look_metrics ADD COLUMN pre_base_squares DOUBLE PRECISION NOT NULL DEFAULT 0;

-- Exposures and conversions of the primary metric by dimension: a bounded number of
-- values each (see `domain::experiment::Dimension`).
CREATE TABLE slice_counts (
    experiment_id TEXT NOT NULL,
    dimension TEXT NOT NULL,
    value TEXT NOT NULL,
    variant TEXT NOT NULL,
    exposures BIGINT NOT NULL,
    conversions BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, dimension, value, variant)
);

-- The columns of metric_stats by dimension.
CREATE TABLE slice_metrics (
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    dimension TEXT NOT NULL,
    value TEXT NOT NULL,
    variant TEXT NOT NULL,
    units BIGINT NOT NULL,
    sum BIGINT NOT NULL,
    base BIGINT NOT NULL,
    pre BIGINT NOT NULL,
    pre_base BIGINT NOT NULL,
    sum_squares DOUBLE PRECISION NOT NULL,
    sum_base DOUBLE PRECISION NOT NULL,
    sum_pre DOUBLE PRECISION NOT NULL,
    sum_pre_base DOUBLE PRECISION NOT NULL,
    base_squares DOUBLE PRECISION NOT NULL,
    base_pre DOUBLE PRECISION NOT NULL,
    base_pre_base DOUBLE PRECISION NOT NULL,
    pre_squares DOUBLE PRECISION NOT NULL,
    pre_pre_base DOUBLE PRECISION NOT NULL,
    pre_base_squares DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (experiment_id, metric, dimension, value, variant)
);

-- What they grew by in each bucket of variant_series.
CREATE TABLE metric_series (
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    bucket_ms BIGINT NOT NULL,
    variant TEXT NOT NULL,
    units BIGINT NOT NULL,
    sum BIGINT NOT NULL,
    base BIGINT NOT NULL,
    pre BIGINT NOT NULL,
    pre_base BIGINT NOT NULL,
    sum_squares DOUBLE PRECISION NOT NULL,
    sum_base DOUBLE PRECISION NOT NULL,
    sum_pre DOUBLE PRECISION NOT NULL,
    sum_pre_base DOUBLE PRECISION NOT NULL,
    base_squares DOUBLE PRECISION NOT NULL,
    base_pre DOUBLE PRECISION NOT NULL,
    base_pre_base DOUBLE PRECISION NOT NULL,
    pre_squares DOUBLE PRECISION NOT NULL,
    pre_pre_base DOUBLE PRECISION NOT NULL,
    pre_base_squares DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (experiment_id, metric, bucket_ms, variant)
);

-- Conversions whose past is kept, because an experiment asks for the time before the
-- exposure, and when one last asked.
CREATE TABLE metric_history (
    environment TEXT NOT NULL,
    metric TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    asked_ms BIGINT NOT NULL,
    PRIMARY KEY (environment, metric)
);

-- That past, per day (UTC, counted from 1970).
CREATE TABLE unit_days (
    unit TEXT NOT NULL,
    metric TEXT NOT NULL,
    environment TEXT NOT NULL,
    day BIGINT NOT NULL,
    events BIGINT NOT NULL,
    total_milli BIGINT NOT NULL,
    PRIMARY KEY (unit, metric, environment, day)
);
CREATE INDEX unit_days_by_day ON unit_days (day);
