//! The variants' part of the form, handed to its island.

use leptos::prelude::*;
use nexus_domain::{Field, FieldProblem};

use super::FormState;
use crate::cx::Cx;
use crate::islands::{VariantEditor, VariantErrors, VariantFields, VariantWords};
use crate::pages::problems::error_of;
use crate::text::form::FormWord as W;
use crate::ui::field_error;

#[must_use]
pub(super) fn view_variants(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let rows = (0u16..)
        .zip(&state.variants)
        .map(|(i, row)| VariantFields {
            errors: errors(cx, problems, i),
            ..row.clone()
        })
        .collect();
    let t = |word: W| cx.t(word).to_owned();
    let words = VariantWords {
        control: t(W::Control),
        treatment: t(W::Treatment),
        key: t(W::VariantKey),
        name: t(W::VariantName),
        weight: t(W::VariantWeight),
        features: t(W::VariantFeatures),
        features_help: t(W::VariantFeaturesHelp),
        deployment: t(W::VariantDeployment),
        deployment_help: t(W::VariantDeploymentHelp),
        add: t(W::AddVariant),
        remove: t(W::RemoveVariant),
        distribute: t(W::Distribute),
        sum: t(W::WeightsSum),
        sum_ok: t(W::WeightsOk),
    };
    view! {
        <div id="variants" tabindex="-1">
            {field_error("variants", error_of(cx, problems, Field::Variants))}
            <VariantEditor rows=rows words=words locked=false />
        </div>
    }
    .into_any()
}

fn errors(cx: &Cx, problems: &[FieldProblem], i: u16) -> VariantErrors {
    let of = |field: Field| error_of(cx, problems, field);
    VariantErrors {
        key: of(Field::VariantKey(i)),
        name: of(Field::VariantName(i)),
        weight: of(Field::VariantWeight(i)),
        features: of(Field::VariantFeatures(i)),
        deployment: of(Field::VariantDeployment(i)),
    }
}
