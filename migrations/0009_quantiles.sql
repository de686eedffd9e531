-- Quantiles: the values of each variant on a fixed grid, as one row of JSON per metric (see
-- `nexus_stats::Distribution`). Experiments without a quantile have no rows here.

CREATE TABLE metric_distributions (
    experiment_id TEXT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    distribution TEXT NOT NULL,
    PRIMARY KEY (experiment_id, variant, metric)
);

-- The same as it was when a look was due.
CREATE TABLE look_distributions (
    experiment_id TEXT NOT NULL,
    look BIGINT NOT NULL,
    variant TEXT NOT NULL,
    metric TEXT NOT NULL,
    distribution TEXT NOT NULL,
    PRIMARY KEY (experiment_id, look, variant, metric)
);

-- Of a quantile of events: those of each exposed unit by bin. A quantile of users needs none,
-- its values are the totals of unit_metrics.
CREATE TABLE unit_values (
    unit TEXT NOT NULL,
    experiment_id TEXT NOT NULL,
    metric TEXT NOT NULL,
    bins TEXT NOT NULL,
    PRIMARY KEY (unit, experiment_id, metric)
);
CREATE INDEX unit_values_by_experiment ON unit_values (experiment_id);
