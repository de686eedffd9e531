//! Links by which testers see a variant or a value in their own browser, whoever they are and
//! whether or not it runs. Nothing they do is counted.

#[cfg(test)]
mod tests;

use nexus_flags::{QaForce, VariantRule};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::experiment::{Experiment, Status};
use crate::flag::{Flag, FlagKind};
use crate::ids::{ExperimentId, FlagKey, QaLinkId};
use crate::problem::out_of_range;
use crate::{Environment, Field, FieldProblem, Problem};

/// How long a link holds when nobody says otherwise, and at most.
pub const USUAL_HOURS: u32 = 24;
pub const MAX_HOURS: u32 = 30 * 24;
/// In force at once in one environment: all of them stand in its snapshot.
pub const MAX_LINKS: usize = 200;
const MAX_PAGE: usize = 1_000;
const HOUR_MS: i64 = 3_600_000;

/// A link, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QaLink {
    pub id: QaLinkId,
    pub environment: Environment,
    pub target: QaTarget,
    /// Address of the product that it opens.
    pub page: String,
    pub created_ms: i64,
    pub created_by: String,
    pub expires_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_by: Option<String>,
}

/// What is forced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum QaTarget {
    Variant {
        experiment: ExperimentId,
        variant: String,
    },
    Value {
        flag: FlagKey,
        value: Value,
    },
}

/// What a person or script says of new links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QaDraft {
    /// Address of the product, `https://shop.example/cart`, where its gateway answers.
    pub page: String,
    /// 1 to 720; 24 when absent.
    #[serde(default = "usual_hours")]
    pub hours: u32,
    /// Only these variants, by key, or these values; all when empty.
    #[serde(default)]
    pub only: Vec<Value>,
}

const fn usual_hours() -> u32 {
    USUAL_HOURS
}

impl QaTarget {
    /// Every variant.
    #[must_use]
    pub fn of_experiment(experiment: &Experiment) -> Vec<Self> {
        let variants = experiment.variants.iter();
        variants
            .map(|variant| Self::Variant {
                experiment: experiment.id.clone(),
                variant: variant.key.clone(),
            })
            .collect()
    }

    /// Every value that the flag can give, each once: the off value, those of its rules, and of
    /// a switch both positions.
    #[must_use]
    pub fn of_flag(flag: &Flag) -> Vec<Self> {
        let both = [Value::Bool(true), Value::Bool(false)];
        let both = both.iter().filter(|_| flag.kind == FlagKind::Boolean);
        let rules = flag.rules.iter().map(|rule| &rule.value);
        let mut values: Vec<&Value> = Vec::new();
        for value in both.chain([&flag.value]).chain(rules) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let target = |value: &Value| Self::Value {
            flag: flag.key.clone(),
            value: value.clone(),
        };
        values.into_iter().map(target).collect()
    }

    /// What [`QaDraft::only`] calls it by.
    #[must_use]
    pub fn choice(&self) -> Value {
        match self {
            Self::Variant { variant, .. } => variant.as_str().into(),
            Self::Value { value, .. } => value.clone(),
        }
    }
}

impl QaDraft {
    /// Every problem of the draft by itself.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let page = self.page.trim();
        let scheme = page
            .strip_prefix("https://")
            .or_else(|| page.strip_prefix("http://"));
        let is_plain = page.bytes().all(|byte| byte.is_ascii_graphic());
        let problem = match scheme {
            _ if page.is_empty() => Some(Problem::Required),
            _ if page.len() > MAX_PAGE => Some(Problem::TooLong {
                max: MAX_PAGE as u32,
            }),
            Some(rest) if is_plain && !rest.starts_with('/') && !rest.is_empty() => None,
            _ => Some(Problem::NotALink),
        };
        found.extend(problem.map(|problem| FieldProblem::new(Field::QaPage, problem)));
        if !(1..=MAX_HOURS).contains(&self.hours) {
            let problem = out_of_range("1", "720");
            found.push(FieldProblem::new(Field::QaHours, problem));
        }
        found
    }

    /// The targets that are asked for.
    ///
    /// # Errors
    /// When one is asked for that there is not.
    pub fn chosen(&self, all: Vec<QaTarget>) -> Result<Vec<QaTarget>, FieldProblem> {
        if self.only.is_empty() {
            return Ok(all);
        }
        let chosen = self.only.iter().map(|wanted| {
            let found = all.iter().find(|target| target.choice() == *wanted);
            found.cloned().ok_or_else(|| {
                let value = wanted.to_string().chars().take(64).collect();
                FieldProblem::new(Field::QaOnly, Problem::Unknown { value })
            })
        });
        chosen.collect()
    }

    /// A link, in force at once.
    #[must_use]
    pub fn link(
        &self,
        id: QaLinkId,
        environment: Environment,
        target: QaTarget,
        by: &str,
        now_ms: i64,
    ) -> QaLink {
        QaLink {
            id,
            environment,
            target,
            page: self.page.trim().to_owned(),
            created_ms: now_ms,
            created_by: by.to_owned(),
            expires_ms: now_ms + i64::from(self.hours.min(MAX_HOURS)) * HOUR_MS,
            revoked_ms: None,
            revoked_by: None,
        }
    }
}

impl QaLink {
    #[must_use]
    pub fn is_in_force(&self, now_ms: i64) -> bool {
        self.revoked_ms.is_none() && now_ms < self.expires_ms
    }

    /// Forces nothing any more; none when it is so already.
    #[must_use]
    pub fn revoked(&self, by: &str, now_ms: i64) -> Option<Self> {
        self.revoked_ms.is_none().then(|| Self {
            revoked_ms: Some(now_ms),
            revoked_by: Some(by.to_owned()),
            ..self.clone()
        })
    }

    /// For the snapshot, of a variant as the experiment has it now; none when the experiment
    /// is over, in another environment by now, or has no such variant any more.
    #[must_use]
    pub fn published_variant(&self, experiment: &Experiment) -> Option<nexus_flags::QaLink> {
        let QaTarget::Variant { variant, .. } = &self.target else {
            return None;
        };
        let is_over = experiment.has_ended() || experiment.status == Status::Archived;
        if is_over || experiment.environment != self.environment {
            return None;
        }
        let mut variants = (0u32..).zip(&experiment.variants);
        let (position, variant) = variants.find(|(_, known)| known.key == *variant)?;
        Some(self.published(QaForce::Variant {
            experiment: experiment.id.to_string(),
            variant: VariantRule {
                key: variant.key.clone(),
                weight_bp: variant.weight_bp,
                features: variant.features.clone(),
                deployment: variant.deployment.clone(),
            },
            position,
        }))
    }

    /// For the snapshot; none when the flag is archived.
    #[must_use]
    pub fn published_value(&self, flag: &Flag) -> Option<nexus_flags::QaLink> {
        let QaTarget::Value { value, .. } = &self.target else {
            return None;
        };
        (!flag.archived).then(|| {
            self.published(QaForce::Value {
                flag: flag.key.to_string(),
                value: value.clone(),
            })
        })
    }

    fn published(&self, forces: QaForce) -> nexus_flags::QaLink {
        nexus_flags::QaLink {
            id: self.id.to_string(),
            expires_ms: self.expires_ms,
            forces,
        }
    }

    /// The address to open, with the signed text.
    #[must_use]
    pub fn url(&self, signed: &str) -> String {
        let (page, fragment) = match self.page.split_once('#') {
            Some((page, fragment)) => (page, format!("#{fragment}")),
            None => (self.page.as_str(), String::new()),
        };
        let joint = if page.contains('?') { '&' } else { '?' };
        format!("{page}{joint}nexus_qa={signed}{fragment}")
    }
}
