//! `nexus-admin serve`: every layer and route, the controllers' heartbeat, and
//! an end that lets requests finish.

use std::future::IntoFuture as _;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::middleware::from_fn_with_state;
use nexus_app::{App, AppOptions, AssetManifest};
use nexus_identity::access::{AccessConfig, AccessVerifier};
use nexus_identity::mfa::MfaSource;
use nexus_identity::oidc::OidcConfig;
use nexus_identity::ticket::TicketKey;
use nexus_web::sdk::Sdk;
use nexus_web::{Assertions, Web};

use crate::config::{Access, Data, Mfa, Oidc, Sdks, Serve};
use crate::fetch::Fetcher;
use crate::machine::Machine;
use crate::patience::Patient;
use crate::wiring::{self, Wired};
use crate::{assets, keys, layers, oidc};

/// Between two rounds of the controllers.
const TICK: Duration = Duration::from_secs(1);
/// Silence on an event stream; Cloudflare cuts a connection that is silent for 100 s.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// How long running requests may take to finish after a stop signal.
const DRAIN: Duration = Duration::from_secs(5);

pub(crate) async fn run(data: &Data, serve: &Serve) -> anyhow::Result<()> {
    if data.cloudflare.cloudflare_api_token.is_none() {
        tracing::warn!("CLOUDFLARE_API_TOKEN is not set: snapshots can't be published");
    }
    let wired = wiring::console(data).await?;
    let (router, sdk) = router(data, serve, &wired)?;
    let listener = tokio::net::TcpListener::bind(serve.listen)
        .await
        .with_context(|| format!("can't listen on {}", serve.listen))?;
    tracing::info!(listen = %serve.listen, public_url = data.public_url, "console is up");
    let holder = format!("console-{}", wired.console.request_id());
    let rounds = [Round::Controllers, Round::Effects]
        .map(|round| tokio::spawn(tick(round, wired.console.clone(), holder.clone())));
    let sdks = tokio::spawn({
        let sdk = sdk.clone();
        async move { sdk.run(sleep).await }
    });
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let served = axum::serve(Patient(listener), router).with_graceful_shutdown(async move {
        signal().await;
        tracing::info!("stopping");
        let _ = stop.send(true);
    });
    tokio::select! {
        result = served.into_future() => result?,
        // Live streams never end by themselves.
        () = deadline(stopped) => {}
    }
    for round in rounds {
        round.abort();
    }
    sdks.abort();
    sdk.flush().await;
    // Another console need not wait for the lease to expire.
    if let Err(error) = wired.console.resign(&holder).await {
        tracing::warn!(%error, "the lease stays until it expires");
    }
    Ok(())
}

fn router(data: &Data, serve: &Serve, wired: &Wired) -> anyhow::Result<(Router, Sdk)> {
    let fetcher = Fetcher::new()?;
    let access = access(&serve.access, fetcher.clone())?;
    if access.is_none() && serve.oidc.oidc_issuer.is_none() {
        anyhow::bail!(
            "nobody could sign in: set NEXUS_ACCESS_ISSUER (Cloudflare Access) or NEXUS_OIDC_ISSUER"
        );
    }
    let ticket_key = TicketKey::new(Box::new(*keys::load_or_create(&data.data_dir, "ticket")?));
    let web = Web::new(
        wired.console.clone(),
        access,
        ticket_key,
        Arc::new(Machine),
        &data.public_url,
    );

    let assets = AssetManifest::read(&serve.assets_dir)
        .with_context(|| format!("no built site in {}", serve.assets_dir.display()))?;
    let options = AppOptions {
        assets,
        heartbeat: Some(|| Box::pin(tokio::time::sleep(HEARTBEAT))),
        ..AppOptions::default()
    };
    let app = App::new(wired.console.clone(), options);
    let pages = nexus_app::router(app.clone())
        .merge(nexus_web::api::router(web.clone()))
        .layer(from_fn_with_state(web.clone(), nexus_web::identify));
    let pages = with_oidc(pages, data, &serve.oidc, wired, fetcher, web.is_https());

    let guarded = pages.layer(from_fn_with_state(web.clone(), nexus_web::same_origin));
    let sdk = sdk(&web, &serve.sdks);
    let routes = guarded
        .merge(nexus_web::sdk::router(sdk.clone()))
        .merge(nexus_web::ops::router(web.clone()))
        .merge(assets::router(&serve.assets_dir));
    // Read from the bottom: the last layer is the outermost.
    let router = layers::around(routes)
        .layer(from_fn_with_state(app, nexus_app::refusals))
        .layer(from_fn_with_state(web, nexus_web::secure));
    Ok((router, sdk))
}

fn sdk(web: &Web, settings: &Sdks) -> Sdk {
    let options = nexus_web::sdk::Options {
        rate: settings.sdk_rate,
        max_streams: settings.max_streams,
        sleep: Some(sleep),
        behind_cloudflare: false,
    };
    Sdk::new(web, options)
}

fn sleep(time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(tokio::time::sleep(time))
}

fn with_oidc(
    pages: Router,
    data: &Data,
    settings: &Oidc,
    wired: &Wired,
    fetcher: Fetcher,
    https: bool,
) -> Router {
    let Some(issuer) = settings.oidc_issuer.clone() else {
        // Signing in happens in front of the console: at its public address.
        let public_url = data.public_url.clone();
        let begin = || async move { axum::response::Redirect::to(&public_url) };
        return pages.route(nexus_app::SIGN_IN, axum::routing::get(begin));
    };
    let client_id = settings.oidc_client_id.clone();
    let client_secret = settings.oidc_client_secret.clone();
    let redirect_url = format!("{}/auth/callback", data.public_url.trim_end_matches('/'));
    oidc::wrap(pages, wired.sqlite.clone(), fetcher, https, move || {
        OidcConfig {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            redirect_url: redirect_url.clone(),
            require_verified_email: true,
            leeway_s: 30,
        }
    })
}

fn access(settings: &Access, fetcher: Fetcher) -> anyhow::Result<Option<Arc<dyn Assertions>>> {
    let Some(issuer) = &settings.access_issuer else {
        return Ok(None);
    };
    let step_up = settings.access_step_up_audience.as_deref();
    let mut config = AccessConfig::for_issuer(issuer, &settings.access_audience, step_up);
    if let Some(url) = &settings.access_certs_url {
        config.certs_url.clone_from(url);
    }
    config.mfa = match settings.access_mfa {
        Mfa::Amr => MfaSource::Amr,
        Mfa::Policy => MfaSource::AccessPolicy,
    };
    if !settings.access_countries.is_empty() {
        let countries = settings.access_countries.iter();
        let countries = countries.map(|c| nexus_identity::Country::parse(c));
        config.allowed_countries = Some(countries.collect::<Result<_, _>>()?);
    }
    let verifier = AccessVerifier::with_identity(config, fetcher.clone(), fetcher)
        .context("Cloudflare Access settings")?;
    Ok(Some(Arc::new(verifier)))
}

/// What one background task does again and again. Two tasks, because a Cloudflare that
/// hangs must not delay a guardrail.
#[derive(Clone, Copy, Debug)]
enum Round {
    Controllers,
    Effects,
}

async fn tick(round: Round, console: nexus_control::Console, holder: String) {
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let commands = console.commands_done();
    let mut done = commands.current();
    loop {
        match round {
            Round::Controllers => {
                interval.tick().await;
            }
            // What a command planned need not wait for the second to end.
            Round::Effects => tokio::select! {
                _ = interval.tick() => {}
                _ = commands.changed_since(done) => {}
            },
        }
        done = commands.current();
        let ticked = match round {
            Round::Controllers => console.tick_controllers(&holder).await,
            Round::Effects => console.tick_effects(&holder).await,
        };
        if let Err(error) = ticked {
            tracing::error!(%error, ?round, "background round");
        }
    }
}

async fn deadline(mut stopped: tokio::sync::watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
    tokio::time::sleep(DRAIN).await;
}

/// Ctrl-C or SIGTERM.
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).ok();
    let terminated = async {
        match terminate.as_mut() {
            Some(signal) => signal.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}
