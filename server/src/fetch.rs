//! The few documents that the console fetches itself: Access keys and
//! identities, and the OpenID provider's. Bounded in time and size, no redirects.

use std::time::Duration;

use async_trait::async_trait;
use nexus_identity::FetchError;
use nexus_identity::access::{IdentityFetch, JwksFetch};

const TIMEOUT: Duration = Duration::from_secs(5);

/// One client for all of them, so connections are shared.
#[derive(Clone)]
pub(crate) struct Fetcher(reqwest::Client);

impl Fetcher {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self(client))
    }

    async fn get(
        &self,
        request: reqwest::RequestBuilder,
        max_bytes: usize,
    ) -> Result<Vec<u8>, FetchError> {
        let answer = self
            .execute(request.build().map_err(failure)?, max_bytes)
            .await?;
        if answer.status() != http::StatusCode::OK {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        Ok(answer.into_body())
    }

    /// Answers whatever the status, with the body as far as it is allowed.
    pub(crate) async fn execute(
        &self,
        request: reqwest::Request,
        max_bytes: usize,
    ) -> Result<http::Response<Vec<u8>>, FetchError> {
        let mut response = self.0.execute(request).await.map_err(failure)?;
        let mut answer = http::Response::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if answer.body().len() + chunk.len() > max_bytes {
                return Err(FetchError::TooLarge);
            }
            answer.body_mut().extend_from_slice(&chunk);
        }
        Ok(answer)
    }
}

#[async_trait]
impl JwksFetch for Fetcher {
    async fn fetch(&self, url: &str, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
        self.get(self.0.get(url), max_bytes).await
    }
}

#[async_trait]
impl IdentityFetch for Fetcher {
    async fn get_identity(
        &self,
        url: &str,
        token: &str,
        max_bytes: usize,
    ) -> Result<Vec<u8>, FetchError> {
        let cookie = format!("CF_Authorization={token}");
        self.get(
            self.0.get(url).header(http::header::COOKIE, cookie),
            max_bytes,
        )
        .await
    }
}

fn failure(error: reqwest::Error) -> FetchError {
    if error.is_timeout() {
        FetchError::Timeout
    } else {
        // Without the URL: it is in our own configuration, and shorter logs read better.
        FetchError::Transport(error.without_url().to_string())
    }
}
