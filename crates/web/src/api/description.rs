//! What the description says beside the operations.

use nexus_control::views::{Direction, ExperimentSort, FlagSort};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Description;

use super::plan::Kind;
use crate::problem::ProblemDetails;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Nexus Admin",
        description = "Experiments, feature flags, audit log, members and tokens. Errors are problem details \
            (RFC 9457). Times are milliseconds since 1970 UTC; shares are basis points \
            (10,000 = 100 %)."
    ),
    // What only parameters name isn't found by itself.
    components(schemas(ProblemDetails, Direction, ExperimentSort, FlagSort, Kind)),
    modifiers(&Security),
    security(("token" = []))
)]
pub(super) struct Base;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, api: &mut Description) {
        use utoipa::openapi::security::{
            ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme,
        };
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("token", scheme.clone());
        components.add_security_scheme("sdk_key", scheme);
        let in_query = SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new("key")));
        components.add_security_scheme("sdk_key_in_query", in_query);
    }
}

/// The description and that of SDKs' pages as a document, with the bounds of whole numbers in numbers: a format
/// like `uint16` is nothing that readers must know (OpenAPI 3.1 §4.6).
pub(super) fn document(description: &Description) -> Value {
    let mut description = description.clone();
    description.merge(crate::sdk::description());
    let mut document = serde_json::to_value(description).unwrap_or_default();
    bound(&mut document);
    document
}

fn bound(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let format = object.get("format").and_then(Value::as_str);
            // The generator writes the names of these formats in a spelling of its own.
            let known = match format {
                Some("u-int16") => Some(("uint16", u64::from(u16::MAX))),
                Some("u-int32") => Some(("uint32", u64::from(u32::MAX))),
                Some("u-int64") => Some(("uint64", u64::MAX)),
                _ => None,
            };
            if let Some((format, most)) = known {
                object.insert("format".to_owned(), format.into());
                object.entry("maximum").or_insert(most.into());
            }
            object.values_mut().for_each(bound);
        }
        Value::Array(all) => all.iter_mut().for_each(bound),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::description;

    #[test]
    fn whole_numbers_have_bounds_and_every_reference_leads_somewhere() {
        let value = description();
        let text = value.to_string();
        let schemas = &value["components"]["schemas"];
        let weight = &schemas["Variant"]["properties"]["weight_bp"];
        assert_eq!(weight["maximum"], 65_535, "{weight}");
        assert!(!text.contains("u-int"));
        let names = text.split("#/components/schemas/").skip(1);
        for name in names.map(|rest| rest.split('"').next().unwrap_or_default()) {
            assert!(schemas.get(name).is_some(), "{name}");
        }
    }
}
