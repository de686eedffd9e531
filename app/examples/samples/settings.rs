//! Samples of settings: members, tokens, a waiting action.

use nexus_control::views::{MemberRow, PendingAction, PendingRequest, TokenRow};
use nexus_domain::Environment;
use nexus_domain::access::{Grant, Role, Scope};
use nexus_domain::ids::MemberId;

use super::{DAY, HOUR, MINUTE, NOW_MS};

pub(crate) fn members() -> Vec<MemberRow> {
    let member =
        |n: u128, email: &str, machine, disabled, grants: Vec<Grant>, ago: Option<i64>| MemberRow {
            id: MemberId::from_u128(n).to_string(),
            email: email.to_owned(),
            machine,
            disabled,
            grants,
            version: 2,
            created_ms: NOW_MS - 40 * DAY,
            last_seen_ms: ago.map(|a| NOW_MS - a),
        };
    let all = |role| Grant {
        role,
        environment: None,
    };
    vec![
        member(
            0x0193_5a4d,
            "mika@autoforge.example",
            false,
            false,
            vec![all(Role::Owner)],
            Some(2_000),
        ),
        member(
            2,
            "ren@autoforge.example",
            false,
            false,
            vec![
                all(Role::Viewer),
                Grant {
                    role: Role::Experimenter,
                    environment: Some(Environment::Staging),
                },
            ],
            Some(3 * HOUR),
        ),
        member(
            3,
            "pipeline.access",
            true,
            false,
            vec![all(Role::Operator)],
            Some(DAY),
        ),
        member(
            4,
            "jo@autoforge.example",
            false,
            true,
            vec![all(Role::Approver)],
            None,
        ),
    ]
}

pub(crate) fn tokens() -> Vec<TokenRow> {
    let token = |n: u8, name: &str, scopes: Vec<Scope>, expires: i64, revoked: bool| TokenRow {
        id: format!("tok_{n:032x}"),
        name: name.to_owned(),
        scopes,
        created_by: "mika@autoforge.example".to_owned(),
        created_ms: NOW_MS - 12 * DAY,
        expires_ms: NOW_MS + expires,
        last_used_ms: (n == 1).then_some(NOW_MS - 3_000),
        revoked_ms: revoked.then_some(NOW_MS - DAY),
    };
    vec![
        token(1, "gateway nrt", vec![Scope::Ingest], 78 * DAY, false),
        token(
            2,
            "deploy pipeline",
            vec![Scope::ExperimentsRead, Scope::ExperimentsWrite],
            3 * DAY,
            false,
        ),
        token(
            3,
            "old dashboard",
            vec![Scope::ExperimentsRead, Scope::AuditRead],
            40 * DAY,
            true,
        ),
    ]
}

pub(crate) fn pending() -> PendingAction {
    PendingAction {
        id: format!("pnd_{:032x}", 9),
        request: PendingRequest::AddMember {
            email: "sora@autoforge.example".to_owned(),
            machine: false,
            grants: vec![
                Grant {
                    role: Role::Operator,
                    environment: Some(Environment::Production),
                },
                Grant {
                    role: Role::Viewer,
                    environment: None,
                },
            ],
        },
        action_digest: "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
            .to_owned(),
        expires_ms: NOW_MS + 5 * MINUTE,
    }
}
