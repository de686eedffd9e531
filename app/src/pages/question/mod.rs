//! Who asks, typed into a page, and condition by condition what the engine says to it:
//! what experiments and flags share.

mod compared;
mod fields;
mod read;
mod rows;
mod steps;
mod visitors;
mod written;

pub use self::compared::{Chosen, Comparing, Outcome};
pub(super) use self::compared::{Got, Section, Sides, view_comparing};
pub use self::fields::view_question;
pub use self::read::Question;
pub(super) use self::rows::{Row, rows};
pub use self::steps::{Asked, view_steps};
pub(super) use self::visitors::view_visitors;
