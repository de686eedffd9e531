//! What is too much, in one place.

/// Longest path with query that is forwarded.
pub(crate) const MAX_TARGET_BYTES: usize = 8 * 1024;
/// Longest user id; a longer one is ignored.
pub(crate) const MAX_UNIT_BYTES: usize = 128;
/// Attributes read from one request; further ones are ignored.
pub(crate) const MAX_ATTRIBUTES: usize = 16;
/// Longest value of an attribute; a longer one is ignored.
pub(crate) const MAX_ATTRIBUTE_BYTES: usize = 256;
/// Longest decision header; above it features are left out.
pub(crate) const MAX_DECISION_BYTES: usize = 8 * 1024;
/// Longest path in an event.
pub(crate) const MAX_EVENT_PATH_BYTES: usize = 256;
/// Most gateways of this kind that a request may pass, against loops.
pub(crate) const MAX_HOPS: usize = 4;
/// Largest body of the events endpoint.
pub const MAX_EVENTS_BODY_BYTES: usize = 64 * 1024;
/// Most events in one request to it.
pub const MAX_EVENTS_PER_REQUEST: usize = 100;
/// Most assignments in one event; the console refuses more.
pub(crate) const MAX_EVENT_ASSIGNMENTS: usize = 100;
/// Largest batch that is sent; the console refuses more than 1 MiB.
pub(crate) const MAX_BATCH_BYTES: usize = 1000 * 1024;
/// A visitor who leaves after waiting this long left because nothing came. Clients seldom
/// give up sooner than after 10 s.
pub(crate) const HOPELESS_US: u64 = 8_000_000;
/// How far an event's own time may lie in the past.
pub(crate) const MAX_EVENT_AGE_MS: i64 = 24 * 60 * 60 * 1000;
/// How far in the future: clocks of visitors are wrong.
pub(crate) const MAX_EVENT_LEAD_MS: i64 = 5 * 60 * 1000;
/// Requests a second of one SDK key, unless the settings say otherwise.
pub const DEFAULT_SDK_RATE: u32 = 2_000;
/// Events a second from one address without a key, unless the settings say otherwise.
pub const DEFAULT_EVENTS_RATE: u32 = 100;
/// Flags of an answer that together cost as much as one more request.
pub(crate) const FLAGS_PER_TOKEN: u64 = 20;
/// Which part of the streams one key may have open.
pub(crate) const STREAM_SHARE: usize = 4;
/// Seconds of that rate which a key that rested may ask at once.
pub(crate) const SDK_BURST_S: u64 = 5;
/// Largest body of a question that an SDK asks.
pub(crate) const MAX_CONTEXT_BODY_BYTES: usize = 64 * 1024;
/// Most properties of its context.
pub(crate) const MAX_CONTEXT_ATTRIBUTES: usize = 256;
/// Largest body of the decide route that tests use.
pub(crate) const MAX_DECIDE_BODY_BYTES: usize = 32 * 1024 * 1024;
