//! The audit log as a file, and that taking it away is recorded.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use base64::Engine as _;
use common::log::{export, filled, root};
use common::{World, run};
use nexus_control::views::AuditQuery;
use nexus_domain::access::Role;
use nexus_domain::audit::{Entry, leaf_hash};

#[test]
fn the_export_is_what_the_document_says_however_it_is_cut() {
    run(async {
        for entries in [0, 1, 7, 8] {
            let w = filled(30 + entries, entries).await;
            // Every export is itself recorded, and so is in the next one.
            for (exports, limit) in [(1, 10_000), (2, 3)] {
                check_export(&w, &export(&w, limit).await, entries + exports);
            }
        }
    });
}

fn check_export(w: &World, text: &str, entries: u64) {
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len() as u64, entries + 2);
    assert_eq!(lines[0]["format"], "nexus-audit-export");
    assert_eq!(lines[0]["public_key"], w.t.console.audit_public_key());
    let mut leaves = Vec::new();
    for (n, line) in lines[1..lines.len() - 1].iter().enumerate() {
        assert_eq!(line["seq"], n);
        let text = line["canonical"].as_str().unwrap();
        let leaf = leaf_hash(text.as_bytes());
        assert_eq!(line["leaf_hash"], hex::encode(leaf));
        let entry: Entry = serde_json::from_str(text).unwrap();
        assert_eq!(entry.canonical(), text);
        leaves.push(leaf);
    }
    let note = lines.last().unwrap()["checkpoint"].as_str().unwrap();
    let note: Vec<&str> = note.split('\n').collect();
    assert_eq!(note[0], "console.example.com/audit");
    assert_eq!(note[1], entries.to_string());
    let signed = base64::engine::general_purpose::STANDARD
        .decode(note[2])
        .unwrap();
    assert_eq!(signed, root(&leaves));
    assert!(note[4].starts_with("\u{2014} console.example.com/audit "));
}

#[test]
fn taking_the_log_away_is_recorded_once_however_it_is_fetched() {
    run(async {
        let w = filled(35, 9).await;
        let exports = async || {
            let query = AuditQuery {
                action: Some("audit.export".into()),
                ..AuditQuery::default()
            };
            let log = w.t.console.audit(&w.owner, &query).await.unwrap();
            log.items
                .into_iter()
                .map(|row| row.entry)
                .collect::<Vec<_>>()
        };
        export(&w, 2).await;
        let recorded = exports().await;
        assert_eq!(recorded.len(), 1);
        let entry = &recorded[0];
        assert_eq!(
            (entry.actor.as_str(), entry.request_id.as_str()),
            ("owner@example.com", w.owner.request_id.as_str())
        );
        assert_eq!(entry.reason.as_deref(), Some("from entry 0, of 9"));

        // Whoever leaves the beginning out, or was not the one who began, is
        // recorded too; and whoever is far too late.
        let part = async |actor| {
            w.t.console.audit_export(actor, 1, 5).await.unwrap();
            exports().await.len()
        };
        let other = w.t.person(Role::SecurityAdmin);
        assert_eq!(part(&w.owner).await, 1);
        assert_eq!(part(&other).await, 2);
        assert_eq!(part(&other).await, 2);
        w.t.clock.advance(3_600_000);
        assert_eq!(part(&w.owner).await, 3);
        assert!(w.verifies().await);
    });
}
