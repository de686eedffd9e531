//! Links for testers: in the snapshot while they hold, of drafts too, in the log, revocable.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::testing::{draft, flag_draft};
use nexus_control::views::QaLinkRow;
use nexus_domain::access::Role;
use nexus_domain::experiment::{Command, Draft, Status};
use nexus_domain::qa::{MAX_HOURS, QaDraft};
use nexus_domain::{Environment, Field};
use nexus_flags::{Engine, QaRefusal, SignedSnapshot, Snapshot, TrustedKey, verify_qa};
use serde_json::json;

const PRODUCTION: Environment = Environment::Production;

fn qa() -> QaDraft {
    QaDraft {
        page: "https://shop.example/".to_owned(),
        hours: 24,
        only: Vec::new(),
    }
}

async fn snapshot(w: &World) -> Snapshot {
    w.t.ticks("edge", 2).await.unwrap();
    let bytes = w.t.store.value("snapshot:production").unwrap();
    let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
    serde_json::from_str(&signed.payload).unwrap()
}

/// What a gateway says of a link: the features it forces.
async fn opened(w: &World, row: &QaLinkRow) -> Result<serde_json::Value, QaRefusal> {
    let snapshot = snapshot(w).await;
    let engine = Engine::compile(&snapshot).unwrap();
    let key = w.t.console.snapshot_public_key().await;
    let (id, key) = key.split_once(':').unwrap();
    let keys = [TrustedKey::from_base64url(id, key).unwrap()];
    let (_, text) = row.url.split_once("nexus_qa=").unwrap();
    let now_ms = w.t.console.now_ms();
    let claim = verify_qa(text, &keys, "production", now_ms)?;
    let forced = engine.qa(&claim, now_ms)?;
    Ok(match (forced.decision(), forced.flag()) {
        (Some(variant), _) => json!(variant.features()),
        (None, flag) => flag.unwrap().value.clone(),
    })
}

#[test]
fn a_draft_can_be_seen_edited_and_is_over_with_its_end() {
    run(async {
        let w = world(1).await;
        let console = &w.t.console;
        let mut made = draft("cta");
        made.variants[1].features = json!({ "steps": 2 }).as_object().cloned().unwrap();
        console
            .create_experiment(&w.owner, made.clone())
            .await
            .unwrap();
        let rows = console
            .make_variant_links(&w.owner, "cta", &qa())
            .await
            .unwrap();
        assert_eq!(rows.len(), made.variants.len());
        assert!(rows[1].url.starts_with("https://shop.example/?nexus_qa="));
        assert_eq!(opened(&w, &rows[1]).await, Ok(json!({ "steps": 2 })));
        assert!(snapshot(&w).await.experiments.is_empty(), "still a draft");

        made.variants[1].features = json!({ "steps": 3 }).as_object().cloned().unwrap();
        let edited = console.edit_experiment(&w.owner, "cta", 1, made).await;
        let edit = Draft::of(&edited.unwrap());
        assert_eq!(opened(&w, &rows[1]).await, Ok(json!({ "steps": 3 })));

        for command in [Command::Start, Command::Pause] {
            let done = console.command_experiment(&w.owner, "cta", None, command);
            done.await.unwrap();
            assert_eq!(opened(&w, &rows[1]).await, Ok(json!({ "steps": 3 })));
        }
        let reason = String::new();
        let stop = console.command_experiment(&w.owner, "cta", None, Command::Stop { reason });
        stop.await.unwrap();
        assert_eq!(opened(&w, &rows[1]).await, Err(QaRefusal::Unknown));
        let again = console.make_variant_links(&w.owner, "cta", &qa()).await;
        assert!(matches!(again, Err(Error::Refused(Status::Stopped))));
        assert_eq!(edit.id, "cta");
        assert!(w.verifies().await);
    });
}

#[test]
fn a_link_ends_by_itself_or_is_revoked() {
    run(async {
        let w = world(2).await;
        let console = &w.t.console;
        console
            .create_flag(&w.owner, flag_draft("cta"))
            .await
            .unwrap();
        let only = QaDraft {
            only: vec![json!(true)],
            hours: 1,
            ..qa()
        };
        let made = console.make_value_links(&w.owner, PRODUCTION, "cta", &only);
        let first = made.await.unwrap().remove(0);
        let all = qa();
        let made = console.make_value_links(&w.owner, PRODUCTION, "cta", &all);
        let second = made.await.unwrap().remove(0);
        assert_eq!(opened(&w, &first).await, Ok(json!(true)));
        let id = second.link.id.as_str();
        let revoked = console.revoke_qa_link(&w.owner, id).await.unwrap();
        assert_eq!(console.revoke_qa_link(&w.owner, id).await.unwrap(), revoked);
        assert_eq!(opened(&w, &second).await, Err(QaRefusal::Unknown));
        let listed = console
            .value_links(&w.owner, PRODUCTION, "cta")
            .await
            .unwrap();
        assert_eq!(listed.page, "https://shop.example/");
        assert!(listed.links.iter().all(|row| row.link.id != second.link.id));
        w.t.clock.advance(3_600_000);
        assert_eq!(opened(&w, &first).await, Err(QaRefusal::Expired));

        let log = console.audit(&w.owner, &Default::default()).await.unwrap();
        let of = |action: &str| {
            let entries = log.items.iter().map(|row| &row.entry);
            entries.filter(|entry| entry.action == action).count()
        };
        assert_eq!((of("flag.make_qa_link"), of("flag.revoke_qa_link")), (3, 1));
    });
}

#[test]
fn who_may_not_gets_none_and_nothing_lasts_longer_than_30_days() {
    run(async {
        let w = world(3).await;
        let console = &w.t.console;
        console
            .create_experiment(&w.owner, draft("cta"))
            .await
            .unwrap();
        for role in [Role::Viewer, Role::SecurityAdmin] {
            let actor = w.t.person(role);
            let made = console.make_variant_links(&actor, "cta", &qa()).await;
            assert!(matches!(made, Err(Error::Forbidden { .. })), "{role:?}");
            let seen = console.variant_links(&actor, "cta").await;
            assert!(matches!(seen, Err(Error::Forbidden { .. })), "{role:?}");
        }
        let long = QaDraft {
            hours: MAX_HOURS + 1,
            ..qa()
        };
        let refused = console.make_variant_links(&w.owner, "cta", &long).await;
        assert!(matches!(refused, Err(Error::Invalid(found)) if found[0].field == Field::QaHours));
    });
}
