//! The API token itself.

use serde::Deserialize;

use crate::client::Client;
use crate::envelope;
use crate::error::Result;
use crate::transport::Method;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TokenInfo {
    pub id: String,
    pub status: TokenStatus,
    /// RFC 3339, if it expires.
    pub expires_on: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenStatus {
    Active,
    Disabled,
    Expired,
    #[serde(other)]
    Unknown,
}

impl Client {
    /// Whether Cloudflare knows the token.
    ///
    /// # Errors
    /// `Denied` when it doesn't; see [`crate::Error`].
    pub async fn verify_token(&self) -> Result<TokenInfo> {
        let response = self.call(Method::Get, "/user/tokens/verify", None).await?;
        envelope::result(&response)
    }
}
