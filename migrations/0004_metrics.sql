-- The looks of experiments whose method has a planned end.

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
