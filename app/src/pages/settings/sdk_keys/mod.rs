//! SDK keys: list, form, page of one, its end.

pub mod detail;
pub mod encryption;
mod fields;
pub mod list;
pub mod new;
pub mod revoke;
mod usage;

use nexus_domain::sdk_key::SdkKey;

const LIST: &str = "/settings/sdk-keys";

fn home(key: &SdkKey) -> String {
    format!("{LIST}/{}", key.id)
}
