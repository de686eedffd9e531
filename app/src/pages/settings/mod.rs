//! Settings: members and roles, API tokens, appearance.

pub mod appearance;
pub mod grants;
pub mod member;
pub mod members;
pub mod token;
pub mod tokens;
