//! A request's body: a stream of the runtime, read only when the gateway itself needs it.

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use nexus_gateway::ports::{ReadBody, ReadBodyError};

pub(crate) struct EdgeBody(pub(crate) Option<web_sys::ReadableStream>);

impl ReadBody for EdgeBody {
    async fn read(self, limit_bytes: usize) -> Result<Bytes, ReadBodyError> {
        let Some(stream) = self.0 else {
            return Ok(Bytes::new());
        };
        let mut stream = worker::Body::new(stream);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| ReadBodyError::Broken)?;
            if bytes.len() + chunk.len() > limit_bytes {
                return Err(ReadBodyError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }
}
