//! How code reads a flag, and where it does.

use leptos::prelude::*;
use nexus_control::views::{CodePlace, CodeUse};
use nexus_domain::flag::{Flag, FlagKind};

use crate::cx::Cx;
use crate::format::count;
use crate::text::flags::FlagWord as F;
use crate::text::notes::CodeWord as W;
use crate::ui::{Icon, icon, panel, when};

/// How an application reads it.
pub(super) fn view_code(cx: &Cx, flag: &Flag) -> AnyView {
    let given = flag.rules.first().map_or(&flag.value, |rule| &rule.value);
    let mut features = serde_json::Map::new();
    features.insert(flag.key.to_string(), given.clone());
    let header = format!(
        "x-nexus-decision: {{…,\"features\":{},…}}",
        serde_json::Value::Object(features)
    );
    let default = match flag.kind {
        FlagKind::Boolean => format!("gb.isOn(\"{}\")", flag.key),
        _ => format!("gb.getFeatureValue(\"{}\", {})", flag.key, flag.value),
    };
    let body = view! {
        <div class="code-lines">
            <p class="panel-line">{cx.t(F::CodeHelp)}</p>
            <p class="quiet">{cx.t(F::CodeHeader)}</p>
            <pre class="code">{header}</pre>
            <p class="quiet">{cx.t(F::CodeOff)}</p>
            <p class="quiet">"GrowthBook"</p>
            <pre class="code">{default}</pre>
            <p class="quiet">"OFREP"</p>
            <pre class="code">{format!("POST /__nexus/ofrep/v1/evaluate/flags/{}", flag.key)}</pre>
        </div>
    };
    let more = view! {
        <a class="more" href="/settings/sdk-keys">
            {cx.t(F::CodeKeys)}
            {icon(Icon::ArrowRight)}
        </a>
    };
    panel("code", cx.t(F::Code), more.into_any(), body.into_any())
}

/// The places that uploads named.
pub(super) fn view_places(cx: &Cx, uses: &[CodeUse]) -> AnyView {
    let body = match uses.is_empty() {
        true => view! { <p class="panel-quiet">{cx.t(W::None)}</p> }.into_any(),
        false => uses
            .iter()
            .map(|one| repository(cx, one))
            .collect_view()
            .into_any(),
    };
    panel("code-places", cx.t(W::Title), ().into_any(), body)
}

fn repository(cx: &Cx, one: &CodeUse) -> AnyView {
    let places = count(one.places.len() as u64);
    let title = cx.f(W::Scanned, &[&one.repository, &places]);
    let revision = (!one.revision.is_empty()).then(|| {
        let short: String = one.revision.chars().take(12).collect();
        view! { <span class="quiet">{cx.f(W::At, &[&short])}</span> " " }
    });
    let rows = one.places.iter().map(view_place);
    view! {
        <section class="code-use">
            <h3>{title}</h3>
            <p class="panel-line">{revision} {when(cx, one.at_ms)}</p>
            <ul class="code-places">{rows.collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn view_place(place: &CodePlace) -> AnyView {
    let name = format!("{}:{}", place.path, place.line);
    let name = match &place.href {
        Some(href) => view! { <a href=href.clone() rel="noreferrer">{name}</a> }.into_any(),
        None => view! { <span>{name}</span> }.into_any(),
    };
    view! {
        <li>
            <p class="row-id">{name}</p>
            <pre class="code">{place.snippet.clone()}</pre>
        </li>
    }
    .into_any()
}
