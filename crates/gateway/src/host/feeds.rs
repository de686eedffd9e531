//! Streams kept open for SDKs.
//!
//! Each has a task of its own that asks for news when there may be some and hands it to the
//! connection. What can't be handed over in time closes the connection: nothing gathers in
//! memory for who does not read.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;

use super::runtime::Runtime;
use crate::ports::Clock;
use crate::sdk::{Crowded, Feed, News, Seat, Seats};

/// Pause after which a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// All streams of the gateway.
pub(super) struct Feeds {
    seats: Arc<Seats>,
    news: watch::Sender<()>,
    stopping: watch::Receiver<bool>,
}

impl Feeds {
    pub(super) fn new(max_streams: usize, stopping: watch::Receiver<bool>) -> Self {
        Self {
            seats: Seats::new(max_streams),
            news: watch::Sender::new(()),
            stopping,
        }
    }

    /// Another snapshot is in force.
    pub(super) fn wake(&self) {
        self.news.send_replace(());
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        self.seats.count()
    }

    /// Opens a stream, unless there are too many. `kick` ends the connection of who does not
    /// read.
    pub(super) fn open(
        &self,
        feed: Feed,
        runtime: Arc<Runtime>,
        kick: Arc<Notify>,
    ) -> Result<FeedBody, Crowded> {
        let seat = self.seats.take(&feed)?;
        let (sender, receiver) = mpsc::channel(1);
        let speaker = Speaker {
            feed,
            sender,
            news: self.news.subscribe(),
            stopping: self.stopping.clone(),
            patience: runtime.gateway.settings.body_patience,
            _seat: seat,
        };
        tokio::spawn(async move {
            if speaker.speak(&runtime).await.is_err() {
                kick.notify_one();
            }
        });
        Ok(FeedBody(receiver))
    }
}

struct Speaker {
    feed: Feed,
    sender: mpsc::Sender<Bytes>,
    news: watch::Receiver<()>,
    stopping: watch::Receiver<bool>,
    /// Longest wait for the reader.
    patience: Duration,
    _seat: Seat,
}

/// The reader does not read.
struct TooSlow;

impl Speaker {
    /// Until the reader leaves, the key goes or the gateway stops.
    async fn speak(mut self, runtime: &Runtime) -> Result<(), TooSlow> {
        self.say(Feed::greeting()).await?;
        loop {
            self.news.mark_unchanged();
            let now_ms = runtime.now_ms();
            let news = self.feed.news(&runtime.gateway.snapshots, now_ms);
            let News::Say { parts, until_ms } = news else {
                return Ok(());
            };
            for part in parts {
                self.say(part).await?;
            }
            let turn_ms = u64::try_from(until_ms.saturating_sub(now_ms)).unwrap_or_default();
            let turn = Duration::from_millis(turn_ms).min(HEARTBEAT);
            let is_quiet = tokio::select! {
                () = self.sender.closed() => return Ok(()),
                _ = self.stopping.wait_for(|stop| *stop) => return Ok(()),
                _ = self.news.changed() => false,
                () = tokio::time::sleep(turn) => turn == HEARTBEAT,
            };
            if is_quiet {
                self.say(Feed::heartbeat()).await?;
            }
        }
    }

    /// Who has left is noticed by the loop.
    async fn say(&self, part: Bytes) -> Result<(), TooSlow> {
        match timeout(self.patience, self.sender.send(part)).await {
            Ok(_) => Ok(()),
            Err(_) => Err(TooSlow),
        }
    }
}

/// What the connection sends.
pub(super) struct FeedBody(mpsc::Receiver<Bytes>);

impl Body for FeedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let part = self.get_mut().0.poll_recv(context);
        part.map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}
