//! One rule in the form.

use leptos::prelude::*;
use nexus_control::views::GroupChoice;
use nexus_domain::flag::FlagKind;
use nexus_domain::{Field as At, FieldProblem};

use super::state::RuleFields;
use crate::cx::Cx;
use crate::pages::audience::AudienceView;
use crate::pages::holdouts::HoldoutChoice;
use crate::pages::prerequisites::PrerequisitesView;
use crate::pages::problems::error_of;
use crate::pages::ramp::view_ramp;
use crate::text::flags::FlagFormWord as W;
use crate::text::form::{FormWord, PrerequisiteWord};
use crate::text::life::LifeWord;
use crate::ui::{Field, Icon, Input, check_row, field_error, icon, input, select, text_area};

/// The control for a value of this kind within its field.
pub(super) fn value_control(
    cx: &Cx,
    kind: FlagKind,
    field: Field,
    name: &str,
    typed: &str,
    has_schema: bool,
) -> AnyView {
    let field = with_value_help(cx, field, kind, has_schema);
    match kind {
        FlagKind::Boolean => {
            let options = vec![
                ("true".to_owned(), cx.t(W::True).to_owned()),
                ("false".to_owned(), cx.t(W::False).to_owned()),
            ];
            select(field, name, typed, options)
        }
        FlagKind::Number => input(Input {
            inputmode: Some("decimal"),
            class: "short",
            ..Input::text(field, name, typed)
        }),
        FlagKind::String => input(Input {
            class: "mono",
            ..Input::text(field, name, typed)
        }),
        FlagKind::Json => {
            let (described, invalid) = (field.described_by(), field.error.is_some());
            let id = field.id.clone();
            let text = text_area(id, name, 4, typed, "mono", described, invalid);
            field.wrap(text)
        }
    }
}

/// The help of a field, with what its value may be.
fn with_value_help(cx: &Cx, field: Field, kind: FlagKind, has_schema: bool) -> Field {
    let may_be = match (has_schema, kind) {
        (true, _) => cx.t(W::FitsSchema),
        (false, FlagKind::Json) => cx.t(W::JsonHelp),
        (false, _) => return field,
    };
    let help = match &field.help {
        Some(help) => cx.f(W::HelpAnd, &[help, may_be]),
        None => may_be.to_owned(),
    };
    let field = field.help(help);
    match has_schema {
        true => field.link("#schema", cx.t(W::SeeSchema)),
        false => field,
    }
}

/// What a rule's place in the form depends on.
pub(super) struct RulePlace<'a> {
    pub(super) index: u16,
    pub(super) kind: FlagKind,
    /// The flag has a schema that its value must fit.
    pub(super) has_schema: bool,
    pub(super) problems: &'a [FieldProblem],
    pub(super) groups: &'a [GroupChoice],
    /// The holdouts in force.
    pub(super) holdouts: &'a [HoldoutChoice],
    /// Of a permanent flag, whose new rules no holdout binds by itself.
    pub(super) permanent: bool,
    pub(super) focused: bool,
}

pub(super) fn view_rule(cx: &Cx, rule: &RuleFields, place: &RulePlace<'_>) -> AnyView {
    let i = place.index;
    let number = (i + 1).to_string();
    let prefix = format!("rule-{i}-");
    let own = |part: &str| format!("{prefix}{part}");
    let error = |field: At| error_of(cx, place.problems, field);
    let text = |part: &str, label: &'static str, typed: &str, error: Option<String>| {
        Input::text(Field::new(own(part), label).error(error), own(part), typed)
    };
    let name = input(Input {
        maxlength: Some(120),
        placeholder: Some(cx.t(W::RuleNameHelp).to_owned()),
        ..text(
            "name",
            cx.t(FormWord::RuleName),
            &rule.name,
            error(At::RuleName(i)),
        )
    });
    let value = value_control(
        cx,
        place.kind,
        Field::new(own("value"), cx.t(FormWord::RuleValue)).error(error(At::RuleValue(i))),
        &own("value"),
        &rule.value,
        place.has_schema,
    );
    let coverage = input(Input::percent(
        Field::new(own("coverage"), cx.t(FormWord::Coverage))
            .help(cx.t(W::CoverageHelp))
            .error(error(At::RuleCoverage(i))),
        own("coverage"),
        rule.coverage.clone(),
    ));
    let states = vec![
        ("on".to_owned(), cx.t(W::StateOn).to_owned()),
        ("off".to_owned(), cx.t(W::StateOff).to_owned()),
    ];
    let state = select(
        Field::new(own("state"), cx.t(W::State)),
        own("state"),
        if rule.off { "off" } else { "on" },
        states,
    );
    let audience = AudienceView {
        audience: &rule.audience,
        problems: place.problems,
        prefix: &prefix,
        groups: place.groups,
        place: |field: At| field.of_rule(i),
    };
    let needs = PrerequisitesView {
        typed: &rule.prerequisites,
        problems: place.problems,
        prefix: &prefix,
        at: At::RulePrerequisites(i),
        help: PrerequisiteWord::OfRule,
    };
    let more_users = !rule.audience.attributes.is_empty()
        || !rule.audience.condition.is_blank()
        || !rule.prerequisites.is_empty()
        || !rule.holdouts.is_empty()
        || place
            .holdouts
            .iter()
            .any(|choice| choice.binds && rule.id.is_empty())
        || error(At::RuleHoldouts(i)).is_some()
        || error(At::RuleHoldoutExemption(i)).is_some()
        || error(At::RulePrerequisites(i)).is_some()
        || error(At::RuleAttributes(i)).is_some()
        || error(At::RuleCondition(i)).is_some();
    let more = rule.off
        || !rule.start.is_empty()
        || !rule.ramp.is_empty()
        || !rule.end.is_empty()
        || !rule.description.is_empty()
        || [
            At::RuleRamp(i),
            At::RuleStartAt(i),
            At::RuleEndAt(i),
            At::RuleTimezone(i),
            At::RuleDescription(i),
        ]
        .into_iter()
        .any(|at| error(at).is_some());
    view! {
        <fieldset class="flag-rule-fields" id=format!("rule-{i}") tabindex="-1" autofocus=place.focused data-rule="">
            <legend class="variant-legend" data-words="title">{cx.f(W::RuleTitle, &[&number])}</legend>
            <input type="hidden" name="rule" value=i.to_string() />
            <input type="hidden" name=own("id") value=rule.id.clone() />
            <div class="rule-moves">
                <span class="rule-grip" data-grip="" draggable="true" aria-hidden="true" title=cx.t(W::Drag)>
                    {icon(Icon::Grip)}
                </span>
                {act(cx, "up", W::Up, Icon::ArrowUp, i)} {act(cx, "down", W::Down, Icon::ArrowDown, i)}
                {act(cx, "remove-rule", W::Remove, Icon::Close, i)}
            </div>
            {field_error(&format!("rule-{i}"), error(At::RuleId(i)))}
            {name}
            <div class="trio">{value} {coverage} {audience.countries(cx)}</div>
            {audience.devices(cx)}
            <details class="disclosure" open=more_users>
                <summary>{cx.t(W::MoreUsers)}</summary>
                <div class="form-fields">{audience.attributes(cx)} {audience.condition(cx)} {needs.view(cx)} {holdouts(cx, rule, place)}</div>
            </details>
            <details class="disclosure" open=more>
                <summary>{cx.t(W::More)}</summary>
                <div class="form-fields">{state} {schedule(cx, rule, place)} {ramp(cx, rule, place)} {note(cx, rule, place)}</div>
            </details>
        </fieldset>
    }
    .into_any()
}

/// Holdouts that bind it or can, where the environment has any or it names one that was
/// stopped.
fn holdouts(cx: &Cx, rule: &RuleFields, place: &RulePlace<'_>) -> Option<AnyView> {
    let named = |id: &String| rule.holdouts.contains(id);
    let is_bound = |choice: &&HoldoutChoice| {
        let new = rule.id.is_empty() && !place.permanent;
        choice.binds && (new || named(&choice.id) || !rule.exemption.is_empty())
    };
    let (binding, free): (Vec<_>, Vec<_>) = place.holdouts.iter().partition(is_bound);
    let known = |id: &&String| place.holdouts.iter().any(|choice| choice.id == **id);
    let gone = rule.holdouts.iter().filter(|id| !known(id));
    let rows = free.iter().map(|choice| (&choice.id, &choice.name));
    let rows = rows.chain(gone.map(|id| (id, id)));
    let rows = rows.map(|(id, name)| {
        let field = format!("rule-{}-holdout", place.index);
        let (id, checked) = (id.clone(), named(id));
        check_row("checkbox", field, id, checked, name.clone(), None)
    });
    let rows: Vec<AnyView> = rows.collect();
    let bound = (!binding.is_empty()).then(|| bound_by(cx, rule, place, &binding));
    let id = format!("rule-{}-holdouts", place.index);
    let error = error_of(cx, place.problems, At::RuleHoldouts(place.index));
    let choice = (!rows.is_empty()).then(|| {
        view! {
            <fieldset class="field" id=id.clone()>
                <legend class="field-label">{cx.t(W::Holdouts)}</legend>
                <p class="field-help">{cx.t(W::HoldoutsHelp)}</p>
                <div class="checks">{rows}</div>
                {field_error(&id, error)}
            </fieldset>
        }
    });
    (bound.is_some() || choice.is_some()).then(|| view! { {bound} {choice} }.into_any())
}

/// That these bind it, and the reason that would keep it out.
fn bound_by(
    cx: &Cx,
    rule: &RuleFields,
    place: &RulePlace<'_>,
    binding: &[&HoldoutChoice],
) -> AnyView {
    let name = format!("rule-{}-exemption", place.index);
    let said = binding.iter().map(|choice| {
        let field = format!("rule-{}-holdout", place.index);
        view! {
            <p class="field-help">{cx.f(W::HoldoutBinds, &[&choice.name])}</p>
            <input type="hidden" name=field value=choice.id.clone() />
        }
    });
    let said = said.collect_view();
    let reason = input(Input {
        maxlength: Some(200),
        ..Input::text(
            Field::new(name.clone(), cx.t(W::HoldoutExempt))
                .help(cx.t(W::HoldoutExemptHelp))
                .error(error_of(
                    cx,
                    place.problems,
                    At::RuleHoldoutExemption(place.index),
                )),
            name,
            rule.exemption.clone(),
        )
    });
    view! {
        <fieldset class="field">
            <legend class="field-label">{cx.t(W::Holdout)}</legend>
            {said}
            {reason}
        </fieldset>
    }
    .into_any()
}

/// A button of the rule's head. The server does the same without a script.
fn act(cx: &Cx, act: &'static str, word: W, mark: Icon, i: u16) -> AnyView {
    let label = cx.f(word, &[&(i + 1).to_string()]);
    view! {
        <button
            class="button quiet-button icon-only"
            type="submit"
            name="do"
            value=format!("{act}:{i}")
            formnovalidate=true
            data-act=act
            aria-label=label
        >
            {icon(mark)}
        </button>
    }
    .into_any()
}

fn schedule(cx: &Cx, rule: &RuleFields, place: &RulePlace<'_>) -> AnyView {
    let i = place.index;
    let moment = |part: &str, word: FormWord, help: W, typed: &str, at: At| {
        let name = format!("rule-{i}-{part}");
        input(Input {
            kind: "datetime-local",
            ..Input::text(
                Field::new(name.clone(), cx.t(word))
                    .help(cx.t(help))
                    .error(error_of(cx, place.problems, at)),
                name,
                typed,
            )
        })
    };
    let zone = format!("rule-{i}-timezone");
    let zone = input(Input {
        list: Some("zones"),
        ..Input::text(
            Field::new(zone.clone(), cx.t(FormWord::Timezone)).error(error_of(
                cx,
                place.problems,
                At::RuleTimezone(i),
            )),
            zone,
            rule.timezone.clone(),
        )
    });
    view! {
        <div class="trio">
            {moment("start", FormWord::StartAt, W::StartHelp, &rule.start, At::RuleStartAt(i))}
            {moment("end", FormWord::EndAt, W::EndHelp, &rule.end, At::RuleEndAt(i))} {zone}
        </div>
    }
    .into_any()
}

/// Coverage that changes by itself.
fn ramp(cx: &Cx, rule: &RuleFields, place: &RulePlace<'_>) -> AnyView {
    let name = format!("rule-{}-ramp", place.index);
    let error = error_of(cx, place.problems, At::RuleRamp(place.index));
    view_ramp(cx, &name, LifeWord::RuleRampHelp, &rule.ramp, error)
}

fn note(cx: &Cx, rule: &RuleFields, place: &RulePlace<'_>) -> AnyView {
    let name = format!("rule-{}-description", place.index);
    let error = error_of(cx, place.problems, At::RuleDescription(place.index));
    let field = Field::new(name.clone(), cx.t(FormWord::Description)).error(error);
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let text = text_area(
        name.clone(),
        name,
        2,
        &rule.description,
        "",
        described,
        invalid,
    );
    field.wrap(text)
}
