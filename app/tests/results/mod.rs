//! What an experiment's, a metric's and a holdout's results say, and the overview of them.

use nexus_app::pages::experiments::detail::metric::view_metric;
use nexus_app::pages::experiments::detail::view_detail;
use nexus_app::pages::overview::view_overview;
use nexus_app::{Cx, Lang};
use nexus_control::views::{ExperimentDetail, MetricDetail, Overview, Verdict};
use nexus_domain::access::Role;
use nexus_domain::experiment::{Scale, Status};

use super::sample_pages::pages;
use super::{page, rendered, samples};

#[test]
fn where_the_control_has_nothing_the_difference_is_shown_and_said_to_be_one() {
    let both = [
        (Lang::En, "+3.1 points", "all intervals hold together"),
        (Lang::Ja, "+3.1ポイント", "すべての区間が同時に成り立ちます"),
    ];
    for (lang, lift, together) in both {
        let html = page("detail-absolute", lang, Role::Owner);
        assert!(html.contains(lift), "{html}");
        assert!(html.contains(together));
        let panel = html.split_once("id=\"results\"").expect("the results").1;
        let table = panel.split_once("</table>").expect("a table").0;
        assert!(
            !table.contains("forest-point"),
            "no place on an axis of shares"
        );
    }
}

#[test]
fn events_without_a_value_are_named_with_how_to_send_one() {
    let en = ["“order” comes without a value", "No value in “order”"];
    let ja = ["「order」に値が付いていません", "「order」に値がありません"];
    let past = [
        "“order” came without",
        "「order」に値が付いていませんでした",
    ];
    for (lang, said, past) in [(Lang::En, en, past[0]), (Lang::Ja, ja, past[1])] {
        let ended = page("metric-valueless-ended", lang, Role::Owner);
        assert!(ended.contains(past) && ended.contains(said[1]), "{ended}");
        assert!(!ended.contains("value: 12.5"), "none can come any more");
        let html = page("metric-valueless", lang, Role::Owner);
        assert!(said.iter().all(|text| html.contains(text)), "{html}");
        assert!(html.contains("value: 12.5"), "{html}");
    }
}

#[test]
fn the_ends_of_the_axis_stand_apart_from_what_the_interval_is() {
    let html = page("detail-running", Lang::En, Role::Owner).replace("<!>", "");
    let (_, head) = html
        .split_once("class=\"forest-caption\">")
        .expect("a caption");
    let (head, rows) = head.split_once("</th>").expect("its end");
    let (caption, ends) = head.split_once("</span>").expect("the ends");
    assert!(
        caption.starts_with("95% interval") && !caption.contains('+'),
        "{caption}"
    );
    assert!(ends.contains("forest-ends") && ends.contains("aria-hidden=\"true\""));
    // A narrow screen has the same over each picture.
    assert!(rows.contains(&format!("data-label=\"{caption}\"")));
    assert!(rows.contains("forest-ends"));
    let html = page("detail-absolute", Lang::En, Role::Owner);
    let (_, panel) = html.split_once("id=\"results\"").expect("the results");
    let (table, _) = panel.split_once("</table>").expect("a table");
    assert!(!table.contains("forest-ends"), "no place on an axis");
}

#[test]
fn every_axis_has_round_ends() {
    for (name, panel) in [
        ("detail-running", "results"),
        ("detail-metrics", "metrics"),
        ("metric-goal", "results"),
        ("metric-goal", "slices"),
    ] {
        let html = match name {
            "metric-goal" => rendered(|cx: &Cx| view_metric(cx, &samples::goal())),
            _ => page(name, Lang::En, Role::Owner),
        };
        let html = html.replace("<!>", "");
        let (_, panel) = html
            .split_once(&format!("id=\"{panel}\""))
            .expect("a panel");
        let (_, head) = panel.split_once("forest-caption").expect("a caption");
        let (head, _) = head.split_once("</th>").expect("its end");
        let (_, ends) = head.split_once("forest-ends").expect("the ends");
        assert!(
            ends.contains(">0</span>") && !ends.contains(".0%"),
            "{ends}"
        );
    }
}

#[test]
fn a_lift_of_looks_says_of_which_and_that_counts_go_on() {
    let said = [
        (
            Lang::En,
            "At look 2 of 5, with 40,037 users in all",
            "Lift at look 2 of 5, with 40,037 users in all",
            "also count what came after that look",
        ),
        (
            Lang::Ja,
            "5回中2回目の判定（合計40,037人の時点）",
            "リフトは5回中2回目の判定時点（合計40,037人）",
            "その後の分も含まれます",
        ),
    ];
    for (lang, headline, row, note) in said {
        let html = page("detail-looks", lang, Role::Owner);
        for text in [headline, row, note] {
            assert!(html.contains(text), "{text}");
        }
    }
    // What the first look decided stays, whatever later ones show.
    let mut detail = samples::grouped(2, Status::Running);
    let looks = &mut detail.results.horizon.as_mut().expect("looks").looks;
    let first = looks[0].lifts[0].as_mut().expect("a lift");
    first.verdict = Verdict::Better;
    detail.results.variants[1].lift = Some(*first);
    let html = rendered(|cx: &Cx| view_detail(cx, &detail));
    assert!(html.contains("At look 1 of 5, with 20,037 users in all"));
}

#[test]
fn an_event_that_nobody_sends_is_told_of_beside_the_results() {
    let mut detail = samples::measured();
    for value in &mut detail.results.metrics[0].variants {
        (value.value, value.lift) = (Some(0.0), None);
    }
    let html = rendered(|cx: &Cx| view_detail(cx, &detail));
    assert_eq!(html.matches("No “revenue” has been counted yet").count(), 1);
    let mut own = samples::order_value();
    for value in &mut own.values {
        (value.value, value.lift) = (Some(0.0), None);
    }
    let html = rendered(|cx: &Cx| view_metric(cx, &own));
    assert!(html.contains("has been counted yet"), "{html}");
    assert!(!html.contains("id=\"slices\""), "nothing to break down");
}

#[test]
fn where_every_variant_is_over_the_limit_none_is_blamed_alone() {
    let mut detail = samples::detail(Status::Stopped, Verdict::Harmful);
    let said = |detail: &ExperimentDetail| rendered(|cx: &Cx| view_detail(cx, detail));
    let one = said(&detail);
    assert!(one.contains("Stopped by itself: One page hurt users"));
    let badges = |html: &str| {
        let (_, panel) = html.split_once("id=\"results\"").expect("the results");
        let (table, _) = panel.split_once("</table>").expect("a table");
        table.matches("Hurt users").count()
    };
    assert_eq!(badges(&one), 1);
    assert!(one.contains("These numbers also count what arrived after the stop."));
    detail.results.variants[1].guardrail_e_value = 40.0;
    let two = said(&detail);
    assert!(two.contains("Beyond the same limit as well: Two steps."));
    assert!(
        two.contains("Better on this metric"),
        "the stop outranks it"
    );
    assert_eq!(badges(&two), 2);
    detail.results.variants[0].guardrail_e_value = 40.0;
    let all = said(&detail);
    assert!(all.contains("Stopped by itself: all variants are over the limit"));
    assert!(all.contains("All variants (Four steps, Two steps, One page) are over the limit"));
    assert!(all.contains("One page: Until the stop, 412 of 3,120 users"));
}

/// The first so many slices have lifts that are no shares.
fn with_differences(mut detail: MetricDetail, slices: usize) -> String {
    for slice in detail.slices.rows.iter_mut().take(slices) {
        let lifts = slice.variants.iter_mut().filter_map(|v| v.lift.as_mut());
        lifts.for_each(|lift| lift.scale = Scale::Absolute);
    }
    let page = rendered(|cx: &Cx| view_metric(cx, &detail));
    let (_, panel) = page.split_once("id=\"slices\"").expect("the slices");
    panel.split_once("</table>").expect("a table").0.to_owned()
}

#[test]
fn a_breakdown_says_what_its_lifts_are_in() {
    let none = with_differences(samples::goal(), 0);
    assert!(!none.contains("difference itself") && !none.contains(" points"));
    let some = with_differences(samples::goal(), 1);
    assert!(some.contains("A lift in % is a share") && some.contains("in percentage points"));
    let all = with_differences(samples::goal(), usize::MAX);
    assert!(all.contains("every lift here is the difference itself, in percentage points"));
    let amounts = with_differences(samples::order_value(), 1);
    assert!(amounts.contains("marked “absolute”"), "{amounts}");
    let lifts_and_intervals = 2 * 2;
    assert_eq!(amounts.matches(" (absolute)").count(), lifts_and_intervals);
}

/// Ended, and decided by a mean of values that nobody has sent.
fn without_values() -> ExperimentDetail {
    let mut detail = samples::decided_by_metric();
    detail.experiment.status = Status::Stopped;
    detail.experiment.stopped_ms = Some(samples::NOW_MS);
    detail.results.verdict = Verdict::NotEnoughData;
    for value in &mut detail.results.metrics[0].variants {
        (value.value, value.lift) = (Some(0.0), None);
    }
    detail
}

#[test]
fn an_end_without_values_is_not_put_down_to_too_few_users() {
    let says = |detail: &ExperimentDetail, said: &str| {
        let page = rendered(|cx: &Cx| view_detail(cx, detail));
        assert!(page.contains(said), "{said}");
        assert!(!page.contains("Too few users took part"), "{said}");
    };
    let mut detail = without_values();
    says(&detail, "No value of “order-seconds” was counted, so");
    detail.results.metrics[0].without_value = Some("order-seconds".to_owned());
    says(&detail, "Every “order-seconds” came without a value");
    detail.experiment.status = Status::Running;
    detail.experiment.stopped_ms = None;
    says(&detail, "Every one so far came without a value");
}

#[test]
fn the_goal_tells_whether_a_mean_of_its_event_had_any() {
    let mut detail = without_values();
    detail.experiment.goal = "order-seconds".to_owned();
    detail.experiment.goal_window_hours = None;
    let page = rendered(|cx: &Cx| view_detail(cx, &detail));
    for said in [
        "Every “order-seconds” came without a value",
        "No value in “order-seconds”",
    ] {
        assert!(page.contains(said), "{said}");
    }
    for variant in &mut detail.results.variants {
        variant.conversions = 0;
    }
    let page = rendered(|cx: &Cx| view_detail(cx, &detail));
    assert!(page.contains("No “order-seconds” was counted, so"));
    assert!(!page.contains("came without a value"));
}

#[test]
fn a_holdout_s_rows_have_words_and_no_keys() {
    for (lang, words) in [
        (Lang::En, ["Held out", "Others"]),
        (Lang::Ja, ["除外", "それ以外"]),
    ] {
        let html = page("holdout", lang, Role::Owner);
        let (_, panel) = html.split_once("id=\"results\"").expect("the results");
        let (table, _) = panel.split_once("</table>").expect("a table");
        for word in words {
            let name = format!("class=\"variant-name\">{word}<");
            assert!(table.contains(&name), "{table}");
        }
        assert!(!table.contains("row-id"), "{table}");
    }
    let html = page("detail-running", Lang::En, Role::Owner);
    assert!(html.contains("class=\"row-id\">two-steps<"));
}

#[test]
fn where_nobody_is_exposed_nothing_is_said_to_be_fine() {
    let mut data = samples::overview(true);
    let said = |data: &Overview| rendered(|cx: &Cx| view_overview(cx, data));
    assert!(said(&data).contains("Guardrails, splits and gateways are all fine."));
    data.running[0].exposures = 0;
    data.running[0].name = "The newest".to_owned();
    let page = said(&data);
    assert!(page.contains("are fine where users are exposed."));
    assert!(page.contains("not judged yet: The newest."));
    for row in &mut data.running {
        row.exposures = 0;
    }
    let page = said(&data);
    assert!(page.contains("Nothing judged yet") && page.contains("so nothing is judged yet."));
    assert!(!page.contains("Nothing hurts") && !page.contains("nothing hurts"));
    data.running.clear();
    assert!(said(&data).contains("No experiment is running; the gateways are fine."));
}

#[test]
fn how_users_fell_has_one_name_in_japanese() {
    for (name, ..) in pages() {
        let html = page(name, Lang::Ja, Role::Owner);
        assert!(!html.contains("割り付け"), "{name}");
    }
}
