//! Experiments and feature flags: what the gateway obeys and how it decides.
//!
//! The console writes a [`Snapshot`], [`sign`]s it and publishes it. A gateway
//! [`verify`]s it, compiles it once to an [`Engine`] and asks the engine about every request.
//! Everything here is a pure function of its arguments: no I/O, no clock, no randomness,
//! the same answer on every target.
//!
//! Assignment is GrowthBook's (hash version 2 and its bucket ranges), so a GrowthBook SDK
//! reading the same experiment puts every user into the same variant. [`growthbook`] goes
//! the other way: it evaluates the payloads that GrowthBook publishes; [`payload`] writes
//! ours for its SDKs.

pub mod bucketing;
mod compile;
mod context;
mod decision;
mod engine;
mod envelope;
mod error;
mod explain;
#[cfg(feature = "fixtures")]
pub mod fixtures;
pub mod growthbook;
mod lookup;
pub mod payload;
mod prerequisites;
mod qa;
mod reach;
mod sampling;
mod sdk_key;
mod snapshot;
mod targeting;

pub use context::{Context, CountryCode, Device, InvalidCountryCode};
pub use decision::{Decision, Decisions, FlagDecision, FlagReason};
pub use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
pub use engine::Engine;
pub use envelope::{
    EnvelopeError, Limits, MAX_ENVELOPE_BYTES, SignedSnapshot, TrustedKey, sign, verify,
};
pub use error::{CompileError, CompileProblem};
pub use explain::{
    Asks, Buckets, Check, ConditionLine, Draw, Explanation, FlagExplanation, NamedConditions,
    RuleExplanation, Step,
};
pub use prerequisites::check_prerequisites;
pub use qa::{Forced, MAX_QA_TEXT_BYTES, QaClaim, QaForce, QaLink, QaRefusal, sign_qa, verify_qa};
pub use reach::{Reach, RuleReach};
pub use sampling::{RANKS, Sampler};
pub use sdk_key::{SdkKey, SdkKeyKind};
pub use snapshot::{
    AttributeRule, BASIS_POINTS, ExperimentRule, FlagRule, FlagRuleStep, Operator, Prerequisite,
    RampStep, SliceRule, Snapshot, Targeting, ValueOperator, VariantRule, coverage_at,
};
