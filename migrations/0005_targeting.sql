-- Saved groups: lists and conditions under a name. An id is unique within its environment.

CREATE TABLE saved_groups (
    environment TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    -- The rest repeats parts of the document for lists, which load no values.
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Of a list.
    attribute TEXT,
    size BIGINT,
    archived BIGINT NOT NULL,
    -- Id, name and description in lower case.
    search TEXT NOT NULL,
    updated_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (environment, id)
);

-- Every state a group ever had. Its key is the guard against lost updates.
CREATE TABLE saved_group_revisions (
    environment TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (environment, id, version)
);

-- Holdouts: a part of all users that experiments leave out. Ids are unique as those of
-- experiments are, because both are counted in the same tables.
CREATE TABLE holdouts (
    id TEXT NOT NULL PRIMARY KEY,
    -- How its counts are named: holdout:<id>.
    counted_as TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    -- The rest repeats parts of the document.
    environment TEXT NOT NULL,
    primary_metric TEXT NOT NULL,
    started_ms BIGINT NOT NULL,
    stopped_ms BIGINT
);
CREATE INDEX holdouts_by_environment ON holdouts (environment);
