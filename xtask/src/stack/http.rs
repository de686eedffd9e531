//! The least of an HTTP client: one request to this machine, connection closed after it.

use anyhow::{Context as _, Result, bail};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: u64 = 16 << 20;

/// A request before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Ask<'a> {
    method: &'a str,
    port: u16,
    path: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// As sent, compressed if it was; the framing of chunks is removed.
    pub(crate) body: Vec<u8>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(port: u16, path: &'a str) -> Self {
        Self {
            method: "GET",
            port,
            path,
            headers: Vec::new(),
            body: "",
        }
    }

    pub(crate) fn post_json(port: u16, path: &'a str, json: &'a str) -> Self {
        let headers = vec![("content-type", "application/json")];
        Self {
            method: "POST",
            port,
            path,
            headers,
            body: json,
        }
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends it; at most 16 MiB are read, with 5 s of patience per read.
    ///
    /// # Errors
    /// When nobody answers, or not in HTTP.
    pub(crate) fn send(&self) -> Result<Answer> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(self.text().as_bytes())?;
        let mut bytes = Vec::new();
        stream.take(LARGEST_ANSWER).read_to_end(&mut bytes)?;
        parse(&bytes)
    }

    fn text(&self) -> String {
        let Self {
            method,
            port,
            path,
            headers,
            body,
        } = self;
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        text
    }
}

impl Answer {
    /// The first header of that name (in lower case).
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn parse(bytes: &[u8]) -> Result<Answer> {
    const END_OF_HEAD: &[u8] = b"\r\n\r\n";
    let end = position(bytes, END_OF_HEAD).context("the answer has no end of its head")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.lines();
    let status = lines
        .next()
        .filter(|line| line.starts_with("HTTP/1."))
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .context("the answer is not HTTP")?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        body: bytes[end + END_OF_HEAD.len()..].to_vec(),
    };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = dechunked(&answer.body)?;
    }
    Ok(answer)
}

/// RFC 9112 §7.1, without extensions and trailers.
fn dechunked(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = position(rest, b"\r\n").context("a chunk has no size")?;
        let size = usize::from_str_radix(&String::from_utf8_lossy(&rest[..end]), 16)
            .context("a chunk's size is not a number")?;
        if size == 0 {
            return Ok(body);
        }
        let start = end + 2;
        let Some(chunk) = rest.get(start..start + size) else {
            bail!("a chunk is cut off")
        };
        body.extend_from_slice(chunk);
        rest = rest.get(start + size + 2..).context("a chunk has no end")?;
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::{Ask, parse};

    #[test]
    fn status_headers_and_body_are_found() {
        let answer = parse(b"HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n\r\nlater").unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (503, "later"));
        assert_eq!(answer.header("retry-after"), Some("3"));
        assert!(parse(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn chunks_are_joined() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let answer =
            parse(format!("{head}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(answer.text(), "hello world");
        assert!(parse(format!("{head}5\r\nhel").as_bytes()).is_err());
    }

    #[test]
    fn a_request_is_written_in_full() {
        let text = Ask::post_json(7810, "/a", "{}")
            .header("authorization", "Bearer x")
            .text();
        assert!(
            text.starts_with("POST /a HTTP/1.1\r\nhost: 127.0.0.1:7810\r\n"),
            "{text}"
        );
        assert!(
            text.ends_with("authorization: Bearer x\r\ncontent-length: 2\r\n\r\n{}"),
            "{text}"
        );
    }
}
