//! Every page in every state, rendered from hand-made views.

#![expect(clippy::expect_used, reason = "a test's helpers may fail the test")]

#[path = "../examples/samples/estimate_pages.rs"]
mod estimate_pages;
#[path = "../examples/samples/flag_pages.rs"]
mod flag_pages;
#[path = "../examples/samples/life_pages.rs"]
mod life_pages;
mod results;
#[path = "../examples/samples/pages.rs"]
mod sample_pages;
#[path = "../examples/samples/mod.rs"]
mod samples;
#[path = "../examples/samples/why_pages.rs"]
mod why_pages;

use nexus_app::pages::experiments::decide::{Typed, view_decide};
use nexus_app::pages::experiments::detail::view_detail;
use nexus_app::shell::Page;
use nexus_app::{AssetManifest, Cx, Lang, Theme, document, signed_out_document};
use nexus_control::views::{Lift, Verdict};
use nexus_domain::access::Role;
use nexus_domain::experiment::Status;
use nexus_web::SignedOut;
use sample_pages::pages;

fn page(name: &str, lang: Lang, role: Role) -> String {
    let (_, path, build) = pages().find(|(n, ..)| *n == name).expect("a known page");
    document(
        &samples::cx(lang, Theme::System, role, path, &AssetManifest::default()),
        build,
    )
}

/// What a reader sees: the text between tags, outside scripts, styles and props.
fn visible(html: &str) -> Vec<String> {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut texts = Vec::new();
    let mut rest = body;
    while let Some((text, after)) = rest.split_once('<') {
        texts.push(text.to_owned());
        let Some((tag, next)) = after.split_once('>') else {
            break;
        };
        rest = match tag.split_whitespace().next() {
            Some(
                name @ ("script" | "style" | "svg" | "code" | "pre" | "time" | "textarea"
                | "option"),
            ) => {
                let end = format!("</{name}>");
                next.split_once(end.as_str()).map_or(next, |(_, rest)| rest)
            }
            _ => next,
        };
    }
    texts
}

#[test]
fn every_page_renders_in_both_languages_with_one_heading() {
    for (name, ..) in pages() {
        for lang in Lang::ALL {
            let html = page(name, lang, Role::Owner);
            assert!(html.starts_with("<!DOCTYPE html><html lang="), "{name}");
            assert!(
                html.contains(&format!("<html lang=\"{}\"", lang.tag())),
                "{name}"
            );
            assert_eq!(html.matches("<h1").count(), 1, "{name}");
            assert_eq!(html.matches("<main").count(), 1, "{name}");
            assert!(
                !html.contains("NaN") && !html.contains("{0}") || html.contains("data-props"),
                "{name}"
            );
        }
    }
}

#[test]
fn no_style_attribute_and_no_inline_handler_slips_in() {
    for (name, ..) in pages() {
        let html = page(name, Lang::En, Role::Owner);
        for forbidden in [" style=\"", " onclick=", " onload=", "javascript:"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
        for script in html.match_indices("<script").map(|(at, _)| &html[at..]) {
            let tag = script.split_once('>').map_or(script, |(tag, _)| tag);
            assert!(
                tag.contains("nonce=") || tag.contains("src="),
                "{name}: {tag}"
            );
        }
    }
}

#[test]
fn every_id_is_unique_and_every_reference_finds_its_target() {
    for (name, ..) in pages() {
        let html = page(name, Lang::En, Role::Owner);
        let values = |attribute: &str| -> Vec<String> {
            let start = format!(" {attribute}=\"");
            html.match_indices(&start)
                .filter_map(|(at, _)| html[at + start.len()..].split('"').next())
                .map(str::to_owned)
                .collect()
        };
        let ids = values("id");
        let mut unique = ids.clone();
        unique.sort();
        unique.dedup();
        let mut sorted = ids.clone();
        sorted.sort();
        assert_eq!(sorted, unique, "{name}: ids repeat");
        for attribute in ["for", "aria-labelledby", "aria-describedby"] {
            for value in values(attribute) {
                for id in value.split_whitespace() {
                    assert!(
                        ids.iter().any(|i| i == id),
                        "{name}: {attribute}={id} finds nothing"
                    );
                }
            }
        }
    }
}

/// In Japanese, longer runs of Latin words are forgotten translations, apart
/// from data, names and the words of the trade.
#[test]
fn japanese_pages_have_no_english_sentences() {
    let mut found = Vec::new();
    for (name, ..) in pages() {
        for text in visible(&page(name, Lang::Ja, Role::Owner)) {
            let words = text.split_whitespace().filter(|w| {
                w.len() > 2 && *w != "JST" && w.chars().all(|c| c.is_ascii_alphabetic())
            });
            let sample = format!(
                "{:?}{:?}{:?}{:?}",
                samples::rows(),
                samples::flag_rows(),
                samples::flag_draft(),
                samples::comments()
            );
            let foreign: Vec<&str> = words.filter(|w| !sample.contains(*w)).collect();
            let data = [
                "Four steps",
                "Two steps",
                "One page",
                "If checkout",
                "Nexus Admin",
                "Enter",
                "Cloudflare Access",
                "Fewer steps",
                "English",
                "old dashboard",
                "deploy pipeline",
                "gateway nrt",
                "Samsung Internet",
                "Beta testers",
                "Search team",
                "Hero video",
                "Key accounts",
                "Kept by the support",
                "Please look at",
                "Coverage and guardrails",
                "refund guardrail",
                "the signature does not hold",
            ];
            if foreign.len() >= 2 && !data.iter().any(|d| text.contains(d)) {
                found.push(format!("{name}: {text}"));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

fn rendered(build: impl FnOnce(&Cx) -> Page) -> String {
    let cx = samples::cx(
        Lang::En,
        Theme::System,
        Role::Owner,
        "/experiments/checkout",
        &AssetManifest::default(),
    );
    document(&cx, build)
}

#[test]
fn headline_and_decision_speak_of_the_surer_of_two_better_variants() {
    let mut detail = samples::detail(Status::Running, Verdict::Better);
    let lift = detail.results.variants[1].lift.expect("of a treatment");
    detail.results.variants[2].lift = Some(Lift {
        relative: 0.06,
        low: 0.05,
        high: 0.07,
        ..lift
    });
    let page = rendered(|cx| view_detail(cx, &detail));
    assert!(page.contains("One page converts better: +6.0%"));
    assert!(page.contains("Better as well: Two steps (+12.7%)."));
    assert_eq!(
        Typed::of(&detail.experiment).outcome,
        "",
        "a person chooses"
    );
}

#[test]
fn a_page_whose_metric_decides_speaks_of_it_and_shows_the_goal_among_the_others() {
    let detail = samples::decided_by_metric();
    let page = rendered(|cx| view_detail(cx, &detail));
    assert!(page.contains("Two steps is better on order-seconds: −12.0%"));
    assert!(!page.contains("converts better"));
    assert!(page.contains("conversion goal, does not decide"));
    assert!(page.contains("/experiments/checkout-short/metrics/order-seconds"));
    assert!(page.contains("−10% of the mean, the standard deviation being 90% of it"));
    assert!(page.contains("course.csv?metric=order-seconds"));
    let typed = Typed::of(&detail.experiment);
    let page = rendered(|cx| view_decide(cx, &detail, &[], &typed));
    assert!(page.contains("order-seconds decides.") && page.contains("−12.0%"));
    assert!(
        !page.contains("+12.7%"),
        "the goal's is not what is decided by"
    );
}

#[test]
fn who_is_worse_is_named_while_another_may_be_better() {
    let mut detail = samples::detail(Status::Running, Verdict::Unclear);
    for (i, verdict) in [(1, Verdict::Worse), (2, Verdict::Unclear)] {
        let lift = detail.results.variants[i].lift.as_mut();
        lift.expect("of a treatment").verdict = verdict;
    }
    let page = rendered(|cx| view_detail(cx, &detail));
    assert!(page.contains("Two steps converts worse"));
    assert!(page.contains("No clear difference so far: One page"));
}

#[test]
fn at_the_planned_size_what_is_unclear_may_be_called_inconclusive() {
    let mut detail = samples::detail(Status::Running, Verdict::Unclear);
    let lift = detail.results.variants[1].lift.as_mut();
    lift.expect("of a treatment").verdict = Verdict::Unclear;
    let before = rendered(|cx| view_detail(cx, &detail));
    detail.results.plan_reached = true;
    let after = rendered(|cx| view_detail(cx, &detail));
    let note = "You may call it inconclusive.";
    assert!(!before.contains(note) && after.contains(note));
}

#[test]
fn what_ended_far_below_its_size_says_what_it_could_not_see() {
    let note = "it may well have missed a change of that size";
    for (status, users, said) in [
        (Status::Stopped, 469, true),
        (Status::Stopped, 24_000, false),
        (Status::Running, 469, false),
    ] {
        let mut detail = samples::detail(status, Verdict::Unclear);
        // By a person.
        detail.experiment.stop = None;
        for variant in &mut detail.results.variants {
            variant.exposures = users;
        }
        for lift in detail
            .results
            .variants
            .iter_mut()
            .filter_map(|v| v.lift.as_mut())
        {
            lift.verdict = Verdict::Unclear;
        }
        let page = rendered(|cx| view_detail(cx, &detail));
        assert_eq!(page.contains(note), said, "{status:?} {users}");
    }
}

#[test]
fn what_an_edit_takes_back_is_said_before_and_the_start_fixes_the_team() {
    let page = page("form-safeguards", Lang::En, Role::Owner);
    assert!(page.contains("Saving makes it a draft again") && page.contains("name=\"team\""));
    let page = self::page("form-locked", Lang::En, Role::Owner);
    assert!(!page.contains("Saving makes it a draft again") && !page.contains("name=\"team\""));
}

#[test]
fn a_split_of_few_users_is_neither_right_nor_wrong() {
    for (users, said) in [(0, "Too few users to tell"), (5_000, "split as configured")] {
        let mut detail = samples::detail(Status::Running, Verdict::NotEnoughData);
        for variant in &mut detail.results.variants {
            variant.exposures = users;
        }
        let page = rendered(|cx| view_detail(cx, &detail));
        assert!(page.contains(said), "{users}");
    }
}

#[test]
fn a_lopsided_plan_names_the_variant_that_is_behind() {
    let mut detail = samples::detail(Status::Running, Verdict::Unclear);
    detail.results.variants[2].planned_users = 40_000;
    let page = rendered(|cx| view_detail(cx, &detail));
    assert!(page.contains("17,874 of 40,000 users of One page"));
}

#[test]
fn a_chart_has_all_its_points_as_a_table_a_file_and_a_link() {
    let detail = samples::detail(Status::Running, Verdict::Better);
    let page = rendered(|cx| view_detail(cx, &detail));
    let (_, chart) = page.split_once("id=\"chart-lift\"").expect("the chart");
    let (chart, _) = chart.split_once("</section>").expect("its end");
    let points = detail.results.series.len();
    assert_eq!(chart.matches("<th scope=\"row\"").count(), points);
    assert!(chart.contains("href=\"#chart-lift\""));
    assert!(chart.contains("Link to “Lift over time”"));
    let id = &detail.experiment.id;
    assert!(chart.contains(&format!("href=\"/experiments/{id}/course.csv\"")));
}

#[test]
fn a_holdout_says_when_its_split_is_broken() {
    let page = page("holdout-split-broken", Lang::En, Role::Owner);
    assert!(page.contains("Users are not split as configured"));
    assert!(page.contains("Do not trust the results."));
}

#[test]
fn hostile_text_never_becomes_markup() {
    use nexus_app::pages::experiments::form::{FormState, FormView, view_form};
    let hostile = "</textarea></title><script>alert(1)</script>\"'><img src=x>";
    let mut state = FormState::of_draft(&samples::draft(), Lang::En);
    state.name = hostile.to_owned();
    state.hypothesis = hostile.to_owned();
    state.audience.countries = hostile.to_owned();
    state.variants[0].features = hostile.to_owned();
    state.variants[1].key = hostile.to_owned();
    let problems = state.draft().err().unwrap_or_default();
    let cx = samples::cx(
        Lang::En,
        Theme::System,
        Role::Owner,
        "/experiments/new",
        &AssetManifest::default(),
    );
    let editing = Some((hostile.to_owned(), 1));
    let html = document(&cx, |cx| {
        let form = FormView {
            state: &state,
            problems: &problems,
            editing,
            locked: false,
            takes_back: false,
            conflict: None,
            estimate: None,
        };
        view_form(cx, &form)
    });
    assert!(!html.contains("<script>alert"), "a script got in");
    assert!(!html.contains("<img"), "an image got in");
    let opened = html.matches("<textarea").count();
    assert_eq!(opened, html.matches("</textarea>").count());
    assert_eq!(html.matches("</title>").count(), 1);
    // Browsers show what stands in a title as it is, markers of the renderer too.
    let title = html
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"));
    assert!(
        title.is_some_and(|(title, _)| !title.contains('<')),
        "{title:?}"
    );
}

#[test]
fn a_viewer_sees_why_a_control_is_off() {
    let html = page("detail-running", Lang::En, Role::Viewer);
    assert!(html.contains("aria-disabled=\"true\""));
    assert!(
        html.contains("needs the role Experimenter, Operator or Owner"),
        "{html}"
    );
    assert!(!html.contains("href=\"/experiments/checkout-short/stop\""));
    let html = page("detail-running", Lang::En, Role::Owner);
    assert!(html.contains("href=\"/experiments/checkout-short/stop\""));
}

#[test]
fn the_navigation_shows_only_what_works_and_may_be_seen() {
    let viewer = page("overview", Lang::En, Role::Viewer);
    assert!(
        !viewer.contains("href=\"/audit\""),
        "viewers may not see the log"
    );
    assert!(!viewer.contains("Rollouts"));
    let owner = page("overview", Lang::En, Role::Owner);
    for path in [
        "/experiments",
        "/audit",
        "/settings/members",
        "/settings/sdk-keys",
        "/settings/tokens",
    ] {
        assert!(owner.contains(&format!("href=\"{path}\"")), "{path}");
    }
}

#[test]
fn the_state_of_an_automatic_stop_is_told_with_its_numbers() {
    let html = page("detail-harm", Lang::En, Role::Owner);
    assert!(html.contains("Stopped by itself: One page hurt users"));
    assert!(html.contains("412 of 3,120 users (13.2%) met an error; the limit is 5%"));
}

#[test]
fn signed_out_pages_name_the_address_and_the_way_on() {
    let mut cx = samples::cx(
        Lang::Ja,
        Theme::Dark,
        Role::Owner,
        "/",
        &AssetManifest::default(),
    );
    cx.actor = None;
    let email = "a<b@example.com".to_owned();
    for why in [
        SignedOut::NoToken,
        SignedOut::BadToken,
        SignedOut::Unverifiable,
        SignedOut::NoMfa {
            email: email.clone(),
        },
        SignedOut::NotMember {
            email: email.clone(),
        },
        SignedOut::Disabled { email },
    ] {
        let html = signed_out_document(&cx, &why);
        assert_eq!(html.matches("<h1").count(), 1, "{why:?}");
        assert!(!html.contains("a<b@"), "{why:?}");
        assert!(html.contains("data-theme=\"dark\""));
    }
}

/// The one component that may render a textarea escapes; nothing else does.
#[test]
fn only_one_file_renders_a_textarea() {
    fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if std::fs::read_to_string(&path).is_ok_and(|t| t.contains("<textarea\n")) {
                found.push(path.display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    walk(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("src/textarea.rs"));
}
