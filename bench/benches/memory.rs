//! What a load leaves allocated and what it needed at most, in bytes, counted by the
//! allocator: one JSON object on standard output, by evaluator and number of flags.

use nexus_bench::ours::{Experiment, Flags, GrowthBook};
use nexus_bench::peers::eppo::Eppo;
use nexus_bench::peers::flagsmith::Flagsmith;
use nexus_bench::peers::growthbook::Core;
use nexus_bench::peers::launchdarkly::LaunchDarkly;
use nexus_bench::peers::unleash::Unleash;
use nexus_bench::{Evaluator, payload_json};
use serde_json::{Map, Value, json};

const LOADED: [usize; 2] = [1_000, 100_000];

fn load<E: Evaluator>(report: &mut Map<String, Value>) {
    loads::<E>(report, &LOADED);
}

fn loads<E: Evaluator>(report: &mut Map<String, Value>, numbers: &[usize]) {
    for flags in numbers.iter().copied() {
        let json = payload_json::<E>(flags).expect("a payload");
        let mut engine = None;
        let counted = allocation_counter::measure(|| engine = E::load(&json).ok());
        assert!(engine.is_some(), "{} reads its payload", E::NAME);
        let numbers = json!({
            "document_bytes": json.len(),
            "kept_bytes": counted.bytes_current,
            "most_bytes": counted.bytes_max,
        });
        report.insert(format!("{}/{flags}", E::NAME), numbers);
    }
}

fn main() {
    let mut report = Map::new();
    load::<Flags>(&mut report);
    load::<GrowthBook>(&mut report);
    // A snapshot holds no more than 10,000 experiments.
    loads::<Experiment>(&mut report, &LOADED[..1]);
    load::<Unleash>(&mut report);
    load::<Eppo>(&mut report);
    load::<LaunchDarkly>(&mut report);
    load::<Flagsmith>(&mut report);
    load::<Core>(&mut report);
    println!("{}", Value::Object(report));
}
