//! Weeks of an experiment as the events that gateways report, with everything in it that can
//! be measured, counted while the clock is turned ahead from hour to hour.
//!
//! People of all variants do the same at the same times, so no safeguard stops it, however
//! many they are.

use nexus_domain::actor::Actor;
use nexus_domain::experiment::{
    Among, Better, Command, Counted, Draft, DraftVariant, MaxLatency, Metric, MetricKind,
    MetricRole, Safeguards,
};

use super::{SeededRandom, TestConsole, batch, conversion, draft, request};
use crate::ingest::{IngestEvent, MAX_EVENTS};
use crate::ports::Clock as _;
use crate::results::bucket_ms;
use crate::{Error, Result};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const VARIANTS: [&str; 4] = ["control", "small", "medium", "large"];
/// As many as have a code of their own (ISO 3166-1).
const COUNTRIES: f64 = 249.0;
const DEVICES: [&str; 4] = ["desktop", "mobile", "tablet", "television"];
const BROWSERS: [&str; 7] = [
    "chrome", "edge", "firefox", "opera", "safari", "samsung", "lynx",
];
/// A person's requests, after the first.
const REQUESTS_MS: [i64; 8] = [
    0,
    5_000,
    HOUR_MS,
    6 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    3 * DAY_MS,
    5 * DAY_MS,
];

/// Who comes, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// Four by four they are alike, one in each variant. Every second four come at any time,
    /// the others in one bucket of the course after the other, so that each bucket is met.
    pub people: u64,
    /// How many others do exactly what each of them does.
    pub twins: u64,
    pub days: i64,
}

impl Course {
    /// Four variants; metrics of all kinds, one of them a guardrail, one adjusted by the time
    /// before; limits of errors and of waiting.
    #[must_use]
    pub fn draft(id: &str) -> Draft {
        let variant = |key: &str| DraftVariant {
            key: key.to_owned(),
            name: String::new(),
            weight_bp: 2_500,
            features: serde_json::Map::new(),
            deployment: None,
        };
        Draft {
            variants: VARIANTS.map(variant).into(),
            goal: "signup".to_owned(),
            guardrail: Safeguards {
                max_latency: Some(MaxLatency {
                    limit_ms: 800,
                    share_bp: 500,
                }),
                ..Safeguards::default()
            },
            metrics: metrics(),
            ..draft(id)
        }
    }

    /// Creates the experiment, starts it, and has everything counted. The clock stands at its
    /// end afterwards. Returns how many events there were.
    ///
    /// # Errors
    /// The console's, also when it counts an event in no experiment.
    pub async fn play(&self, t: &TestConsole, owner: &Actor, id: &str) -> Result<u64> {
        self.play_as(t, owner, id, |_| {}).await
    }

    /// As [`Course::play`], with each event changed before it is reported.
    ///
    /// # Errors
    /// As [`Course::play`].
    pub async fn play_as(
        &self,
        t: &TestConsole,
        owner: &Actor,
        id: &str,
        change: impl Fn(&mut IngestEvent),
    ) -> Result<u64> {
        let start_ms = t.clock.now_ms();
        t.console.create_experiment(owner, Self::draft(id)).await?;
        t.console
            .command_experiment(owner, id, None, Command::Start)
            .await?;
        let gateway = t.gateway();
        let mut events = self.events(id, start_ms);
        events.iter_mut().for_each(|(_, event)| change(event));
        let hour = |at_ms: i64| (at_ms - start_ms) / HOUR_MS;
        let turn = |to_ms: i64| t.clock.advance(to_ms - t.clock.now_ms());
        for of_hour in events.chunk_by(|(a, _), (b, _)| hour(*a) == hour(*b)) {
            let last_ms = of_hour.last().map_or(start_ms, |(at_ms, _)| *at_ms);
            turn(start_ms + (hour(last_ms) + 1) * HOUR_MS);
            for some in of_hour.chunks(MAX_EVENTS) {
                let some = some.iter().map(|(_, event)| event.clone()).collect();
                let reply = t.console.ingest(&gateway, batch(some)).await?;
                if let Some(rejected) = reply.rejected.first() {
                    return Err(Error::internal(rejected.problem.clone()));
                }
            }
            t.console.tick_controllers("course").await?;
        }
        turn(start_ms + self.days * DAY_MS);
        t.console.tick_controllers("course").await?;
        Ok(events.len() as u64)
    }

    /// In the order of their times.
    fn events(&self, id: &str, start_ms: i64) -> Vec<(i64, IngestEvent)> {
        let end_ms = start_ms + self.days * DAY_MS;
        let buckets = buckets(start_ms, end_ms);
        let mut all = Vec::new();
        for person in 0..self.people {
            let life = Life::of(person, &buckets, end_ms);
            for twin in 0..=self.twins {
                let ours = life.events(id, person, twin).into_iter();
                all.extend(ours.filter(|(at_ms, _)| (start_ms..end_ms).contains(at_ms)));
            }
        }
        all.sort_by_key(|(at_ms, _)| *at_ms);
        all
    }
}

fn metrics() -> Vec<Metric> {
    let of = |key: &str, event: &str, kind| Metric {
        key: key.to_owned(),
        event: event.to_owned(),
        kind,
        ..Metric::default()
    };
    let quantile = |among| MetricKind::Quantile {
        level_bp: 9_500,
        among,
    };
    let order_value = MetricKind::Ratio {
        top: Counted::Values,
        over: "order".to_owned(),
        bottom: Counted::Events,
    };
    let next_day = MetricKind::Retention {
        from_day: 1,
        until_day: 2,
    };
    vec![
        Metric {
            pre_days: 7,
            ..of("spent", "order", MetricKind::Mean { cap: Some(90.0) })
        },
        of("order-value", "order", order_value),
        of("best-customers", "order", quantile(Among::Users)),
        Metric {
            better: Better::Lower,
            ..of("page-load", "load", quantile(Among::Events))
        },
        of("next-day", "visit", next_day),
        Metric {
            window_hours: Some(72),
            ..of("visits", "visit", MetricKind::Count)
        },
        Metric {
            better: Better::Lower,
            role: MetricRole::Guardrail { margin_bp: 500 },
            ..of("refunds", "refund", MetricKind::Proportion)
        },
    ]
}

/// Start and end of every bucket of the course.
fn buckets(start_ms: i64, end_ms: i64) -> Vec<(i64, i64)> {
    let mut edges = vec![start_ms];
    let mut at_ms = start_ms;
    while at_ms < end_ms {
        // No bucket is narrower than this.
        at_ms += 10_000;
        let edge = bucket_ms(start_ms, at_ms);
        if edges.last().is_some_and(|last| *last < edge) {
            edges.push(edge);
        }
    }
    if edges.last().is_some_and(|last| *last < end_ms) {
        edges.push(end_ms);
    }
    let pairs = edges.iter().zip(edges.iter().skip(1));
    pairs.map(|(from, to)| (*from, *to)).collect()
}

/// What one of four alike does.
struct Life {
    country: String,
    device: &'static str,
    browser: &'static str,
    /// Of requests that a Worker answered; others an SDK decided.
    waits_ms: Option<f64>,
    requests: Vec<(i64, u16)>,
    conversions: Vec<(i64, &'static str, Option<f64>)>,
}

impl Life {
    fn of(person: u64, buckets: &[(i64, i64)], end_ms: i64) -> Self {
        let alike = person / VARIANTS.len() as u64;
        let random = SeededRandom::new(alike);
        let share = || (random.number() >> 11) as f64 / (1_u64 << 53) as f64;
        let happens = |probability: f64| share() < probability;
        let first_ms = buckets.first().map_or(0, |(from, _)| *from);
        let one = (alike / 2) as usize % buckets.len().max(1);
        let (from, to) = buckets.get(one).copied().unwrap_or((first_ms, end_ms));
        let (from, to) = [(from, to.min(end_ms)), (first_ms, end_ms)][(alike % 2) as usize];
        let exposed_ms = from + (share() * (to - from) as f64) as i64;
        // Some countries have many people, most have few.
        let country = (share().powi(2) * COUNTRIES) as u32;
        let letter = |n: u32| char::from(b'A' + n as u8);
        let one_of = |values: &[&'static str]| {
            let at = (share() * values.len() as f64) as usize;
            values.get(at).copied().unwrap_or("other")
        };
        let mut life = Self {
            country: [letter(country / 26), letter(country % 26)]
                .iter()
                .collect(),
            device: one_of(&DEVICES),
            browser: one_of(&BROWSERS),
            waits_ms: happens(0.3).then(|| if happens(0.02) { 1_200.0 } else { 40.0 }),
            requests: REQUESTS_MS.map(|after| (exposed_ms + after, 200)).into(),
            conversions: Vec::new(),
        };
        if let Some((_, status)) = life.requests.first_mut()
            && happens(0.005)
        {
            *status = 503;
        }
        let mut does = |probability: f64, after_ms: i64, metric, most: Option<f64>| {
            let value = most.map(|most| (share() * most * 1e3).round() / 1e3);
            if happens(probability) {
                life.conversions
                    .push((exposed_ms + after_ms, metric, value));
            }
        };
        does(0.12, 60_000, "signup", None);
        does(0.05, -30 * HOUR_MS, "order", Some(80.0));
        does(0.08, 90_000, "order", Some(100.0));
        does(0.03, 2 * HOUR_MS, "order", Some(50.0));
        does(0.10, 1_000, "load", Some(3.0));
        does(0.05, HOUR_MS, "load", Some(2.0));
        does(0.15, 25 * HOUR_MS, "visit", None);
        does(0.05, 60 * HOUR_MS, "visit", None);
        does(0.01, 3 * HOUR_MS, "refund", None);
        life
    }

    fn events(&self, experiment: &str, person: u64, twin: u64) -> Vec<(i64, IngestEvent)> {
        let unit = unit(person, twin);
        let variant = VARIANTS[(person % VARIANTS.len() as u64) as usize];
        let requests = self.requests.iter().map(|(at_ms, status)| {
            let mut event = request(0, *at_ms, &unit, experiment, variant, *status);
            if let IngestEvent::Request(e) = &mut event {
                e.country = Some(self.country.clone());
                e.device = Some(self.device.to_owned());
                e.browser = Some(self.browser.to_owned());
                e.deployment = self.waits_ms.map(|_| "v1".to_owned());
                e.duration_ms = self.waits_ms.unwrap_or(0.0);
            }
            (*at_ms, event)
        });
        let conversions = self.conversions.iter().map(|(at_ms, metric, value)| {
            let mut event = conversion(0, *at_ms, &unit, metric);
            if let IngestEvent::Conversion(e) = &mut event {
                e.value = *value;
            }
            (*at_ms, event)
        });
        let mut all: Vec<_> = requests.chain(conversions).collect();
        for (n, (_, event)) in (0u64..).zip(&mut all) {
            let (IngestEvent::Request(crate::ingest::RequestEvent { id, .. })
            | IngestEvent::Conversion(crate::ingest::ConversionEvent { id, .. })) = event
            else {
                continue;
            };
            *id = format!("{:016x}{:016x}", mixed(person), twin << 8 | n);
        }
        all
    }
}

/// Ids in no order, as users' are; a twin's is made of its person's.
fn unit(person: u64, twin: u64) -> String {
    match twin {
        0 => format!("{:016x}", mixed(person)),
        twin => format!("{:016x}.{twin}", mixed(person)),
    }
}

fn mixed(number: u64) -> u64 {
    SeededRandom::new(number).number()
}
