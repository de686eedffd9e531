-- What flags give, where code asks for them, and what people say of them.

-- Repeated from the document, for the filter of stale flags.
ALTER TABLE flags ADD COLUMN permanent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE flags ADD COLUMN due_ms BIGINT;

-- How often a flag gave a value, per hour; kept for eight days.
CREATE TABLE flag_counts (
    environment TEXT NOT NULL,
    flag TEXT NOT NULL,
    bucket_ms BIGINT NOT NULL,
    value TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (environment, flag, bucket_ms, value)
);
CREATE INDEX flag_counts_by_age ON flag_counts (bucket_ms);

-- When a flag first and last gave a value.
CREATE TABLE flag_values (
    environment TEXT NOT NULL,
    flag TEXT NOT NULL,
    value TEXT NOT NULL,
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    PRIMARY KEY (environment, flag, value)
);
CREATE INDEX flag_values_by_age ON flag_values (last_ms);

-- Where code asks for a flag, as the last upload of a repository found it.
CREATE TABLE code_references (
    repository TEXT NOT NULL,
    flag TEXT NOT NULL,
    path TEXT NOT NULL,
    line BIGINT NOT NULL,
    snippet TEXT NOT NULL,
    PRIMARY KEY (repository, flag, path, line)
);
CREATE INDEX code_references_by_flag ON code_references (flag);
CREATE TABLE code_scans (
    repository TEXT NOT NULL PRIMARY KEY,
    revision TEXT NOT NULL,
    link TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    by_whom TEXT NOT NULL
);

-- What people say of a flag or experiment; the subject is as the audit log names it.
CREATE TABLE comments (
    id TEXT NOT NULL PRIMARY KEY,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    text TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    by_whom TEXT NOT NULL
);
CREATE INDEX comments_by_subject ON comments (subject_kind, subject_id, at_ms);
