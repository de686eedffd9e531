//! `/api/docs`: the API to read, for whoever comes. It is the description and nothing else, so
//! it is made once per language.

use std::sync::OnceLock;

use axum::extract::State;
use axum::response::Response;
use http::request::Parts;
use nexus_web::api::page::{Words as PageWords, document, readable};

use crate::host::{App, public_page};
use crate::lang::{Lang, Words as _};
use crate::text::api_docs::{ApiDocsWord as W, ApiGroupWord};

pub async fn show(State(app): State<App>, parts: Parts) -> Response {
    static EN: OnceLock<String> = OnceLock::new();
    static JA: OnceLock<String> = OnceLock::new();
    public_page(&app, &parts, |cx| {
        let words = words(cx.lang);
        let made = match cx.lang {
            Lang::En => &EN,
            Lang::Ja => &JA,
        };
        document(&words, &cx.nonce, made.get_or_init(|| readable(&words)))
    })
}

fn words(lang: Lang) -> PageWords {
    PageWords {
        lang: lang.tag(),
        title: W::Title.text(lang),
        contents: W::Contents.text(lang),
        shapes: W::Shapes.text(lang),
        base_path: W::BasePath.text(lang),
        for_programs: W::ForPrograms.text(lang),
        parameters: W::Parameters.text(lang),
        required: W::Required.text(lang),
        answers: W::Answers.text(lang),
        body: W::Body.text(lang),
        error: W::Error.text(lang),
        no_body: W::NoBody.text(lang),
        array_of: W::ArrayOf.text(lang),
        place: match lang {
            Lang::En => |name| Some(W::place(name)?.text(Lang::En)),
            Lang::Ja => |name| Some(W::place(name)?.text(Lang::Ja)),
        },
        group: match lang {
            Lang::En => |tag| Some(ApiGroupWord::of(tag)?.text(Lang::En)),
            Lang::Ja => |tag| Some(ApiGroupWord::of(tag)?.text(Lang::Ja)),
        },
    }
}
