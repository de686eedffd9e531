-- Visitors who stand for all of the last 24 hours: those of the smallest ranks.
CREATE TABLE traffic_samples (
    environment TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- A hash of the unit, 0 to 2^52.
    rank BIGINT NOT NULL,
    -- When the visitor was sampled last.
    seen_ms BIGINT NOT NULL,
    -- What rules can ask of them, as JSON.
    context TEXT NOT NULL,
    PRIMARY KEY (environment, unit)
);
CREATE INDEX traffic_samples_by_rank ON traffic_samples (environment, rank);

-- Everybody of an hour whose rank is below its limit is in the sample.
CREATE TABLE sample_limits (
    environment TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    -- When the hour's first report came.
    first_ms BIGINT NOT NULL,
    below BIGINT NOT NULL,
    PRIMARY KEY (environment, hour_ms)
);
