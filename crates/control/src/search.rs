//! Entities for the command palette.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::sdk_key::SdkKey;

use crate::authority::may;
use crate::sql::{containing, sql};
use crate::views::{Hit, HitKind};
use crate::{Console, Result};

const EXPERIMENTS: u32 = 8;
const FLAGS: u32 = 8;
const SAVED_GROUPS: u32 = 5;
const SDK_KEYS: u32 = 5;
const MEMBERS: u32 = 5;
const TOKENS: u32 = 5;
const MAX_QUERY: usize = 100;

impl Console {
    /// What the actor may see of what contains the text; nothing for no text.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn search(&self, actor: &Actor, q: &str) -> Result<Vec<Hit>> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let q: String = q.trim().chars().take(MAX_QUERY).collect();
        if q.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self
            .rows(sql!(
                "SELECT id, name, status FROM experiments WHERE search LIKE ?1 ESCAPE '\\' \
                 ORDER BY updated_ms DESC LIMIT ?2",
                containing(&q),
                EXPERIMENTS
            ))
            .await?;
        let mut hits = Vec::new();
        for mut row in rows {
            let (id, title) = (row.text()?, row.text()?);
            hits.push(Hit {
                kind: HitKind::Experiment,
                environment: None,
                title,
                status: Some(row.text()?),
                href: format!("/experiments/{id}"),
                detail: id,
            });
        }
        if may(actor, Action::ViewFlags, None) {
            hits.extend(self.search_flags(&q).await?);
        }
        if may(actor, Action::ViewSavedGroups, None) {
            hits.extend(self.search_saved_groups(&q).await?);
        }
        if may(actor, Action::ViewSdkKeys, None) {
            hits.extend(self.search_sdk_keys(&q).await?);
        }
        if may(actor, Action::ViewMembers, None) {
            // The page of one member is a form, for those who may send it.
            let own_page = may(actor, Action::ManageMembers, None);
            hits.extend(self.search_members(&q, own_page).await?);
        }
        if may(actor, Action::ViewTokens, None) {
            hits.extend(self.search_tokens(&q).await?);
        }
        Ok(hits)
    }

    async fn search_flags(&self, q: &str) -> Result<Vec<Hit>> {
        let rows = self
            .rows(sql!(
                "SELECT environment, key, name, status FROM flags \
                 WHERE search LIKE ?1 ESCAPE '\\' ORDER BY updated_ms DESC, environment LIMIT ?2",
                containing(q),
                FLAGS
            ))
            .await?;
        rows.into_iter()
            .map(|mut row| {
                let (environment, key) = (row.environment()?, row.text()?);
                Ok(Hit {
                    kind: HitKind::Flag,
                    title: row.text()?,
                    status: Some(row.text()?),
                    environment: Some(environment),
                    href: format!("/flags/{environment}/{key}"),
                    detail: key,
                })
            })
            .collect()
    }

    async fn search_saved_groups(&self, q: &str) -> Result<Vec<Hit>> {
        let rows = self
            .rows(sql!(
                "SELECT environment, id, name FROM saved_groups \
                 WHERE archived = 0 AND search LIKE ?1 ESCAPE '\\' \
                 ORDER BY updated_ms DESC, environment LIMIT ?2",
                containing(q),
                SAVED_GROUPS
            ))
            .await?;
        rows.into_iter()
            .map(|mut row| {
                let (environment, id) = (row.environment()?, row.text()?);
                Ok(Hit {
                    kind: HitKind::SavedGroup,
                    status: None,
                    title: row.text()?,
                    environment: Some(environment),
                    href: format!("/saved-groups/{environment}/{id}"),
                    detail: id,
                })
            })
            .collect()
    }

    async fn search_sdk_keys(&self, q: &str) -> Result<Vec<Hit>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM sdk_keys \
                 WHERE revoked_ms IS NULL AND search LIKE ?1 ESCAPE '\\' \
                 ORDER BY created_ms DESC, id LIMIT ?2",
                containing(q),
                SDK_KEYS
            ))
            .await?;
        rows.into_iter()
            .map(|mut row| {
                let key: SdkKey = row.json()?;
                Ok(Hit {
                    kind: HitKind::SdkKey,
                    status: None,
                    environment: Some(key.environment),
                    detail: key.hint,
                    href: format!("/settings/sdk-keys/{}", key.id),
                    title: key.name,
                })
            })
            .collect()
    }

    async fn search_members(&self, q: &str, own_page: bool) -> Result<Vec<Hit>> {
        let rows = self
            .rows(sql!(
                "SELECT id, email FROM members WHERE LOWER(email) LIKE ?1 ESCAPE '\\' \
                 ORDER BY email LIMIT ?2",
                containing(q),
                MEMBERS
            ))
            .await?;
        rows.into_iter()
            .map(|mut row| {
                let (id, title) = (row.text()?, row.text()?);
                Ok(Hit {
                    kind: HitKind::Member,
                    environment: None,
                    status: None,
                    title,
                    detail: String::new(),
                    href: if own_page {
                        format!("/settings/members/{id}")
                    } else {
                        "/settings/members".to_owned()
                    },
                })
            })
            .collect()
    }

    async fn search_tokens(&self, q: &str) -> Result<Vec<Hit>> {
        let rows = self
            .rows(sql!(
                "SELECT id, name, created_by FROM api_tokens \
                 WHERE revoked_ms IS NULL AND LOWER(name) LIKE ?1 ESCAPE '\\' \
                 ORDER BY created_ms DESC, id LIMIT ?2",
                containing(q),
                TOKENS
            ))
            .await?;
        rows.into_iter()
            .map(|mut row| {
                let (id, title, created_by) = (row.text()?, row.text()?, row.text()?);
                Ok(Hit {
                    kind: HitKind::Token,
                    environment: None,
                    status: None,
                    title,
                    detail: created_by,
                    href: format!("/settings/tokens#{id}"),
                })
            })
            .collect()
    }
}
