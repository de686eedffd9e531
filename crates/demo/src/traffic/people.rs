//! Who visits: new faces and those who return.

use std::collections::BTreeSet;

use crate::Random;
use crate::traffic::rhythm::{COUNTRIES, Country, Rhythm};

/// Visitors remembered; beyond that a random one is forgotten for each new one.
const MAX_KNOWN: usize = 5_000;
/// Share of the visits made by somebody who was there before, as far as there are any.
const RETURNING: f64 = 0.55;
/// Share of the visitors who are signed in.
const SIGNED_IN: f64 = 0.3;
/// Tries to find a known visitor of the country that is awake now.
const LOOKS: usize = 8;

/// Real user agents with their share of the visitors.
const AGENTS: [(f64, &str); 10] = [
    (
        26.0,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    ),
    (
        12.0,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    ),
    (
        7.0,
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    (
        5.0,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
    ),
    (
        22.0,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    ),
    (
        18.0,
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
    ),
    (
        3.0,
        "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.7 Mobile/15E148 Safari/604.1",
    ),
    (
        2.5,
        "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    ),
    (
        3.0,
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ),
    (1.5, "curl/8.5.0"),
];

/// One person at one device.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// In the order of their first visit, from 1.
    pub(super) number: u64,
    pub(super) country: Country,
    pub(super) agent: &'static str,
    /// Signed in under this name.
    pub(super) user_id: Option<String>,
    /// The gateway's cookie (`name=value`), once it was set.
    pub(super) cookie: Option<String>,
    /// Who is won at a chance above it, by whatever experiments meet in them: one draw for all,
    /// or each new experiment would win some more for those that run.
    pub(super) luck: f64,
    /// Experiments in which it is settled whether this visitor converts.
    pub(super) settled: BTreeSet<String>,
}

/// Everybody who was there and is still remembered.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    known: Vec<Visitor>,
    last_number: u64,
}

impl Crowd {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Somebody who is awake now.
    pub(super) fn next(&mut self, rhythm: Rhythm, random: &mut Random) -> Visitor {
        let weights = rhythm.weights();
        let country = COUNTRIES
            .get(random.weighted(&weights))
            .copied()
            .unwrap_or(COUNTRIES[0]);
        if random.chance(RETURNING)
            && let Some(visitor) = self.someone_from(&country, random)
        {
            return visitor;
        }
        self.newcomer(country, random)
    }

    /// Remembers what the visit left with the visitor. Of visits at the same time by one
    /// visitor, all settled experiments are kept.
    pub(super) fn came(&mut self, mut visitor: Visitor, random: &mut Random) {
        if let Some(known) = self
            .known
            .iter_mut()
            .find(|known| known.number == visitor.number)
        {
            visitor.settled.append(&mut known.settled);
            *known = visitor;
        } else if self.known.len() < MAX_KNOWN {
            self.known.push(visitor);
        } else {
            let index = random.below(MAX_KNOWN);
            if let Some(place) = self.known.get_mut(index) {
                *place = visitor;
            }
        }
    }

    fn someone_from(&self, country: &Country, random: &mut Random) -> Option<Visitor> {
        (0..LOOKS)
            .filter_map(|_| self.known.get(random.below(self.known.len())))
            .find(|visitor| visitor.country.code == country.code)
            .cloned()
    }

    fn newcomer(&mut self, country: Country, random: &mut Random) -> Visitor {
        self.last_number += 1;
        let agent = AGENTS.get(random.weighted(&AGENTS.map(|(weight, _)| weight)));
        let signed_in = random.chance(SIGNED_IN);
        Visitor {
            number: self.last_number,
            country,
            agent: agent.unwrap_or(&AGENTS[0]).1,
            user_id: signed_in.then(|| format!("user-{:012x}", random.bits() >> 16)),
            cookie: None,
            luck: random.unit(),
            settled: BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_return_and_the_memory_is_bounded() {
        let (mut crowd, mut random) = (Crowd::default(), Random::seeded(3));
        let rhythm = Rhythm::at(0, 86_400.0);
        let mut returned = 0;
        for _ in 0..20_000 {
            let visitor = crowd.next(rhythm, &mut random);
            returned += u32::from(visitor.number < crowd.last_number);
            crowd.came(visitor, &mut random);
        }
        assert_eq!(crowd.len(), MAX_KNOWN);
        assert!((4_000..12_000).contains(&returned), "{returned}");
        let countries: BTreeSet<_> = crowd.known.iter().map(|v| v.country.code).collect();
        assert_eq!(countries.len(), COUNTRIES.len());
    }

    #[test]
    fn a_cookie_is_remembered() {
        let (mut crowd, mut random) = (Crowd::default(), Random::seeded(3));
        let mut visitor = crowd.next(Rhythm::at(0, 86_400.0), &mut random);
        crowd.came(visitor.clone(), &mut random);
        visitor.cookie = Some("nexus_uid=x".to_owned());
        crowd.came(visitor, &mut random);
        assert_eq!(crowd.len(), 1);
        assert_eq!(crowd.known[0].cookie.as_deref(), Some("nexus_uid=x"));
    }
}
