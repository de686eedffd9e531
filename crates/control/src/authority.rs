//! The one place that decides who may do what. Pages, API and command line only
//! ask it; whatever is not said here is not allowed.

use nexus_domain::Environment;
use nexus_domain::access::{Action, Grant, Scope};
use nexus_domain::actor::{Actor, Principal, SignIn};

use crate::{Console, Error, Result};

/// How long a fresh second factor lasts, in milliseconds.
pub const STEP_UP_MS: i64 = 5 * 60_000;
/// Clock skew forgiven into the future.
const LEEWAY_MS: i64 = 60_000;

/// Decides. `environment` is the one the action touches, if any; `digest` names
/// exactly what is to be done, where that needs a fresh second factor.
///
/// # Errors
/// [`Error::Forbidden`], or [`Error::StepUpRequired`] when only that is missing.
pub fn decide(
    actor: &Actor,
    action: Action,
    environment: Option<Environment>,
    digest: Option<&str>,
    now_ms: i64,
) -> Result<()> {
    if !may(actor, action, environment) {
        return Err(Error::Forbidden { action });
    }
    // Whoever runs commands on the server owns the database and the keys: a
    // second factor would protect nothing there. It is in the log as `cli`.
    let exempt = matches!(actor.principal, Principal::Cli { .. });
    if !action.needs_step_up() || exempt {
        return Ok(());
    }
    let fresh = actor.step_up.as_ref().is_some_and(|step_up| {
        Some(step_up.action_digest.as_str()) == digest
            && (-LEEWAY_MS..=STEP_UP_MS).contains(&now_ms.saturating_sub(step_up.at_ms))
    });
    if fresh {
        return Ok(());
    }
    Err(Error::StepUpRequired {
        action,
        action_digest: digest.unwrap_or_default().to_owned(),
    })
}

/// Whether the actor could do it, a fresh second factor aside.
#[must_use]
pub fn may(actor: &Actor, action: Action, environment: Option<Environment>) -> bool {
    match &actor.principal {
        Principal::Person { .. } => {
            matches!(actor.sign_in, SignIn::AccessMfa | SignIn::OidcMfa)
                && by_role(&actor.grants, action, environment)
        }
        // A machine can't prove a second factor, so it never gets what needs one.
        Principal::Machine { .. } => {
            actor.sign_in == SignIn::ServiceToken
                && !action.needs_step_up()
                && by_role(&actor.grants, action, environment)
        }
        // Its scopes within what its maker may do now.
        Principal::Token { scopes, .. } => {
            actor.sign_in == SignIn::ApiToken
                && !action.needs_step_up()
                && scopes.iter().any(|scope| scope.allows(action))
                && (action.roles().is_empty() || by_role(&actor.grants, action, environment))
        }
        Principal::Cli { .. } => actor.sign_in == SignIn::Cli,
        // Controllers start what people have planned and stop what hurts; which commands
        // those are is checked with the command.
        Principal::System { .. } => {
            actor.sign_in == SignIn::System
                && matches!(action, Action::StartExperiment | Action::StopExperiment)
        }
    }
}

/// The scopes of a token that its maker's grants still back. What no role allows
/// (reporting events) comes with being allowed to make tokens at all.
pub(crate) fn backed_scopes(mut scopes: Vec<Scope>, grants: &[Grant]) -> Vec<Scope> {
    let backed = |action: Action| {
        if action.roles().is_empty() {
            return by_role(grants, Action::CreateToken, None);
        }
        grants.iter().any(|g| action.roles().contains(&g.role))
    };
    scopes.retain(|scope| {
        let mut actions = Action::ALL.into_iter().filter(|a| scope.allows(*a));
        actions.any(backed)
    });
    scopes
}

/// By the table in `nexus_domain::access`.
fn by_role(grants: &[Grant], action: Action, environment: Option<Environment>) -> bool {
    // Reading concerns no single environment: every member may, wherever the
    // role is held.
    let reading = matches!(
        action,
        Action::ViewOverview
            | Action::ViewExperiments
            | Action::ViewFlags
            | Action::ViewSdkKeys
            | Action::ViewSavedGroups
            | Action::ViewHoldouts
    );
    grants
        .iter()
        .any(|grant| action.roles().contains(&grant.role) && (reading || grant.covers(environment)))
}

impl Console {
    /// Decides now; see [`decide`].
    ///
    /// # Errors
    /// As [`decide`].
    pub fn authorise(
        &self,
        actor: &Actor,
        action: Action,
        environment: Option<Environment>,
        digest: Option<&str>,
    ) -> Result<()> {
        decide(actor, action, environment, digest, self.now_ms())
    }
}

#[cfg(test)]
mod tests {
    use nexus_domain::access::Role;
    use nexus_domain::actor::StepUp;
    use nexus_domain::ids::{MemberId, TokenId};
    use proptest::prelude::*;

    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn person(grants: Vec<Grant>) -> Actor {
        Actor {
            principal: Principal::Person {
                member: MemberId::from_u128(1),
                email: "ada@example.com".into(),
            },
            grants,
            sign_in: SignIn::AccessMfa,
            step_up: None,
            request_id: "r".into(),
        }
    }

    fn grant(role: Role, environment: Option<Environment>) -> Grant {
        Grant { role, environment }
    }

    #[test]
    fn every_role_gets_what_the_table_says_and_nothing_else() {
        for role in Role::ALL {
            let actor = person(vec![grant(role, None)]);
            for action in Action::ALL {
                assert_eq!(
                    may(&actor, action, Some(Environment::Production)),
                    action.roles().contains(&role),
                    "{role:?} {action:?}"
                );
            }
        }
    }

    #[test]
    fn a_role_in_one_environment_ends_at_its_border() {
        let actor = person(vec![grant(Role::Experimenter, Some(Environment::Staging))]);
        let start = Action::StartExperiment;
        assert!(may(&actor, start, Some(Environment::Staging)));
        assert!(!may(&actor, start, Some(Environment::Production)));
        assert!(!may(&actor, start, None));
        assert!(may(&actor, Action::ViewExperiments, None));
        assert!(!may(&person(vec![]), Action::ViewExperiments, None));
    }

    #[test]
    fn dangerous_actions_need_a_fresh_factor_for_exactly_them() {
        let mut actor = person(vec![grant(Role::Owner, None)]);
        let ask = |actor: &Actor| decide(actor, Action::ManageMembers, None, Some("d"), NOW_MS);
        assert!(
            matches!(ask(&actor), Err(Error::StepUpRequired { action_digest, .. }) if action_digest == "d")
        );
        let mut with = |digest: &str, at_ms| {
            actor.step_up = Some(StepUp {
                action_digest: digest.into(),
                at_ms,
            });
            ask(&actor).is_ok()
        };
        assert!(with("d", NOW_MS));
        assert!(with("d", NOW_MS - STEP_UP_MS));
        assert!(!with("d", NOW_MS - STEP_UP_MS - 1));
        assert!(!with("d", NOW_MS + LEEWAY_MS + 1));
        assert!(!with("other", NOW_MS));
        assert!(decide(&actor, Action::ManageMembers, None, None, NOW_MS).is_err());
    }

    #[test]
    fn without_a_second_factor_at_sign_in_a_person_may_nothing() {
        let mut actor = person(vec![grant(Role::Owner, None)]);
        for sign_in in [
            SignIn::ApiToken,
            SignIn::ServiceToken,
            SignIn::Cli,
            SignIn::System,
        ] {
            actor.sign_in = sign_in;
            assert!(
                Action::ALL.iter().all(|a| !may(&actor, *a, None)),
                "{sign_in:?}"
            );
        }
    }

    #[test]
    fn a_token_may_do_what_both_its_scopes_and_its_makers_grants_allow() {
        let mut token = person(vec![grant(Role::Operator, Some(Environment::Staging))]);
        token.sign_in = SignIn::ApiToken;
        token.principal = Principal::Token {
            token: TokenId::from_u128(1),
            name: "ci".into(),
            scopes: vec![Scope::ExperimentsWrite, Scope::AuditRead],
        };
        let may = |action, environment| may(&token, action, environment);
        let (staging, production) = (Environment::Staging, Environment::Production);
        assert!(may(Action::StopExperiment, Some(staging)));
        assert!(may(Action::ViewExperiments, None));
        assert!(!may(Action::StopExperiment, Some(production)));
        assert!(
            !may(Action::StartExperiment, Some(staging)),
            "no operator's"
        );
        assert!(!may(Action::ViewAudit, None), "not an operator everywhere");
        assert!(!may(Action::ViewMembers, None), "no scope for it");
    }

    #[test]
    fn a_scope_lasts_as_long_as_its_maker_has_a_role_for_it() {
        let left =
            |role, environment| backed_scopes(Scope::ALL.to_vec(), &[grant(role, environment)]);
        assert_eq!(left(Role::Owner, None), Scope::ALL);
        assert_eq!(
            left(Role::Experimenter, None),
            [
                Scope::ExperimentsRead,
                Scope::ExperimentsWrite,
                Scope::FlagsRead,
                Scope::FlagsWrite,
                Scope::SdkKeysRead,
                Scope::SdkKeysWrite
            ]
        );
        assert!(left(Role::Operator, None).contains(&Scope::Ingest));
        assert!(!left(Role::Operator, Some(Environment::Staging)).contains(&Scope::Ingest));
        assert!(backed_scopes(Scope::ALL.to_vec(), &[]).is_empty());
    }

    fn machine_or_token() -> impl Strategy<Value = Actor> {
        let grants = proptest::collection::vec(proptest::sample::select(&Role::ALL[..]), 0..7);
        let scopes = proptest::collection::vec(proptest::sample::select(&Scope::ALL[..]), 0..6);
        (grants, scopes, any::<bool>()).prop_map(|(roles, scopes, token)| Actor {
            principal: if token {
                Principal::Token {
                    token: TokenId::from_u128(1),
                    name: "t".into(),
                    scopes,
                }
            } else {
                Principal::Machine {
                    member: MemberId::from_u128(2),
                    name: "m".into(),
                }
            },
            grants: roles.into_iter().map(|r| grant(r, None)).collect(),
            sign_in: if token {
                SignIn::ApiToken
            } else {
                SignIn::ServiceToken
            },
            step_up: Some(StepUp {
                action_digest: "d".into(),
                at_ms: NOW_MS,
            }),
            request_id: String::new(),
        })
    }

    proptest! {
        #[test]
        fn no_machine_and_no_token_ever_gets_what_needs_a_second_factor(actor in machine_or_token()) {
            for action in Action::ALL.into_iter().filter(|a| a.needs_step_up()) {
                prop_assert!(decide(&actor, action, None, Some("d"), NOW_MS).is_err());
            }
        }

        #[test]
        fn controllers_only_start_and_stop(name in "[a-z]{1,8}") {
            let actor = Actor::system(&name, String::new());
            for action in Action::ALL {
                let theirs = [Action::StartExperiment, Action::StopExperiment];
                prop_assert_eq!(may(&actor, action, None), theirs.contains(&action));
            }
        }
    }
}
