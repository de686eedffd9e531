-- Re-computations that do not get on: how often in a row the next step has failed, when it is
-- tried again, and why one of them was given up (`gone`, `fault`, `metrics`, `refused` or
-- `unavailable`; null for those of before this migration).
ALTER TABLE recomputations ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE recomputations ADD COLUMN next_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE recomputations ADD COLUMN failure TEXT;
