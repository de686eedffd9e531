//! Where a condition looks: dotted paths, and the thing they start from.

use serde_json::Value;

use super::attribute::{Attribute, Attributes};

/// The attribute that lists the remote saved groups a user is in.
pub(super) const REMOTE_GROUP_IDS: &str = "__gb_remoteGroupIds";

/// `address.city` or `tags.0`, split ahead of time.
#[derive(Debug, Clone)]
pub(super) struct Path {
    first: Box<str>,
    rest: Box<[Box<str>]>,
}

impl Path {
    pub(super) fn new(text: &str) -> Self {
        let mut parts = text.split('.').map(Box::from);
        Self {
            first: parts.next().unwrap_or_default(),
            rest: parts.collect(),
        }
    }

    /// What is there; null when nothing is.
    #[inline]
    pub(super) fn find<'a>(&self, subject: &Subject<'a>) -> Attribute<'a> {
        let mut found = subject.field(&self.first);
        for name in &self.rest {
            found = found.and_then(|value| value.field(name));
        }
        found.unwrap_or(Attribute::Null)
    }
}

/// What a condition is about.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// The user.
    User {
        attributes: &'a dyn Attributes,
        /// Wins over the attribute of the same meaning.
        remote_group_ids: Option<&'a [Value]>,
    },
    /// An element of a list, for `$elemMatch`.
    Element(Attribute<'a>),
    /// A prerequisite's value, as the only field `value`.
    Prerequisite(&'a Value),
}

impl<'a> Subject<'a> {
    #[inline]
    pub(super) fn field(&self, name: &str) -> Option<Attribute<'a>> {
        match *self {
            Self::User {
                remote_group_ids: Some(ids),
                ..
            } if name == REMOTE_GROUP_IDS => Some(Attribute::List(ids)),
            Self::User { attributes, .. } => attributes.attribute(name),
            Self::Element(value) => value.field(name),
            Self::Prerequisite(value) => (name == "value").then(|| value.into()),
        }
    }
}
