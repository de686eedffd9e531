//! Flags and start of the sign-in services: Access in front of the console, and the OpenID
//! provider beside the API.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use clap::Args;
use nexus_sandbox::access::{
    AccessConfig, AccessProxy, MAIN_AUD, People, STEP_UP_AUD, demo_people,
};
use nexus_sandbox::oidc::{OidcClient, OidcConfig, OidcProvider};
use nexus_sandbox::{Sandbox, SystemClock};
use secrecy::SecretString;

/// Path of the OpenID provider on the API's address.
const OIDC: &str = "/oidc";
const HOUR: Duration = Duration::from_secs(60 * 60);

#[derive(Debug, Args)]
pub(crate) struct SignInOptions {
    /// Where Access listens, in front of the console. Without it neither Access nor the
    /// OpenID provider starts.
    #[arg(long, env = "NEXUS_SANDBOX_ACCESS_LISTEN")]
    pub access_listen: Option<String>,
    /// The console behind Access.
    #[arg(
        long,
        env = "NEXUS_SANDBOX_CONSOLE_URL",
        default_value = "http://127.0.0.1:7810"
    )]
    pub console_url: String,
    /// The address people open, also the issuer of assertions; by default where Access listens.
    #[arg(long)]
    pub public_origin: Option<String>,
    /// AUD tag of the console's application.
    #[arg(long, env = "NEXUS_ACCESS_AUDIENCE", default_value = MAIN_AUD)]
    pub access_audience: String,
    /// AUD tag of the application in front of /step-up/.
    #[arg(long, env = "NEXUS_ACCESS_STEP_UP_AUDIENCE", default_value = STEP_UP_AUD)]
    pub access_step_up_audience: String,
    /// The OpenID client's id.
    #[arg(long, env = "NEXUS_OIDC_CLIENT_ID", default_value = "nexus-admin")]
    pub oidc_client_id: String,
    /// The OpenID client's secret; without one it is a public client, which PKCE protects.
    #[arg(long, env = "NEXUS_OIDC_CLIENT_SECRET", hide_env_values = true)]
    pub oidc_client_secret: Option<String>,
    /// Where codes may be sent; on loopback any port will do. Repeat for more.
    #[arg(long, default_value = "http://127.0.0.1/auth/callback")]
    pub oidc_redirect_uri: Vec<String>,
}

/// Opens both. Returns the router of Access, and that of the API with the provider in it.
pub(crate) async fn open(
    options: &SignInOptions,
    data_dir: &Path,
    access: SocketAddr,
    api: SocketAddr,
    sandbox: &Sandbox,
) -> Result<(Router, Router)> {
    let clock = Arc::new(SystemClock);
    let folder = data_dir.join("sign-in");
    let people = People::open(&folder, demo_people(), "JP", clock.clone())?;
    let people = Arc::new(people);

    let listening = format!("http://{access}");
    let origin = options.public_origin.as_deref().unwrap_or(&listening);
    let mut config = AccessConfig::local(&options.console_url, origin, &folder)?;
    config.main_aud.clone_from(&options.access_audience);
    config
        .step_up_aud
        .clone_from(&options.access_step_up_audience);
    let proxy = AccessProxy::open(config, Arc::clone(&people), clock.clone())
        .await
        .context("Access")?;

    let client = OidcClient {
        id: options.oidc_client_id.clone(),
        secret: options.oidc_client_secret.clone().map(SecretString::from),
        redirect_uris: options.oidc_redirect_uri.clone(),
        post_logout_redirect_uris: vec!["http://127.0.0.1/".into()],
    };
    let issuer = format!("http://{api}{OIDC}");
    let config = OidcConfig::local(&issuer, folder, client);
    let provider = OidcProvider::open(config, people, clock)
        .await
        .context("the OpenID provider")?;
    let provided = sandbox.observed(Router::new().nest(OIDC, provider.router()));
    let routers = (
        proxy.router_observed(sandbox),
        sandbox.router().merge(provided),
    );
    tokio::spawn(rotate_keys(proxy, provider));
    Ok(routers)
}

/// Looks every hour whether the keys have had their day, as long as the program runs.
async fn rotate_keys(proxy: AccessProxy, provider: OidcProvider) {
    let mut hours = tokio::time::interval(HOUR);
    loop {
        hours.tick().await;
        let rotated = [
            proxy.rotate_when_due().await,
            provider.rotate_when_due().await,
        ];
        for result in rotated {
            match result {
                Ok(false) => {}
                Ok(true) => tracing::info!("a new key signs"),
                Err(error) => tracing::error!(%error, "no new key; the old one signs on"),
            }
        }
    }
}
