//! Who may sign in at the sandbox, and their second factor.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::AccessError;
use super::store::Store;
use super::totp;
use crate::Clock;

/// Wrong codes one address may send within [`FAILURE_WINDOW_MS`] before it has to wait.
pub(crate) const MAX_FAILURES: usize = 10;
/// Over how long wrong codes are counted.
pub(crate) const FAILURE_WINDOW_MS: i64 = 10 * 60 * 1000;

/// What a demo identity is for; the role itself is the console's to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Owns the installation.
    Owner,
    /// Designs experiments.
    Experimenter,
    /// Operates releases.
    Operator,
    /// Approves changes.
    Approver,
    /// Guards keys and policies.
    Security,
    /// Reads.
    Viewer,
    /// Passes Access and is no member of the console.
    Outsider,
    /// Has no second factor enrolled.
    NoSecondFactor,
    /// An address somebody typed.
    Typed,
}

/// One identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Lower-case e-mail address.
    pub email: String,
    /// Name to show.
    pub name: String,
    /// What the identity is for.
    pub part: Part,
    /// ISO 3166-1 alpha-2 country the sign-in seems to come from.
    pub country: String,
    /// Whether a second factor is enrolled (and then always asked for).
    pub second_factor: bool,
    /// TOTP secret in Base32; `None` takes one made from the address.
    pub totp_secret: Option<String>,
}

/// The eight demo identities of the product.
#[must_use]
pub fn demo_people() -> Vec<Person> {
    [
        ("owner", "Olivia Ohno", Part::Owner, "JP"),
        ("experimenter", "Emil Experiment", Part::Experimenter, "DE"),
        ("operator", "Oscar Operations", Part::Operator, "US"),
        ("approver", "Aiko Approves", Part::Approver, "JP"),
        ("security", "Sam Security", Part::Security, "GB"),
        ("viewer", "Vera Views", Part::Viewer, "AU"),
        ("outsider", "Otto Outside", Part::Outsider, "FR"),
        ("nomfa", "Nora Nofactor", Part::NoSecondFactor, "JP"),
    ]
    .map(|(mailbox, name, part, country)| Person {
        email: format!("{mailbox}@demo.nexus"),
        name: name.into(),
        part,
        country: country.into(),
        second_factor: part != Part::NoSecondFactor,
        totp_secret: None,
    })
    .into()
}

/// Why a code was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// Not the code of now, the step before or the step after.
    Wrong,
    /// The right code, but its step or a later one was used before.
    Used,
    /// Too many wrong codes for this address.
    TooMany {
        /// Seconds until the next try is looked at.
        retry_after_s: i64,
    },
}

/// What the sandbox shows of a second factor, because it is a sandbox.
pub(crate) struct Shown {
    /// The code to type; `None` while the only usable one is still to come.
    pub(crate) code: Option<String>,
    /// Seconds until the next code.
    pub(crate) left_s: i64,
    /// The secret in Base32.
    pub(crate) secret: String,
    /// The secret for an authenticator.
    pub(crate) uri: String,
}

/// The identities with the state of their second factors, shared by Access and the OpenID
/// provider so that a code used at one is used up at the other.
pub struct People {
    listed: Vec<Person>,
    typed_country: String,
    used_steps: Store<BTreeMap<String, u64>>,
    failures: Mutex<HashMap<String, VecDeque<i64>>>,
    clock: Arc<dyn Clock>,
}

impl People {
    /// Opens the state in `data_dir`. `typed_country` is the country of typed addresses.
    ///
    /// # Errors
    /// The state cannot be read, or a configured identity has no valid address or secret.
    pub fn open(
        data_dir: &Path,
        listed: Vec<Person>,
        typed_country: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AccessError> {
        for person in &listed {
            let secret = person
                .totp_secret
                .as_deref()
                .map_or(Some(Vec::new()), totp::from_base32);
            if address(&person.email).as_deref() != Some(&person.email) || secret.is_none() {
                return Err(AccessError::Config(format!("identity {:?}", person.email)));
            }
        }
        Ok(Self {
            listed,
            typed_country: typed_country.into(),
            used_steps: Store::open(data_dir.join("used-codes.json"), || Ok(BTreeMap::new()))?,
            failures: Mutex::new(HashMap::new()),
            clock,
        })
    }

    /// The identities to choose from.
    #[must_use]
    pub fn listed(&self) -> &[Person] {
        &self.listed
    }

    /// The identity of an address: a listed one, or one made up on the spot.
    #[must_use]
    pub fn find(&self, typed: &str) -> Option<Person> {
        let email = address(typed)?;
        let listed = self
            .listed
            .iter()
            .find(|person| person.email == email)
            .cloned();
        listed.or_else(|| {
            Some(Person {
                name: email.split('@').next().unwrap_or_default().to_owned(),
                email,
                part: Part::Typed,
                country: self.typed_country.clone(),
                second_factor: true,
                totp_secret: None,
            })
        })
    }

    /// Checks a code of the second factor and uses it up (RFC 6238 §5.2: a code is taken once).
    pub(crate) fn check(
        &self,
        person: &Person,
        given: &str,
    ) -> Result<Result<(), CodeError>, AccessError> {
        if let Some(retry_after_s) = self.must_wait_s(&person.email) {
            return Ok(Err(CodeError::TooMany { retry_after_s }));
        }
        let digits: String = given
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(16)
            .collect();
        let Some(step) = totp::matching_step(&secret(person), &digits, self.now_s()) else {
            self.count_failure(&person.email);
            return Ok(Err(CodeError::Wrong));
        };
        let oldest_useful = totp::step_at(self.now_s()).saturating_sub(2);
        let taken = self.used_steps.update(|used| {
            used.retain(|_, last| *last >= oldest_useful);
            let fresh = used.get(&person.email).is_none_or(|last| step > *last);
            if fresh {
                used.insert(person.email.clone(), step);
            }
            fresh
        })?;
        if taken {
            return Ok(Ok(()));
        }
        self.count_failure(&person.email);
        Ok(Err(CodeError::Used))
    }

    /// The code that would be taken now: the current one, or the next when that is used.
    pub(crate) fn shown(&self, person: &Person) -> Shown {
        let now_s = self.now_s();
        let now = totp::step_at(now_s);
        let last = self
            .used_steps
            .read(|used| used.get(&person.email).copied());
        let step = last.map_or(now, |last| now.max(last + 1));
        let secret = secret(person);
        Shown {
            code: (step <= now + 1).then(|| totp::code(&secret, step)),
            left_s: totp::STEP_S - now_s.rem_euclid(totp::STEP_S),
            uri: totp::otpauth_uri(&secret, "Nexus Sandbox", &person.email),
            secret: totp::base32(&secret),
        }
    }

    fn now_s(&self) -> i64 {
        self.clock.now_ms().div_euclid(1000)
    }

    fn must_wait_s(&self, email: &str) -> Option<i64> {
        let now_ms = self.clock.now_ms();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, times| {
            times.retain(|time| *time > now_ms - FAILURE_WINDOW_MS);
            !times.is_empty()
        });
        let times = failures
            .get(email)
            .filter(|times| times.len() >= MAX_FAILURES)?;
        times
            .front()
            .map(|first| (first + FAILURE_WINDOW_MS - now_ms).max(0) / 1000 + 1)
    }

    fn count_failure(&self, email: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures
            .entry(email.to_owned())
            .or_default()
            .push_back(self.clock.now_ms());
    }
}

/// A stable subject for an address, shaped as a UUID (version 8: made from a digest).
pub(crate) fn subject(email: &str) -> String {
    let digest = Sha256::digest(format!("nexus sandbox subject {email}"));
    let bytes = std::array::from_fn(|index| digest[index]);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// The secret of an identity. The default is public knowledge, as everything in the sandbox
/// is, and stays the same after a fresh start, so an authenticator needs setting up once.
#[must_use]
pub fn secret(person: &Person) -> Vec<u8> {
    let configured = person.totp_secret.as_deref().and_then(totp::from_base32);
    configured.unwrap_or_else(|| {
        Sha256::digest(format!("nexus sandbox totp {}", person.email))[..20].to_vec()
    })
}

/// A usable address in lower case, or nothing. Narrower than RFC 5321: what the sandbox
/// needs, and nothing that could be mistaken for something else further on.
fn address(typed: &str) -> Option<String> {
    let email = typed.trim().to_ascii_lowercase();
    let (mailbox, host) = email.split_once('@')?;
    let word = |text: &str, more: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    let dotted = host.split('.').all(|label| word(label, b"-"));
    (email.len() <= 254 && word(mailbox, b".+-_") && dotted).then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;

    fn people() -> (tempfile::TempDir, People, Arc<ManualClock>) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(1_800_000_000_000));
        let people = People::open(folder.path(), demo_people(), "JP", clock.clone()).unwrap();
        (folder, people, clock)
    }

    #[test]
    fn a_code_is_taken_once_and_the_shown_one_is_always_takeable() {
        let (_folder, people, hand) = people();
        let owner = people.find("Owner@Demo.Nexus ").unwrap();
        let first = people.shown(&owner).code.unwrap();
        assert_eq!(people.check(&owner, &first).unwrap(), Ok(()));
        assert_eq!(people.check(&owner, &first).unwrap(), Err(CodeError::Used));
        let second = people.shown(&owner).code.unwrap();
        assert_ne!(first, second);
        assert_eq!(people.check(&owner, &second).unwrap(), Ok(()));
        assert!(
            people.shown(&owner).code.is_none(),
            "the next one is still to come"
        );
        hand.advance_ms(30_000);
        let third = people.shown(&owner).code.unwrap();
        assert_eq!(people.check(&owner, &third).unwrap(), Ok(()));
    }

    #[test]
    fn guessing_is_slowed_down_and_forgiven() {
        let (_folder, people, hand) = people();
        let owner = people.find("owner@demo.nexus").unwrap();
        for _ in 0..MAX_FAILURES {
            assert_eq!(people.check(&owner, "x").unwrap(), Err(CodeError::Wrong));
        }
        let good = people.shown(&owner).code.unwrap();
        let refused = people.check(&owner, &good).unwrap();
        assert_eq!(refused, Err(CodeError::TooMany { retry_after_s: 601 }));
        let viewer = people.find("viewer@demo.nexus").unwrap();
        let other = people.shown(&viewer).code.unwrap();
        assert_eq!(
            people.check(&viewer, &other).unwrap(),
            Ok(()),
            "others are not held up"
        );
        hand.advance_ms(FAILURE_WINDOW_MS);
        let good = people.shown(&owner).code.unwrap();
        assert_eq!(people.check(&owner, &good).unwrap(), Ok(()));
    }

    #[test]
    fn typed_addresses_are_checked() {
        let (_folder, people, _hand) = people();
        assert_eq!(
            people.find("New.Person+x@example.org").unwrap().email,
            "new.person+x@example.org"
        );
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c.d",
            "a@b..c",
            "a@b\r\nX: y",
            "<b>@c.d",
        ] {
            assert!(people.find(bad).is_none(), "{bad:?}");
        }
    }
}
