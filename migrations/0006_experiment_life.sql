-- The life of experiments: safeguards, ramps and reviews.

-- Safeguards: how long users wait.

-- One row per experiment with a limit, from its start on.
CREATE TABLE latency_limits (
    experiment_id TEXT NOT NULL PRIMARY KEY,
    limit_ms BIGINT NOT NULL CHECK (limit_ms > 0)
);

-- Users of such an experiment whose waiting was measured, and whether they ever waited
-- longer than the limit.
CREATE TABLE unit_waits (
    unit TEXT NOT NULL,
    experiment_id TEXT NOT NULL,
    slow BIGINT NOT NULL,
    PRIMARY KEY (unit, experiment_id)
);
CREATE INDEX unit_waits_by_experiment ON unit_waits (experiment_id);

-- The same per variant.
CREATE TABLE latency_stats (
    experiment_id TEXT NOT NULL,
    variant TEXT NOT NULL,
    measured_users BIGINT NOT NULL,
    slow_users BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, variant)
);

-- Ramps: what had been counted when the newest step began, and the evidence against the split
-- until then. Each step is compared with its own buckets.
ALTER TABLE variant_stats ADD COLUMN step_exposures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE split_checks ADD COLUMN step_log_e DOUBLE PRECISION NOT NULL DEFAULT 0;

-- What environments ask of their experiments; an absent row asks for nothing.
CREATE TABLE environment_rules (
    environment TEXT NOT NULL PRIMARY KEY,
    -- Whether another person must approve an experiment before it starts.
    review BIGINT NOT NULL
);
