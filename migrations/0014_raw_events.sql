-- Raw events, kept as configured, and counting experiments anew from them.

-- Days for which an environment keeps them; 0: none.
ALTER TABLE environment_rules ADD COLUMN raw_days BIGINT NOT NULL DEFAULT 0;
-- From when on every event that was accepted is there; none where none are kept.
ALTER TABLE environment_rules ADD COLUMN raw_since_ms BIGINT;

-- The events that one commit of ingest has accepted, in its order.
CREATE TABLE raw_events (
    environment TEXT NOT NULL,
    -- The commit's number in ingest_head; large ones have several parts.
    seq BIGINT NOT NULL,
    part BIGINT NOT NULL,
    -- When it was counted, and the earliest and the latest event.
    at_ms BIGINT NOT NULL,
    first_ms BIGINT,
    last_ms BIGINT,
    events BIGINT NOT NULL,
    -- How many there were in all, up to the end of this part.
    events_so_far BIGINT NOT NULL,
    -- JSON, one event a line, deflated (RFC 1951), base64.
    block TEXT NOT NULL,
    PRIMARY KEY (environment, seq, part)
);
CREATE INDEX raw_events_by_time ON raw_events (environment, at_ms);

-- Counting an experiment anew: under another name, until it is the experiment's own counts.
CREATE TABLE recomputations (
    -- recount:<id>; in all tables of counts it stands for the experiment, and in those of
    -- conversions for the environment.
    name TEXT NOT NULL PRIMARY KEY,
    experiment_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'cancelled', 'failed')),
    -- Whether the experiment's units are counted under this name by now; under its id before
    -- the first.
    holds_units BIGINT NOT NULL,
    -- Events are counted from here on.
    from_ms BIGINT NOT NULL,
    -- The last commit that was counted; -1: none. Writing -2 refuses a batch.
    replayed BIGINT NOT NULL CHECK (replayed >= -1),
    -- raw_events.events_so_far at the beginning and by now.
    events_before BIGINT NOT NULL,
    events_so_far BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    -- The metrics that the experiment has from then on, as JSON; none: those it had.
    metrics TEXT,
    -- JSON: counts before and after of one that is done, the problem of one that failed.
    outcome TEXT
);
-- One at a time.
CREATE UNIQUE INDEX recomputations_running ON recomputations (experiment_id)
    WHERE status = 'running';
CREATE INDEX recomputations_by_experiment ON recomputations (experiment_id, holds_units);
