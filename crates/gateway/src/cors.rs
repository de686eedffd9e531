//! Which web pages may report conversions (Fetch standard, CORS protocol).

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// Whose page sent this.
pub(crate) enum Sender {
    /// Not a page elsewhere: our own, or no browser at all.
    Own,
    /// A page elsewhere that is allowed to.
    Allowed(HeaderValue),
    /// A page elsewhere that is not.
    Foreign,
}

/// Browsers send `Origin` with every POST; where it is missing but `Sec-Fetch-Site` tells
/// of another site, the sender is foreign too.
pub(crate) fn sender(headers: &HeaderMap, allowed: &[String]) -> Sender {
    let Some(origin) = headers.get(header::ORIGIN) else {
        let cross = headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "cross-site");
        return if cross { Sender::Foreign } else { Sender::Own };
    };
    if allowed
        .iter()
        .any(|one| one.as_bytes() == origin.as_bytes())
    {
        return Sender::Allowed(origin.clone());
    }
    let authority = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, rest)| rest);
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if authority.is_some() && authority == host {
        Sender::Own
    } else {
        Sender::Foreign
    }
}

impl Sender {
    /// Lets an allowed page read the answer.
    pub(crate) fn grant<B>(&self, response: &mut Response<B>) {
        let Self::Allowed(origin) = self else { return };
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }

    /// The answer to a preflight.
    pub(crate) fn preflight(&self) -> Response<bytes::Bytes> {
        let mut response = crate::problem::empty(StatusCode::NO_CONTENT);
        if matches!(self, Self::Allowed(_)) {
            self.grant(&mut response);
            let headers = response.headers_mut();
            let fixed = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
                (
                    header::ACCESS_CONTROL_ALLOW_HEADERS,
                    "content-type, x-nexus-user",
                ),
                (header::ACCESS_CONTROL_MAX_AGE, "600"),
            ];
            for (name, value) in fixed {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(pairs: &[(&'static str, &str)]) -> &'static str {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        match sender(&headers, &["https://shop.example".to_owned()]) {
            Sender::Own => "own",
            Sender::Allowed(_) => "allowed",
            Sender::Foreign => "foreign",
        }
    }

    #[test]
    fn pages_elsewhere_need_permission() {
        assert_eq!(word(&[]), "own");
        assert_eq!(
            word(&[("host", "g.example"), ("origin", "https://g.example")]),
            "own"
        );
        assert_eq!(
            word(&[("host", "g.example"), ("origin", "https://shop.example")]),
            "allowed"
        );
        assert_eq!(
            word(&[("host", "g.example"), ("origin", "https://evil.example")]),
            "foreign"
        );
        assert_eq!(
            word(&[("host", "g.example"), ("origin", "null")]),
            "foreign"
        );
        assert_eq!(word(&[("sec-fetch-site", "cross-site")]), "foreign");
        assert_eq!(
            word(&[("origin", "https://shop.example.evil.example")]),
            "foreign"
        );
    }
}
