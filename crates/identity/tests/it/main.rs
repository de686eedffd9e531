//! Tests of the crate from outside: published vectors, known attacks, noise, the key
//! cache, and sign-in with OpenID Connect.

#[cfg(test)]
mod attack_claims;
#[cfg(test)]
mod attack_token;
#[cfg(test)]
mod common;
#[cfg(test)]
mod get_identity;
#[cfg(test)]
mod jwk;
#[cfg(test)]
mod key_cache;
#[cfg(test)]
mod noise;
#[cfg(feature = "oidc")]
#[cfg(test)]
mod oidc;
#[cfg(feature = "oidc")]
#[cfg(test)]
mod oidc_provider;
#[cfg(test)]
mod subjects;
#[cfg(test)]
mod suites;
