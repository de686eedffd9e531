//! The page: rules, a form for a new one, and the last requests.

use maud::{DOCTYPE, Markup, html};

use super::form::AddRule;
use crate::faults::FaultError;
use crate::{FaultRule, LoggedRequest, Sandbox};

/// The whole page; `refused` shows a form again with what was wrong.
pub(super) fn page(sandbox: &Sandbox, refused: Option<(&AddRule, FaultError)>) -> Markup {
    let fresh = AddRule::default();
    let (form, error) = refused.map_or((&fresh, None), |(form, error)| (form, Some(error)));
    let requests = sandbox.journal().entries();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Sandbox" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/__sandbox/style.css";
            }
            body {
                header {
                    h1 { "Sandbox" }
                    p {
                        "A local Cloudflare account, " (sandbox.config().account_name) ": "
                        code { (sandbox.account_id()) }
                    }
                }
                main {
                    (rules(&sandbox.faults().rules()))
                    (add_form(form, error))
                    (log(&requests))
                }
            }
        }
    }
}

fn rules(rules: &[FaultRule]) -> Markup {
    html! {
        section aria-labelledby="faults" {
            h2 id="faults" { "Faults" }
            @if rules.is_empty() {
                p { "No request is disturbed." }
            } @else {
                div.scroll tabindex="0" role="region" aria-label="Table of faults" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Id" }
                                th scope="col" { "Requests" }
                                th scope="col" { "Effect" }
                                th scope="col" { "Chance" }
                                th scope="col" { "Left" }
                                th scope="col" { "Fired" }
                                th scope="col" { "Remove" }
                            }
                        }
                        tbody { @for rule in rules { (rule_row(rule)) } }
                    }
                }
                form method="post" action="/__sandbox/forms/clear" {
                    button { "Remove all faults" }
                }
            }
        }
    }
}

fn rule_row(rule: &FaultRule) -> Markup {
    html! {
        tr {
            th scope="row" { (rule.id) }
            td { code { (rule.method.as_deref().unwrap_or("any")) " " (rule.path) } }
            td { (effect(rule)) }
            td { (rule.probability) }
            td { @if let Some(left) = rule.remaining { (left) } @else { "no limit" } }
            td { (rule.fired) }
            td {
                form method="post" action={ "/__sandbox/forms/remove/" (rule.id) } {
                    button aria-label={ "Remove fault " (rule.id) } { "Remove" }
                }
            }
        }
    }
}

fn effect(rule: &FaultRule) -> String {
    let mut parts = Vec::new();
    if rule.delay_ms > 0 {
        parts.push(format!("wait {} ms", rule.delay_ms));
    }
    if let Some(status) = rule.status {
        let after = rule
            .retry_after_s
            .map(|s| format!(", retry after {s} s"))
            .unwrap_or_default();
        parts.push(format!("answer {status} with code {}{after}", rule.code));
    }
    if rule.cut {
        parts.push("cut the connection".to_owned());
    }
    if rule.drop_reply {
        parts.push("apply, then drop the reply".to_owned());
    }
    parts.join(", then ")
}

fn add_form(form: &AddRule, error: Option<FaultError>) -> Markup {
    let options = |chosen: &str, all: &[(&str, &str)]| {
        html! {
            @for (value, label) in all {
                option value=(value) selected[*value == chosen] { (label) }
            }
        }
    };
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"].map(|method| (method, method));
    let methods: Vec<_> = std::iter::once(("", "any")).chain(methods).collect();
    let effects = [
        ("status", "answer with a status"),
        ("cut", "cut the connection"),
        ("drop_reply", "apply, then drop the reply"),
        ("delay", "only delay"),
    ];
    html! {
        section aria-labelledby="add" {
            h2 id="add" { "Add a fault" }
            @if let Some(error) = error {
                p.error role="alert" { "Not added: " (error) "." }
            }
            form.fields method="post" action="/__sandbox/forms/add" {
                label { span { "Method" } select name="method" { (options(&form.method, &methods)) } }
                label.wide {
                    span { "Path (* within a segment, ** across)" }
                    input name="path" required maxlength="512" value=(form.path);
                }
                label.wide { span { "Effect" } select name="effect" { (options(&form.effect, &effects)) } }
                (number("status", "Status", &form.status, "400", "599", "1"))
                (number("code", "Cloudflare code", &form.code, "0", "4294967295", "1"))
                (number("retry_after_s", "Retry-After, s", &form.retry_after_s, "0", "86400", "1"))
                (number("delay_ms", "Delay, ms", &form.delay_ms, "0", "600000", "1"))
                (number("probability", "Chance, 0 to 1", &form.probability, "0", "1", "any"))
                (number("remaining", "How often (empty: always)", &form.remaining, "1", "1000000", "1"))
                (number("seed", "Seed", &form.seed, "0", "9007199254740991", "1"))
                div.wide { button { "Add fault" } }
            }
        }
    }
}

fn number(name: &str, label: &str, value: &str, min: &str, max: &str, step: &str) -> Markup {
    html! {
        label {
            span { (label) }
            input type="number" name=(name) value=(value) min=(min) max=(max) step=(step);
        }
    }
}

fn log(requests: &[LoggedRequest]) -> Markup {
    html! {
        section aria-labelledby="log" {
            h2 id="log" { "Last requests" }
            @if requests.is_empty() {
                p { "No request yet." }
            } @else {
                form.actions method="post" action="/__sandbox/forms/clear-log" {
                    a href="/" { "Refresh" }
                    a href="/__sandbox/log" { "As JSON" }
                    button { "Clear" }
                }
                div.scroll tabindex="0" role="region" aria-label="Table of requests" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Time" }
                                th scope="col" { "Request" }
                                th scope="col" { "Status" }
                                th.number scope="col" { "ms" }
                                th scope="col" { "Fault" }
                            }
                        }
                        tbody { @for request in requests.iter().rev() { (log_row(request)) } }
                    }
                }
            }
        }
    }
}

fn log_row(request: &LoggedRequest) -> Markup {
    html! {
        tr {
            td { time datetime=(request.at) { (request.at.get(11..23).unwrap_or(&request.at)) } }
            td {
                code {
                    (request.method) " " (request.path)
                    @if let Some(query) = &request.query { "?" (query) }
                }
            }
            td { @if let Some(status) = request.status { (status) } @else { "no reply" } }
            td.number { (format!("{:.1}", request.duration_ms)) }
            td { (request.fault.as_deref().unwrap_or("")) }
        }
    }
}
