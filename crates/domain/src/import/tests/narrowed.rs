//! Rules of GrowthBook that leave users out by more than a condition.

use super::*;

/// Our own payload writes shares as ranges, and holdouts as filters.
#[test]
fn what_narrows_a_rule_is_taken_along_or_named() {
    let import = read(&json!({ "features": {
        "share": { "defaultValue": false, "rules": [
            { "force": true, "range": [0, 0.25], "seed": "s", "hashAttribute": "id", "hashVersion": 2 },
        ] },
        "part": { "defaultValue": false, "rules": [{ "force": true, "range": [0.5, 1] }] },
        "held": { "defaultValue": false, "rules": [
            { "force": true, "filters": [{ "seed": "h", "ranges": [[0.1, 1]], "hashVersion": 2 }] },
        ] },
        "named": { "defaultValue": false, "rules": [
            { "force": true, "coverage": 1, "namespace": ["n", 0, 0.5] },
        ] },
        "open": { "defaultValue": false, "rules": [
            { "force": true, "filters": [], "namespace": { "enabled": false, "name": "" } },
        ] },
        "grouped": { "defaultValue": false, "rules": [
            { "force": true, "condition": { "id": { "$inGroup": "g" } } },
        ] },
    }, "savedGroups": { "g": { "type": "list", "values": ["ann"] } } }));
    let coverage = |key: &str| {
        let mut all = import.flags.iter();
        let flag = all.find(|flag| flag.key == key).unwrap();
        let rules = flag.draft.as_ref().unwrap().rules.iter();
        rules.map(|rule| rule.coverage_bp).collect::<Vec<_>>()
    };
    assert_eq!(coverage("share"), [2_500]);
    assert_eq!(notes(&import, "share"), [Note::DealtAnew]);
    for (key, field) in [
        ("part", "range"),
        ("held", "filters"),
        ("named", "namespace"),
    ] {
        let name = field.to_owned();
        assert_eq!(notes(&import, key), [Note::Field { name }]);
        assert!(coverage(key).is_empty());
    }
    assert_eq!(
        (coverage("open"), notes(&import, "open")),
        (vec![10_000], vec![])
    );
    assert_eq!(
        rules(&import, "grouped")[0].1,
        json!({ "id": { "$in": ["ann"] } })
    );
}
