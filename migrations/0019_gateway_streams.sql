-- Streams that SDKs keep open at a gateway, as it said last; null where it keeps none, and of those
-- that do not say.
ALTER TABLE gateways ADD COLUMN streams BIGINT;
