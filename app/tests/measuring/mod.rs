//! Planning, methods, metrics and exports, by requests as a browser sends them.

use http::StatusCode;
use nexus_domain::access::Role;

use super::GOOD;
use super::world::{World, form};

#[tokio::test]
async fn the_calculator_answers_by_its_url_and_names_what_is_wrong() {
    let w = World::new().await;
    let viewer = w.t.person(Role::Viewer);
    let usual = w.get(&viewer, "/calculator").await;
    assert_eq!(usual.status, StatusCode::OK);
    // 10 %, +10 %, level 5 %, power 80 %: 14,749 each, by the textbook's formula.
    assert!(usual.text.contains("14,749") && usual.text.contains("Power curve"));
    let url = "/calculator?baseline=5&minimum_effect=20&users_per_day=1%2C000";
    let asked = w.get(&viewer, url).await;
    assert!(asked.text.contains("value=\"1,000\"") && asked.text.contains("8,155"));
    let wrong = w
        .get(&viewer, "/calculator?baseline=80&minimum_effect=40")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("id=\"minimum_effect-error\"") && wrong.text.contains("24.99"));
    assert!(!wrong.text.contains("Power curve"));
    // What does not fit is refused, not taken for the largest that does.
    let huge = w
        .get(&viewer, "/calculator?baseline=1&minimum_effect=5000")
        .await;
    assert_eq!(huge.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(huge.text.contains("Between 0.01 and 655."), "{}", huge.text);
    let few = "are too few for these formulas";
    assert!(!usual.text.contains(few));
    let clear = "/calculator?mean=20&standard_deviation=4&minimum_effect=500&kind=mean\
                 &significance=0.05&power=80&variants=2&looks=5&variance_reduction=0";
    assert!(w.get(&viewer, clear).await.text.contains(few));
    let url = "/calculator?minimum_effect=20&direction=decrease&weights=90%2F10&looks=4";
    let asked = w.get(&viewer, url).await;
    assert!(
        asked.text.contains("To find −20% with")
            && asked.text.contains("at most, at the last of 4 looks")
    );
    assert!(asked.text.contains("Each variant") && asked.text.contains("value=\"90/10\""));
    let wrong = w
        .get(&viewer, "/calculator?weights=80,10,10&looks=30")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("id=\"weights-error\"") && wrong.text.contains("id=\"looks-error\"")
    );
    assert!(wrong.text.contains("value=\"80,10,10\""));
    assert!(wrong.text.contains("As many as variants: 2."));
    assert!(wrong.text.contains("2 to correct") && wrong.text.contains("href=\"#looks\""));
    let form = w.get(&w.owner(), "/experiments/new").await;
    assert!(form.text.contains("href=\"/calculator?kind=proportion"));
    let empty = w.get(&viewer, "/experiments").await;
    assert!(empty.text.contains("href=\"/calculator\""));
}

#[tokio::test]
async fn a_method_is_chosen_with_its_numbers_and_told_on_the_page() {
    let w = World::new().await;
    let owner = w.owner();
    let mut pairs = GOOD.to_vec();
    pairs.extend([("method", "group_sequential"), ("looks", "4")]);
    let refused = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"planned_users-error\""));
    assert!(refused.text.contains("value=\"group_sequential\" checked"));
    pairs.push(("planned_users", "20,000"));
    let made = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let page = w.get(&owner, "/experiments/checkout").await;
    assert!(page.text.contains("4 looks up to 20,000 users in all"));
    w.post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    let page = w.get(&owner, "/experiments/checkout").await.text;
    assert!(page.contains("Waiting for its planned look"), "{page}");
    assert!(page.contains("The first look is due at 5,000 users."));
}

#[tokio::test]
async fn the_correction_is_chosen_kept_and_told_on_the_page() {
    let w = World::new().await;
    let owner = w.owner();
    let new = w.get(&owner, "/experiments/new").await.text;
    assert!(new.contains("value=\"holm\" checked"), "{new}");
    let mut pairs = GOOD.to_vec();
    pairs.extend([("metric_key", "revenue"), ("metric_kind", "mean")]);
    let wrong = [pairs.clone(), vec![("correction", "luck")]].concat();
    let refused = w.post(&owner, "/experiments/new", &form(&wrong)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"correction-error\""));
    pairs.push(("correction", "benjamini_hochberg"));
    let made = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let page = w.get(&owner, "/experiments/checkout").await.text;
    assert!(
        page.contains("Correction of secondary metrics")
            && page.contains("On average at most that share")
    );
    let edit = w.get(&owner, "/experiments/checkout/edit").await.text;
    assert!(edit.contains("value=\"benjamini_hochberg\" checked"));
}

#[tokio::test]
async fn metrics_are_added_row_by_row_without_a_script() {
    let w = World::new().await;
    let owner = w.owner();
    let mut pairs = GOOD.to_vec();
    pairs.extend([
        ("metric_key", "revenue"),
        ("metric_kind", "mean"),
        ("metric_better", "higher"),
        ("metric_role", "secondary"),
        ("metric_margin", ""),
        ("metric_cap", "500"),
        ("metric_key", "refund"),
        ("metric_kind", "proportion"),
        ("metric_better", "lower"),
        ("metric_role", "guardrail"),
        ("metric_margin", ""),
        ("metric_cap", ""),
        ("metric_key", ""),
    ]);
    let mut more = pairs.clone();
    more.push(("do", "add-metric"));
    let page = w.post(&owner, "/experiments/new", &form(&more)).await;
    assert_eq!(page.text.matches("name=\"metric_key\"").count(), 3);
    let refused = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("id=\"metric-1-margin-error\""),
        "a margin"
    );
    if let Some(margin) = pairs.iter_mut().rfind(|p| p.0 == "metric_margin") {
        margin.1 = "2";
    }
    let made = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    w.post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    let page = w.get(&owner, "/experiments/checkout").await.text;
    assert!(page.contains("guardrail, margin 2%") && page.contains("cut at 500.00"));
    // Nobody has come: nothing is known of the margin.
    assert!(page.contains("No data") && !page.contains("Not certain"));
}

#[tokio::test]
async fn a_quantile_and_days_before_are_typed_and_the_pages_say_so() {
    let w = World::new().await;
    let owner = w.owner();
    let mut pairs = GOOD.to_vec();
    pairs.extend([
        ("metric_key", "page-load"),
        ("metric_kind", "quantile"),
        ("metric_better", "lower"),
        ("metric_role", "secondary"),
        ("metric_level", "most"),
        ("goal_pre", "29"),
        ("metric_among", "events"),
    ]);
    let refused = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for error in ["metric-0-level-error", "goal_pre-error"] {
        assert!(refused.text.contains(&format!("id=\"{error}\"")), "{error}");
    }
    for typed in ["value=\"most\"", "value=\"29\""] {
        assert!(
            refused.text.contains(typed),
            "nothing typed is lost: {typed}"
        );
    }
    for (name, value) in [("metric_level", "p95"), ("goal_pre", "14")] {
        if let Some(pair) = pairs.iter_mut().find(|p| p.0 == name) {
            pair.1 = value;
        }
    }
    let made = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    w.post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    let page = w.get(&owner, "/experiments/checkout").await.text;
    assert!(page.contains("p95 of all events"));
    assert!(page.contains("adjusted by 14 days before"));
    let page = w
        .get(&owner, "/experiments/checkout/metrics/page-load")
        .await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["has been counted yet", "Users with events"] {
        assert!(page.text.contains(said), "{said}");
    }
    assert!(!page.text.contains("id=\"distribution\""), "of nothing");
}

#[tokio::test]
async fn a_ratio_with_a_window_is_typed_and_has_a_page_of_its_own() {
    let w = World::new().await;
    let owner = w.owner();
    let mut pairs = GOOD.to_vec();
    pairs.extend([
        ("metric_key", "order-value"),
        ("metric_event", "order"),
        ("metric_kind", "ratio"),
        ("metric_role", "secondary"),
        ("metric_window", "a week"),
        ("metric_top", "values"),
        ("metric_over", ""),
        ("metric_bottom", "events"),
        ("metric_pre", "14"),
    ]);
    let refused = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"metric-0-window-error\""));
    assert!(
        refused.text.contains("value=\"a week\""),
        "nothing typed is lost"
    );
    for (name, value) in [("metric_window", "7d"), ("metric_over", "order")] {
        if let Some(pair) = pairs.iter_mut().find(|p| p.0 == name) {
            pair.1 = value;
        }
    }
    let made = w.post(&owner, "/experiments/new", &form(&pairs)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    w.post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    let page = w.get(&owner, "/experiments/checkout").await.text;
    assert!(page.contains("href=\"/experiments/checkout/metrics/order-value\""));
    assert!(
        page.contains("href=\"/experiments/checkout/goal\"") && page.contains("id=\"quality\"")
    );
    let metric = "/experiments/checkout/metrics/order-value?by=browser";
    let page = w.get(&owner, metric).await;
    assert_eq!(page.status, StatusCode::OK);
    for said in [
        "value of order per number of order",
        "within 7 days of the exposure",
        "adjusted by 14 days before",
        "Users appear here once they are exposed.",
    ] {
        assert!(page.text.contains(said), "{said}");
    }
    let goal = w.get(&owner, "/experiments/checkout/goal?by=mood").await;
    assert!(goal.status == StatusCode::OK && goal.text.contains("conversion goal"));
    let none = w.get(&owner, "/experiments/checkout/metrics/nothing").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn results_are_exported_as_a_table_and_as_json() {
    let w = World::new().await;
    let owner = w.owner();
    w.post(&owner, "/experiments/new", &form(GOOD)).await;
    w.post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    let page = w.get(&owner, "/experiments/checkout").await.text;
    assert!(page.contains("href=\"/experiments/checkout/results.csv\""));
    let csv = w.get(&owner, "/experiments/checkout/results.csv").await;
    assert_eq!(csv.status, StatusCode::OK);
    let lines: Vec<&str> = csv.text.lines().collect();
    assert!(lines[0].starts_with("metric,role,variant,users,value,lift,"));
    assert_eq!(lines[1], "purchase,primary,control,0,,,,,,,,,,");
    assert_eq!(lines.len(), 3);
    let json = w.get(&owner, "/experiments/checkout/results.json").await;
    let rows: serde_json::Value = serde_json::from_str(&json.text).expect("JSON");
    assert_eq!(rows[1]["variant"], "short");
    assert!(rows[1]["lift"].is_null());
    let none = w.get(&owner, "/experiments/nothing/results.csv").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_table_of_a_metric_is_saved_by_a_link() {
    let w = World::new().await;
    let owner = w.owner();
    w.post(&owner, "/experiments/new", &form(GOOD)).await;
    w.post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    for (table, head) in [
        ("course.csv", "metric,at_ms,variant,users,new_users,"),
        ("slices.csv?by=device", "metric,by,slice,variant,users,"),
        ("quantiles.csv", "metric,level,variant,value"),
    ] {
        let path = format!("/experiments/checkout/{table}");
        let csv = w.get(&owner, &path).await;
        assert_eq!(csv.status, StatusCode::OK, "{table}");
        assert!(csv.text.starts_with(head), "{}", csv.text);
        let json = w.get(&owner, &path.replace("csv", "json")).await;
        assert_eq!(json.text, "[]", "nobody has come yet");
    }
    let none = w.get(&owner, "/experiments/checkout/course.csv?metric=nothing");
    assert_eq!(none.await.status, StatusCode::NOT_FOUND);
}
