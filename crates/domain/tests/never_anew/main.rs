//! Nobody is dealt anew: the long life of one environment, edit after edit, with everybody
//! watched. Experiments start, ramp, pause, are held, edited and ended; layers fill and empty;
//! holdouts come and go; rules of flags are added, moved, rolled out, removed and restored; the
//! order of everything changes.
//!
//! A short life before some thousand users here; `cargo xtask test long` watches a million
//! (`NEXUS_UNITS`) in a life of `NEXUS_EDITS`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod flags;
mod life;
mod watch;

use life::{Dice, Life};
use watch::Watch;

fn number(variable: &str, otherwise: usize) -> usize {
    let given = std::env::var(variable).ok();
    given
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn nobody_is_dealt_anew_in_a_long_life() {
    let mut life = Life::new(Dice::new(7));
    let mut watch = Watch::new(number("NEXUS_UNITS", 1_500));
    for edit in 0..number("NEXUS_EDITS", 400) {
        life.edit();
        watch.look(&life, edit);
    }
    let seen = watch.seen();
    // A life in which little happened would show nothing.
    assert!(seen.experiments >= 20 && seen.most_at_once >= 4, "{seen:?}");
    assert!(seen.in_layers >= 6 && seen.held_back >= 6, "{seen:?}");
    assert!(seen.ramped >= 5 && seen.paused >= 5, "{seen:?}");
    assert!(seen.rules >= 10 && seen.moved >= 5, "{seen:?}");
}
