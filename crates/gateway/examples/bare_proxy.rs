//! What the gateway is measured against: the least reverse proxy that axum makes, with
//! the same client and the same pool. `bare_proxy <listen> <origin-authority>`.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use nexus_gateway::host::{OriginClient, client};
use tokio::net::TcpListener;

#[derive(Clone)]
struct Proxy {
    client: OriginClient<Body>,
    origin: String,
}

async fn pass(State(proxy): State<Proxy>, mut request: Request) -> Response {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let Ok(uri) = format!("http://{}{path}", proxy.origin).parse::<Uri>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = uri;
    match proxy.client.request(request).await {
        Ok(response) => response.into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(listen), Some(origin)) = (args.next(), args.next()) else {
        anyhow::bail!("usage: bare_proxy <listen> <origin-authority>");
    };
    let proxy = Proxy {
        client: client(),
        origin,
    };
    let listener = TcpListener::bind(listen).await?;
    axum::serve(listener, Router::new().fallback(pass).with_state(proxy)).await?;
    Ok(())
}
