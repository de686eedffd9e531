//! Panels, page heads and callouts.

use leptos::prelude::*;

use super::{Icon, Tone, icon};
use crate::cx::Cx;
use crate::text::common::Common;

/// The head of a page: the one `h1`, a line below it, and its actions.
#[must_use]
pub fn page_head(title: String, lead: AnyView, actions: AnyView) -> AnyView {
    view! {
        <header class="page-head">
            <div class="page-title">
                <h1 id="title" tabindex="-1">
                    {title}
                </h1>
                <div class="page-lead">{lead}</div>
            </div>
            <div class="page-actions">{actions}</div>
        </header>
    }
    .into_any()
}

/// A titled block. `id` names its heading.
#[must_use]
pub fn panel(id: &'static str, title: &'static str, aside: AnyView, body: AnyView) -> AnyView {
    block(id, title, (), aside, body)
}

/// The same with a link to itself, to copy for somebody else: what is shown is in the address.
#[must_use]
pub fn linked_panel(
    cx: &Cx,
    id: &'static str,
    title: &'static str,
    aside: AnyView,
    body: AnyView,
) -> AnyView {
    let link = view! {
        <a class="permalink" href=format!("#{id}")>
            <span aria-hidden="true">"#"</span>
            <span class="sr">{cx.f(Common::Permalink, &[title])}</span>
        </a>
    };
    block(id, title, link, aside, body)
}

fn block(
    id: &'static str,
    title: &'static str,
    link: impl IntoView,
    aside: AnyView,
    body: AnyView,
) -> AnyView {
    let heading = format!("{id}-title");
    let labelled_by = heading.clone();
    view! {
        <section class="panel" id=id aria-labelledby=labelled_by>
            <header class="panel-head">
                <div class="panel-title">
                    <h2 id=heading>{title}</h2>
                    {link}
                </div>
                <div class="panel-aside">{aside}</div>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// A part of a form: heading and help beside its fields.
pub struct FormSection {
    pub id: &'static str,
    pub title: &'static str,
    pub help: &'static str,
    pub fields: AnyView,
}

/// Sections of a form that is longer than a screen, below links to each of them.
#[must_use]
pub fn indexed(label: &'static str, sections: Vec<FormSection>) -> AnyView {
    let links = sections.iter().map(|section| {
        view! {
            <li>
                <a href=format!("#{}-title", section.id)>{section.title}</a>
            </li>
        }
    });
    view! {
        <nav class="form-index" aria-label=label>
            <ol>{links.collect_view()}</ol>
        </nav>
        {sections.into_iter().map(form_section).collect_view()}
    }
    .into_any()
}

/// A part of a form: what it is about beside its fields.
#[must_use]
pub fn form_section(section: FormSection) -> AnyView {
    let FormSection {
        id,
        title,
        help,
        fields,
    } = section;
    let heading = format!("{id}-title");
    let labelled_by = heading.clone();
    view! {
        <section class="form-section" aria-labelledby=labelled_by>
            <div class="form-intro">
                <h2 id=heading>{title}</h2>
                <p>{help}</p>
            </div>
            <div class="form-fields">{fields}</div>
        </section>
    }
    .into_any()
}

pub struct Callout {
    pub tone: Tone,
    pub title: String,
    pub body: AnyView,
}

#[must_use]
pub fn callout(callout: Callout) -> AnyView {
    let mark = match callout.tone {
        Tone::Bad | Tone::Warn => Icon::Alert,
        Tone::Good => Icon::Check,
        Tone::Neutral | Tone::Accent => Icon::Info,
    };
    view! {
        <div class=format!("callout {}", callout.tone.as_str())>
            {icon(mark)} <div>
                <p class="callout-title">{callout.title}</p>
                {callout.body}
            </div>
        </div>
    }
    .into_any()
}
