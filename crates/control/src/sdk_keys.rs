//! SDK keys: by which applications reach the gateways of one environment.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, Encryption, EntryDraft, Reason};
use nexus_domain::sdk_key::{KeyMaterial, MAX_KEYS, SdkKey, SdkKeyDraft, SdkKeyEdit};
use nexus_domain::{Environment, Field, Problem};

use crate::authority::may;
use crate::commit::{Attempts, Committed};
use crate::effects::Changed;
use crate::experiments::invalid;
use crate::failpoint::failpoint;
use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::views::{AuditRow, SdkKeyDetail, SdkKeyOnce};
use crate::{Console, Error, Result};

/// Of all environments; keys in use come first, so that only revoked ones are left out.
const LISTED: u32 = 400;
const HISTORY: u32 = 50;

/// What a command is about.
#[derive(Clone, Copy)]
enum Target<'a> {
    /// A key to be made in that environment.
    New(Environment),
    /// Id, and the version that it must have, if any.
    Known(&'a str, Option<u64>),
}

/// The next state, the action's name in the audit log, its reason.
type Decided = (SdkKey, &'static str, Option<Reason>);

impl Console {
    /// Those of one environment, or all: keys in use first, then newest first.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn sdk_keys(
        &self,
        actor: &Actor,
        environment: Option<Environment>,
    ) -> Result<Vec<SdkKey>> {
        self.authorise(actor, Action::ViewSdkKeys, environment, None)?;
        let rows = self
            .rows(sql!(
                "SELECT document FROM sdk_keys WHERE (?1 = '' OR environment = ?1) \
                 ORDER BY CASE WHEN revoked_ms IS NULL THEN 0 ELSE 1 END, created_ms DESC, id \
                 LIMIT ?2",
                environment.map_or("", |e| e.as_str()),
                LISTED
            ))
            .await?;
        let keys = rows.into_iter().map(|mut cells| cells.json());
        keys.map(|key| Ok(as_seen(actor, key?))).collect()
    }

    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn sdk_key(&self, actor: &Actor, id: &str) -> Result<SdkKeyDetail> {
        self.authorise(actor, Action::ViewSdkKeys, None, None)?;
        let sdk_key = self.stored_sdk_key(id).await?;
        let sdk_key = sdk_key.ok_or_else(|| not_found(id))?;
        Ok(SdkKeyDetail {
            propagation: self.propagation(sdk_key.environment).await?,
            history: self.history_of_sdk_key(actor, &sdk_key).await?,
            encrypted: sdk_key.encryption_key.is_some(),
            sdk_key: as_seen(actor, sdk_key),
        })
    }

    async fn history_of_sdk_key(&self, actor: &Actor, key: &SdkKey) -> Result<Vec<AuditRow>> {
        let environment = Some(key.environment);
        let may_see = may(actor, Action::ViewAudit, environment)
            || may(actor, Action::ManageSdkKeys, environment);
        if !may_see {
            return Ok(Vec::new());
        }
        self.history("sdk_key", key.id.as_str(), HISTORY).await
    }

    /// The new key counts as soon as the environment's gateways have its snapshot.
    ///
    /// # Errors
    /// `Invalid` with every problem of the draft, when the name is taken or the environment
    /// has its fill of keys; `Forbidden`.
    pub async fn create_sdk_key(&self, actor: &Actor, draft: SdkKeyDraft) -> Result<SdkKeyOnce> {
        let environment = draft.environment;
        self.authorise(actor, Action::ManageSdkKeys, Some(environment), None)?;
        let random = KeyMaterial {
            id: self.new_id(),
            text: self.random_bytes(),
            encryption: self.random_bytes(),
        };
        let made = draft.create(&random, actor.principal.label(), self.now_ms());
        let (made, text) = made.map_err(Error::Invalid)?;
        let cause = Cause::MadeSdkKey {
            name: made.name.clone(),
            key_kind: made.kind,
        };
        let decide = |_: Option<&SdkKey>, in_use: &[SdkKey], _: i64| {
            check_name(&made, in_use)?;
            if in_use.len() >= MAX_KEYS {
                let max = MAX_KEYS as u32;
                return Err(invalid(Field::SdkKeys, Problem::TooMany { max }));
            }
            Ok(Some((
                made.clone(),
                "sdk_key.create",
                Some(cause.clone().into()),
            )))
        };
        let new = Target::New(environment);
        let sdk_key = self.change_key(actor, new, decide).await?;
        Ok(SdkKeyOnce { sdk_key, key: text })
    }

    /// Changes name, origins or encryption; what is so already stays as it is.
    ///
    /// # Errors
    /// `Invalid`, `Conflict` when `version` is not the newest, `NotFound` also when it is
    /// revoked, `Forbidden`.
    pub async fn change_sdk_key(
        &self,
        actor: &Actor,
        id: &str,
        version: u64,
        edit: &SdkKeyEdit,
    ) -> Result<SdkKey> {
        let random = self.random_bytes();
        let target = Target::Known(id, Some(version));
        self.change_key(actor, target, |old, in_use, now_ms| {
            let old = old.filter(|old| old.revoked_ms.is_none());
            let old = old.ok_or_else(|| not_found(id))?;
            let by = actor.principal.label();
            let new = edit.apply(old, &random, by, now_ms);
            let Some(new) = new.map_err(Error::Invalid)? else {
                return Ok(None);
            };
            check_name(&new, in_use)?;
            let said = told(old, &new);
            Ok(Some((new, "sdk_key.change", Some(said.into()))))
        })
        .await
    }

    /// Ends a key for good: gateways refuse it as soon as they have the snapshot. Revoking it
    /// again changes nothing.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn revoke_sdk_key(&self, actor: &Actor, id: &str) -> Result<SdkKey> {
        let target = Target::Known(id, None);
        self.change_key(actor, target, |old, _, now_ms| {
            let old = old.ok_or_else(|| not_found(id))?;
            if old.revoked_ms.is_some() {
                return Ok(None);
            }
            let new = old.revoked(actor.principal.label(), now_ms);
            Ok(Some((new, "sdk_key.revoke", Some(old.name.clone().into()))))
        })
        .await
    }

    /// Read, decide, commit; again when somebody committed in between. Nothing decided is
    /// nothing changed. `decide` gets the key as it is and those in use in its environment.
    async fn change_key(
        &self,
        actor: &Actor,
        target: Target<'_>,
        decide: impl Fn(Option<&SdkKey>, &[SdkKey], i64) -> Result<Option<Decided>>,
    ) -> Result<SdkKey> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.key_to_change(actor, target).await?;
            let environment = match (&old, target) {
                (Some(old), _) => old.environment,
                (None, Target::New(environment)) => environment,
                (None, Target::Known(id, _)) => return Err(not_found(id)),
            };
            let in_use = self.sdk_keys_in_use(environment).await?;
            let decided = decide(old.as_ref(), &in_use, self.now_ms())?;
            let (new, action, reason) = match (decided, old.as_ref()) {
                (Some(decided), _) => decided,
                (None, Some(old)) => return Ok(old.clone()),
                (None, None) => return Err(Error::internal("a new key came to nothing")),
            };
            failpoint("sdk_key.decided");
            let mut state = vec![match &old {
                Some(old) => update(old, &new)?,
                None => insert(&new)?,
            }];
            if old.as_ref().and_then(SdkKey::published) != new.published() {
                let changed = Changed::SdkKey(&new);
                state.extend(self.stage_snapshot(new.environment, changed).await?);
            }
            let entry = entry(action, old.as_ref(), &new, reason);
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => {
                    failpoint("sdk_key.committed");
                    return Ok(new);
                }
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }

    /// The key that a command is about, for those who may give it.
    async fn key_to_change(&self, actor: &Actor, target: Target<'_>) -> Result<Option<SdkKey>> {
        let Target::Known(id, expected) = target else {
            return Ok(None);
        };
        self.authorise(actor, Action::ViewSdkKeys, None, None)?;
        let Some(old) = self.stored_sdk_key(id).await? else {
            return Ok(None);
        };
        self.authorise(actor, Action::ManageSdkKeys, Some(old.environment), None)?;
        let actual = old.version;
        match expected.filter(|version| *version != actual) {
            Some(expected) => Err(Error::Conflict { expected, actual }),
            None => Ok(Some(old)),
        }
    }

    async fn stored_sdk_key(&self, id: &str) -> Result<Option<SdkKey>> {
        let row = self
            .row(sql!("SELECT document FROM sdk_keys WHERE id = ?1", id))
            .await?;
        row.map(|mut cells| cells.json()).transpose()
    }

    /// Those in use in an environment, in the order of ids.
    pub(crate) async fn sdk_keys_in_use(&self, environment: Environment) -> Result<Vec<SdkKey>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM sdk_keys \
                 WHERE environment = ?1 AND revoked_ms IS NULL ORDER BY id",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut cells| cells.json()).collect()
    }

    fn random_bytes(&self) -> [u8; 16] {
        let mut random = [0; 16];
        self.inner.random.fill(&mut random);
        random
    }
}

/// The decryption key is for those who may manage the key.
fn as_seen(actor: &Actor, key: SdkKey) -> SdkKey {
    match may(actor, Action::ManageSdkKeys, Some(key.environment)) {
        true => key,
        false => key.without_secret(),
    }
}

/// Names tell keys apart where one is to be revoked.
fn check_name(new: &SdkKey, in_use: &[SdkKey]) -> Result<()> {
    let taken = |other: &SdkKey| other.id != new.id && other.name == new.name;
    if in_use.iter().any(taken) {
        return Err(invalid(Field::Name, Problem::Taken));
    }
    Ok(())
}

/// What an edit changed, for the log; never the encryption key.
fn told(old: &SdkKey, new: &SdkKey) -> Cause {
    let encryption = match (&old.encryption_key, &new.encryption_key) {
        (old, new) if old == new => None,
        (_, None) => Some(Encryption::Off),
        (None, Some(_)) => Some(Encryption::On),
        (Some(_), Some(_)) => Some(Encryption::NewKey),
    };
    Cause::SdkKey {
        name: (old.name != new.name).then(|| [old.name.clone(), new.name.clone()]),
        origins: (old.origins != new.origins).then(|| new.origins.clone()),
        encryption,
    }
}

fn insert(new: &SdkKey) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO sdk_keys (id, document, version, environment, search, created_ms, \
         revoked_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        new.id.as_str(),
        json(new)?,
        new.version,
        new.environment.as_str(),
        new.name.to_lowercase(),
        new.created_ms,
        new.revoked_ms
    ))
}

fn update(old: &SdkKey, new: &SdkKey) -> Result<Statement> {
    Ok(sql!(
        "UPDATE sdk_keys SET document = ?3, version = ?4, search = ?5, revoked_ms = ?6 \
         WHERE id = ?1 AND version = ?2",
        new.id.as_str(),
        old.version,
        json(new)?,
        new.version,
        new.name.to_lowercase(),
        new.revoked_ms
    ))
}

fn entry(
    action: &'static str,
    old: Option<&SdkKey>,
    new: &SdkKey,
    reason: Option<Reason>,
) -> EntryDraft {
    EntryDraft {
        action,
        object_kind: "sdk_key",
        object_id: new.id.to_string(),
        environment: Some(new.environment),
        before_digest: old.map(SdkKey::digest),
        after_digest: Some(new.digest()),
        reason,
    }
}

fn not_found(id: &str) -> Error {
    Error::NotFound {
        kind: "SDK key",
        id: id.chars().take(64).collect(),
    }
}
