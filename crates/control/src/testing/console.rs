//! The console and the things one needs to play with it.

use std::sync::Arc;

use nexus_domain::Environment;
use nexus_domain::access::{Grant, Role, Scope};
use nexus_domain::actor::{Actor, Principal, SignIn, StepUp};
use nexus_domain::experiment::Draft;
use nexus_domain::flag::{FlagDraft, Rule};
use nexus_domain::holdout::HoldoutDraft;
use nexus_domain::ids::{MemberId, TokenId};
use nexus_domain::saved_group::{GroupContent, SavedGroupDraft};
use nexus_domain::sdk_key::SdkKeyDraft;

use super::{ManualClock, MemoryStore, SeededRandom};
use crate::ingest::{Assignment, ConversionEvent, IngestBatch, IngestEvent, RequestEvent};
use crate::ports::Database;
use crate::{Console, Keys, Settings};

/// When tests begin.
pub const NOW_MS: i64 = 1_800_000_000_000;

/// A console with everything around it that a test turns knobs on.
pub struct TestConsole {
    pub console: Console,
    pub clock: Arc<ManualClock>,
    pub store: Arc<MemoryStore>,
}

impl TestConsole {
    /// Over a migrated database. Equal seeds give equal ids.
    #[must_use]
    pub fn new(db: Arc<dyn Database>, seed: u64) -> Self {
        let clock = Arc::new(ManualClock::at(NOW_MS));
        let store = Arc::new(MemoryStore::new(seed));
        Self {
            console: Self::console(db, clock.clone(), store.clone(), seed),
            clock,
            store,
        }
    }

    /// Another console on the same database, clock and store, as another process.
    #[must_use]
    pub fn beside(&self, db: Arc<dyn Database>, seed: u64) -> Self {
        Self {
            console: Self::console(db, self.clock.clone(), self.store.clone(), seed),
            clock: self.clock.clone(),
            store: self.store.clone(),
        }
    }

    fn console(
        db: Arc<dyn Database>,
        clock: Arc<ManualClock>,
        store: Arc<MemoryStore>,
        seed: u64,
    ) -> Console {
        let settings = Settings {
            environment: Environment::Production,
            owner_email: Some("owner@example.com".to_owned()),
            public_url: "https://console.example.com".to_owned(),
            kv_namespace: "nexus-config".to_owned(),
        };
        let keys = Keys::from_seeds(&[7; 32], &[8; 32]);
        Console::new(
            settings,
            db,
            store,
            clock,
            Arc::new(SeededRandom::new(seed)),
            keys,
        )
    }

    /// A person with one role in all environments, as if signed in.
    #[must_use]
    pub fn person(&self, role: Role) -> Actor {
        Actor {
            principal: Principal::Person {
                member: MemberId::from_u128(role as u128 + 1),
                email: format!("{}@example.com", role.as_str()),
            },
            grants: vec![Grant {
                role,
                environment: None,
            }],
            sign_in: SignIn::AccessMfa,
            step_up: None,
            request_id: self.console.request_id(),
        }
    }

    /// The actor of a gateway.
    #[must_use]
    pub fn gateway(&self) -> Actor {
        Actor {
            principal: Principal::Token {
                token: TokenId::from_u128(1),
                name: "gateway".to_owned(),
                scopes: vec![Scope::Ingest],
            },
            grants: Vec::new(),
            sign_in: SignIn::ApiToken,
            step_up: None,
            request_id: self.console.request_id(),
        }
    }

    /// The same actor with a fresh second factor for that action.
    #[must_use]
    pub fn stepped_up(&self, actor: &Actor, digest: &str) -> Actor {
        Actor {
            step_up: Some(StepUp {
                action_digest: digest.to_owned(),
                at_ms: self.console.now_ms(),
            }),
            ..actor.clone()
        }
    }

    /// Rounds of controllers and effects, a second apart.
    ///
    /// # Errors
    /// The first error of a round.
    pub async fn ticks(&self, holder: &str, rounds: u32) -> crate::Result<crate::Tick> {
        let mut sum = crate::Tick::default();
        for _ in 0..rounds {
            let tick = self.console.tick(holder).await?;
            sum.leader |= tick.leader;
            sum.started += tick.started;
            sum.stopped += tick.stopped;
            sum.published += tick.published;
            sum.failing += tick.failing;
            sum.purged += tick.purged;
            self.clock.advance(1_000);
        }
        Ok(sum)
    }
}

/// A valid draft in production.
#[must_use]
pub fn draft(id: &str) -> Draft {
    Draft {
        id: id.to_owned(),
        name: format!("Experiment {id}"),
        ..Draft::starter(Environment::Production)
    }
}

/// A valid draft of a flag in production with one rule: everybody gets `true`.
#[must_use]
pub fn flag_draft(key: &str) -> FlagDraft {
    FlagDraft {
        key: key.to_owned(),
        name: format!("Flag {key}"),
        rules: vec![Rule::for_everybody(true.into())],
        ..FlagDraft::starter(Environment::Production)
    }
}

/// A valid draft of a client key in production that one site's pages may use.
#[must_use]
pub fn sdk_key_draft(name: &str) -> SdkKeyDraft {
    SdkKeyDraft {
        name: name.to_owned(),
        origins: vec!["https://shop.example".to_owned()],
        ..SdkKeyDraft::starter(Environment::Production)
    }
}

/// A valid draft of a list of users in production.
#[must_use]
pub fn saved_group_draft(id: &str, users: &[&str]) -> SavedGroupDraft {
    SavedGroupDraft {
        id: id.to_owned(),
        name: format!("Group {id}"),
        content: GroupContent::List {
            attribute: "id".to_owned(),
            values: users.iter().map(|user| (*user).to_owned()).collect(),
        },
        ..SavedGroupDraft::starter(Environment::Production)
    }
}

/// A valid draft of a holdout in production: one user in five.
#[must_use]
pub fn holdout_draft(id: &str, global: bool) -> HoldoutDraft {
    HoldoutDraft {
        id: id.to_owned(),
        name: format!("Holdout {id}"),
        global,
        share_bp: 2_000,
        goal: "purchase".to_owned(),
        ..HoldoutDraft::starter(Environment::Production)
    }
}

/// A batch of a gateway in production.
#[must_use]
pub fn batch(events: Vec<IngestEvent>) -> IngestBatch {
    IngestBatch {
        gateway_id: "gw-1".to_owned(),
        environment: Environment::Production,
        snapshot_version: 1,
        sent_ms: NOW_MS,
        streams: None,
        batch_id: "019aa5b0-7c1e-7e2a-9d0a-3f1b2c4d5e6f".to_owned(),
        events,
        flags: Vec::new(),
        samples: None,
    }
}

/// A request of a unit that got a variant.
#[must_use]
pub fn request(
    n: u64,
    at_ms: i64,
    unit: &str,
    experiment: &str,
    variant: &str,
    status: u16,
) -> IngestEvent {
    IngestEvent::Request(RequestEvent {
        id: format!("{n:032x}"),
        at_ms,
        unit: unit.to_owned(),
        assignments: vec![Assignment {
            experiment: experiment.to_owned(),
            variant: variant.to_owned(),
            version: 1,
        }],
        status,
        duration_ms: 1.5,
        country: None,
        colo: None,
        device: None,
        browser: None,
        path: None,
        deployment: None,
    })
}

#[must_use]
pub fn conversion(n: u64, at_ms: i64, unit: &str, metric: &str) -> IngestEvent {
    IngestEvent::Conversion(ConversionEvent {
        id: format!("{n:032x}"),
        at_ms,
        unit: unit.to_owned(),
        metric: metric.to_owned(),
        value: None,
    })
}
