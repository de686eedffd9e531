//! The page that steers the crowd, as HTML.

use std::fmt::Write as _;

use crate::html::{document, escape};
use crate::traffic::{Counters, Settings};

const STYLE: &str = "
:root{--line:#8884;--accent:#3442c4;--soft:#8881}
@media (prefers-color-scheme:dark){:root{--accent:#a9b4ff}}
body{max-width:60rem}
h1{margin:0 0 .25rem}h2{margin:0 0 .25rem;font-size:1.125rem}
p{margin:0;opacity:.8}
header{display:flex;flex-wrap:wrap;gap:1rem;align-items:end;justify-content:space-between}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:1px;margin:1.5rem 0;border:1px solid var(--line);border-radius:.75rem;overflow:hidden;background:var(--line)}
dl div{background:Canvas;padding:.75rem 1rem}
dt{font-size:.875rem;opacity:.8}dd{margin:0;font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1.5rem;align-items:start}
form,.seen{border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}
label{display:block;margin:.875rem 0 0;font-size:.875rem;font-weight:600}
input{display:block;box-sizing:border-box;width:100%;margin-top:.25rem;padding:.5rem .625rem;font:inherit;font-weight:400;border:1px solid GrayText;border-radius:.5rem;background:Field;color:FieldText}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:1.25rem}
button,header a{font:inherit;font-weight:600;padding:.5rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--soft);color:inherit;text-decoration:none;cursor:pointer}
button.main{background:var(--accent);border-color:var(--accent);color:Canvas}
.seen{margin-top:1.5rem}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.375rem 0;border-top:1px solid var(--line)}
thead th{border:0;font-size:.875rem;opacity:.8}td:last-child,th:last-child{text-align:right;font-variant-numeric:tabular-nums}
";

pub(super) fn page(settings: &Settings, counters: &Counters) -> String {
    let mut body = String::from(
        "<header><div><h1>Demo traffic</h1><p>A crowd of synthetic visitors in front of the \
         gateway. What you change here holds at once.</p></div><a href=\"/\">Refresh</a></header>",
    );
    figures(&mut body, counters);
    body.push_str("<div class=\"cards\">");
    hurt(&mut body);
    crowd(&mut body, settings, counters);
    body.push_str("</div>");
    seen(&mut body, counters);
    document("Demo traffic", STYLE, &body)
}

fn figures(body: &mut String, counters: &Counters) {
    body.push_str("<dl>");
    for (label, count) in [
        ("Requests answered", counters.answered),
        ("with an error", counters.failed),
        ("without an answer", counters.unanswered),
        ("left out", counters.shed),
        ("Conversions", counters.conversions),
        ("Visitors remembered", counters.known_visitors as u64),
    ] {
        let _ = write!(body, "<div><dt>{label}</dt><dd>{count}</dd></div>");
    }
    body.push_str("</dl>");
}

fn hurt(body: &mut String) {
    body.push_str(
        "<form method=\"post\" action=\"/errors\"><h2>Hurt visitors</h2>\
         <p>The origins fail or slow down for whoever was dealt the variant. A running experiment \
         whose guardrail is crossed stops by itself.</p>",
    );
    field(body, "error_percent", "Requests that fail, %", "30");
    field(body, "delay_ms", "Delay of each answer, ms", "0");
    field(body, "variant", "Variant (empty: everybody)", "treatment");
    field(body, "experiment", "Experiment (empty: any)", "");
    body.push_str(
        "<div class=\"acts\"><button class=\"main\" name=\"action\" value=\"inject\">Start hurting</button>\
         <button name=\"action\" value=\"stop\">Stop hurting</button></div></form>",
    );
}

fn crowd(body: &mut String, settings: &Settings, counters: &Counters) {
    body.push_str(
        "<form method=\"post\" action=\"/settings\"><h2>Crowd</h2>\
         <p>How many come, and how many of them convert.</p>",
    );
    let rate = settings.rate_per_second.to_string();
    field(
        body,
        "rate_per_second",
        "Requests per second, mean over a day",
        &rate,
    );
    let day = settings.day_seconds.to_string();
    field(
        body,
        "day_seconds",
        "Seconds in a day (its rhythm repeats)",
        &day,
    );
    field(body, "metric", "Metric of a conversion", &settings.metric);
    let mut rates = settings.conversion_by_variant.clone();
    for seen in counters.seen.keys() {
        if let Some((_, variant)) = seen.split_once('=') {
            rates
                .entry(variant.to_owned())
                .or_insert(settings.conversion);
        }
    }
    for (variant, share) in &rates {
        field(
            body,
            &format!("variant:{variant}"),
            &format!("Conversion of {variant}, %"),
            &percent(*share),
        );
    }
    field(
        body,
        "conversion",
        "Conversion of any other variant, %",
        &percent(settings.conversion),
    );
    body.push_str("<div class=\"acts\"><button class=\"main\">Save</button></div></form>");
}

fn seen(body: &mut String, counters: &Counters) {
    body.push_str("<section class=\"seen\"><h2>What the crowd was dealt</h2>");
    if counters.seen.is_empty() {
        body.push_str("<p>Nothing yet: no experiment is running.</p></section>");
        return;
    }
    body.push_str(
        "<table><thead><tr><th>Experiment</th><th>Variant</th><th>Requests</th></tr></thead><tbody>",
    );
    for (seen, count) in &counters.seen {
        let (experiment, variant) = seen.split_once('=').unwrap_or((seen, ""));
        let _ = write!(
            body,
            "<tr><td>{}</td><td>{}</td><td>{count}</td></tr>",
            escape(experiment),
            escape(variant)
        );
    }
    body.push_str("</tbody></table></section>");
}

fn percent(share: f64) -> String {
    format!("{:.2}", share * 100.0)
}

fn field(body: &mut String, name: &str, label: &str, value: &str) {
    let _ = write!(
        body,
        "<label>{}<input name=\"{}\" value=\"{}\"></label>",
        escape(label),
        escape(name),
        escape(value)
    );
}
