//! What a person or script may set of a key, and the checks that turn it into one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nexus_flags::SdkKeyKind;
use serde::{Deserialize, Serialize};

use super::{SdkKey, origin_fault};
use crate::ids::SdkKeyId;
use crate::{Environment, Field, FieldProblem, Problem, digest};

/// How many origins one key can have.
pub const MAX_ORIGINS: usize = 20;
const MAX_NAME: usize = 80;
/// `https://`, the longest host, `:` and a port.
const MAX_ORIGIN: usize = 270;
/// Of the key's text: `sdk-` and four more.
const HINT: usize = 8;

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SdkKeyDraft {
    /// What uses it; unique among the environment's keys in use.
    pub name: String,
    pub environment: Environment,
    pub kind: SdkKeyKind,
    /// Of a client key: `https://host`, with a port where it is not 443; `http` only for
    /// `localhost`. None is any.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Whether payloads are encrypted.
    #[serde(default)]
    pub encrypted: bool,
}

/// What can change of a key in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SdkKeyEdit {
    pub name: String,
    /// As in a new key; all of them.
    #[serde(default)]
    pub origins: Vec<String>,
    #[serde(default)]
    pub encryption: EncryptionChange,
}

/// What is to become of the encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EncryptionChange {
    /// As it is.
    #[default]
    Keep,
    /// With a new key, unless it is on already.
    On,
    /// With a new key: SDKs that have the old one can read nothing more.
    Rotate,
    Off,
}

impl EncryptionChange {
    pub const ALL: [Self; 4] = [Self::Keep, Self::On, Self::Rotate, Self::Off];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::On => "on",
            Self::Rotate => "rotate",
            Self::Off => "off",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }
}

/// Randomness for a key; the bytes come from the system's generator.
pub struct KeyMaterial {
    /// Of the id: a UUIDv7.
    pub id: u128,
    /// Of the key's text.
    pub text: [u8; 16],
    /// Of the encryption.
    pub encryption: [u8; 16],
}

impl SdkKeyDraft {
    /// A sensible beginning: a client key that pages of any origin may use.
    #[must_use]
    pub const fn starter(environment: Environment) -> Self {
        Self {
            name: String::new(),
            environment,
            kind: SdkKeyKind::Client,
            origins: Vec::new(),
            encrypted: false,
        }
    }

    /// The new key and its text, which of a server key is nowhere else.
    ///
    /// # Errors
    /// All problems of the draft.
    pub fn create(
        self,
        random: &KeyMaterial,
        by: &str,
        now_ms: i64,
    ) -> Result<(SdkKey, String), Vec<FieldProblem>> {
        let (name, origins) = checked(&self.name, &self.origins, self.kind)?;
        let text = format!("sdk-{}", hex::encode(random.text));
        let key = SdkKey {
            id: SdkKeyId::from_u128(random.id),
            environment: self.environment,
            name,
            kind: self.kind,
            origins,
            key: (self.kind == SdkKeyKind::Client).then(|| text.clone()),
            hint: text.chars().take(HINT).collect(),
            sha256: digest::of_bytes(text.as_bytes()),
            encryption_key: self.encrypted.then(|| STANDARD.encode(random.encryption)),
            version: 1,
            created_ms: now_ms,
            created_by: by.to_owned(),
            updated_ms: now_ms,
            updated_by: by.to_owned(),
            revoked_ms: None,
        };
        Ok((key, text))
    }
}

impl SdkKeyEdit {
    /// An edit that changes nothing yet.
    #[must_use]
    pub fn of(key: &SdkKey) -> Self {
        Self {
            name: key.name.clone(),
            origins: key.origins.clone(),
            encryption: EncryptionChange::Keep,
        }
    }

    /// The key after it; none when nothing changes. `random` is a new encryption key.
    ///
    /// # Errors
    /// All problems, each with its field.
    pub fn apply(
        &self,
        to: &SdkKey,
        random: &[u8; 16],
        by: &str,
        now_ms: i64,
    ) -> Result<Option<SdkKey>, Vec<FieldProblem>> {
        let (name, origins) = checked(&self.name, &self.origins, to.kind)?;
        let new = || Some(STANDARD.encode(random));
        let encryption_key = match self.encryption {
            EncryptionChange::Keep => to.encryption_key.clone(),
            EncryptionChange::On => to.encryption_key.clone().or_else(new),
            EncryptionChange::Rotate => new(),
            EncryptionChange::Off => None,
        };
        let changed =
            name != to.name || origins != to.origins || encryption_key != to.encryption_key;
        Ok(changed.then(|| SdkKey {
            name,
            origins,
            encryption_key,
            version: to.version + 1,
            updated_ms: now_ms,
            updated_by: by.to_owned(),
            ..to.clone()
        }))
    }
}

/// Name and origins as they are kept.
fn checked(
    name: &str,
    origins: &[String],
    kind: SdkKeyKind,
) -> Result<(String, Vec<String>), Vec<FieldProblem>> {
    let mut found = Vec::new();
    let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
    let name = name.trim().to_owned();
    if name.is_empty() {
        note(Field::Name, Problem::Required);
    } else if name.chars().count() > MAX_NAME {
        let max = MAX_NAME as u32;
        note(Field::Name, Problem::TooLong { max });
    }
    if kind == SdkKeyKind::Server && !origins.is_empty() {
        note(Field::Origins, Problem::OnlyForClientKeys);
    } else if origins.len() > MAX_ORIGINS {
        let max = MAX_ORIGINS as u32;
        note(Field::Origins, Problem::TooMany { max });
    }
    let mut kept: Vec<String> = Vec::new();
    for (i, origin) in (0u16..).zip(origins.iter().take(MAX_ORIGINS)) {
        // Browsers write it so.
        let origin = origin.trim().to_ascii_lowercase();
        if origin.is_empty() {
            note(Field::Origin(i), Problem::Required);
        } else if origin.len() > MAX_ORIGIN {
            let max = MAX_ORIGIN as u32;
            note(Field::Origin(i), Problem::TooLong { max });
        } else if let Some(fault) = origin_fault(&origin) {
            note(Field::Origin(i), Problem::NotAnOrigin { fault });
        } else if kept.contains(&origin) {
            note(Field::Origin(i), Problem::Duplicate);
        }
        kept.push(origin);
    }
    if found.is_empty() {
        Ok((name, kept))
    } else {
        Err(found)
    }
}
