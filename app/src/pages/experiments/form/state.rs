//! The form exactly as typed, so that a refused submit loses nothing.

use nexus_control::views::{FlagChoice, GroupChoice};
use nexus_domain::experiment::{Draft, DraftVariant, Method};

use super::metric_fields::{MetricFields, pre_text, window_text};
use super::safeguards::SafeguardFields;
use crate::format::bp;
use crate::host::Form;
use crate::islands::{VariantErrors, VariantFields, even_weights, slugify};
use crate::lang::Lang;
use crate::pages::audience::Audience;
use crate::pages::prerequisites::PrerequisiteFields;
use crate::pages::ramp::steps_text;
use crate::zone::Zone;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormState {
    pub id: String,
    pub environment: String,
    pub name: String,
    pub hypothesis: String,
    pub team: String,
    /// The environment's teams, to choose from.
    pub teams: Vec<String>,
    pub variants: Vec<VariantFields>,
    pub coverage: String,
    pub ramp: String,
    pub audience: Audience,
    pub prerequisites: Vec<PrerequisiteFields>,
    /// The flags of the environment, which prerequisites are about.
    pub flags: Vec<FlagChoice>,
    /// Its saved groups, which the condition may name.
    pub groups: Vec<GroupChoice>,
    pub layer: String,
    /// The environment's layers that other experiments are in.
    pub layers: Vec<String>,
    pub holdout: String,
    /// Id and name of the holdouts that can be chosen.
    pub holdouts: Vec<(String, String)>,
    pub layer_share: String,
    pub start: String,
    pub end: String,
    pub timezone: String,
    pub goal: String,
    /// As `12h` or `7d`.
    pub goal_window: String,
    /// Days; empty for none.
    pub goal_pre: String,
    pub safeguards: SafeguardFields,
    pub significance: String,
    pub baseline: String,
    pub minimum_effect: String,
    pub method: String,
    pub planned_users: String,
    pub looks: String,
    pub prior_sd: String,
    pub correction: String,
    pub metrics: Vec<MetricFields>,
}

impl FormState {
    /// As somebody who reads this language would have typed it.
    #[must_use]
    pub fn of_draft(draft: &Draft, lang: Lang) -> Self {
        let zone = Zone::parse(&draft.schedule.timezone).unwrap_or(Zone::UTC);
        let local = |ms: Option<i64>| ms.map(|ms| zone.local(ms)).unwrap_or_default();
        Self {
            id: draft.id.clone(),
            environment: draft.environment.as_str().to_owned(),
            name: draft.name.clone(),
            hypothesis: draft.hypothesis.clone(),
            team: draft.team.clone().unwrap_or_default(),
            teams: Vec::new(),
            variants: draft.variants.iter().map(variant_fields).collect(),
            coverage: bp(draft.coverage_bp),
            ramp: steps_text(&draft.ramp, lang),
            audience: Audience::of(&draft.targeting),
            prerequisites: PrerequisiteFields::of(&draft.prerequisites),
            flags: Vec::new(),
            groups: Vec::new(),
            layer: draft
                .layer
                .as_ref()
                .map(|l| l.layer.clone())
                .unwrap_or_default(),
            layers: Vec::new(),
            holdout: draft.holdout.clone().unwrap_or_default(),
            holdouts: Vec::new(),
            layer_share: draft
                .layer
                .as_ref()
                .map(|l| bp(l.share_bp))
                .unwrap_or_default(),
            start: local(draft.schedule.start_ms),
            end: local(draft.schedule.end_ms),
            // The one the two times are shown in: a draft made by a program may name none.
            timezone: zone.name().to_owned(),
            goal: draft.goal.clone(),
            goal_window: draft
                .goal_window_hours
                .map(|hours| window_text(hours, lang))
                .unwrap_or_default(),
            goal_pre: pre_text(draft.goal_pre_days),
            safeguards: SafeguardFields::of(&draft.guardrail),
            significance: draft.significance.to_string(),
            baseline: bp(draft.plan.baseline_bp),
            minimum_effect: bp(draft.plan.minimum_effect_bp),
            method: draft.method.as_str().to_owned(),
            planned_users: draft
                .method
                .horizon()
                .map_or_else(String::new, |h| h.planned_users.to_string()),
            looks: match draft.method {
                Method::GroupSequential { looks, .. } => looks.to_string(),
                _ => Method::USUAL_LOOKS.to_string(),
            },
            prior_sd: match draft.method {
                Method::Bayesian { prior_sd_bp } => bp(prior_sd_bp),
                _ => bp(Method::USUAL_PRIOR_BP),
            },
            correction: draft.correction.as_str().to_owned(),
            metrics: draft
                .metrics
                .iter()
                .map(|metric| MetricFields::of(metric, lang))
                .collect(),
        }
    }

    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        let name = form.trimmed("name");
        let typed_id = form.trimmed("id");
        Self {
            id: if typed_id.is_empty() {
                slugify(&name)
            } else {
                typed_id
            },
            environment: form.trimmed("environment"),
            name,
            hypothesis: form.get("hypothesis").to_owned(),
            team: form.trimmed("team"),
            teams: Vec::new(),
            variants: variants_of(form),
            coverage: form.trimmed("coverage"),
            ramp: form.get("ramp").to_owned(),
            audience: Audience::of_form(form, ""),
            prerequisites: PrerequisiteFields::of_form(form, ""),
            flags: Vec::new(),
            groups: Vec::new(),
            layer: form.trimmed("layer"),
            layers: Vec::new(),
            holdout: form.trimmed("holdout"),
            holdouts: Vec::new(),
            layer_share: form.trimmed("layer_share"),
            start: form.trimmed("start"),
            end: form.trimmed("end"),
            timezone: form.trimmed("timezone"),
            goal: form.trimmed("goal"),
            goal_window: form.trimmed("goal_window"),
            goal_pre: form.trimmed("goal_pre"),
            safeguards: SafeguardFields::of_form(form),
            significance: form.trimmed("significance"),
            baseline: form.trimmed("baseline"),
            minimum_effect: form.trimmed("minimum_effect"),
            method: form.trimmed("method"),
            planned_users: form.trimmed("planned_users"),
            looks: form.trimmed("looks"),
            prior_sd: form.trimmed("prior_sd"),
            correction: form.trimmed("correction"),
            metrics: MetricFields::of_form(form),
        }
    }

    /// The layer that is typed, where no other experiment is in it: perhaps a slip.
    #[must_use]
    pub fn new_layer(&self) -> Option<&str> {
        let is_new = !self.layer.is_empty() && !self.layers.contains(&self.layer);
        is_new.then_some(&self.layer)
    }

    /// What the form's own buttons ask for besides saving. True when it was one
    /// of them: the form is shown again, nothing is saved.
    pub fn rearrange(&mut self, asked: &str) -> bool {
        // The condition has done by itself what its own buttons ask for.
        if asked.starts_with("condition:") {
            return true;
        }
        match asked.split_once(':').unwrap_or((asked, "")) {
            ("add-variant", _) => self.variants.push(VariantFields {
                key: format!("treatment-{}", self.variants.len()),
                weight: "0".to_owned(),
                ..VariantFields::default()
            }),
            ("remove-variant", index) => {
                let index = index.parse().unwrap_or(usize::MAX);
                if index < self.variants.len() && self.variants.len() > 2 {
                    self.variants.remove(index);
                }
            }
            ("distribute", _) => {
                let weights = even_weights(self.variants.len());
                for (variant, weight) in self.variants.iter_mut().zip(weights) {
                    variant.weight = bp(weight);
                }
            }
            // The blank row below those typed is always there.
            ("add-attribute" | "add-metric" | "recalculate" | "estimate", _) => {}
            _ => return false,
        }
        true
    }
}

fn variant_fields(variant: &DraftVariant) -> VariantFields {
    let features = if variant.features.is_empty() {
        String::new()
    } else {
        serde_json::to_string_pretty(&variant.features).unwrap_or_default()
    };
    VariantFields {
        key: variant.key.clone(),
        name: variant.name.clone(),
        weight: bp(variant.weight_bp),
        features,
        deployment: variant.deployment.clone().unwrap_or_default(),
        errors: VariantErrors::default(),
    }
}

/// Every row sends all its fields, so the n-th of each belong together.
fn variants_of(form: &Form) -> Vec<VariantFields> {
    let column = |name: &str| -> Vec<String> {
        form.all(name)
            .into_iter()
            .map(|v| v.trim().to_owned())
            .collect()
    };
    let (names, weights) = (column("variant_name"), column("variant_weight"));
    let (features, deployments) = (column("variant_features"), column("variant_deployment"));
    let at = |list: &[String], i: usize| list.get(i).cloned().unwrap_or_default();
    column("variant_key")
        .into_iter()
        .enumerate()
        .map(|(i, key)| VariantFields {
            key,
            name: at(&names, i),
            weight: at(&weights, i),
            features: at(&features, i),
            deployment: at(&deployments, i),
            errors: VariantErrors::default(),
        })
        .collect()
}
