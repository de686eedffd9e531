//! Settings: members and roles, SDK keys, API tokens, appearance.

pub mod appearance;
pub mod environments;
pub mod grants;
pub mod member;
pub mod members;
pub mod sdk_keys;
pub mod token;
pub mod tokens;
