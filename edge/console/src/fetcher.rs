//! Requests to the outside: Access's keys and identities, Cloudflare's API. Bounded in
//! time and size, and redirects are not followed.

use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::future::{Either, select};
use nexus_cloudflare::{Transport, TransportError};
use nexus_identity::FetchError;
use nexus_identity::access::{IdentityFetch, JwksFetch};
use worker::send::SendFuture;
use worker::{
    AbortController, AbortSignal, Delay, Error, Fetch, Headers, Method, Request, RequestInit,
    RequestRedirect, ResponseBody,
};

const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest value KV can hold, with room to spare.
const MAX_BODY: usize = 32 * 1024 * 1024;

#[derive(Clone, Copy)]
pub(crate) struct Fetcher;

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

enum Failure {
    Timeout,
    TooLarge,
    Broken(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Broken(error.to_string())
    }
}

fn request(
    method: Method,
    url: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> Result<Request, Failure> {
    let list = Headers::new();
    for (name, value) in headers {
        list.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(method)
        .with_headers(list)
        .with_redirect(RequestRedirect::Manual);
    if !body.is_empty() {
        init.with_body(Some(js_sys::Uint8Array::from(body).into()));
    }
    Ok(Request::new_with_init(url, &init)?)
}

async fn exchange(request: Request, max_bytes: usize) -> Result<Answer, Failure> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let late = Delay::from(TIMEOUT);
    match select(pin!(send(request, max_bytes, &signal)), pin!(late)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            controller.abort();
            Err(Failure::Timeout)
        }
    }
}

async fn send(request: Request, max_bytes: usize, signal: &AbortSignal) -> Result<Answer, Failure> {
    let mut response = Fetch::Request(request).send_with_signal(signal).await?;
    let mut body = Vec::new();
    if matches!(response.body(), ResponseBody::Stream(_)) {
        let mut chunks = response.stream()?;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            if body.len() + chunk.len() > max_bytes {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
    }
    Ok(Answer {
        status: response.status_code(),
        headers: response.headers().entries().collect(),
        body,
    })
}

impl Fetcher {
    async fn get(
        url: &str,
        headers: &[(&str, String)],
        max_bytes: usize,
    ) -> Result<Vec<u8>, FetchError> {
        let work = async {
            let request = request(Method::Get, url, headers, &[])?;
            exchange(request, max_bytes).await
        };
        match work.await {
            Ok(answer) if answer.status == 200 => Ok(answer.body),
            Ok(answer) => Err(FetchError::Status(answer.status)),
            Err(Failure::Timeout) => Err(FetchError::Timeout),
            Err(Failure::TooLarge) => Err(FetchError::TooLarge),
            Err(Failure::Broken(problem)) => Err(FetchError::Transport(problem)),
        }
    }
}

#[async_trait]
impl JwksFetch for Fetcher {
    async fn fetch(&self, url: &str, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
        SendFuture::new(Self::get(url, &[], max_bytes)).await
    }

    fn can_share(&self) -> bool {
        false
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
        let cookie = [("cookie", format!("CF_Authorization={token}"))];
        SendFuture::new(Self::get(url, &cookie, max_bytes)).await
    }
}

#[async_trait]
impl Transport for Fetcher {
    async fn send(
        &self,
        wanted: nexus_cloudflare::Request,
    ) -> Result<nexus_cloudflare::Response, TransportError> {
        let work = SendFuture::new(async move {
            let method = match wanted.method {
                nexus_cloudflare::Method::Get => Method::Get,
                nexus_cloudflare::Method::Put => Method::Put,
                nexus_cloudflare::Method::Post => Method::Post,
                nexus_cloudflare::Method::Delete => Method::Delete,
            };
            let request = request(method, &wanted.url, &wanted.headers, &wanted.body)?;
            exchange(request, MAX_BODY).await
        });
        match work.await {
            Ok(answer) => Ok(nexus_cloudflare::Response {
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
            }),
            Err(Failure::Timeout) => Err(TransportError::Timeout),
            Err(Failure::TooLarge) => Err(TransportError::TooLarge),
            Err(Failure::Broken(problem)) => Err(TransportError::Connection(problem)),
        }
    }

    async fn sleep(&self, ms: u64) {
        SendFuture::new(Delay::from(Duration::from_millis(ms))).await;
    }

    fn random(&self) -> u64 {
        // Only jitter: without randomness all wait equally long.
        getrandom::u64().unwrap_or(0)
    }
}
