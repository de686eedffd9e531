//! "Try it": what a flag gives somebody, and what switching it would change.

mod compared;

use axum::response::Response;
use leptos::prelude::*;
use nexus_control::views::{FlagWhy, FlagWhyCompared, VisitorRow, WhatIf};
use nexus_domain::flag::{Flag, FlagCommand, FlagStatus};
use nexus_flags::{BASIS_POINTS, Targeting};

use self::compared::{compare, view_compared};
use super::home;
use super::said::short_value;
use crate::cx::Cx;
use crate::host::{Form, Visit};
use crate::pages::estimate::{OfWhat, view_what_if};
use crate::pages::question::{
    Asked, Chosen, Comparing, Question, view_question, view_steps, view_visitors,
};
use crate::text::estimate::WhatIfWord;
use crate::text::flags::TryWord;
use crate::text::form::FormWord;
use crate::ui::{Callout, Icon, Tone, callout, icon, panel};

/// The question typed into "Try it" with its answer.
pub struct Tried {
    pub question: Question,
    /// None before anybody asked.
    pub why: Option<FlagWhy>,
    /// None before anybody asked.
    pub comparing: Option<Comparing<FlagWhyCompared>>,
    /// To pick one from; none for whoever may see nobody.
    pub visitors: Option<Vec<VisitorRow>>,
    /// What switching it would change, where that was asked for.
    pub what_if: Option<WhatIf>,
}

impl Tried {
    /// Answers what the URL asks.
    pub(super) async fn of(
        visit: &Visit,
        form: &Form,
        question: Question,
        flag: &Flag,
    ) -> Result<Self, Response> {
        let (console, actor) = (&visit.console, &visit.actor);
        let (environment, key) = (flag.environment, flag.key.as_str());
        let visitors = console.flag_visitors(actor, environment).await;
        let mut tried = Self {
            why: None,
            comparing: None,
            visitors: visitors.map_err(|e| visit.fail(&e))?,
            what_if: None,
            question,
        };
        if form.has("what-if") && !flag.archived {
            let command = match flag.enabled {
                true => FlagCommand::Disable,
                false => FlagCommand::Enable,
            };
            let what_if = console.what_if_flag_command(actor, environment, key, command);
            tried.what_if = Some(what_if.await.map_err(|e| visit.fail(&e))?);
        }
        let is_asked = form.has("user") || form.has("attributes");
        if is_asked && tried.question.is_good() {
            let somebody = tried.question.somebody();
            let why = console.flag_why(actor, environment, key, &somebody);
            tried.why = Some(why.await.map_err(|e| visit.fail(&e))?);
            let chosen = Chosen::of_form(form);
            tried.comparing = Some(compare(visit, chosen, &somebody, flag).await?);
        }
        Ok(tried)
    }
}

pub(super) fn view_try(cx: &Cx, flag: &Flag, tried: &Tried) -> AnyView {
    let unit = tried.question.somebody().unit;
    let answer = tried.why.as_ref().map(|why| view_answer(cx, why, &unit));
    let page = home(flag);
    let chosen = tried.comparing.as_ref().map(|one| one.chosen.clone());
    let chosen = chosen.unwrap_or_default();
    let body = view! {
        <p class="panel-line">{cx.t(TryWord::Lead)}</p>
        {view_question(cx, &tried.question, &chosen, format!("{page}#try"))}
        {view_visitors(cx, tried.visitors.as_deref(), &page, "#try")}
        {answer}
        {view_switched(cx, flag, tried)}
    };
    view! {
        {panel("try", cx.t(TryWord::Title), ().into_any(), body.into_any())}
        {tried.comparing.as_ref().map(|comparing| view_compared(cx, flag, tried, comparing))}
    }
    .into_any()
}

/// What switching would change for recent visitors; asked for by a link.
fn view_switched(cx: &Cx, flag: &Flag, tried: &Tried) -> Option<AnyView> {
    if flag.archived {
        return None;
    }
    let Some(what_if) = &tried.what_if else {
        let href = format!("{}?what-if=switch#try", home(flag));
        return Some(
            view! {
                <p class="panel-line">
                    <a class="more" href=href>
                        {cx.t(WhatIfWord::Ask)}
                        {icon(Icon::ArrowRight)}
                    </a>
                </p>
            }
            .into_any(),
        );
    };
    let title = match flag.enabled {
        true => WhatIfWord::WhenOff,
        false => WhatIfWord::WhenOn,
    };
    let shown = view! {
        <div class="tried">
            <h3>{cx.t(title)}</h3>
            {view_what_if(cx, what_if, &OfWhat::Flag(home(flag)))}
        </div>
    };
    Some(shown.into_any())
}

fn view_answer(cx: &Cx, why: &FlagWhy, unit: &str) -> AnyView {
    let flag = &why.flag;
    let decided = why.explanation.decided.map(|index| index as usize);
    let rule = decided.and_then(|index| flag.rules.get(index));
    let ruled = rule.map_or(&flag.value, |rule| &rule.value);
    let value = why.set_by.as_ref().map_or(ruled, |set| &set.value);
    let by = match (&why.set_by, decided) {
        (Some(set), _) => {
            let by = cx.f(TryWord::BySet, &[&set.experiment, &set.variant]);
            view! { <a href=format!("/experiments/{}", set.experiment)>{by}</a> }.into_any()
        }
        (None, Some(index)) => {
            let rule = (index + 1).to_string();
            cx.f(TryWord::ByRule, &[&rule]).into_any()
        }
        (None, None) => cx.t(TryWord::ByNone).into_any(),
    };
    let otherwise = why.set_by.is_some().then(|| {
        let value = short_value(ruled);
        view! { <p class="quiet">{cx.f(TryWord::Otherwise, &[&value])}</p> }
    });
    let not_now = match flag.status() {
        FlagStatus::On => None,
        FlagStatus::Off => Some(cx.f(TryWord::NotNow, &[&short_value(&flag.value)])),
        FlagStatus::Archived => Some(cx.t(TryWord::NotThere).to_owned()),
    };
    let said = callout(Callout {
        tone: match (&why.set_by, decided) {
            (None, None) => Tone::Neutral,
            _ => Tone::Good,
        },
        title: cx.f(TryWord::Gets, &[&short_value(value)]),
        body: view! { <p>{by}</p> }.into_any(),
    });
    let each = flag
        .rules
        .iter()
        .zip(&why.explanation.rules)
        .enumerate()
        .map(|(index, (rule, found))| {
            let word = match (decided, found.passed) {
                _ if !rule.enabled => TryWord::Off,
                (Some(by), _) if by == index && why.set_by.is_some() => TryWord::TakesIn,
                (Some(by), _) if by == index => TryWord::Decides,
                (Some(by), _) if by < index => TryWord::After,
                _ => TryWord::DoesNot,
            };
            let name = cx.f(TryWord::Rule, &[&(index + 1).to_string()]);
            let own = (!rule.name.is_empty())
                .then(|| format!(" {}", cx.f(TryWord::RuleName, &[&rule.name])));
            let asked = Asked {
                unit,
                targeting: &rule.targeting,
                prerequisites: &rule.prerequisites,
                coverage_bp: rule.coverage_at(cx.now_ms),
                slices: why.slices.get(index).map_or(&[], Vec::as_slice),
                variants: Vec::new(),
            };
            let class = match word {
                TryWord::Decides | TryWord::TakesIn => "chip good",
                _ => "chip neutral",
            };
            view! {
                <details class="tried-rule" open=word == TryWord::Decides || decided.is_none()>
                    <summary>
                        <strong>{name} {own}</strong> <span class=class>{cx.t(word)}</span>
                    </summary>
                    {view_steps(cx, &asked, &found.steps)}
                </details>
            }
        })
        .collect_view();
    let asked = Asked {
        unit,
        targeting: &Targeting::default(),
        prerequisites: &flag.prerequisites,
        coverage_bp: BASIS_POINTS,
        slices: &[],
        variants: Vec::new(),
    };
    let needs = (!flag.prerequisites.is_empty()).then(|| {
        view! {
            <h3>{cx.t(FormWord::Prerequisites)}</h3>
            {view_steps(cx, &asked, &why.explanation.prerequisites)}
        }
    });
    view! {
        <div class="tried" role="status">
            {said}
            {not_now.map(|text| view! { <p class="quiet">{text}</p> })}
            {otherwise}
            {needs}
            {each}
        </div>
    }
    .into_any()
}
