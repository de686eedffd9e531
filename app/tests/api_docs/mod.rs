//! `/api/docs`: the page to read, in the reader's language.

use std::collections::BTreeSet;

use http::StatusCode;

use super::world::World;

fn article<'a>(page: &'a str, id: &str) -> &'a str {
    let from = page.find(&format!("<article id=\"{id}\">"));
    let rest = &page[from.expect("an article")..];
    &rest[..rest.find("</article>").expect("its end")]
}

#[tokio::test]
async fn it_says_all_that_is_described_and_its_links_lead_somewhere() {
    let w = World::new().await;
    let page = w.get(&w.owner(), "/api/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    let description = nexus_web::api::description();
    for path in description["paths"].as_object().expect("paths").keys() {
        assert!(page.text.contains(path.as_str()), "{path}");
    }
    let list = article(&page.text, "get-members");
    let answer = |label: &str, rest: &str| format!("<th scope=\"row\">{label}</th><td>{rest}");
    let rows = answer("200", "array of <a href=\"#MemberRow\">");
    assert!(list.contains(&rows), "{list}");
    let error = answer("error", "<a href=\"#ProblemDetails\">");
    assert!(list.contains(&error), "{list}");
    let revoke = article(&page.text, "delete-tokens--id-");
    let none = answer("204", "</td><td class=\"quiet\">no body");
    assert!(revoke.contains(&none), "{revoke}");
    for link in page.text.split("href=\"#").skip(1) {
        let name = link.split('"').next().unwrap_or_default();
        assert!(page.text.contains(&format!("id=\"{name}\"")), "{name}");
    }
    assert!(page.text.contains("<style nonce=\"n0nce\">"));
}

#[tokio::test]
async fn its_frame_speaks_the_readers_language_and_english_is_marked() {
    let w = World::new().await;
    let page = w.get_with(&w.owner(), "/api/docs", "lang=ja").await;
    assert!(page.text.contains("<html lang=\"ja\">"), "{}", page.text);
    for words in [
        "目次",
        "データ型",
        "監査ログ",
        "パラメーター",
        "（必須）",
        "エラー",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    for words in [
        ">Contents",
        ">Shapes<",
        ">Parameters<",
        "required<",
        "no body",
    ] {
        assert!(!page.text.contains(words), "{words}");
    }
    let list = article(&page.text, "get-members");
    assert!(list.contains("<p lang=\"en\">"), "{list}");
    let asked = w.get(&w.owner(), "/api/docs?lang=ja").await;
    assert_eq!(asked.text, page.text);
}

#[test]
fn every_group_of_operations_has_a_name() {
    let description = nexus_web::api::description();
    let paths = description["paths"].as_object().expect("paths");
    let operations = paths.values().filter_map(|path| path.as_object());
    let tags: BTreeSet<_> = operations
        .flat_map(|methods| methods.values())
        .filter_map(|operation| operation["tags"][0].as_str())
        .collect();
    for tag in &tags {
        let word = nexus_app::text::api_docs::ApiGroupWord::of(tag);
        assert!(word.is_some(), "{tag}");
    }
    assert!(tags.len() > 10, "{tags:?}");
}
