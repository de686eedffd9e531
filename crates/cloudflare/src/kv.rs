//! Workers KV: namespaces and values.
//! <https://developers.cloudflare.com/api/resources/kv/>

use serde::{Deserialize, Serialize};

use crate::client::{Client, encode};
use crate::envelope;
use crate::error::{Error, Result};
use crate::transport::Method;

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
/// "a namespace with this account ID and title already exists".
const TITLE_TAKEN: u32 = 10_014;
const PER_PAGE: u64 = 100;
/// Nobody has that many namespaces; a server that says so is broken.
const MAX_PAGES: u32 = 100;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Namespace {
    /// 32 hex digits.
    pub id: String,
    pub title: String,
}

#[derive(Serialize)]
struct Title<'a> {
    title: &'a str,
}

impl Client {
    /// All namespaces of the account.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn kv_namespaces(&self) -> Result<Vec<Namespace>> {
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let path = format!("/storage/kv/namespaces?page={page}&per_page={PER_PAGE}");
            let response = self
                .call(Method::Get, &self.in_account(&path), None)
                .await?;
            let (some, paging) = envelope::page::<Vec<Namespace>>(&response)?;
            let count = some.len() as u64;
            all.extend(some);
            let full = paging.per_page.clamp(1, PER_PAGE);
            if count == 0 || count < full || paging.count < full {
                break;
            }
        }
        Ok(all)
    }

    /// Creates a namespace. Not repeated by itself: a lost answer would leave it
    /// unclear who created it; [`Client::kv_ensure`] settles that.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn kv_create(&self, title: &str) -> Result<Namespace> {
        let body = serde_json::to_vec(&Title { title })
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        let path = self.in_account("/storage/kv/namespaces");
        let response = self.once(Method::Post, &path, Some((JSON, body))).await?;
        envelope::result(&response)
    }

    /// The namespace of that title, created when there is none. Safe to repeat
    /// and to race: titles are unique in an account.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn kv_ensure(&self, title: &str) -> Result<Namespace> {
        if let Some(found) = self.kv_find(title).await? {
            return Ok(found);
        }
        match self.kv_create(title).await {
            Ok(made) => Ok(made),
            Err(error) if error.has_code(TITLE_TAKEN) || error.is_passing() => {
                self.kv_find(title).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// The namespace of that title.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn kv_find(&self, title: &str) -> Result<Option<Namespace>> {
        let all = self.kv_namespaces().await?;
        Ok(all.into_iter().find(|n| n.title == title))
    }

    /// A value's bytes; `None` when there is no such key.
    ///
    /// # Errors
    /// See [`Error`]; a missing namespace is an error, not `None`.
    pub async fn kv_get(&self, namespace: &str, key: &str) -> Result<Option<Vec<u8>>> {
        match self
            .call(Method::Get, &self.value(namespace, key), None)
            .await
        {
            Ok(response) => Ok(Some(response.body)),
            // "get: 'key not found'"
            Err(error @ Error::Api { status: 404, .. }) if error.has_code(10_009) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a whole value.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn kv_put(&self, namespace: &str, key: &str, bytes: Vec<u8>) -> Result<()> {
        let path = self.value(namespace, key);
        self.call(Method::Put, &path, Some((BYTES, bytes))).await?;
        Ok(())
    }

    fn value(&self, namespace: &str, key: &str) -> String {
        let (namespace, key) = (encode(namespace), encode(key));
        self.in_account(&format!("/storage/kv/namespaces/{namespace}/values/{key}"))
    }
}
