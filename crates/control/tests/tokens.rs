//! API tokens: what they may do, and how they end.

mod common;

use common::people::{OWNER, actor, add, change, do_it, grant, token};
use common::{run, world};
use nexus_control::{Confirmed, Error};
use nexus_domain::Environment;
use nexus_domain::access::{Action, Grant, Role, Scope};
use nexus_domain::actor::{Actor, Principal};
use nexus_domain::experiment::Command;
use secrecy::SecretString;

#[test]
fn tokens_are_shown_once_expire_and_die_with_their_creator() {
    run(async {
        let w = world(6).await;
        let owner = actor(&w, OWNER).await;
        let op = add(&w, &owner, "op@example.com", Role::Operator)
            .await
            .unwrap();
        let operator = actor(&w, "op@example.com").await;
        let beyond = token(&w, &operator, &[Scope::ExperimentsWrite], 30).await;
        assert!(matches!(
            beyond,
            Err(Error::Forbidden {
                action: Action::CreateExperiment
            })
        ));
        assert!(matches!(
            token(&w, &operator, &[Scope::Ingest], 366).await,
            Err(Error::Invalid(_))
        ));
        let once = token(&w, &operator, &[Scope::Ingest, Scope::ExperimentsRead], 30)
            .await
            .unwrap();
        let secret = SecretString::from(once.secret.clone());
        let found =
            w.t.console
                .actor_for_token(&secret, "r".into())
                .await
                .unwrap()
                .unwrap();
        assert!(matches!(&found.principal, Principal::Token { scopes, .. } if scopes.len() == 2));
        let listed = w.t.console.tokens(&owner).await.unwrap();
        assert!(listed[0].last_used_ms.is_some());
        assert!(!format!("{listed:?}").contains(&once.secret));
        // Another valid-looking token is nobody.
        let foreign = token(
            &world(7).await,
            &Actor::cli("root", "r".into()),
            &[Scope::Ingest],
            1,
        )
        .await
        .unwrap();
        let foreign =
            w.t.console
                .actor_for_token(&foreign.secret.into(), "r".into())
                .await
                .unwrap();
        assert!(foreign.is_none());

        do_it(&w, &owner, change(&op, op.grants.clone(), true))
            .await
            .unwrap();
        assert!(
            w.t.console
                .actor_for_token(&secret, "r".into())
                .await
                .unwrap()
                .is_none()
        );

        let cli = Actor::cli("root", "r".into());
        let once = token(&w, &cli, &[Scope::AuditRead], 1).await.unwrap();
        let secret = SecretString::from(once.secret);
        w.t.clock.advance(86_400_000 - 1);
        assert!(
            w.t.console
                .actor_for_token(&secret, "r".into())
                .await
                .unwrap()
                .is_some()
        );
        w.t.clock.advance(1);
        assert!(
            w.t.console
                .actor_for_token(&secret, "r".into())
                .await
                .unwrap()
                .is_none()
        );
    });
}

#[test]
fn a_token_loses_with_its_maker_what_its_maker_loses() {
    run(async {
        let w = world(11).await;
        let owner = actor(&w, OWNER).await;
        let second = add(&w, &owner, "second@example.com", Role::Owner)
            .await
            .unwrap();
        let maker = actor(&w, "second@example.com").await;
        let scopes = [Scope::ExperimentsWrite, Scope::AuditRead, Scope::Ingest];
        let once = token(&w, &maker, &scopes, 30).await.unwrap();
        let secret = SecretString::from(once.secret);
        for draft in ["a", "b", "c"].map(nexus_control::testing::draft) {
            w.t.console.create_experiment(&owner, draft).await.unwrap();
        }
        let start = async |id: &str| {
            let found = w.t.console.actor_for_token(&secret, "r".into()).await;
            let ci = found.unwrap().unwrap();
            let started =
                w.t.console
                    .command_experiment(&ci, id, None, Command::Start);
            (ci.clone(), started.await)
        };
        assert!(start("a").await.1.is_ok());

        let in_staging = Grant {
            role: Role::Experimenter,
            environment: Some(Environment::Staging),
        };
        let demoted = do_it(&w, &owner, change(&second, vec![in_staging], false)).await;
        let Confirmed::Member(second) = demoted.unwrap() else {
            panic!()
        };
        let (ci, started) = start("b").await;
        assert!(
            matches!(started, Err(Error::Forbidden { .. })),
            "production"
        );
        assert!(w.t.console.experiment(&ci, "b").await.is_ok());
        assert!(w.t.console.audit(&ci, &Default::default()).await.is_err());
        let mut in_staging = nexus_control::testing::draft("d");
        in_staging.environment = Environment::Staging;
        let made = w.t.console.create_experiment(&ci, in_staging).await;
        assert!(made.is_ok(), "{made:?}");

        do_it(
            &w,
            &owner,
            change(&second, vec![grant(Role::Viewer)], false),
        )
        .await
        .unwrap();
        let (ci, started) = start("c").await;
        assert!(matches!(started, Err(Error::Forbidden { .. })));
        let report = nexus_control::testing::batch(Vec::new());
        assert!(matches!(
            w.t.console.ingest(&ci, report).await,
            Err(Error::Forbidden { .. })
        ));
    });
}

#[test]
fn a_revoked_token_is_dead_at_once() {
    run(async {
        let w = world(8).await;
        let cli = Actor::cli("root", "r".into());
        let once = token(&w, &cli, &[Scope::Ingest], 30).await.unwrap();
        let secret = SecretString::from(once.secret);
        w.t.console.revoke_token(&cli, &once.row.id).await.unwrap();
        w.t.console.revoke_token(&cli, &once.row.id).await.unwrap();
        assert!(
            w.t.console
                .actor_for_token(&secret, "r".into())
                .await
                .unwrap()
                .is_none()
        );
        let log = w.t.console.audit(&cli, &Default::default()).await.unwrap();
        let actions: Vec<_> = log.items.iter().map(|r| r.entry.action.as_str()).collect();
        assert_eq!(actions, ["token.revoke", "token.create"]);
        let [revoked, created] = [0, 1].map(|i| &log.items[i].entry);
        assert_eq!(created.before_digest, None);
        assert!(created.after_digest.is_some());
        assert_eq!(revoked.before_digest, created.after_digest);
        assert_ne!(revoked.after_digest, revoked.before_digest);
        let none = w.t.console.revoke_token(&cli, "tok_nothing").await;
        assert!(matches!(none, Err(Error::NotFound { .. })));
    });
}
