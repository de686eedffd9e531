//! The variants of an experiment's form: rows that can be added, removed and
//! evenly weighted. The same buttons are submit buttons of the form, so that
//! the server does the same when no script runs.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::alert::alert;
use crate::half_width::half_width;
use crate::textarea::text_area;

/// One row as text, exactly as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantFields {
    pub key: String,
    pub name: String,
    /// Percent.
    pub weight: String,
    /// A JSON object, or nothing.
    pub features: String,
    pub deployment: String,
    #[serde(default)]
    pub errors: VariantErrors,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantErrors {
    pub key: Option<String>,
    pub name: Option<String>,
    pub weight: Option<String>,
    pub features: Option<String>,
    pub deployment: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VariantWords {
    pub control: String,
    /// "Treatment {0}".
    pub treatment: String,
    pub key: String,
    pub name: String,
    pub weight: String,
    pub features: String,
    pub features_help: String,
    pub deployment: String,
    pub deployment_help: String,
    pub add: String,
    /// "Remove {0}".
    pub remove: String,
    pub distribute: String,
    /// "Weights add up to {0} %".
    pub sum: String,
    pub sum_ok: String,
}

#[derive(Clone, PartialEq)]
struct Row {
    /// Stable while the row lives.
    uid: u32,
    start: VariantFields,
    weight: RwSignal<String>,
}

/// Weights in basis points as even as possible; the first get the remainder.
#[must_use]
pub fn even_weights(count: usize) -> Vec<u16> {
    let Ok(n) = u16::try_from(count.clamp(1, 10_000)) else {
        return Vec::new();
    };
    (0..n)
        .map(|i| 10_000 / n + u16::from(i < 10_000 % n))
        .collect()
}

fn percent_text(bp: u16) -> String {
    let text = format!("{}.{:02}", bp / 100, bp % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Percent as typed to basis points, by digits alone: reading floating-point
/// numbers would cost the module several kilobytes.
fn typed_bp(typed: &str) -> Option<i64> {
    let typed = half_width(typed);
    let typed = typed.trim_end_matches('%').trim_end();
    let (whole, part) = typed.split_once('.').unwrap_or((typed, ""));
    let digits = |text: &str| text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let hundredths: i64 = format!("{part:0<2}").get(..2)?.parse().ok()?;
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    Some(whole * 100 + hundredths)
}

/// Sum of what is typed, in basis points; what is no number counts nothing.
fn sum_bp(rows: &[Row]) -> i64 {
    rows.iter()
        .filter_map(|row| row.weight.with(|w| typed_bp(w)))
        .sum()
}

/// `locked`: the experiment has started, nothing here can change.
#[island]
pub fn VariantEditor(rows: Vec<VariantFields>, words: VariantWords, locked: bool) -> impl IntoView {
    let row = |(uid, start): (u32, VariantFields)| Row {
        uid,
        weight: RwSignal::new(start.weight.clone()),
        start,
    };
    let list = RwSignal::new((0u32..).zip(rows).map(row).collect::<Vec<_>>());
    let add = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        list.update(|list| {
            let uid = list.iter().map(|r| r.uid + 1).max().unwrap_or_default();
            list.push(Row {
                uid,
                start: VariantFields {
                    key: format!("treatment-{}", list.len()),
                    ..VariantFields::default()
                },
                weight: RwSignal::new("0".to_owned()),
            });
        });
    };
    let distribute = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        list.with_untracked(|list| {
            for (row, bp) in list.iter().zip(even_weights(list.len())) {
                row.weight.set(percent_text(bp));
            }
        });
    };
    let sum = {
        let words = words.clone();
        move || {
            let bp = list.with(|l| sum_bp(l));
            if bp == 10_000 {
                words.sum_ok.clone()
            } else {
                let text = format!("{}.{:02}", bp / 100, (bp % 100).abs());
                words
                    .sum
                    .replace("{0}", text.trim_end_matches('0').trim_end_matches('.'))
            }
        }
    };
    let even = move || list.with(|l| sum_bp(l)) == 10_000;
    let texts = words.clone();
    let each = move |row: Row| {
        let uid = row.uid;
        let position =
            move || list.with(|l| l.iter().position(|r| r.uid == uid).unwrap_or_default());
        let removable = move || !locked && list.with(Vec::len) > 2;
        let remove = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            list.update(|l| l.retain(|r| r.uid != uid));
        };
        view_row(row, &texts, position, removable, remove, locked)
    };
    view! {
        <div class="variants">
            <For each=move || list.get() key=|row| row.uid children=each />
        </div>
        <div class="variants-foot">
            <p class=move || if even() { "variants-sum even" } else { "variants-sum" } role="status">
                {sum}
            </p>
            <div class="variants-actions" hidden=locked>
                <button
                    class="button"
                    type="submit"
                    name="do"
                    value="distribute"
                    formnovalidate=true
                    on:click=distribute
                >
                    {words.distribute}
                </button>
                <button class="button" type="submit" name="do" value="add-variant" formnovalidate=true on:click=add>
                    {words.add}
                </button>
            </div>
        </div>
    }
}

fn view_row(
    row: Row,
    words: &VariantWords,
    position: impl Fn() -> usize + Copy + Send + Sync + 'static,
    removable: impl Fn() -> bool + Copy + Send + Sync + 'static,
    remove: impl Fn(leptos::ev::MouseEvent) + 'static,
    locked: bool,
) -> AnyView {
    let Row { uid, start, weight } = row;
    let id = |part: &str| format!("variant-{uid}-{part}");
    let errors = start.errors;
    let (control, treatment) = (words.control.clone(), words.treatment.clone());
    let title = move || match position() {
        0 => control.clone(),
        n => treatment.replace("{0}", &n.to_string()),
    };
    let remove_words = words.remove.clone();
    let remove_label = {
        let title = title.clone();
        move || remove_words.replace("{0}", &title())
    };
    let more_open = !start.features.is_empty() || !start.deployment.is_empty();
    let features_invalid = errors.features.is_some();
    view! {
        <fieldset class="variant" data-first=move || (position() == 0).then_some("true")>
            <legend class="variant-legend">{title}</legend>
            <div class="variant-line">
                {small_field(id("key"), words.key.clone(), errors.key, None, view! {
                    <input id=id("key") name="variant_key" class="mono" type="text" value=start.key readonly=locked autocomplete="off" spellcheck="false" aria-describedby=id("key-error") />
                }.into_any())}
                {small_field(id("name"), words.name.clone(), errors.name, None, view! {
                    <input id=id("name") name="variant_name" type="text" value=start.name readonly=locked autocomplete="off" aria-describedby=id("name-error") />
                }.into_any())}
                {small_field(id("weight"), words.weight.clone(), errors.weight, None, view! {
                    <span class="with-unit">
                        <input id=id("weight") name="variant_weight" class="short" type="text" inputmode="decimal" value=start.weight readonly=locked autocomplete="off" aria-describedby=id("weight-error")
                            prop:value=move || weight.get() on:input=move |event| weight.set(event_target_value(&event)) />
                        <span class="unit" aria-hidden="true">"%"</span>
                    </span>
                }.into_any())}
                <button
                    class="button quiet-button icon-only variant-remove"
                    type="submit"
                    name="do"
                    value=move || format!("remove-variant:{}", position())
                    formnovalidate=true
                    hidden=move || !removable()
                    aria-label=remove_label
                    on:click=remove
                >
                    "×"
                </button>
            </div>
            <details class="disclosure" open=more_open>
                <summary>{words.features.clone()} " · " {words.deployment.clone()}</summary>
                <div class="variant-line wide">
                    {small_field(id("features"), words.features.clone(), errors.features, Some(words.features_help.clone()), view! {
                        {text_area(id("features"), "variant_features", 3, &start.features, "mono", Some(described(&id("features"))), features_invalid)}
                    }.into_any())}
                    {small_field(id("deployment"), words.deployment.clone(), errors.deployment, Some(words.deployment_help.clone()), view! {
                        <input id=id("deployment") name="variant_deployment" class="mono" type="text" value=start.deployment readonly=locked autocomplete="off" spellcheck="false" aria-describedby=described(&id("deployment")) />
                    }.into_any())}
                </div>
            </details>
        </fieldset>
    }
    .into_any()
}

/// Ids of the error and the help of a control.
fn described(id: &str) -> String {
    format!("{id}-error {id}-help")
}

fn small_field(
    id: String,
    label: String,
    error: Option<String>,
    help: Option<String>,
    control: AnyView,
) -> AnyView {
    let class = if error.is_some() {
        "field invalid"
    } else {
        "field"
    };
    let error_id = format!("{id}-error");
    let help_id = format!("{id}-help");
    let fine = error.is_none();
    view! {
        <div class=class>
            <label class="field-label" for=id>
                {label}
            </label>
            {control}
            <p class="field-error" id=error_id hidden=fine>
                {alert()}
                <span>{error.unwrap_or_default()}</span>
            </p>
            {help.map(|help| view! { <p class="field-help" id=help_id>{help}</p> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_weights_add_up() {
        for n in 1..=20 {
            let weights = even_weights(n);
            assert_eq!(weights.len(), n);
            assert_eq!(weights.iter().map(|w| u32::from(*w)).sum::<u32>(), 10_000);
        }
        assert_eq!(percent_text(3_334), "33.34");
    }

    #[test]
    fn typed_weights_are_read_by_their_digits() {
        for (typed, expected) in [
            ("50", Some(5_000)),
            (" 33.34 ", Some(3_334)),
            ("0.5", Some(50)),
            (".05", Some(5)),
            ("7.", Some(700)),
            ("７０", Some(7_000)),
            ("12.5 %", Some(1_250)),
            ("", None),
            (".", None),
            ("-1", None),
            ("x", None),
            ("12345678", None),
        ] {
            assert_eq!(typed_bp(typed), expected, "{typed:?}");
        }
    }
}
