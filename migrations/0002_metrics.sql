-- The looks of experiments whose method has a planned end, and metrics beside the primary one.

-- One row per such experiment from its start on.
CREATE TABLE look_plans (
    experiment_id TEXT NOT NULL PRIMARY KEY,
    looks BIGINT NOT NULL CHECK (looks > 0),
    -- Exposed users of all variants together at the last look.
    planned_users BIGINT NOT NULL CHECK (planned_users > 0)
);

-- The counts as they were when a look was due. Written once, with the batch of
-- events that made it due: what was decided on stays as it was.
CREATE TABLE look_counts (
    experiment_id TEXT NOT NULL,
    look BIGINT NOT NULL,
    variant TEXT NOT NULL,
    exposures BIGINT NOT NULL,
    conversions BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, look, variant)
);

-- What is measured beside the primary metric, from the start on.
CREATE TABLE experiment_metrics (
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Thousandths; none when nothing is cut.
    cap_milli BIGINT,
    PRIMARY KEY (experiment_id, metric)
);

-- Conversions of such metrics while an exposure that they follow may still be
-- reported. Values are in thousandths, so that sums are exact in any order.
CREATE TABLE metric_events (
    unit TEXT NOT NULL,
    metric TEXT NOT NULL,
    environment TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    value_milli BIGINT NOT NULL,
    PRIMARY KEY (unit, metric, environment, id)
);
CREATE INDEX metric_events_by_time ON metric_events (at_ms);

-- Running totals of each exposed unit.
CREATE TABLE unit_metrics (
    unit TEXT NOT NULL,
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    events BIGINT NOT NULL,
    total_milli BIGINT NOT NULL,
    PRIMARY KEY (unit, experiment_id, metric)
);
CREATE INDEX unit_metrics_by_experiment ON unit_metrics (experiment_id);

-- Sums over units of each unit's number and of its square: ones, events or
-- thousandths, by the metric's kind. Units without any add nothing.
CREATE TABLE metric_stats (
    experiment_id TEXT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    sum BIGINT NOT NULL,
    sum_squares DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (experiment_id, variant, metric)
);

-- The same as it was when a look was due.
CREATE TABLE look_metrics (
    experiment_id TEXT NOT NULL,
    look BIGINT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    sum BIGINT NOT NULL,
    sum_squares DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (experiment_id, look, variant, metric)
);
