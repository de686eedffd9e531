//! What stops the experiment by itself: the fields as typed, what they mean, their view.

use leptos::prelude::*;
use nexus_domain::experiment::{MaxLatency, MinConversion, Safeguards};
use nexus_domain::{Field as At, FieldProblem};

use super::FormState;
use crate::cx::Cx;
use crate::format::bp;
use crate::host::Form;
use crate::pages::problems::error_of;
use crate::pages::typed::Reader;
use crate::text::safeguards::SafeguardWord as W;
use crate::ui::{Field, Input, check_row, field_error, input};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeguardFields {
    pub max_error_rate: String,
    pub max_latency: String,
    pub slow_share: String,
    pub min_conversion: String,
    pub conversion_hours: String,
    pub min_hours: String,
    /// Values of the boxes that are ticked.
    pub stops: Vec<String>,
}

const METRICS: &str = "metrics";
const SPLIT: &str = "split";
const VERDICT: &str = "verdict";

impl SafeguardFields {
    #[must_use]
    pub(super) fn of(chosen: &Safeguards) -> Self {
        let stops = [
            (chosen.stop_on_metrics, METRICS),
            (chosen.stop_on_split, SPLIT),
            (chosen.stop_on_verdict, VERDICT),
        ];
        let latency = chosen.max_latency;
        let conversion = chosen.min_conversion;
        Self {
            max_error_rate: bp(chosen.max_error_rate_bp),
            max_latency: latency.map_or_else(String::new, |l| l.limit_ms.to_string()),
            slow_share: latency.map_or_else(|| "5".to_owned(), |l| bp(l.share_bp)),
            min_conversion: conversion.map_or_else(String::new, |c| bp(c.rate_bp)),
            conversion_hours: conversion
                .map_or_else(|| "24".to_owned(), |c| c.within_hours.to_string()),
            min_hours: chosen.min_hours.to_string(),
            stops: stops
                .into_iter()
                .filter(|(on, _)| *on)
                .map(|(_, name)| name.to_owned())
                .collect(),
        }
    }

    #[must_use]
    pub(super) fn of_form(form: &Form) -> Self {
        Self {
            max_error_rate: form.trimmed("max_error_rate"),
            max_latency: form.trimmed("max_latency"),
            slow_share: form.trimmed("slow_share"),
            min_conversion: form.trimmed("min_conversion"),
            conversion_hours: form.trimmed("conversion_hours"),
            min_hours: form.trimmed("min_hours"),
            stops: form.all("stop_on").into_iter().map(str::to_owned).collect(),
        }
    }

    /// Of an empty limit the number that goes with it is not read.
    pub(super) fn read(&self, read: &mut Reader) -> Safeguards {
        let hours = |read: &mut Reader, at: At, typed: &str, otherwise: u16| {
            let typed = read.count(at, typed, otherwise.into());
            u16::try_from(typed).unwrap_or(u16::MAX)
        };
        let max_latency = (!self.max_latency.is_empty()).then(|| MaxLatency {
            limit_ms: u32::try_from(read.count(At::MaxLatency, &self.max_latency, 1_000))
                .unwrap_or(u32::MAX),
            share_bp: read.percent(At::SlowShare, &self.slow_share, 500),
        });
        let min_conversion = (!self.min_conversion.is_empty()).then(|| MinConversion {
            rate_bp: read.percent(At::MinConversion, &self.min_conversion, 100),
            within_hours: hours(read, At::ConversionHours, &self.conversion_hours, 24),
        });
        let ticked = |name: &str| self.stops.iter().any(|stop| stop == name);
        Safeguards {
            max_error_rate_bp: read.percent(At::MaxErrorRate, &self.max_error_rate, 500),
            max_latency,
            min_conversion,
            stop_on_metrics: ticked(METRICS),
            stop_on_split: ticked(SPLIT),
            stop_on_verdict: ticked(VERDICT),
            min_hours: match self.min_hours.as_str() {
                "" => 0,
                typed => hours(read, At::MinHours, typed, 0),
            },
        }
    }

    /// One line for the comparison of two states.
    #[must_use]
    pub(super) fn line(&self) -> String {
        [
            &self.max_error_rate,
            &self.max_latency,
            &self.slow_share,
            &self.min_conversion,
            &self.conversion_hours,
            &self.stops.join(", "),
            &self.min_hours,
        ]
        .map(|part| {
            if part.is_empty() {
                "–"
            } else {
                part.as_str()
            }
        })
        .join(" · ")
    }
}

#[must_use]
pub(super) fn view_safeguards(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let typed = &state.safeguards;
    let field = |id: &'static str, label: W, help: W, at: At| {
        Field::new(id, cx.t(label))
            .help(cx.t(help))
            .error(error_of(cx, problems, at))
    };
    let percent = |id: &'static str, label: W, help: W, at: At, value: &str| {
        input(Input::percent(field(id, label, help, at), id, value))
    };
    let whole = |id: &'static str, label: W, help: W, at: At, value: &str| {
        input(Input {
            class: "short",
            inputmode: Some("numeric"),
            ..Input::text(field(id, label, help, at), id, value)
        })
    };
    let tick = |name: &str, label: W, help: W| {
        let ticked = typed.stops.iter().any(|stop| stop == name);
        let (label, help) = (cx.t(label).to_owned(), Some(cx.t(help).to_owned()));
        check_row("checkbox", "stop_on", name.to_owned(), ticked, label, help)
    };
    view! {
        {input(
            Input::percent(
                field(
                        "max_error_rate",
                        W::MaxErrorRate,
                        W::MaxErrorRateHelp,
                        At::MaxErrorRate,
                    )
                    .required(),
                "max_error_rate",
                &typed.max_error_rate,
            ),
        )}
        <div class="duo">
            {whole(
                "max_latency",
                W::MaxLatency,
                W::MaxLatencyHelp,
                At::MaxLatency,
                &typed.max_latency,
            )}
            {percent(
                "slow_share",
                W::SlowShare,
                W::SlowShareHelp,
                At::SlowShare,
                &typed.slow_share,
            )}
        </div>
        <div class="duo">
            {percent(
                "min_conversion",
                W::MinConversion,
                W::MinConversionHelp,
                At::MinConversion,
                &typed.min_conversion,
            )}
            {whole(
                "conversion_hours",
                W::ConversionHours,
                W::ConversionHoursHelp,
                At::ConversionHours,
                &typed.conversion_hours,
            )}
        </div>
        <fieldset class="field" id="stop_on">
            <legend class="sr">{cx.t(W::Section)}</legend>
            <div class="stacked-checks">
                {tick(METRICS, W::StopOnMetrics, W::StopOnMetricsHelp)}
                {tick(SPLIT, W::StopOnSplit, W::StopOnSplitHelp)}
                {tick(VERDICT, W::StopOnVerdict, W::StopOnVerdictHelp)}
            </div>
            {field_error("stop_on", error_of(cx, problems, At::StopOnVerdict))}
        </fieldset>
        {whole("min_hours", W::MinHours, W::MinHoursHelp, At::MinHours, &typed.min_hours)}
    }
    .into_any()
}
