//! A bare axum server: no state, no layers, a fixed body.

use anyhow::Result;
use axum::{Router, routing::get};
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Answers `GET /` until killed.
pub(crate) async fn serve(listen: SocketAddr) -> Result<()> {
    anyhow::ensure!(
        listen.ip().is_loopback(),
        "{listen} is not a loopback address"
    );
    let router = Router::new().route("/", get(|| async { "hello" }));
    axum::serve(TcpListener::bind(listen).await?, router).await?;
    Ok(())
}
