//! Which features and experiments a client is to get: by project, tag and custom field.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::attribute::truthy_field;
use super::set::ValueSet;

/// What metadata has to hold. A list that is missing asks for nothing; of a list any one
/// value is enough.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    pub projects: Option<Vec<Value>>,
    pub tags: Option<Vec<Value>>,
    pub custom_fields: BTreeMap<String, Vec<Value>>,
}

/// [`Metadata`] to keep and to drop, compiled.
pub(super) struct Filters {
    include: Compiled,
    exclude: Compiled,
}

struct Compiled {
    projects: Option<ValueSet>,
    tags: Option<ValueSet>,
    custom_fields: Vec<(String, ValueSet)>,
}

impl Filters {
    pub(super) fn new(include: &Metadata, exclude: &Metadata) -> Self {
        Self {
            include: Compiled::new(include),
            exclude: Compiled::new(exclude),
        }
    }

    /// Whether a feature or experiment matches all that is to be included and nothing that
    /// is to be excluded.
    pub(super) fn keep(&self, item: &Value) -> bool {
        let metadata = metadata(item);
        let (include, exclude) = (&self.include, &self.exclude);
        let wanted = include.criteria(metadata);
        let unwanted = exclude.criteria(metadata);
        self.in_projects(item)
            && wanted.tags != Some(false)
            && wanted.custom_fields.iter().all(|matches| *matches)
            && unwanted.projects != Some(true)
            && unwanted.tags != Some(true)
            && !unwanted.custom_fields.contains(&true)
    }

    /// What names no project is in none, unless it says that it is in all.
    pub(super) fn in_projects(&self, item: &Value) -> bool {
        let metadata = metadata(item);
        let in_all = metadata.is_some_and(|m| truthy_field(m, "allProjects").is_some());
        in_all || self.include.criteria(metadata).projects != Some(false)
    }

    /// A rule that names no project applies wherever its feature does.
    pub(super) fn keep_rule(&self, rule: &Value) -> bool {
        let metadata = metadata(rule);
        let scoped = metadata.is_some_and(|m| truthy_field(m, "projects").is_some());
        !scoped || self.include.criteria(metadata).projects != Some(false)
    }
}

/// Which criteria match; nothing where there is no criterion.
struct Matches {
    projects: Option<bool>,
    tags: Option<bool>,
    custom_fields: Vec<bool>,
}

impl Compiled {
    fn new(metadata: &Metadata) -> Self {
        let set = |values: &Option<Vec<Value>>| values.as_deref().map(ValueSet::new);
        let fields = metadata.custom_fields.iter();
        Self {
            projects: set(&metadata.projects),
            tags: set(&metadata.tags),
            custom_fields: fields
                .map(|(name, v)| (name.clone(), ValueSet::new(v)))
                .collect(),
        }
    }

    fn criteria(&self, metadata: Option<&Map<String, Value>>) -> Matches {
        let field = |name: &str| metadata.and_then(|metadata| metadata.get(name));
        let custom = field("customFields");
        let holds = |set: &ValueSet, value: Option<&Value>| {
            value.is_some_and(|value| set.contains(value.into()))
        };
        let fields = self.custom_fields.iter();
        Matches {
            projects: self
                .projects
                .as_ref()
                .map(|set| holds(set, field("projects"))),
            tags: self.tags.as_ref().map(|set| holds(set, field("tags"))),
            custom_fields: fields
                .map(|(name, set)| holds(set, custom.and_then(|custom| custom.get(name))))
                .collect(),
        }
    }
}

fn metadata(item: &Value) -> Option<&Map<String, Value>> {
    item.get("metadata")?.as_object()
}
