//! An export file of GrowthBook or Unleash: it is refused, or what comes of it can be saved.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexus_domain::Environment;
use nexus_domain::import::{ImportTo, read_import};

fuzz_target!(|text: &str| {
    let to = ImportTo {
        environment: Environment::Production,
        from: "",
    };
    let Ok(import) = read_import(text, to, |text| text.parse().ok()) else {
        return;
    };
    for draft in import.flags.into_iter().filter_map(|flag| flag.draft) {
        assert_eq!(draft.problems(), []);
    }
});
