//! What can go wrong in the ports that reach out over HTTP.

/// Why a document could not be fetched. Carries no body and no credentials, so
/// it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The port has no way to make this call.
    #[error("no transport configured")]
    NotConfigured,
    /// No answer in time.
    #[error("timed out")]
    Timeout,
    /// An answer other than 200.
    #[error("status {0}")]
    Status(u16),
    /// More bytes than the caller allows.
    #[error("answer too large")]
    TooLarge,
    /// Name resolution, TLS, connection.
    #[error("transport: {0}")]
    Transport(String),
}

/// Whether secrets and keys may travel over this URL: https anywhere, plain http
/// only to this machine (the sandbox).
pub(crate) fn is_trustworthy_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    let loopback = matches!(
        uri.host(),
        Some("127.0.0.1" | "[::1]" | "localhost") // resolved locally by browsers and by us
    );
    let plain_authority = uri.authority().is_some_and(|a| !a.as_str().contains('@'));
    let scheme_ok = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => loopback,
        _ => false,
    };
    plain_authority && scheme_ok
}

#[cfg(test)]
mod tests {
    use super::is_trustworthy_url;

    #[test]
    fn only_https_or_loopback() {
        for good in [
            "https://team.cloudflareaccess.com/cdn-cgi/access/certs",
            "http://127.0.0.1:7800/cdn-cgi/access/certs",
            "http://[::1]:7800/",
            "http://localhost:7800",
        ] {
            assert!(is_trustworthy_url(good), "{good}");
        }
        for bad in [
            "http://team.cloudflareaccess.com/",
            "http://127.0.0.1.example.com/",
            "http://127.0.0.1@evil.example/",
            "https://user:pw@team.example/",
            "file:///etc/passwd",
            "//team.example/",
            "",
        ] {
            assert!(!is_trustworthy_url(bad), "{bad}");
        }
    }
}
