-- Keys by which SDKs reach the gateways of one environment.

CREATE TABLE sdk_keys (
    id TEXT NOT NULL PRIMARY KEY,
    -- Of a client key with its text, of a server key with its hash only.
    document TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    -- The rest repeats parts of the document for filters.
    environment TEXT NOT NULL,
    -- In lower case.
    search TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    revoked_ms BIGINT
);
CREATE INDEX sdk_keys_by_environment ON sdk_keys (environment);
