//! The two ends of a demonstration: [`origins`] are two small real services behind the
//! gateway, [`traffic`] is the crowd in front of it. Both speak only HTTP and know
//! nothing of the gateway but its headers.

mod html;
pub mod origins;
mod random;
pub mod traffic;

pub use random::Random;
