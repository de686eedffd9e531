-- What a team needs every day: links for testers, and templates.

-- Links that force a variant or value for one browser.
CREATE TABLE qa_links (
    id TEXT NOT NULL PRIMARY KEY,
    environment TEXT NOT NULL,
    -- As the audit log names what is forced.
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    document TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    revoked_ms BIGINT
);
CREATE INDEX qa_links_by_subject ON qa_links (subject_kind, subject_id, expires_ms);
CREATE INDEX qa_links_in_force ON qa_links (environment, expires_ms);

-- What a new experiment or flag can begin from.
CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    -- experiment or flag.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX templates_by_name ON templates (kind, name);
