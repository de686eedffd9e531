//! Comments on flags and experiments.

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::views::Comment;
use nexus_domain::{Environment, Field as At, FieldProblem, access::Action};

use super::experiments::parts::allowed;
use super::problems::error_of;
use crate::cx::Cx;
use crate::host::{Visit, see_other};
use crate::text::notes::CommentWord as W;
use crate::ui::{Field, panel, text_area, when};

/// What is shown below what it is about.
pub(crate) struct Comments<'a> {
    pub(crate) all: &'a [Comment],
    /// Where a new one is sent.
    pub(crate) action: String,
    /// What whoever comments must be allowed to do.
    pub(crate) asks: (Action, Environment),
    /// What was typed, when it is refused.
    pub(crate) typed: &'a str,
    pub(crate) problems: &'a [FieldProblem],
}

/// Where comments are sent to is no page, and yet a refused one is shown there: another language
/// is then asked for at that address.
pub(crate) async fn back(visit: Visit) -> Response {
    let about = visit.cx.path.strip_suffix("/comment").unwrap_or("/");
    see_other(&format!("{about}#comments"))
}

pub(crate) fn view_comments(cx: &Cx, comments: &Comments<'_>) -> AnyView {
    let items = comments.all.iter().map(|one| {
        view! {
            <li>
                <p class="quiet">
                    <strong>{cx.named(&one.by).to_owned()}</strong>
                    " "
                    {when(cx, one.at_ms)}
                </p>
                <p class="prose">{one.text.clone()}</p>
            </li>
        }
    });
    let list = match comments.all.is_empty() {
        true => view! { <p class="panel-quiet">{cx.t(W::None)}</p> }.into_any(),
        false => view! { <ul class="comments">{items.collect_view()}</ul> }.into_any(),
    };
    let (action, environment) = comments.asks;
    let form = match allowed(cx, action, Some(environment)) {
        Err(reason) => view! { <p class="quiet">{reason}</p> }.into_any(),
        Ok(()) => {
            let field = Field::new("comment", cx.t(W::Label))
                .help(cx.t(W::Help))
                .error(error_of(cx, comments.problems, At::Comment));
            let (described, invalid) = (field.described_by(), field.error.is_some());
            let id = field.id.clone();
            let text = text_area(id, "comment", 2, comments.typed, "", described, invalid);
            view! {
                <form method="post" class="comment-form" action=comments.action.clone()>
                    {field.wrap(text)}
                    <button type="submit" class="button small">
                        {cx.t(W::Say)}
                    </button>
                </form>
            }
            .into_any()
        }
    };
    let body = view! {
        {list}
        {form}
    };
    panel("comments", cx.t(W::Title), ().into_any(), body.into_any())
}
