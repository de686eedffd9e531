-- Quantiles by dimension and over time.

-- In basis points; none of a metric that is no quantile, or that was started before its values
-- were kept by dimension.
ALTER TABLE experiment_metrics ADD COLUMN level_bp BIGINT;

-- The rows of metric_distributions by dimension: a bounded number of values each.
CREATE TABLE slice_distributions (
    experiment_id TEXT NOT NULL,
    dimension TEXT NOT NULL,
    value TEXT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    distribution TEXT NOT NULL,
    PRIMARY KEY (experiment_id, dimension, value, variant, metric)
);

-- The quantile of all values so far, as it was known at the end of each bucket of time: a few
-- numbers of JSON (see `nexus_stats::BinnedQuantile`).
CREATE TABLE quantile_series (
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    bucket_ms BIGINT NOT NULL,
    variant TEXT NOT NULL,
    quantile TEXT NOT NULL,
    PRIMARY KEY (experiment_id, metric, bucket_ms, variant)
);
