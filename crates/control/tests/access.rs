//! Members, and actions that need a second factor.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::people::{OWNER, actor, add, change, do_it, grant, sign_in};
use common::{World, run, world};
use nexus_control::views::{MemberRow, PendingRequest};
use nexus_control::{Admission, Confirmed, Error};
use nexus_domain::Environment;
use nexus_domain::access::{Grant, Role};
use nexus_domain::actor::{Actor, Principal};

async fn find(w: &World, email: &str) -> MemberRow {
    let owner = actor(w, OWNER).await;
    let all = w.t.console.members(&owner).await.unwrap();
    all.into_iter().find(|m| m.email == email).unwrap()
}

#[test]
fn the_configured_owner_comes_in_once_and_strangers_do_not() {
    run(async {
        let w = world(1).await;
        assert!(matches!(
            sign_in(&w, "eve@example.com").await,
            Admission::NotMember { .. }
        ));
        let owner = actor(&w, "Owner@Example.com").await;
        assert!(owner.grants.contains(&grant(Role::Owner)));
        actor(&w, OWNER).await;
        let log =
            w.t.console
                .audit(&owner, &Default::default())
                .await
                .unwrap();
        assert_eq!(log.total, 1);
        assert_eq!(log.items[0].entry.action, "member.add");
        assert!(w.verifies().await);
    });
}

#[test]
fn members_are_added_and_changed_only_with_the_second_factor_for_it() {
    run(async {
        let w = world(2).await;
        let owner = actor(&w, OWNER).await;
        let request = PendingRequest::AddMember {
            email: "Ada@example.com".into(),
            machine: false,
            grants: vec![grant(Role::Experimenter), grant(Role::Experimenter)],
        };
        let pending = w.t.console.request(&owner, request.clone()).await.unwrap();
        let bare = w.t.console.confirm(&owner, &pending.id).await;
        assert!(
            matches!(bare, Err(Error::StepUpRequired { action_digest, .. }) if action_digest == pending.action_digest)
        );
        let twin = w.t.console.request(&owner, request).await.unwrap();
        assert_ne!(twin.action_digest, pending.action_digest);
        let wrong = w.t.stepped_up(&owner, &twin.action_digest);
        assert!(matches!(
            w.t.console.confirm(&wrong, &pending.id).await,
            Err(Error::StepUpRequired { .. })
        ));
        let right = w.t.stepped_up(&owner, &pending.action_digest);
        let Confirmed::Member(ada) = w.t.console.confirm(&right, &pending.id).await.unwrap() else {
            panic!()
        };
        assert_eq!(
            (ada.email.as_str(), ada.grants.len()),
            ("ada@example.com", 1)
        );
        // Once only, and the twin is too late: the address is taken.
        assert!(matches!(
            w.t.console.confirm(&right, &pending.id).await,
            Err(Error::NotFound { .. })
        ));
        let late = w.t.stepped_up(&owner, &twin.action_digest);
        assert!(matches!(
            w.t.console.confirm(&late, &twin.id).await,
            Err(Error::Invalid(_))
        ));
        assert!(matches!(
            sign_in(&w, "ada@example.com").await,
            Admission::Actor(_)
        ));

        do_it(&w, &owner, change(&ada, vec![grant(Role::Viewer)], true))
            .await
            .unwrap();
        assert!(matches!(
            sign_in(&w, "ada@example.com").await,
            Admission::Disabled { .. }
        ));
        let stale = do_it(&w, &owner, change(&ada, vec![grant(Role::Viewer)], false)).await;
        assert!(matches!(
            stale,
            Err(Error::Conflict {
                expected: 1,
                actual: 2
            })
        ));
    });
}

#[test]
fn a_pending_action_is_its_owners_and_expires() {
    run(async {
        let w = world(3).await;
        let owner = actor(&w, OWNER).await;
        add(&w, &owner, "sec@example.com", Role::SecurityAdmin)
            .await
            .unwrap();
        let sec = actor(&w, "sec@example.com").await;
        let request = PendingRequest::AddMember {
            email: "x@example.com".into(),
            machine: false,
            grants: vec![grant(Role::Viewer)],
        };
        let pending = w.t.console.request(&owner, request).await.unwrap();
        assert!(w.t.console.pending(&owner, &pending.id).await.is_ok());
        assert!(w.t.console.pending(&sec, &pending.id).await.is_err());
        let stolen = w.t.stepped_up(&sec, &pending.action_digest);
        assert!(matches!(
            w.t.console.confirm(&stolen, &pending.id).await,
            Err(Error::NotFound { .. })
        ));
        w.t.clock.advance(nexus_control::PENDING_MS);
        let late = w.t.stepped_up(&owner, &pending.action_digest);
        assert!(matches!(
            w.t.console.confirm(&late, &pending.id).await,
            Err(Error::NotFound { .. })
        ));
    });
}

#[test]
fn nobody_raises_themselves_and_an_owner_always_remains() {
    run(async {
        let w = world(4).await;
        let owner = actor(&w, OWNER).await;
        let sec = add(&w, &owner, "sec@example.com", Role::SecurityAdmin)
            .await
            .unwrap();
        let second = add(&w, &owner, "second@example.com", Role::Owner)
            .await
            .unwrap();
        let admin = actor(&w, "sec@example.com").await;
        let other = actor(&w, "second@example.com").await;
        let forbidden = |r: nexus_control::Result<Confirmed>| {
            assert!(matches!(r, Err(Error::Forbidden { .. })), "{r:?}")
        };
        forbidden(do_it(&w, &admin, change(&sec, vec![grant(Role::Owner)], false)).await);
        forbidden(
            do_it(
                &w,
                &admin,
                change(&second, vec![grant(Role::Viewer)], false),
            )
            .await,
        );
        let make_owner = PendingRequest::AddMember {
            email: "y@example.com".into(),
            machine: false,
            grants: vec![grant(Role::Owner)],
        };
        forbidden(do_it(&w, &admin, make_owner).await);
        let me = find(&w, OWNER).await;
        forbidden(do_it(&w, &owner, change(&me, vec![grant(Role::Viewer)], false)).await);
        do_it(&w, &owner, change(&second, vec![grant(Role::Owner)], true))
            .await
            .unwrap();
        // The command line may do everything but leave nobody in charge.
        let cli = Actor::cli("root", "r".into());
        forbidden(do_it(&w, &cli, change(&me, vec![grant(Role::Owner)], true)).await);
        drop(other);
        assert!(add(&w, &cli, "z@example.com", Role::Owner).await.is_ok());
    });
}

#[test]
fn two_owners_who_disable_each_other_at_once_leave_one() {
    run(async {
        let w = world(5).await;
        let cli = Actor::cli("root", "r".into());
        let mut members = Vec::new();
        for email in ["a@example.com", "b@example.com"] {
            members.push(add(&w, &cli, email, Role::Owner).await.unwrap());
        }
        let other = w.t.beside(w.db.clone(), 77);
        // Both are confirmed only when both are asked for: a disabled owner asks for nothing.
        let mut asked = Vec::new();
        for (console, by, target) in [
            (w.t.console.clone(), "a@example.com", members[1].clone()),
            (other.console.clone(), "b@example.com", members[0].clone()),
        ] {
            let by = actor(&w, by).await;
            let pending = console
                .request(&by, change(&target, target.grants.clone(), true))
                .await
                .unwrap();
            asked.push((
                console,
                w.t.stepped_up(&by, &pending.action_digest),
                pending,
            ));
        }
        let jobs: Vec<_> = asked
            .into_iter()
            .map(|(console, by, pending)| {
                tokio::spawn(async move { console.confirm(&by, &pending.id).await.is_ok() })
            })
            .collect();
        let mut done = 0;
        for job in jobs {
            done += u32::from(job.await.unwrap());
        }
        assert_eq!(done, 1);
    });
}

#[test]
fn machines_come_in_by_client_id_and_never_manage() {
    run(async {
        let w = world(9).await;
        let cli = Actor::cli("root", "r".into());
        let request = PendingRequest::AddMember {
            email: "abc.access".into(),
            machine: true,
            grants: vec![Grant {
                role: Role::Owner,
                environment: Some(Environment::Staging),
            }],
        };
        do_it(&w, &cli, request).await.unwrap();
        let Admission::Actor(machine) =
            w.t.console
                .actor_for_service("abc.access", "r".into())
                .await
                .unwrap()
        else {
            panic!()
        };
        assert!(matches!(machine.principal, Principal::Machine { .. }));
        let request = PendingRequest::AddMember {
            email: "m@example.com".into(),
            machine: false,
            grants: vec![grant(Role::Viewer)],
        };
        assert!(matches!(
            w.t.console.request(&machine, request).await,
            Err(Error::Forbidden { .. })
        ));
        // The same text as a person is a stranger.
        assert!(matches!(
            sign_in(&w, "abc.access").await,
            Admission::NotMember { .. }
        ));
    });
}

#[test]
fn sessions_live_until_they_expire_or_are_ended_everywhere() {
    run(async {
        use nexus_control::sessions;
        let w = world(10).await;
        let db = &*w.db;
        sessions::create(db, "id-1", "Ada@example.com", "{}", 100)
            .await
            .unwrap();
        assert!(
            sessions::create(db, "id-1", "eve@example.com", "{}", 100)
                .await
                .is_err()
        );
        sessions::create(db, "id-2", "", "{}", 100).await.unwrap();
        sessions::update(db, "id-2", "ada@example.com", "{\"a\":1}", 200)
            .await
            .unwrap();
        assert_eq!(
            sessions::get(db, "id-2", 150).await.unwrap(),
            Some(("{\"a\":1}".into(), 200))
        );
        assert_eq!(sessions::get(db, "id-1", 100).await.unwrap(), None);
        assert_eq!(
            sessions::delete_all_of(db, "ADA@example.com")
                .await
                .unwrap(),
            2
        );
        sessions::update(db, "id-2", "ada@example.com", "{}", 200)
            .await
            .unwrap();
        assert_eq!(
            sessions::get(db, "id-2", 150).await.unwrap(),
            None,
            "a request that was under way revives nothing"
        );
    });
}
