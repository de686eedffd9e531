//! Proofs of the audit log.

use nexus_control::views::*;

pub(crate) fn proof() -> AuditProof {
    AuditProof {
        seq: 1_283,
        size: 1_285,
        leaf_hash: "6e340b9cffb37a98".repeat(4),
        path: (0..4)
            .map(|i| format!("{i}e340b9cffb37a9").repeat(4))
            .collect(),
        root: "d41d8cd98f00b204".repeat(4),
        checkpoint: "127.0.0.1:7800/audit\n1285\n1B2M2Y8AsgTpgAmY7PhCfg==\n\n— nexus qx3…"
            .to_owned(),
    }
}

pub(crate) fn verification(ok: bool) -> AuditVerification {
    AuditVerification {
        size: 1_285,
        root: "d41d8cd98f00b204".repeat(4),
        ok,
        first_bad_seq: (!ok).then_some(77),
        checkpoint_ok: ok,
        checkpoint_size: 1_285,
        took_ms: 12,
    }
}
