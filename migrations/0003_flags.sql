-- Feature flags. A key is unique within its environment.

CREATE TABLE flags (
    environment TEXT NOT NULL,
    key TEXT NOT NULL,
    document TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    -- The rest repeats parts of the document for filters.
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    -- Key, name and description in lower case.
    search TEXT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (environment, key)
);
CREATE INDEX flags_by_update ON flags (updated_ms);

-- Every state a flag ever had. Its key is the guard against lost updates.
CREATE TABLE flag_revisions (
    environment TEXT NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (environment, key, version)
);
