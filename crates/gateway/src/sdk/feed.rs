//! What streams say (WHATWG server-sent events): the host keeps them open and asks here
//! for news.

use bytes::Bytes;
use serde_json::json;

use super::door::Asker;
use super::view::View;
use crate::snapshot::SnapshotHolder;

/// How long whoever lost the stream waits before coming back.
const RETRY: &str = "retry: 3000\n\n";

/// Who speaks on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// The whole payload, as GrowthBook's SDKs want it.
    Payload,
    /// That it changed (OFREP, ADR 8).
    Change,
}

/// One asker's stream.
#[derive(Debug)]
pub struct Feed {
    /// The digest of the asker's key; when no key has it any more the stream ends.
    sha256: String,
    voice: Voice,
    /// What the asker knows; `None` before anything was said.
    told: Option<String>,
}

/// What is to be said now.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// These, one after the other; maybe none. There can be more at `until_ms`, or when
    /// another snapshot comes.
    Say { parts: Vec<Bytes>, until_ms: i64 },
    /// The key is no longer good.
    Over,
}

impl Feed {
    pub(super) fn new(asker: &Asker, voice: Voice, last_id: Option<&str>) -> Option<Self> {
        Some(Self {
            sha256: asker.key()?.sha256.clone(),
            voice,
            told: last_id.map(str::to_owned),
        })
    }

    /// The digest of the key that opened it.
    pub(super) fn key(&self) -> &str {
        &self.sha256
    }

    /// What the stream begins with.
    #[must_use]
    pub const fn greeting() -> Bytes {
        Bytes::from_static(RETRY.as_bytes())
    }

    /// Keeps the connection open through whatever is on the way.
    #[must_use]
    pub const fn heartbeat() -> Bytes {
        Bytes::from_static(b":\n\n")
    }

    /// What changed since the last time. Whoever begins is told at once: what it fetched
    /// may be old by now.
    pub fn news(&mut self, snapshots: &SnapshotHolder, now_ms: i64) -> News {
        let Some(published) = snapshots.published() else {
            return News::Over;
        };
        let keys = published.keys();
        let position = keys.iter().position(|key| key.sha256 == self.sha256);
        let view = published.view(now_ms);
        let (Some(position), Some(view)) = (position, view) else {
            return News::Over;
        };
        let until_ms = view.steady.end;
        if self.told.as_deref() == Some(&*view.tag) {
            return News::Say {
                parts: Vec::new(),
                until_ms,
            };
        }
        let data = match self.voice {
            Voice::Payload => keys
                .get(position)
                .and_then(|key| view.payload(position, key)),
            Voice::Change => Some(change(&view)),
        };
        let Some(data) = data else { return News::Over };
        self.told = Some(view.tag.clone());
        let event = match self.voice {
            Voice::Payload => "features",
            Voice::Change => "message",
        };
        let head = format!("id: {}\nevent: {event}\ndata: ", view.tag);
        News::Say {
            parts: vec![head.into(), data, Bytes::from_static(b"\n\n")],
            until_ms,
        }
    }
}

fn change(view: &View) -> Bytes {
    let data = json!({
        "type": "refetchEvaluation",
        "etag": view.tag,
        "lastModified": view.since_ms.max(0) / 1000,
    });
    data.to_string().into()
}
