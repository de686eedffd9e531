//! The page that explains an assignment.

use http::StatusCode;
use nexus_control::testing::draft;
use nexus_flags::CountryCode;

use super::world::World;

#[tokio::test]
async fn an_assignment_is_explained_condition_by_condition() {
    let w = World::new().await;
    let mut asked = draft("explained");
    asked.targeting.countries = vec![CountryCode::new("JP").expect("a code")];
    asked.targeting.condition = Some(serde_json::json!({ "Age": { "$gte": 18 } }));
    w.t.console
        .create_experiment(&w.owner(), asked)
        .await
        .expect("created");
    let why = |query: &str| {
        let path = format!("/experiments/explained/why?{query}");
        let (w, owner) = (&w, w.owner());
        async move { w.get(&owner, &path).await }
    };
    let inside = why("user=ann&country=jp&attributes=age%3D20").await;
    assert_eq!(inside.status, StatusCode::OK);
    assert!(inside.text.contains("This user gets"), "{}", inside.text);
    assert!(inside.text.contains("The experiment is not running now"));
    let outside = why("user=ann&country=us&attributes=age%3D9").await;
    assert!(outside.text.contains("This user takes no part"));
    assert_eq!(outside.text.matches("Fails").count(), 2, "{}", outside.text);
    let wrong = why("user=ann&country=Japan&attributes=age").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Write each attribute as name=value."));
    assert!(
        !wrong.text.contains("This user"),
        "nothing is said of a half-read user"
    );
}
