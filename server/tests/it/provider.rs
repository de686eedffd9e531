//! The sandbox's OpenID provider beside a console.

use std::sync::Arc;

use nexus_sandbox::access::{People, demo_people, secret, totp};
use nexus_sandbox::oidc::{OidcClient, OidcConfig, OidcProvider};
use nexus_sandbox::{Clock as _, ManualClock, SystemClock};
use secrecy::SecretString;
use tokio::net::TcpListener;

use crate::browser::{Browser, Page};
use crate::program::{Installation, Server};

pub(crate) const OWNER: &str = "owner@demo.nexus";
const SECRET: &str = "client+secret";

pub(crate) struct Provider {
    issuer: String,
    /// The authenticators' clock. It runs ahead of the provider's, so that there is
    /// always a code that was not used yet.
    codes: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let issuer = format!("{origin}/oidc");
        let client = OidcClient {
            id: "nexus-admin".into(),
            secret: Some(SecretString::from(SECRET.to_owned())),
            redirect_uris: vec!["http://127.0.0.1/auth/callback".into()],
            post_logout_redirect_uris: Vec::new(),
        };
        let codes = Arc::new(ManualClock::at(SystemClock.now_ms()));
        let people = People::open(folder.path(), demo_people(), "JP", codes.clone()).unwrap();
        let config = OidcConfig::local(&issuer, folder.path(), client);
        let provider = OidcProvider::open(config, Arc::new(people), Arc::new(SystemClock))
            .await
            .unwrap();
        let router = axum::Router::new().nest("/oidc", provider.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            issuer,
            codes,
            _folder: folder,
        }
    }

    /// A console whose people sign in here.
    pub(crate) async fn console(&self, installation: &Installation) -> Server {
        let settings = [
            ("NEXUS_OIDC_ISSUER", self.issuer.as_str()),
            ("NEXUS_OIDC_CLIENT_SECRET", SECRET),
            ("NEXUS_OWNER_EMAIL", OWNER),
        ];
        installation.serve(&settings).await
    }

    /// Goes from the console's sign-in to the page that sends the browser back.
    pub(crate) async fn prove(&self, browser: &mut Browser, authorize: &str, email: &str) -> Page {
        let choice = browser.go(authorize).await;
        let request = choice.query("request").unwrap();
        let first = [("request", request.as_str()), ("email", email)];
        let page = browser.submit(&self.page("login"), &first).await;
        let Some(state) = page
            .query("state")
            .filter(|_| page.to().contains("/oidc/mfa"))
        else {
            return page;
        };
        let code = self.next_code(email);
        let second = [("state", state.as_str()), ("code", code.as_str())];
        browser.submit(&self.page("mfa"), &second).await
    }

    fn page(&self, name: &str) -> String {
        format!("{}/{name}", self.issuer)
    }

    fn next_code(&self, email: &str) -> String {
        self.codes.advance_ms(totp::STEP_S * 1000);
        let mut people = demo_people().into_iter();
        let person = people.find(|person| person.email == email).unwrap();
        let step = totp::step_at(self.codes.now_ms() / 1000);
        totp::code(&secret(&person), step)
    }
}
