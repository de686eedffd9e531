//! Flags of other systems.

use axum::Json;
use axum::extract::State;
use nexus_control::Take;
use nexus_control::views::{ImportPreview, ImportResult};
use nexus_domain::Environment;
use nexus_domain::import::ImportTo;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{ApiActor, Body};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportFile {
    /// Where the flags go to.
    environment: Environment,
    /// The environment of the file to read; absent for the one of the same name or the only one.
    #[serde(default)]
    from: String,
    /// GrowthBook's SDK payload, features of its REST API, Unleash's batch export, or what
    /// Unleash's server SDKs read; of any number of flags.
    file: Value,
    /// Only these flags, at most 100; absent for the first 100 that are new and lose nothing.
    /// The preview ignores it.
    take: Option<Vec<TakeFlag>>,
    /// New flags are on where they are on in the file, unless they lose something.
    #[serde(default)]
    keep_state: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeFlag {
    key: String,
    /// Version of the flag that is written over; absent for a new one.
    version: Option<u64>,
}

impl ImportFile {
    fn to(&self) -> ImportTo<'_> {
        ImportTo {
            environment: self.environment,
            from: &self.from,
        }
    }
}

/// What an import would do, flag by flag, and what would be lost. Changes nothing.
#[utoipa::path(post, path = "/api/v1/flag-imports/preview", tag = "flags",
    request_body = ImportFile, responses((status = 200, body = ImportPreview), ApiError))]
pub(super) async fn preview(
    State(web): State<Web>,
    actor: ApiActor,
    Body(file): Body<ImportFile>,
) -> Result<Json<ImportPreview>, ApiError> {
    let (console, text) = (web.console(), file.file.to_string());
    let preview = console.preview_import(&actor.0, &text, file.to());
    Ok(Json(preview.await?))
}

/// Take flags from an export file of another system, up to 100 in one commit; the answer says
/// which remain. Doing it again takes those, and changes nothing of what is so already.
#[utoipa::path(post, path = "/api/v1/flag-imports", tag = "flags",
    request_body = ImportFile, responses((status = 200, body = ImportResult), ApiError))]
pub(super) async fn import(
    State(web): State<Web>,
    actor: ApiActor,
    Body(file): Body<ImportFile>,
) -> Result<Json<ImportResult>, ApiError> {
    let (console, text) = (web.console(), file.file.to_string());
    let take = file.take.as_ref().map(|take| {
        let one = |one: &TakeFlag| Take {
            key: one.key.clone(),
            version: one.version,
        };
        take.iter().map(one).collect::<Vec<_>>()
    });
    let to = file.to();
    let done = console.import_flags(&actor.0, &text, to, take.as_deref(), file.keep_state);
    Ok(Json(done.await?))
}
