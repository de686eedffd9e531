//! Bodies on their way to an origin.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::ports::{ReadBody, ReadBodyError};

type BoxError = Box<dyn Error + Send + Sync>;

/// What a visitor sends, up to a limit and with bounded patience; or nothing, for a
/// request that is sent again.
pub(super) enum OutBody {
    Empty,
    Stream(Patient<Limited<Incoming>>),
}

impl OutBody {
    pub(super) fn new(body: Incoming, limit_bytes: u64, patience: Duration) -> Self {
        if body.is_end_stream() {
            return Self::Empty;
        }
        let limit_bytes = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
        Self::Stream(Patient::new(Limited::new(body, limit_bytes), patience))
    }
}

impl Body for OutBody {
    type Data = Bytes;
    type Error = ReadBodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ReadBodyError>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Stream(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Stream(body) => body.size_hint(),
        }
    }
}

impl ReadBody for OutBody {
    async fn read(self, limit_bytes: usize) -> Result<Bytes, ReadBodyError> {
        match self {
            Self::Empty => Ok(Bytes::new()),
            Self::Stream(body) => read_whole(body, limit_bytes).await,
        }
    }
}

/// Reads a body of ours: the whole of it must come while patience lasts.
async fn read_whole<B>(body: Patient<B>, limit_bytes: usize) -> Result<Bytes, ReadBodyError>
where
    B: Body<Data = Bytes, Error = BoxError> + Unpin,
{
    let patience = body.most;
    let read = Limited::new(body, limit_bytes).collect();
    match timeout(patience, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) => Err(fault(&*error).unwrap_or(ReadBodyError::Broken)),
        Err(_) => Err(ReadBodyError::TooSlow),
    }
}

/// A body whose sender may not keep us waiting for ever. Only the time that we wait for
/// the sender counts, and what comes makes up for it: a thousand bytes for a second.
pub(super) struct Patient<B> {
    body: B,
    most: Duration,
    left: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<B> Patient<B> {
    const fn new(body: B, patience: Duration) -> Self {
        Self {
            body,
            most: patience,
            left: patience,
            waiting: None,
        }
    }

    fn heard(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let made_up = Duration::from_millis(bytes as u64);
        self.left = self.most.min(self.left.saturating_add(made_up));
    }

    /// Ready when patience is at its end.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let left = self.left;
        let (_, end) = self
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        end.as_mut().poll(context)
    }
}

impl<B> Body for Patient<B>
where
    B: Body<Data = Bytes, Error = BoxError> + Unpin,
{
    type Data = Bytes;
    type Error = ReadBodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ReadBodyError>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.heard(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                let fault = fault(&*error).unwrap_or(ReadBodyError::Broken);
                Poll::Ready(Some(Err(fault)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => this
                .wait(context)
                .map(|()| Some(Err(ReadBodyError::TooSlow))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What was wrong with the visitor's body, if that is among an error's causes.
pub(super) fn fault(error: &(dyn Error + 'static)) -> Option<ReadBodyError> {
    if let Some(fault) = error.downcast_ref::<ReadBodyError>() {
        return Some(*fault);
    }
    if error.is::<LengthLimitError>() {
        return Some(ReadBodyError::TooLarge);
    }
    error.source().and_then(fault)
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use futures::stream::{self, BoxStream};
    use http_body_util::StreamBody;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(200);

    type Chunks = BoxStream<'static, Result<Frame<Bytes>, BoxError>>;

    fn body(chunks: Chunks) -> Patient<StreamBody<Chunks>> {
        Patient::new(StreamBody::new(chunks), PATIENCE)
    }

    fn chunk(bytes: usize) -> Result<Frame<Bytes>, BoxError> {
        Ok(Frame::data(Bytes::from(vec![b'x'; bytes])))
    }

    /// A chunk of so many bytes every now and then, for ever.
    fn trickle(bytes: usize) -> Chunks {
        stream::unfold((), move |()| async move {
            sleep(PATIENCE / 20).await;
            Some((chunk(bytes), ()))
        })
        .boxed()
    }

    async fn end(mut body: Patient<StreamBody<Chunks>>) -> (usize, Option<ReadBodyError>) {
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => bytes += frame.data_ref().map_or(0, Bytes::len),
                Err(error) => return (bytes, Some(error)),
            }
        }
        (bytes, None)
    }

    #[tokio::test]
    async fn silence_ends_a_body() {
        let silent = stream::iter([chunk(5)]).chain(stream::pending()).boxed();
        assert_eq!(end(body(silent)).await, (5, Some(ReadBodyError::TooSlow)));
    }

    #[tokio::test]
    async fn a_trickle_ends_a_body() {
        let (bytes, fault) = end(body(trickle(1))).await;
        assert_eq!(fault, Some(ReadBodyError::TooSlow));
        assert!(bytes < 40, "{bytes} bytes for {PATIENCE:?}");
    }

    #[tokio::test]
    async fn slow_is_not_too_slow() {
        // Takes several times our patience, at a hundred thousand bytes a second.
        let steady = trickle(1_000).take(60).boxed();
        assert_eq!(end(body(steady)).await, (60_000, None));
    }

    #[tokio::test]
    async fn a_body_of_ours_must_come_in_time_whole() {
        let steady = read_whole(body(trickle(1_000)), 1 << 30).await;
        assert_eq!(steady, Err(ReadBodyError::TooSlow));
        let long = read_whole(body(stream::iter([chunk(50)]).boxed()), 49).await;
        assert_eq!(long, Err(ReadBodyError::TooLarge));
        let broken = stream::iter([chunk(5), Err("gone".into())]).boxed();
        assert_eq!(
            read_whole(body(broken), 49).await,
            Err(ReadBodyError::Broken)
        );
        let good = read_whole(body(stream::iter([chunk(5)]).boxed()), 49).await;
        assert_eq!(good.unwrap(), "xxxxx");
    }
}
