//! Every page and form of the console.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use nexus_control::Error;

use super::visit::Visit;
use super::{App, live, palette, preferences};
use crate::pages::experiments::export;
use crate::pages::{
    api_docs, audit, calculator, confirm, experiments, flags, holdouts, layers, notes, overview,
    qa, saved_groups, settings, templates,
};

/// The console's pages. Put the layers of `nexus-web` around it.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(overview::show))
        .route("/experiments", get(experiments::list::show))
        .route(
            "/experiments/new",
            get(experiments::new::show).post(experiments::new::create),
        )
        .route("/experiments/{id}", get(experiments::detail::show))
        .route(
            "/experiments/{id}/edit",
            get(experiments::edit::show).post(experiments::edit::save),
        )
        .route(
            "/experiments/{id}/revisions",
            get(experiments::revisions::show).post(experiments::revisions::restore),
        )
        .route(
            "/experiments/{id}/decide",
            get(experiments::decide::ask).post(experiments::decide::act),
        )
        .route(
            "/experiments/{id}/schedule",
            get(experiments::schedule::ask).post(experiments::schedule::act),
        )
        .route(
            "/experiments/{id}/recompute",
            get(experiments::recompute::show).post(experiments::recompute::act),
        )
        .route(
            "/experiments/{id}/move-end",
            get(experiments::widen::ask_end).post(experiments::widen::move_end),
        )
        .route(
            "/experiments/{id}/grow-coverage",
            get(experiments::widen::ask_coverage).post(experiments::widen::grow_coverage),
        )
        .route("/experiments/{id}/why", get(experiments::why::show))
        .route(
            "/experiments/{id}/comment",
            get(notes::back).post(experiments::comment::say),
        )
        .route(
            "/experiments/{id}/goal",
            get(experiments::detail::metric::goal),
        )
        .route(
            "/experiments/{id}/metrics/{metric}",
            get(experiments::detail::metric::show),
        )
        .route("/experiments/{id}/results.csv", get(export::results_csv))
        .route("/experiments/{id}/results.json", get(export::results_json))
        .route("/experiments/{id}/course.csv", get(export::course_csv))
        .route("/experiments/{id}/course.json", get(export::course_json))
        .route("/experiments/{id}/slices.csv", get(export::slices_csv))
        .route("/experiments/{id}/slices.json", get(export::slices_json))
        .route(
            "/experiments/{id}/quantiles.csv",
            get(export::quantiles_csv),
        )
        .route(
            "/experiments/{id}/quantiles.json",
            get(export::quantiles_json),
        )
        .route(
            "/experiments/{id}/qa",
            get(qa::of_experiment).post(qa::for_experiment),
        )
        .route(
            "/flags/{environment}/{key}/qa",
            get(qa::of_flag).post(qa::for_flag),
        )
        .route(
            "/qa-links/{id}/revoke",
            get(qa::ask_revoke).post(qa::revoke),
        )
        .route("/templates", get(templates::list))
        .route(
            "/templates/{id}/delete",
            get(templates::ask_delete).post(templates::delete),
        )
        .route(
            "/experiments/{id}/template",
            get(templates::ask_experiment).post(templates::save_experiment),
        )
        .route(
            "/flags/{environment}/{key}/template",
            get(templates::ask_flag).post(templates::save_flag),
        )
        .route(
            "/experiments/{id}/{command}",
            get(experiments::command::ask).post(experiments::command::act),
        )
        .route("/flags", get(flags::list::show))
        .route("/flags/new", get(flags::new::show).post(flags::new::create))
        .route(
            "/flags/import",
            get(flags::import::show).post(flags::import::act),
        )
        .route("/flags/{environment}/{key}", get(flags::detail::show))
        .route(
            "/flags/{environment}/{key}/edit",
            get(flags::edit::show).post(flags::edit::save),
        )
        .route(
            "/flags/{environment}/{key}/history",
            get(flags::history::show).post(flags::history::restore),
        )
        .route(
            "/flags/{environment}/{key}/copy",
            get(flags::copy::ask).post(flags::copy::act),
        )
        .route(
            "/flags/{environment}/{key}/comment",
            get(notes::back).post(flags::comment::say),
        )
        .route(
            "/flags/{environment}/{key}/{command}",
            get(flags::command::ask).post(flags::command::act),
        )
        .route("/saved-groups", get(saved_groups::list::show))
        .route(
            "/saved-groups/new",
            get(saved_groups::new::show).post(saved_groups::new::create),
        )
        .route(
            "/saved-groups/{environment}/{id}",
            get(saved_groups::detail::show),
        )
        .route(
            "/saved-groups/{environment}/{id}/edit",
            get(saved_groups::edit::show).post(saved_groups::edit::save),
        )
        .route(
            "/saved-groups/{environment}/{id}/history",
            get(saved_groups::history::show).post(saved_groups::history::restore),
        )
        .route(
            "/saved-groups/{environment}/{id}/{command}",
            get(saved_groups::archive::ask).post(saved_groups::archive::act),
        )
        .route("/holdouts", get(holdouts::list::show))
        .route(
            "/holdouts/new",
            get(holdouts::new::form).post(holdouts::new::create),
        )
        .route("/holdouts/{id}", get(holdouts::detail::show))
        .route(
            "/holdouts/{id}/stop",
            get(holdouts::stop::ask).post(holdouts::stop::act),
        )
        .route("/layers", get(layers::show))
        .route("/calculator", get(calculator::show))
        .route("/audit", get(audit::list::show))
        .route("/audit/verify", post(audit::list::verify))
        .route("/audit/export", get(audit::export::download))
        .route("/audit/{seq}", get(audit::entry::show))
        .route(
            "/settings/environments",
            get(settings::environments::show).post(settings::environments::change),
        )
        .route("/settings/members", get(settings::members::show))
        .route(
            "/settings/members/new",
            get(settings::member::add_form).post(settings::member::add),
        )
        .route(
            "/settings/members/{id}",
            get(settings::member::show).post(settings::member::change),
        )
        .route("/settings/sdk-keys", get(settings::sdk_keys::list::show))
        .route(
            "/settings/sdk-keys/new",
            get(settings::sdk_keys::new::form).post(settings::sdk_keys::new::create),
        )
        .route(
            "/settings/sdk-keys/{id}",
            get(settings::sdk_keys::detail::show).post(settings::sdk_keys::detail::change),
        )
        .route(
            "/settings/sdk-keys/{id}/revoke",
            get(settings::sdk_keys::revoke::ask).post(settings::sdk_keys::revoke::act),
        )
        .route(
            "/settings/sdk-keys/{id}/encryption",
            get(settings::sdk_keys::encryption::ask).post(settings::sdk_keys::encryption::act),
        )
        .route("/settings/tokens", get(settings::tokens::show))
        .route(
            "/settings/tokens/new",
            get(settings::token::form).post(settings::token::create),
        )
        .route(
            "/settings/tokens/{id}/revoke",
            get(settings::tokens::ask_revoke).post(settings::tokens::revoke),
        )
        .route("/settings/appearance", get(settings::appearance::show))
        .route("/step-up/{id}", get(confirm::show))
        .route("/confirm/{id}", post(confirm::confirm))
        .route("/api/docs", get(api_docs::show))
        .route("/preferences", post(preferences::save))
        .route("/palette", get(palette::search))
        .route("/live", get(live::stream))
        .fallback(not_found)
        .with_state(app)
}

async fn not_found(State(_): State<App>, visit: Visit) -> Response {
    let path = visit.cx.path.clone();
    visit.fail(&Error::NotFound {
        kind: "page",
        id: path,
    })
}
