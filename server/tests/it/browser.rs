//! A browser as far as it matters: it keeps cookies, which no port tells apart,
//! and follows redirects and refreshes one at a time.

use reqwest::header::HeaderMap;
use url::Url;

use crate::program::client;

#[derive(Clone)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    path: String,
    pub(crate) value: String,
}

pub(crate) struct Browser {
    client: reqwest::Client,
    pub(crate) cookies: Vec<Cookie>,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Where it sends the browser, absolute.
    to: Option<Url>,
}

impl Page {
    /// Where it sends the browser.
    pub(crate) fn to(&self) -> &str {
        let to = self.to.as_ref();
        to.unwrap_or_else(|| panic!("{}: {}", self.status, self.text))
            .as_str()
    }

    /// A field of the query of where it sends the browser.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.to.as_ref()?.query_pairs();
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self {
            client: client(),
            cookies: Vec::new(),
        }
    }

    pub(crate) async fn go(&mut self, url: &str) -> Page {
        let request = self.client.get(url).header("sec-fetch-mode", "navigate");
        self.send(url, request).await
    }

    /// Follows a link on one of the site's own pages.
    pub(crate) async fn follow(&mut self, url: &str) -> Page {
        let request = self.client.get(url).header("sec-fetch-site", "same-origin");
        self.send(url, request).await
    }

    /// Sends a form of the site's own pages.
    pub(crate) async fn submit(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let origin = Url::parse(url).unwrap().origin().ascii_serialization();
        let request = self
            .client
            .post(url)
            .header("origin", origin)
            .header("sec-fetch-site", "same-origin")
            .form(fields);
        self.send(url, request).await
    }

    async fn send(&mut self, url: &str, request: reqwest::RequestBuilder) -> Page {
        let url = Url::parse(url).unwrap();
        let request = request.header("cookie", self.cookies_for(url.path()));
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        self.keep(&headers);
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
        let refresh = header("refresh").and_then(|value| value.strip_prefix("0;url="));
        let to = header("location").or(refresh);
        Page {
            status: response.status().as_u16(),
            to: to.map(|to| url.join(to).unwrap()),
            headers: headers.clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let found = self.cookies.iter().find(|cookie| cookie.name == name);
        found.map(|cookie| cookie.value.as_str())
    }

    fn cookies_for(&self, path: &str) -> String {
        let sent = self.cookies.iter().filter(|c| path.starts_with(&c.path));
        let sent: Vec<String> = sent.map(|c| format!("{}={}", c.name, c.value)).collect();
        sent.join("; ")
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for header in headers.get_all("set-cookie") {
            let mut parts = header.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let parts: Vec<&str> = parts.collect();
            let path = parts.iter().find_map(|part| part.strip_prefix("Path="));
            let path = path.unwrap().to_owned();
            self.cookies.retain(|c| c.name != name || c.path != path);
            if !parts.contains(&"Max-Age=0") {
                assert!(parts.contains(&"HttpOnly"), "{header:?}");
                let (name, value) = (name.to_owned(), value.to_owned());
                self.cookies.push(Cookie { name, path, value });
            }
        }
    }
}
