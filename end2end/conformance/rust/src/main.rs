//! Asks a host of SDKs' pages for flags of each type by OpenFeature's provider; one line of JSON
//! for each answer. Arguments: base URL, SDK key.

use open_feature::provider::{FeatureProvider, ResolutionDetails};
use open_feature::{EvaluationContext, EvaluationResult};
use open_feature_ofrep::{OfrepOptions, OfrepProvider};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (base_url, key) = arguments
        .next()
        .zip(arguments.next())
        .ok_or("base URL and key")?;
    let mut headers = HeaderMap::new();
    headers.insert(
        AUTHORIZATION,
        HeaderValue::try_from(format!("Bearer {key}"))?,
    );
    let options = OfrepOptions {
        base_url,
        headers,
        ..OfrepOptions::default()
    };
    let provider = OfrepProvider::new(options).await?;
    let context = EvaluationContext::default()
        .with_targeting_key("u")
        .with_custom_field("country", "JP")
        .with_custom_field("device", "desktop")
        .with_custom_field("age", 18_i64);
    let nobody = EvaluationContext::default();
    say(provider.resolve_int_value("version", &context).await);
    say(provider.resolve_float_value("version", &context).await);
    say(provider.resolve_string_value("rules", &context).await);
    say(provider.resolve_bool_value("share", &context).await);
    let constant = provider.resolve_struct_value("constant", &context).await;
    say(constant.map(|found| {
        let text = found.value.fields.get("b").and_then(|b| b.as_str());
        ResolutionDetails::<String>::new(text.unwrap_or_default())
    }));
    say(provider.resolve_bool_value("nowhere", &context).await);
    say(provider.resolve_string_value("rules", &nobody).await);
    Ok(())
}

fn say<T: Into<Value>>(answer: EvaluationResult<ResolutionDetails<T>>) {
    let line = match answer {
        Ok(found) => json!({ "value": found.value.into(), "variant": found.variant }),
        Err(error) => json!({ "error": format!("{:?}", error.code) }),
    };
    println!("{line}");
}
