//! People sign in by OpenID Connect: sessions begin anew, last as long as they
//! are used, and end when they should.

use nexus_control::ports::{Database as _, Statement, Value};
use nexus_sqlite::Sqlite;

use crate::browser::{Browser, Page};
use crate::program::{Installation, Server};
use crate::provider::{OWNER, Provider};

const SESSION: &str = "nexus_session";
const VIEWER: &str = "viewer@demo.nexus";
const MINUTE_MS: i64 = 60_000;

struct World {
    installation: Installation,
    provider: Provider,
    console: Server,
}

impl World {
    async fn start() -> Self {
        let installation = Installation::new();
        let provider = Provider::start().await;
        let console = provider.console(&installation).await;
        Self {
            installation,
            provider,
            console,
        }
    }

    fn url(&self, path: &str) -> String {
        self.console.url(path)
    }

    async fn status(&self, browser: &mut Browser) -> u16 {
        browser.go(&self.url("/audit")).await.status
    }

    /// Signs in as far as the provider's answer, which is not followed yet.
    async fn answer(&self, browser: &mut Browser, email: &str) -> Page {
        let begin = browser.go(&self.url("/auth/login?return_to=/audit")).await;
        self.provider.prove(browser, begin.to(), email).await
    }

    async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = Browser::new();
        let answer = self.answer(&mut browser, email).await;
        let back = browser.go(answer.to()).await;
        assert_eq!(back.to(), self.url("/audit"), "{}", back.text);
        browser
    }

    /// Signs in again because a page asks for it, and comes back to it.
    async fn prove_again(&self, browser: &mut Browser, page: &str) {
        let login = browser.go(page).await;
        let authorize = browser.go(login.to()).await;
        assert_eq!(authorize.query("prompt").as_deref(), Some("login"));
        assert_eq!(authorize.query("max_age").as_deref(), Some("0"));
        let answer = self.provider.prove(browser, authorize.to(), OWNER).await;
        let back = browser.go(answer.to()).await;
        assert_eq!(back.to(), page, "{}", back.text);
    }

    /// Lets time pass for every session.
    async fn pass(&self, minutes: i64) {
        let file = self.installation.data().join("console.db");
        let db = Sqlite::open_unsynced(&file).await.unwrap();
        let statement = Statement {
            sql: "UPDATE sessions SET expires_ms = expires_ms - ?1, data = json_set(data, \
                  '$.seen_ms', json_extract(data, '$.seen_ms') - ?1, \
                  '$.signed_in.at_ms', json_extract(data, '$.signed_in.at_ms') - ?1)",
            values: vec![Value::Integer(minutes * MINUTE_MS)],
        };
        let changed = db.batch(vec![statement]).await.unwrap();
        assert_ne!(changed, [0], "no session");
        db.close().await;
    }
}

#[tokio::test]
async fn signing_in_takes_pkce_and_a_second_factor_and_makes_another_session() {
    let world = World::start().await;
    let mut browser = Browser::new();
    assert_eq!(world.status(&mut browser).await, 401);
    let begin = browser.go(&world.url("/auth/login?return_to=/audit")).await;
    assert_eq!(
        begin.query("code_challenge_method").as_deref(),
        Some("S256")
    );
    for name in ["code_challenge", "state", "nonce"] {
        assert!(begin.query(name).is_some_and(|v| v.len() >= 43), "{name}");
    }
    let before = browser.cookies.clone();
    let id = browser.cookie(SESSION).unwrap().to_owned();

    let answer = world.provider.prove(&mut browser, begin.to(), OWNER).await;
    let back = browser.go(answer.to()).await;
    assert_eq!(back.to(), world.url("/audit"), "{}", back.text);
    let page = browser.go(back.to()).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(OWNER));

    assert_ne!(browser.cookie(SESSION), Some(id.as_str()));
    let mut fixated = Browser::new();
    fixated.cookies = before;
    assert_eq!(world.status(&mut fixated).await, 401, "the id from before");
    let again = browser.go(answer.to()).await;
    assert_eq!(again.status, 400, "an answer is taken once");
    assert_eq!(world.status(&mut browser).await, 200);
}

#[tokio::test]
async fn an_answer_with_a_wrong_state_or_in_another_browser_signs_nobody_in() {
    let world = World::start().await;
    let mut browser = Browser::new();
    let good = world.answer(&mut browser, OWNER).await.to().to_owned();
    let mut other = Browser::new();
    assert_eq!(other.go(&good).await.status, 400);
    assert_eq!(world.status(&mut other).await, 401);

    let state = url::Url::parse(&good).unwrap();
    let (_, state) = state
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap();
    let wrong = browser.go(&good.replace(&*state, &"A".repeat(43))).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.headers["content-type"], "application/problem+json");
    assert!(
        wrong.text.contains("state does not match"),
        "{}",
        wrong.text
    );
    assert_eq!(browser.go(&good).await.status, 400, "the try is used up");
    assert_eq!(world.status(&mut browser).await, 401);
}

#[tokio::test]
async fn a_person_who_is_refused_can_sign_in_as_somebody_else() {
    let world = World::start().await;
    let mut browser = world.signed_in("nomfa@demo.nexus").await;
    let refused = browser.go(&world.url("/audit")).await;
    assert_eq!(refused.status, 403, "no second factor");
    assert!(
        refused.text.contains(nexus_app::SIGN_OUT),
        "{}",
        refused.text
    );
    // From another site the link does nothing.
    browser.go(&world.url(nexus_app::SIGN_OUT)).await;
    assert_eq!(browser.go(&world.url("/audit")).await.status, 403);
    let out = browser.follow(&world.url(nexus_app::SIGN_OUT)).await;
    assert_eq!(browser.go(out.to()).await.status, 401);
    assert_eq!(browser.cookie(SESSION), None);
}

#[tokio::test]
async fn signing_out_ends_this_session_and_everywhere_the_others_of_the_person() {
    let world = World::start().await;
    let mut here = world.signed_in(OWNER).await;
    let mut there = world.signed_in(OWNER).await;
    let mut third = world.signed_in(OWNER).await;
    let mut viewer = world.signed_in(VIEWER).await;
    let menu = here.go(&world.url("/audit")).await.text;
    for action in ["/auth/logout", "/auth/logout-everywhere"] {
        assert!(
            menu.contains(&format!("formaction=\"{action}\"")),
            "{action}"
        );
    }

    let kept = here.cookies.clone();
    let out = here.submit(&world.url("/auth/logout"), &[]).await;
    assert_eq!(out.to(), world.url("/"));
    here.cookies = kept;
    assert_eq!(world.status(&mut here).await, 401, "even with its cookie");
    assert_eq!(world.status(&mut there).await, 200);

    there
        .submit(&world.url("/auth/logout-everywhere"), &[])
        .await;
    assert_eq!(world.status(&mut there).await, 401);
    assert_eq!(world.status(&mut third).await, 401);
    assert_eq!(world.status(&mut viewer).await, 403, "signed in, no member");
}

#[tokio::test]
async fn a_session_lasts_while_it_is_used_but_twelve_hours_at_most() {
    let world = World::start().await;
    let mut browser = world.signed_in(OWNER).await;
    // 28 times 25 minutes are 11 hours and 40 minutes.
    for _ in 0..28 {
        world.pass(25).await;
        assert_eq!(world.status(&mut browser).await, 200);
    }
    world.pass(19).await;
    assert_eq!(world.status(&mut browser).await, 200);
    world.pass(1).await;
    assert_eq!(world.status(&mut browser).await, 401, "12 hours are over");

    let mut idle = world.signed_in(OWNER).await;
    world.pass(29).await;
    assert_eq!(world.status(&mut idle).await, 200);
    world.pass(30).await;
    assert_eq!(world.status(&mut idle).await, 401, "unused for 30 minutes");
}

#[tokio::test]
async fn a_member_is_added_only_after_a_fresh_sign_in() {
    let world = World::start().await;
    let mut browser = world.signed_in(OWNER).await;
    let form = [
        ("email", VIEWER),
        ("kind", "person"),
        ("grant", "viewer:all"),
    ];
    let asked = browser
        .submit(&world.url("/settings/members/new"), &form)
        .await;
    let step_up = asked.to().to_owned();
    let confirm = step_up.replace("/step-up/", "/confirm/");
    let early = browser.submit(&confirm, &[]).await;
    assert_eq!(early.status, 403, "not proved yet");

    world.prove_again(&mut browser, &step_up).await;
    let shown = browser.go(&step_up).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains(VIEWER));
    let done = browser.submit(&confirm, &[]).await;
    assert_eq!(done.to(), world.url("/settings/members?done=member-added"));
    let mut viewer = world.signed_in(VIEWER).await;
    assert_eq!(viewer.go(&world.url("/")).await.status, 200);

    assert_eq!(browser.go(&step_up).await.status, 404, "done");
    world.pass(5).await;
    assert!(browser.go(&step_up).await.to().contains("step_up=true"));
}

#[tokio::test]
async fn every_action_takes_a_sign_in_of_its_own() {
    let world = World::start().await;
    let mut browser = world.signed_in(OWNER).await;
    let mut pages = Vec::new();
    for email in [VIEWER, "operator@demo.nexus"] {
        let form = [
            ("email", email),
            ("kind", "person"),
            ("grant", "viewer:all"),
        ];
        let new = world.url("/settings/members/new");
        pages.push(browser.submit(&new, &form).await.to().to_owned());
    }
    world.prove_again(&mut browser, &pages[0]).await;
    assert_eq!(browser.go(&pages[0]).await.status, 200);
    let other = browser.go(&pages[1]).await;
    assert!(other.to().contains("step_up=true"), "proved for another");
    let confirm = pages[1].replace("/step-up/", "/confirm/");
    assert_eq!(browser.submit(&confirm, &[]).await.status, 403);
    world.prove_again(&mut browser, &pages[1]).await;
    assert_eq!(browser.go(&pages[1]).await.status, 200);
    assert_eq!(browser.submit(&confirm, &[]).await.status, 303);
}
