//! The overview, busy and calm.

use nexus_control::views::*;
use nexus_domain::Environment;
use nexus_domain::experiment::Status;

use super::{DAY, MINUTE, NOW_MS, audit_rows, propagation, rows};

pub(crate) fn overview(calm: bool) -> Overview {
    let traffic = (0..60)
        .map(|i| {
            (480.0 + 90.0 * (f64::from(i) * 0.21).sin() + 40.0 * (f64::from(i) * 0.83).cos()) as u32
        })
        .collect();
    let hurts = vec![
        Hurt::StoppedForHarm {
            experiment: "hero-video".to_owned(),
            name: "Video on the landing page".to_owned(),
            variant: "one-page".to_owned(),
            at_ms: NOW_MS - 20 * MINUTE,
        },
        Hurt::BrokenSplit {
            experiment: "search-rank".to_owned(),
            name: "Ranking by quality score".to_owned(),
        },
    ];
    Overview {
        environment: Environment::Production,
        running: rows()
            .into_iter()
            .filter(|r| r.status == Status::Running)
            .collect(),
        hurts: if calm { Vec::new() } else { hurts },
        waits: vec![
            Wait::Review {
                experiment: "black-friday".to_owned(),
                name: "Black Friday banner".to_owned(),
                environment: Environment::Staging,
                asked_by: "aki@autoforge.example".to_owned(),
            },
            Wait::SentBack {
                experiment: "search-rank".to_owned(),
                name: "Ranking by quality score".to_owned(),
                environment: Environment::Production,
                by: "aki@autoforge.example".to_owned(),
                at_ms: NOW_MS - 20 * MINUTE,
            },
            Wait::Decide {
                experiment: "checkout-short".to_owned(),
                name: "Shorter checkout".to_owned(),
                verdict: Verdict::Better,
            },
            Wait::Missed {
                experiment: "black-friday".to_owned(),
                name: "Black Friday banner".to_owned(),
                planned_ms: NOW_MS - 2 * MINUTE,
            },
            Wait::Answer {
                experiment: "search-rank".to_owned(),
                name: "Ranking by quality score".to_owned(),
                stopped_ms: NOW_MS - DAY,
            },
            Wait::Draft {
                experiment: "onboarding".to_owned(),
                name: "Onboarding without a tour".to_owned(),
                updated_ms: NOW_MS - 5 * DAY,
            },
        ],
        propagation: propagation(),
        requests_per_s: 51.4,
        error_rate: Some(0.0042),
        traffic,
        recent: audit_rows(),
    }
}

pub(crate) fn empty_overview() -> Overview {
    Overview {
        running: Vec::new(),
        hurts: vec![Hurt::NoGateway],
        waits: Vec::new(),
        propagation: Propagation {
            version: 0,
            created_ms: None,
            published_ms: None,
            problem: None,
            gateways: Vec::new(),
            own_pages: None,
        },
        requests_per_s: 0.0,
        error_rate: None,
        traffic: vec![0; 60],
        recent: Vec::new(),
        ..overview(true)
    }
}
