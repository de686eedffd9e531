//! SDK keys by plain forms.

use http::StatusCode;
use nexus_domain::access::Role;

use super::world::{World, form};

const LIST: &str = "/settings/sdk-keys";

fn new<'a>(name: &'a str, kind: &'a str, origins: &'a str) -> String {
    form(&[
        ("name", name),
        ("environment", "production"),
        ("kind", kind),
        ("origins", origins),
    ])
}

#[tokio::test]
async fn a_client_key_is_made_used_changed_and_revoked() {
    let w = World::new().await;
    let owner = w.owner();
    let empty = w.get(&owner, LIST).await;
    assert!(empty.text.contains("No SDK keys yet"), "{}", empty.text);
    let body = new("<b>shop</b>", "client", "https://shop.example\r\n\r\n");
    let made = w.post(&owner, &format!("{LIST}/new"), &body).await;
    let (home, done) = made.location.split_once('?').expect("a key's page");
    assert_eq!(done, "done=sdk-key-created");
    let page = w.get(&owner, &made.location).await;
    assert!(page.text.contains("clientKey: \"sdk-"), "{}", page.text);
    assert!(page.text.contains("https://shop.example"));
    assert!(!page.text.contains("<b>shop"), "typed markup is text");

    let encryption = |to: &str| format!("{home}/encryption?to={to}&version=1");
    let asked = w.get(&owner, &encryption("on")).await;
    assert!(asked.text.contains("until they have the decryption key"));
    let refused = w.post(&owner, &encryption("on"), "typed=shop").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let named = form(&[("typed", "<b>shop</b>")]);
    let on = w.post(&owner, &encryption("on"), &named).await;
    assert_eq!(on.location, format!("{home}?done=saved"));
    let page = w.get(&owner, home).await;
    assert!(page.text.contains("decryptionKey: \""), "{}", page.text);
    let viewer = w.t.person(Role::Viewer);
    let hidden = w.get(&viewer, home).await;
    assert!(
        hidden
            .text
            .contains("shown to those who may manage SDK keys")
    );
    assert!(hidden.text.contains("decryptionKey: DECRYPTION_KEY"));
    let stale = w.post(&owner, &encryption("rotate"), &named).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let body = form(&[
        ("version", "2"),
        ("name", "shop"),
        (
            "origins",
            "https://shop.example\nhttp://shop.example\nshop.example",
        ),
    ]);
    let wrong = w.post(&owner, home, &body).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("“http://shop.example”: Only https"));
    assert!(wrong.text.contains("“shop.example”: Begin with"));
    let body = form(&[("version", "2"), ("name", "shop"), ("origins", "")]);
    let saved = w.post(&owner, home, &body).await;
    assert_eq!(saved.location, format!("{home}?done=saved"));

    let other = w.post(&owner, &format!("{home}/revoke"), "typed=web").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.text.contains("That is not shop."));
    let gone = w
        .post(&owner, &format!("{home}/revoke"), "typed=shop")
        .await;
    assert_eq!(gone.location, format!("{home}?done=sdk-key-revoked"));
    let page = w.get(&owner, home).await;
    assert!(page.text.contains("This key was revoked"));
    assert!(!page.text.contains("/encryption?"));
    let again = w.get(&owner, &format!("{home}/revoke")).await;
    assert_eq!(again.location, home);
}

#[tokio::test]
async fn a_server_key_is_shown_once() {
    let w = World::new().await;
    let owner = w.owner();
    let wrong = new("backend", "server", "https://shop.example");
    let wrong = w.post(&owner, &format!("{LIST}/new"), &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Only client keys have origins"));
    let body = new("backend", "server", "");
    let made = w.post(&owner, &format!("{LIST}/new"), &body).await;
    assert_eq!(made.status, StatusCode::OK);
    let (_, after) = made.text.split_once(">sdk-").expect("the key");
    let secret = format!("sdk-{}", after.split_once('<').expect("its end").0);
    assert_eq!(secret.len(), 36);
    let keys = w.t.console.sdk_keys(&owner, None).await.expect("keys");
    for path in [LIST.to_owned(), format!("{LIST}/{}", keys[0].id)] {
        let page = w.get(&owner, &path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains(&secret), "{path}");
        assert!(page.text.contains(&keys[0].hint), "{path}");
    }
    let viewer = w.t.person(Role::Viewer);
    let page = w.get(&viewer, &format!("{LIST}/{}", keys[0].id)).await;
    assert!(!page.text.contains("class=\"form\""));
    assert!(page.text.contains("needs the role Operator"));
    let filtered = w.get(&owner, &format!("{LIST}?environment=staging")).await;
    assert!(filtered.text.contains("No SDK keys in this environment"));
    let unknown = w.get(&owner, &format!("{LIST}/key_none")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
