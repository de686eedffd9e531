//! The generated description is reviewed like code.

use http::{Method, StatusCode};

use crate::world::{World, ask};

fn article<'a>(page: &'a str, id: &str) -> &'a str {
    let from = page.find(&format!("<article id=\"{id}\">")).unwrap();
    let rest = &page[from..];
    &rest[..rest.find("</article>").unwrap()]
}

#[test]
fn errors_are_described_as_they_are_served() {
    let description = nexus_web::api::description();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let error = &operation["responses"]["default"]["content"];
            let kinds: Vec<_> = error.as_object().unwrap().keys().collect();
            assert_eq!(kinds, ["application/problem+json"], "{method} {path}");
        }
    }
}

#[test]
fn the_description_is_the_reviewed_one() {
    let description = nexus_web::api::description();
    assert!(
        description["openapi"]
            .as_str()
            .is_some_and(|v| v.starts_with("3.1"))
    );
    insta::assert_json_snapshot!("openapi", description);
}

#[tokio::test]
async fn it_is_served_with_a_page_to_read() {
    let world = World::new(None).await;
    let router = world.router();
    let json = ask(&router, Method::GET, "/api/v1/openapi.json", &[], None).await;
    assert_eq!(json.status, StatusCode::OK);
    let page = ask(&router, Method::GET, "/api/docs", &[], None).await;
    assert_eq!(page.status, StatusCode::OK);
    for path in json.json()["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(path.as_str()), "{path}");
    }
    let list = article(&page.text, "get-members");
    let answer = |label: &str, rest: &str| format!("<th scope=\"row\">{label}</th><td>{rest}");
    assert!(
        list.contains(&answer("200", "array of <a href=\"#MemberRow\">")),
        "{list}"
    );
    assert!(
        list.contains(&answer("error", "<a href=\"#ProblemDetails\">")),
        "{list}"
    );
    let revoke = article(&page.text, "delete-tokens--id-");
    assert!(
        revoke.contains(&answer("204", "</td><td class=\"quiet\">no body")),
        "{revoke}"
    );
    for link in page.text.split("href=\"#").skip(1) {
        let name = link.split('"').next().unwrap();
        assert!(page.text.contains(&format!("id=\"{name}\"")), "{name}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    assert!(page.text.contains(&format!("<style nonce=\"{nonce}\">")));
}
