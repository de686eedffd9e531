//! What an event takes in memory while it waits.

use crate::telemetry::{Assignment, Event};

/// Besides its texts: itself, and what allocating adds.
const EVENT_BYTES: usize = 384;
const ASSIGNMENT_BYTES: usize = size_of::<Assignment>() + 32;

/// About how many bytes it takes.
pub(super) fn weight(event: &Event) -> u32 {
    let texts = match event {
        Event::Request {
            unit,
            assignments,
            path,
            ..
        } => {
            let bytes =
                |one: &Assignment| ASSIGNMENT_BYTES + one.experiment.len() + one.variant.len();
            unit.len() + path.len() + assignments.iter().map(bytes).sum::<usize>()
        }
        Event::Repeats { .. } => 0,
        Event::Conversion { unit, metric, .. } => unit.len() + metric.len(),
    };
    u32::try_from(EVENT_BYTES + texts).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn request(assignments: usize) -> Event {
        let assignment = Assignment {
            experiment: "checkout".to_owned(),
            variant: "v".repeat(64),
            version: 1,
        };
        Event::Request {
            id: Uuid::nil(),
            at_ms: 5,
            unit: "u".to_owned(),
            assignments: vec![assignment; assignments],
            status: 200,
            duration_ms: 1.0,
            country: None,
            colo: None,
            device: "other".to_owned(),
            browser: None,
            path: "/".to_owned(),
            deployment: "stable".to_owned(),
        }
    }

    #[test]
    fn an_event_weighs_what_it_takes() {
        assert!((384..1_024).contains(&weight(&request(1))));
        let hundred = weight(&request(100));
        assert!((10_000..20_000).contains(&hundred), "{hundred}");
    }
}
