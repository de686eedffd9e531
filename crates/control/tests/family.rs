//! Secondary metrics as one family: the correction that was chosen decides.

mod common;

use common::{run, world};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::Verdict;
use nexus_domain::experiment::{Correction, Method, Metric};

/// Two metrics of three with the same p-value of about 0.03: Holm triples it, Benjamini and
/// Hochberg's takes half of that, and the interval is at two thirds of the level.
#[test]
fn the_correction_that_was_chosen_decides() {
    let said = |seed: u64, correction: Correction| async move {
        let w = world(seed).await;
        let mut d = draft("a");
        d.method = Method::FixedHorizon {
            planned_users: 4_000,
        };
        d.correction = correction;
        d.metrics = ["m0", "m1", "m2"]
            .map(|key| Metric {
                key: key.to_owned(),
                ..Metric::default()
            })
            .into();
        w.started(d).await;
        for from in (0..4_000u64).step_by(400) {
            let mut events = Vec::new();
            for u in from..from + 400 {
                let (is_treatment, unit) = (u % 2 == 1, format!("u{u}"));
                let variant = if is_treatment { "treatment" } else { "control" };
                events.push(request(3 * u, NOW_MS, &unit, "a", variant, 200));
                if u / 2 % 28 < if is_treatment { 15 } else { 14 } {
                    events.push(conversion(3 * u + 1, NOW_MS + 1, &unit, "m0"));
                    events.push(conversion(3 * u + 2, NOW_MS + 1, &unit, "m1"));
                }
            }
            let reply = w.t.console.ingest(&w.t.gateway(), batch(events)).await;
            assert!(reply.unwrap().rejected.is_empty());
        }
        let rows = w.t.console.result_rows(&w.owner, "a").await.unwrap();
        let names = rows.iter().filter(|row| row.variant == "treatment");
        let named: Vec<_> = names.map(|row| row.correction).collect();
        assert_eq!(named, [None, Some(correction), Some(correction), None]);
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let metrics = detail.results.metrics;
        [0, 1].map(|metric: usize| metrics[metric].variants[1].lift.unwrap())
    };
    run(async {
        let holm = said(11, Correction::Holm).await;
        let share = said(12, Correction::BenjaminiHochberg).await;
        for (holm, share) in holm.iter().zip(&share) {
            assert_eq!(
                (holm.verdict, share.verdict),
                (Verdict::Unclear, Verdict::Better),
                "{holm:?} {share:?}"
            );
            let (p, shared) = (holm.p_value.unwrap(), share.p_value.unwrap());
            assert!((p - 2.0 * shared).abs() < 1e-9, "{p} {shared}");
            assert!(holm.low < 0.0 && share.low > 0.0 && share.high < holm.high);
        }
    });
}
