-- Of the users first exposed in a bucket, those who have converted: what a minimum of conversions
-- asks of users who have had their time. Whoever had converted before this was kept counts in the
-- first bucket of the variant, so as one who has had it: that can only delay a stop.
ALTER TABLE variant_series ADD COLUMN converted BIGINT NOT NULL DEFAULT 0;
UPDATE variant_series SET converted = (
    SELECT s.conversions FROM variant_stats s
    WHERE s.experiment_id = variant_series.experiment_id AND s.variant = variant_series.variant
)
WHERE bucket_ms = (
    SELECT MIN(f.bucket_ms) FROM variant_series f
    WHERE f.experiment_id = variant_series.experiment_id AND f.variant = variant_series.variant
) AND EXISTS (
    SELECT 1 FROM variant_stats s
    WHERE s.experiment_id = variant_series.experiment_id AND s.variant = variant_series.variant
);
