//! What a new experiment or flag can begin from: some that teach, and those that a team saved.
//! A template is a draft without what belongs to one thing or place only.

mod builtin;
#[cfg(test)]
mod tests;

pub use builtin::Builtin;

use serde::{Deserialize, Serialize};

use crate::access::Action;
use crate::experiment::{Draft, Schedule};
use crate::flag::FlagDraft;
use crate::ids::TemplateId;
use crate::{Environment, Field, FieldProblem, Problem};

/// Saved at once in one organisation, of either kind.
pub const MAX_TEMPLATES: usize = 100;
const MAX_NAME: usize = 120;
const MAX_TEXT: usize = 2_000;

/// What it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TemplateKind {
    Experiment,
    Flag,
}

impl TemplateKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Experiment => "experiment",
            Self::Flag => "flag",
        }
    }

    /// Whoever may create one may save and delete its templates, in the environment of what
    /// they were saved from.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Experiment => Action::CreateExperiment,
            Self::Flag => Action::CreateFlag,
        }
    }
}

/// One that a team saved; it never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    pub id: TemplateId,
    /// Unique among those of its kind.
    pub name: String,
    /// When to take it.
    pub description: String,
    /// Where it was saved from: whoever may create one there may delete it.
    pub environment: Environment,
    #[serde(flatten)]
    pub content: TemplateContent,
    pub created_ms: i64,
    pub created_by: String,
}

/// The draft that a new one begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind", content = "draft")]
pub enum TemplateContent {
    Experiment(Box<Draft>),
    Flag(Box<FlagDraft>),
}

/// What a person says of a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateDraft {
    pub name: String,
    #[serde(default)]
    pub description: String,
}

impl TemplateContent {
    /// An experiment's settings without its id, times, layer, team and holdout, and without flags of
    /// one environment.
    #[must_use]
    pub fn of_experiment(draft: Draft) -> Self {
        Self::Experiment(Box::new(Draft {
            id: String::new(),
            schedule: Schedule {
                start_ms: None,
                end_ms: None,
                ..draft.schedule
            },
            layer: None,
            holdout: None,
            team: None,
            prerequisites: Vec::new(),
            ..draft
        }))
    }

    /// A flag's settings without its key, its due date, the ids, times and holdouts of its
    /// rules, and without flags of one environment.
    #[must_use]
    pub fn of_flag(draft: FlagDraft) -> Self {
        let mut draft = FlagDraft {
            key: String::new(),
            due_ms: None,
            prerequisites: Vec::new(),
            ..draft
        };
        for rule in &mut draft.rules {
            rule.id.clear();
            rule.ramp.clear();
            rule.holdouts.clear();
            rule.holdout_exemption = None;
            rule.prerequisites.clear();
            (rule.schedule.start_ms, rule.schedule.end_ms) = (None, None);
        }
        Self::Flag(Box::new(draft))
    }

    #[must_use]
    pub const fn kind(&self) -> TemplateKind {
        match self {
            Self::Experiment(_) => TemplateKind::Experiment,
            Self::Flag(_) => TemplateKind::Flag,
        }
    }
}

impl TemplateDraft {
    /// The template.
    ///
    /// # Errors
    /// All problems of the draft.
    pub fn create(
        self,
        id: TemplateId,
        environment: Environment,
        content: TemplateContent,
        by: &str,
        now_ms: i64,
    ) -> Result<Template, Vec<FieldProblem>> {
        let (name, description) = (self.name.trim(), self.description.trim());
        let mut problems = Vec::new();
        let too_long = |text: &str, max: usize| {
            let problem = Problem::TooLong { max: max as u32 };
            (text.chars().count() > max).then_some(problem)
        };
        let of_name = match name.is_empty() {
            true => Some(Problem::Required),
            false => too_long(name, MAX_NAME),
        };
        problems.extend(of_name.map(|problem| FieldProblem::new(Field::Name, problem)));
        let of_text = too_long(description, MAX_TEXT);
        problems.extend(of_text.map(|problem| FieldProblem::new(Field::Description, problem)));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Template {
            id,
            name: name.to_owned(),
            description: description.to_owned(),
            environment,
            content,
            created_ms: now_ms,
            created_by: by.to_owned(),
        })
    }
}
