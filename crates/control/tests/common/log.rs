//! Audit logs with something in them.

use nexus_control::testing::draft;
use nexus_control::views::AuditExportChunk;
use nexus_domain::audit::{Hash, node_hash};
use sha2::Digest as _;

use super::{World, world};

pub(crate) async fn filled(seed: u64, entries: u64) -> World {
    let w = world(seed).await;
    for n in 0..entries {
        w.t.console
            .create_experiment(&w.owner, draft(&format!("e{n}")))
            .await
            .unwrap();
        w.t.clock.advance(1_000);
    }
    w
}

pub(crate) async fn export(w: &World, limit: u32) -> String {
    let (mut text, mut next) = (String::new(), Some(0));
    while let Some(from) = next {
        let AuditExportChunk {
            text: part,
            next_seq,
            ..
        } =
            w.t.console
                .audit_export(&w.owner, from, limit)
                .await
                .unwrap();
        text.push_str(&part);
        next = next_seq;
    }
    text
}

/// The root as `docs/audit.md` says, from leaf hashes alone.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha2::Sha256::digest([]).into(),
        [one] => *one,
        _ => {
            let k = 1 << (leaves.len() - 1).ilog2();
            node_hash(&root(&leaves[..k]), &root(&leaves[k..]))
        }
    }
}
