-- Ramps by dimension: the exposures that had been counted when a step ended, so that the split
-- within a slice is compared with the buckets of each step too.
CREATE TABLE slice_steps (
    experiment_id TEXT NOT NULL,
    -- Of the step that ended: it grows from step to step. 0 stands for all steps before this
    -- migration, whose buckets nobody compares any more.
    coverage_bp BIGINT NOT NULL,
    dimension TEXT NOT NULL,
    value TEXT NOT NULL,
    variant TEXT NOT NULL,
    exposures BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, coverage_bp, dimension, value, variant)
);

INSERT INTO slice_steps (experiment_id, coverage_bp, dimension, value, variant, exposures)
SELECT experiment_id, CAST(0 AS BIGINT), dimension, value, variant, exposures FROM slice_counts
WHERE experiment_id IN (SELECT experiment_id FROM variant_stats WHERE step_exposures > 0);
