//! What several pages show of experiments and gateways.

use leptos::prelude::*;
use nexus_control::views::{GatewayRow, OwnPages, Propagation};
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::experiment::{Experiment, Safeguards};

use crate::cx::Cx;
use crate::format::{bp, count};
use crate::pages::flags;
use crate::text::common::Common;
use crate::text::decide::DecideWord;
use crate::text::domain::{ActionWord, RoleWord};
use crate::text::experiments::{GatewayWord as W, ListWord};
use crate::ui::{Allowed, Callout, Tone, callout, panel, when};

/// `Ok`, or the reason a person reads on the disabled control.
pub fn allowed(cx: &Cx, action: Action, environment: Option<Environment>) -> Allowed {
    if cx.may(action, environment) {
        return Ok(());
    }
    let roles = role_names(cx, action);
    Err(format!(
        "{} {}",
        cx.f(Common::NotAllowed, &[cx.t(ActionWord::of(action))]),
        cx.f(Common::NeedsRole, &[&roles])
    ))
}

/// The roles that allow an action, in words.
#[must_use]
pub fn role_names(cx: &Cx, action: Action) -> String {
    let names: Vec<&str> = action
        .roles()
        .iter()
        .map(|r| cx.t(RoleWord::of(*r)))
        .collect();
    crate::text::common::one_of(cx, &names)
}

#[must_use]
pub fn exposure_text(cx: &Cx, exposures: u64) -> String {
    if exposures == 0 {
        cx.t(ListWord::NobodyExposed).to_owned()
    } else {
        cx.f(ListWord::ExposedUsers, &[&count(exposures)])
    }
}

/// What a variant is called: by its key where it has no name.
#[must_use]
pub fn name_of(experiment: &Experiment, key: &str) -> String {
    match experiment.variant(key) {
        Some(variant) if !variant.name.is_empty() => variant.name.clone(),
        _ => key.to_owned(),
    }
}

/// The flags that its winner was rolled out as; none when there are none.
#[must_use]
pub(in crate::pages::experiments) fn rolled_out(
    cx: &Cx,
    experiment: &Experiment,
) -> Option<AnyView> {
    let keys = &experiment.conclusion.as_ref()?.flags;
    let links = keys.iter().map(|key| {
        let page = flags::url_of(experiment.environment, key);
        view! {
            " "
            <a href=page>{key.clone()}</a>
        }
    });
    (!keys.is_empty()).then(|| {
        view! {
            {cx.t(DecideWord::RolledOut)}
            {links.collect_view()}
        }
        .into_any()
    })
}

/// What stops an experiment by itself, in a line.
#[must_use]
pub fn safeguards_text(cx: &Cx, chosen: &Safeguards) -> String {
    use crate::text::safeguards::SafeguardWord as S;
    let mut said = vec![cx.f(S::SetupErrors, &[&bp(chosen.max_error_rate_bp)])];
    if let Some(latency) = chosen.max_latency {
        let limit = count(u64::from(latency.limit_ms));
        said.push(cx.f(S::SetupLatency, &[&limit, &bp(latency.share_bp)]));
    }
    if let Some(min) = chosen.min_conversion {
        let hours = min.within_hours.to_string();
        said.push(cx.f(S::SetupConversion, &[&bp(min.rate_bp), &hours]));
    }
    let more = [
        (chosen.stop_on_metrics, S::SetupMetrics),
        (chosen.stop_on_split, S::SetupSplit),
        (chosen.stop_on_verdict, S::SetupVerdict),
    ];
    let more = more.into_iter().filter(|(on, _)| *on);
    said.extend(more.map(|(_, word)| cx.t(word).to_owned()));
    let said = said.join(cx.t(S::Join));
    match chosen.min_hours {
        0 => said,
        hours => cx.f(S::SetupMinHours, &[&said, &hours.to_string()]),
    }
}

/// How far the newest snapshot has come, gateway by gateway.
#[must_use]
pub fn gateways_panel(cx: &Cx, propagation: &Propagation) -> AnyView {
    let version = propagation.version.to_string();
    let all = propagation.gateways.len();
    let current = propagation.gateways.iter().filter(|g| g.current).count();
    let line = match (propagation.version, all) {
        (0, _) => cx.t(W::NothingYet).to_owned(),
        (_, 0) => cx.f(W::None, &[&version]),
        _ => cx.f(W::All, &[&current.to_string(), &all.to_string(), &version]),
    };
    let on_its_way = propagation.version > 0 && propagation.published_ms.is_none();
    let state = match &propagation.problem {
        Some(problem) => callout(Callout {
            tone: Tone::Warn,
            title: cx.f(W::Publishing, &[&version]),
            body: view! { <p>{cx.f(W::Problem, &[problem])}</p> }.into_any(),
        }),
        None if on_its_way => {
            view! { <p class="panel-quiet">{cx.f(W::Publishing, &[&version])}</p> }.into_any()
        }
        None => ().into_any(),
    };
    let rows = propagation
        .gateways
        .iter()
        .map(|g| gateway(cx, g))
        .collect_view();
    let own = propagation.own_pages.filter(|own| own.version > 0);
    let own = own.map(|own| own_pages(cx, own));
    let body = view! {
        <p class="panel-line">{line}</p>
        {state}
        <ul class="gateways">{rows}{own}</ul>
    };
    panel("gateways", cx.t(W::Title), ().into_any(), body.into_any())
}

/// What SDKs that ask the console get, and how many keep a stream open.
fn own_pages(cx: &Cx, own: OwnPages) -> AnyView {
    let (tone, word) = match own.current {
        true => ("good", W::Current),
        false => ("wait", W::Behind),
    };
    view! {
        <li class=format!("gateway {tone}")>
            <span class="gateway-dot" aria-hidden="true"></span>
            <span class="gateway-own">{cx.t(W::OwnPages)}</span>
            <span class="gateway-version">{format!("v{}", own.version)}</span>
            <span class="gateway-state">{cx.t(word)}</span>
            {streams(cx, own.streams)}
        </li>
    }
    .into_any()
}

fn gateway(cx: &Cx, row: &GatewayRow) -> AnyView {
    let (tone, word) = if row.lost {
        ("warn", W::Lost)
    } else if row.current {
        ("good", W::Current)
    } else {
        ("wait", W::Behind)
    };
    view! {
        <li class=format!("gateway {tone}")>
            <span class="gateway-dot" aria-hidden="true"></span>
            <span class="gateway-id">{row.id.clone()}</span>
            <span class="gateway-version">{format!("v{}", row.version)}</span>
            <span class="gateway-state">{cx.t(word)}</span>
            {row.streams.map(|open| streams(cx, open))}
            {when(cx, row.seen_ms)}
        </li>
    }
    .into_any()
}

fn streams(cx: &Cx, open: u32) -> AnyView {
    let said = cx.f(W::Streams, &[&open.to_string()]);
    view! { <span class="gateway-streams">{said}</span> }.into_any()
}
