-- Foundation. Written in the SQL that SQLite, D1 and Postgres share; see README.md.
-- Times are milliseconds since 1970 UTC, hashes lower-case hex, documents JSON.

CREATE TABLE members (
    id TEXT NOT NULL PRIMARY KEY,
    -- Address of a person in lower case, client id of a machine.
    email TEXT NOT NULL UNIQUE,
    machine BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    grants TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    created_ms BIGINT NOT NULL,
    last_seen_ms BIGINT
);

CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- Its creator; none when the command line made it.
    member_id TEXT REFERENCES members (id),
    created_by TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    last_used_ms BIGINT,
    revoked_ms BIGINT
);

CREATE TABLE experiments (
    id TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    -- The rest repeats parts of the document for filters and controllers.
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    primary_metric TEXT NOT NULL,
    -- Id, name and hypothesis in lower case.
    search TEXT NOT NULL,
    created_by TEXT NOT NULL,
    updated_ms BIGINT NOT NULL,
    started_ms BIGINT,
    stopped_ms BIGINT,
    end_ms BIGINT
);
CREATE INDEX experiments_by_status ON experiments (status, environment);
CREATE INDEX experiments_by_update ON experiments (updated_ms);

-- Every state an experiment ever had. Its key is the guard against lost
-- updates: two writers of one version can't both commit.
CREATE TABLE experiment_revisions (
    experiment_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, version)
);

-- The key serialises all commits: everybody appends at the same end.
CREATE TABLE audit_entries (
    seq BIGINT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    -- The exact text that was hashed; none once its time is over.
    canonical TEXT,
    leaf_hash TEXT NOT NULL,
    -- The rest repeats parts of the text for filters, and goes with it.
    actor_kind TEXT NOT NULL,
    action TEXT NOT NULL,
    object_id TEXT NOT NULL,
    search TEXT NOT NULL
);
CREATE INDEX audit_entries_by_object ON audit_entries (object_id, seq);
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
CREATE INDEX audit_entries_by_time ON audit_entries (at_ms);

CREATE TABLE audit_nodes (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE audit_checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    root TEXT NOT NULL,
    note TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE TABLE snapshots (
    environment TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- The signed bytes as gateways fetch them.
    envelope TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    published_ms BIGINT,
    PRIMARY KEY (environment, version)
);

CREATE TABLE intents (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    environment TEXT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('planned', 'running', 'done', 'failed')),
    attempts BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    next_ms BIGINT NOT NULL,
    problem TEXT
);
CREATE INDEX intents_open ON intents (status, environment, version);

-- Its key lets an intent end once only.
CREATE TABLE intent_outcomes (
    intent_id TEXT NOT NULL PRIMARY KEY REFERENCES intents (id),
    outcome TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    -- Grows with every change of holder. Writing a negative one is how a
    -- statement refuses its whole batch.
    epoch BIGINT NOT NULL CHECK (epoch >= 0),
    expires_ms BIGINT NOT NULL
);
INSERT INTO leases (name, holder, epoch, expires_ms) VALUES ('controllers', '', 0, 0);

CREATE TABLE gateways (
    environment TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (environment, id)
);

-- Who takes part in what. Unit first, because events come by unit.
CREATE TABLE units (
    unit TEXT NOT NULL,
    experiment_id TEXT NOT NULL,
    variant TEXT NOT NULL,
    exposed_ms BIGINT NOT NULL,
    errored BIGINT NOT NULL,
    converted BIGINT NOT NULL,
    PRIMARY KEY (unit, experiment_id)
);

CREATE INDEX units_by_experiment ON units (experiment_id);

-- Newest conversion per unit: an exposure that arrives later may need it.
CREATE TABLE unit_conversions (
    unit TEXT NOT NULL,
    metric TEXT NOT NULL,
    environment TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (unit, metric, environment)
);
CREATE INDEX unit_conversions_by_time ON unit_conversions (at_ms);

CREATE TABLE variant_stats (
    experiment_id TEXT NOT NULL,
    variant TEXT NOT NULL,
    exposures BIGINT NOT NULL,
    conversions BIGINT NOT NULL,
    errored_users BIGINT NOT NULL,
    -- Requests of units that had been dealt another variant before.
    conflicts BIGINT NOT NULL,
    -- Largest evidence against the guardrail so far: natural log of the e-value.
    guardrail_log_e DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (experiment_id, variant)
);

-- Largest evidence against the configured split so far.
CREATE TABLE split_checks (
    experiment_id TEXT NOT NULL PRIMARY KEY,
    log_e DOUBLE PRECISION NOT NULL
);

CREATE TABLE variant_series (
    experiment_id TEXT NOT NULL,
    bucket_ms BIGINT NOT NULL,
    variant TEXT NOT NULL,
    exposures BIGINT NOT NULL,
    conversions BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, bucket_ms, variant)
);

-- Per 10 s.
CREATE TABLE traffic (
    environment TEXT NOT NULL,
    bucket_ms BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    PRIMARY KEY (environment, bucket_ms)
);

-- One row that every ingest moves on by one: two that read the same state
-- can't both commit.
CREATE TABLE ingest_head (
    id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL CHECK (seq >= 0)
);
INSERT INTO ingest_head (id, seq) VALUES (1, 0);

-- Event ids of the last 48 h: each counts once.
CREATE TABLE ingest_events (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL
);
CREATE INDEX ingest_events_by_time ON ingest_events (at_ms);

CREATE TABLE pending_actions (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    request TEXT NOT NULL,
    digest TEXT NOT NULL,
    expires_ms BIGINT NOT NULL
);

-- A confirmed action can't be confirmed again.
CREATE TABLE step_up_used (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL
);

CREATE TABLE sessions (
    -- SHA-256 of the session id.
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    data TEXT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX sessions_by_email ON sessions (email);
CREATE INDEX sessions_by_expiry ON sessions (expires_ms);

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
