//! Language, theme and time zone.

use super::world::{World, form};

#[tokio::test]
async fn preferences_are_cookies_and_lead_back_safely() {
    let w = World::new().await;
    let body = form(&[
        ("lang", "ja"),
        ("theme", "dark"),
        ("tz", "Asia/Tokyo"),
        ("back", "/experiments?q=a&lang=en"),
    ]);
    let saved = w.post(&w.owner(), "/preferences", &body).await;
    assert_eq!(saved.location, "/experiments?q=a");
    assert_eq!(saved.cookies.len(), 3);
    assert!(
        saved
            .cookies
            .iter()
            .all(|c| c.contains("HttpOnly; Secure") || c.ends_with("; Secure"))
    );
    let away = form(&[("back", "//evil.example")]);
    assert_eq!(
        w.post(&w.owner(), "/preferences", &away).await.location,
        "/"
    );
}

#[tokio::test]
async fn times_are_shown_in_the_chosen_zone_or_else_the_devices() {
    let w = World::new().await;
    for (cookies, zone) in [
        ("device-tz=Asia/Tokyo", "Asia/Tokyo"),
        ("device-tz=Asia/Tokyo; tz=Europe/Paris", "Europe/Paris"),
        ("device-tz=Mars/X", "UTC"),
        ("lang=en", "UTC"),
    ] {
        let page = w
            .get_with(&w.owner(), "/settings/appearance", cookies)
            .await;
        let field = format!("value=\"{zone}\"");
        assert!(page.text.contains(&field), "{cookies}: {}", page.text);
        // Then the client asks again once it has told the device's.
        let is_unknown = page.text.contains("data-zone=\"unknown\"");
        assert_eq!(is_unknown, zone == "UTC", "{cookies}");
    }
}
