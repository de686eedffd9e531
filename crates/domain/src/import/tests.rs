mod narrowed;

use nexus_flags::ValueOperator;
use nexus_flags::fixtures::mutated;
use serde_json::json;

use super::*;

const TO: ImportTo<'static> = ImportTo {
    environment: Environment::Production,
    from: "",
};

fn read(file: &Value) -> Import {
    read_import(&file.to_string(), TO, time_ms).unwrap()
}

fn notes(import: &Import, key: &str) -> Vec<Note> {
    let flag = import.flags.iter().find(|flag| flag.key == key).unwrap();
    flag.notes.iter().map(|note| note.note.clone()).collect()
}

fn rules(import: &Import, key: &str) -> Vec<(String, Value, u16, Value)> {
    let flag = import.flags.iter().find(|flag| flag.key == key).unwrap();
    let rules = flag.draft.iter().flat_map(|draft| &draft.rules);
    let rule = |rule: &crate::flag::Rule| {
        let condition = rule.targeting.condition.clone().unwrap_or_default();
        (
            rule.id.clone(),
            condition,
            rule.coverage_bp,
            rule.value.clone(),
        )
    };
    rules.map(rule).collect()
}

#[test]
fn growthbooks_payload() {
    let import = read(&json!({
        "status": 200,
        "features": {
            "banner": {
                "defaultValue": "off",
                "rules": [
                    { "id": "fr_19g61", "condition": { "id": { "$inGroup": "staff" } }, "force": "new" },
                    { "id": "fr_19g62", "force": "old", "coverage": 0.25, "hashAttribute": "id" },
                ],
            },
            "price": { "defaultValue": 1, "rules": [{ "variations": [1, 2], "key": "price" }] },
            "mixed": { "defaultValue": null, "rules": [{ "force": 3 }] },
            "company": { "defaultValue": true, "rules": [{ "force": false, "coverage": 0.5, "hashAttribute": "company" }] },
            "Not a key": { "defaultValue": true },
            "bare": {},
        },
        "savedGroups": { "staff": ["ann", "ben"] },
    }));
    assert_eq!(import.format, ImportFormat::GrowthbookPayload);
    assert_eq!(
        rules(&import, "banner"),
        [
            (
                "fr_19g61".into(),
                json!({ "id": { "$in": ["ann", "ben"] } }),
                10_000,
                json!("new")
            ),
            ("fr_19g62".into(), Value::Null, 2_500, json!("old")),
        ]
    );
    assert_eq!(notes(&import, "banner"), [Note::DealtAnew]);
    assert_eq!(notes(&import, "bare"), [Note::NoDefault]);
    assert!(notes(&import, "mixed").is_empty(), "null is a value");
    assert_eq!(notes(&import, "price"), [Note::Experiment]);
    let mut flags = import.flags.iter();
    let mixed = flags.find(|flag| flag.key == "mixed").unwrap();
    assert_eq!(mixed.draft.as_ref().unwrap().kind, FlagKind::Json);
    assert_eq!(
        notes(&import, "company"),
        [Note::Share {
            of: "company".into()
        }]
    );
    assert_eq!(notes(&import, "Not a key"), [Note::Key]);
}

#[test]
fn growthbooks_api_has_an_environment_of_each() {
    let feature = json!({
        "id": "checkout", "archived": false, "description": "Two steps", "owner": "", "project": "",
        "valueType": "number", "defaultValue": "1", "tags": [],
        "environments": {
            "production": { "enabled": true, "defaultValue": "2", "rules": [
                { "id": "fr_a", "type": "force", "enabled": true, "description": "Staff",
                  "condition": "{\"email\":{\"$regex\":\"@example\\\\.com$\"}}", "value": "3" },
                { "id": "fr_b", "type": "rollout", "enabled": false, "description": "",
                  "condition": "", "value": "4", "coverage": 0.1, "hashAttribute": "id" },
                { "id": "fr_c", "type": "experiment-ref", "enabled": true, "condition": "", "variations": [] },
                { "id": "fr_d", "type": "force", "enabled": true, "condition": "", "value": "5",
                  "savedGroupTargeting": [{ "matchType": "all", "savedGroups": ["grp_1"] }] },
                { "id": "fr_e", "type": "force", "enabled": true, "condition": "{\"a\":{\"$like\":1}}", "value": "5" },
            ] },
            "dev": { "enabled": false, "defaultValue": "1", "rules": [] },
        },
    });
    let import = read(&json!({ "features": [feature], "limit": 10 }));
    assert_eq!(import.environments, ["dev", "production"]);
    let flag = &import.flags[0];
    let draft = flag.draft.as_ref().unwrap();
    assert_eq!(
        (flag.enabled, &draft.value, draft.kind),
        (true, &json!(2), FlagKind::Number)
    );
    assert_eq!(draft.rules.len(), 2);
    assert!(!draft.rules[1].enabled);
    assert_eq!(
        notes(&import, "checkout"),
        [
            Note::DealtAnew,
            Note::Experiment,
            Note::Group {
                name: "grp_1".into()
            },
            Note::Comparison {
                name: "condition.a.$like".into()
            },
        ]
    );
    let elsewhere = ImportTo {
        from: "staging",
        ..TO
    };
    let text = json!({ "features": [feature] }).to_string();
    let import = read_import(&text, elsewhere, time_ms).unwrap();
    assert_eq!(
        notes(&import, "checkout"),
        [Note::Absent {
            environment: "staging".into()
        }]
    );
}

fn draft_of<'i>(import: &'i Import, key: &str) -> &'i FlagDraft {
    let flag = import.flags.iter().find(|flag| flag.key == key).unwrap();
    flag.draft.as_ref().unwrap()
}

fn need(flag: &str, operator: ValueOperator, value: Value) -> Prerequisite {
    let flag = flag.to_owned();
    Prerequisite {
        flag,
        operator,
        value,
    }
}

/// Those that stand in the files below.
fn time_ms(text: &str) -> Option<i64> {
    let days = match text {
        "2026-02-01T00:00:00Z" => -28,
        "2026-03-01T00:00:00.000Z" | "2026-03-01T00:00:00Z" => 0,
        "2026-03-03T00:00:00Z" => 2,
        "2026-03-31T09:00:00+09:00" => 30,
        _ => return None,
    };
    Some(MARCH_MS + days * DAY_MS)
}

/// 2026-03-01T00:00:00Z.
const MARCH_MS: i64 = 1_772_323_200_000;
const DAY_MS: i64 = 86_400_000;

#[test]
fn growthbooks_prerequisites_and_schedules_are_taken_along() {
    use ValueOperator::{Is, IsNot};
    let rule = |id: &str, condition: &str, schedule: Value| {
        json!({ "id": id, "type": "force", "enabled": true, "condition": "", "value": "true",
            "prerequisites": [{ "id": "Payments.v2", "condition": condition }],
            "scheduleRules": schedule })
    };
    let span = |from: Value, to: Value| json!([{ "timestamp": from, "enabled": true }, { "timestamp": to, "enabled": false }]);
    let (march, april) = (
        json!("2026-03-01T00:00:00.000Z"),
        json!("2026-03-31T09:00:00+09:00"),
    );
    let feature = |id: &str, prerequisites: Value, rules: Value| {
        json!({ "id": id, "valueType": "boolean", "defaultValue": "false", "prerequisites": prerequisites,
            "environments": { "production": { "enabled": true, "rules": rules } } })
    };
    let import = read(&json!({ "features": [
        feature("checkout", json!([{ "id": "Payments.v2", "condition": "{\"value\": true}" }]), json!([
            rule("fr_a", "{\"value\": {\"$ne\": false}}", span(march.clone(), april.clone())),
            rule("fr_b", "{\"value\": {\"$nin\": [\"a\", 2]}}", span(Value::Null, april.clone())),
            rule("fr_c", "{\"value\": {\"$gt\": 2}}", Value::Null),
            rule("fr_d", "{\"value\": true}", span(april, march)),
        ])),
        feature("Payments.v2", json!([]), json!([])),
    ] }));
    let keys: Vec<&str> = import.flags.iter().map(|flag| flag.key.as_str()).collect();
    assert_eq!(keys, ["Payments.v2", "checkout"]);
    let draft = draft_of(&import, "checkout");
    assert_eq!(draft.prerequisites, [need("Payments.v2", Is, json!(true))]);
    let rules = &draft.rules;
    assert_eq!(
        rules[0].prerequisites,
        [need("Payments.v2", IsNot, json!(false))]
    );
    let is_not = |value| need("Payments.v2", IsNot, value);
    assert_eq!(
        rules[1].prerequisites,
        [is_not(json!("a")), is_not(json!(2))]
    );
    let spans: Vec<_> = rules
        .iter()
        .map(|rule| (rule.schedule.start_ms, rule.schedule.end_ms))
        .collect();
    let end_ms = Some(MARCH_MS + 30 * DAY_MS);
    assert_eq!(spans, [(Some(MARCH_MS), end_ms), (None, end_ms)]);
    let flag = "Payments.v2".to_owned();
    assert_eq!(
        notes(&import, "checkout"),
        [Note::Prerequisite { flag }, Note::Schedule]
    );
}

#[test]
fn a_gate_of_the_payload_is_a_need_of_the_whole_flag() {
    let parent =
        |gate: bool| json!([{ "id": "parent", "condition": { "value": true }, "gate": gate }]);
    let import = read(&json!({ "features": {
        "child": { "defaultValue": "a", "rules": [
            { "id": "fr_gate", "parentConditions": parent(true) },
            { "id": "fr_rule", "parentConditions": parent(false), "force": "b" },
        ] },
        "parent": { "defaultValue": true },
    } }));
    let draft = draft_of(&import, "child");
    let needs = [need("parent", ValueOperator::Is, json!(true))];
    assert_eq!(
        (&draft.prerequisites[..], &draft.rules[0].prerequisites[..]),
        (&needs[..], &needs[..])
    );
    assert_eq!(notes(&import, "child"), []);
    assert_eq!(
        import.flags[0].key, "parent",
        "what others need comes first"
    );
}

#[test]
fn a_default_that_is_true_does_not_outlive_the_switch() {
    let import = read(&json!({ "features": { "on": { "defaultValue": true } } }));
    assert_eq!(draft_of(&import, "on").value, json!(false));
    let everybody = ("everybody".to_owned(), Value::Null, 10_000, json!(true));
    assert_eq!(rules(&import, "on"), [everybody]);
}

#[test]
fn unleashs_dependencies_and_dates_are_taken_along() {
    let date = |operator: &str, value: &str, inverted: bool| json!({ "contextName": "currentTime", "operator": operator, "value": value, "inverted": inverted });
    let strategies = |constraints: Value| json!([{ "name": "default", "parameters": {}, "constraints": constraints }]);
    let import = read(&json!({ "features": [
        { "name": "child", "enabled": true,
          "dependencies": [{ "feature": "old", "enabled": false }, { "feature": "parent", "variants": ["blue"] }],
          "strategies": strategies(json!([
              date("DATE_AFTER", "2026-03-01T00:00:00Z", false), date("DATE_AFTER", "2026-03-03T00:00:00Z", true),
          ])) },
        { "name": "never", "enabled": true, "strategies": strategies(json!([
              date("DATE_AFTER", "2026-03-01T00:00:00Z", false), date("DATE_BEFORE", "2026-02-01T00:00:00Z", false),
        ])) },
        { "name": "old", "enabled": true, "strategies": [] },
    ] }));
    let draft = draft_of(&import, "child");
    assert_eq!(
        draft.prerequisites,
        [need("old", ValueOperator::Is, json!(false))]
    );
    let schedule = &draft.rules[0].schedule;
    assert_eq!(
        (schedule.start_ms, schedule.end_ms),
        (Some(MARCH_MS), Some(MARCH_MS + 2 * DAY_MS))
    );
    let flag = "parent".to_owned();
    assert_eq!(notes(&import, "child"), [Note::Prerequisite { flag }]);
    assert_eq!(notes(&import, "never"), [Note::Schedule]);
}

#[test]
fn what_needs_a_flag_that_there_is_not_is_left_out_and_told() {
    let rule = json!({ "id": "fr_rule", "force": "b",
        "parentConditions": [{ "id": "gone", "condition": { "value": true } }] });
    let mut import =
        read(&json!({ "features": { "child": { "defaultValue": "a", "rules": [rule] } } }));
    let flag = &mut import.flags[0];
    flag.leave_out_needs(|need| need.flag == "gone" && need.value == true);
    assert!(!flag.is_partial());
    flag.leave_out_needs(|_| false);
    assert!(flag.is_partial());
    assert_eq!(draft_of(&import, "child").rules, []);
    assert_eq!(
        notes(&import, "child"),
        [Note::Prerequisite {
            flag: "gone".into()
        }]
    );
}

#[test]
fn unleashs_export() {
    let strategy = |feature: &str, name: &str, parameters: Value, constraints: Value| {
        json!({ "name": name, "id": "6b5157cb-343a-41e7-bfa3-7b4ec3044840", "featureName": feature,
                "parameters": parameters, "constraints": constraints, "segments": [] })
    };
    let mut grouped = strategy("grouped", "default", json!({}), json!([]));
    grouped["segments"] = json!([1]);
    let import = read(&json!({
        "features": [
            { "name": "share", "type": "kill-switch", "description": "d", "project": "default" },
            { "name": "users", "type": "release" },
            { "name": "plain", "type": "release" },
            { "name": "grouped" }, { "name": "hosts" }, { "name": "sessions" },
        ],
        "featureStrategies": [
            strategy("share", "flexibleRollout",
                json!({ "rollout": "25", "stickiness": "default", "groupId": "share" }),
                json!([
                    { "contextName": "plan", "operator": "IN", "values": ["pro"] },
                    { "contextName": "app", "operator": "SEMVER_GT", "value": "1.2.0", "inverted": true },
                    { "contextName": "age", "operator": "NUM_GTE", "value": "18" },
                ])),
            strategy("users", "userWithId", json!({ "userIds": "ann, ben" }), json!([
                { "contextName": "email", "operator": "STR_ENDS_WITH", "values": ["@a.com", "@b.com"], "caseInsensitive": true },
            ])),
            grouped,
            strategy("hosts", "applicationHostname", json!({ "hostNames": "a" }), json!([])),
            strategy("sessions", "flexibleRollout", json!({ "rollout": "50", "stickiness": "sessionId" }), json!([])),
        ],
        "featureEnvironments": [
            { "featureName": "share", "environment": "production", "enabled": true, "variants": [] },
            { "featureName": "plain", "environment": "production", "enabled": false, "variants": [{ "name": "a" }] },
            { "featureName": "users", "environment": "production", "enabled": true },
            { "featureName": "grouped", "environment": "production", "enabled": true },
            { "featureName": "hosts", "environment": "production", "enabled": true },
            { "featureName": "sessions", "environment": "production", "enabled": true },
        ],
        "segments": [{ "id": 1, "name": "Beta users" }],
        "tagTypes": [],
    }));
    assert_eq!(
        (import.format, &import.environments[..]),
        (ImportFormat::Unleash, &["production".to_owned()][..])
    );
    assert_eq!(
        rules(&import, "share"),
        [(
            "s-6b5157cb-343a-41e7-bfa3-7b4ec3044840".into(),
            json!({
                "plan": { "$in": ["pro"] },
                "$not": { "app": { "$vgt": "1.2.0" } },
                "age": { "$gte": 18 },
            }),
            2_500,
            json!(true)
        )]
    );
    let share = import
        .flags
        .iter()
        .find(|flag| flag.key == "share")
        .unwrap();
    assert!(share.enabled && share.draft.as_ref().unwrap().permanent && !share.is_partial());
    assert_eq!(
        rules(&import, "users")[0].1,
        json!({ "id": { "$in": ["ann", "ben"] }, "email": { "$regexi": r"(?:@a\.com|@b\.com)$" } })
    );
    assert_eq!(rules(&import, "plain")[0].0, "everybody");
    assert_eq!(notes(&import, "plain"), [Note::Experiment]);
    assert_eq!(
        notes(&import, "grouped"),
        [Note::Group {
            name: "Beta users".into()
        }]
    );
    assert_eq!(
        notes(&import, "hosts"),
        [Note::Kind {
            name: "applicationHostname".into()
        }]
    );
    assert_eq!(
        notes(&import, "sessions"),
        [Note::Share {
            of: "sessionId".into()
        }]
    );
}

#[test]
fn what_unleashs_sdks_read_has_segments_whole() {
    let import = read(&json!({
        "version": 2,
        "features": [{ "name": "beta", "enabled": true, "strategies": [
            { "name": "default", "parameters": {}, "segments": [7] },
        ] }],
        "segments": [{ "id": 7, "constraints": [{ "contextName": "userId", "operator": "IN", "values": ["ann"] }] }],
    }));
    assert_eq!(
        rules(&import, "beta")[0].1,
        json!({ "id": { "$in": ["ann"] } })
    );
    assert!(import.flags[0].enabled);
}

#[test]
fn what_is_no_export_says_so() {
    let error = |text: &str| read_import(text, TO, time_ms).unwrap_err();
    assert_eq!(error("{"), ImportError::NotJson { line: 1, column: 1 });
    assert_eq!(error("[]"), ImportError::Unknown);
    assert_eq!(error(r#"{"features":[]}"#), ImportError::Unknown);
}

#[test]
fn a_file_may_have_more_flags_than_one_commit_takes() {
    let many: serde_json::Map<_, _> = (0..3 * MAX_IMPORTED)
        .map(|n| (format!("f{n}"), json!({ "defaultValue": true })))
        .collect();
    let many = json!({ "features": many }).to_string();
    assert_eq!(
        read_import(&many, TO, time_ms).unwrap().flags.len(),
        3 * MAX_IMPORTED
    );
}

proptest::proptest! {
    /// Files as they come, with anything in the wrong place.
    #[test]
    fn a_mutated_file_is_refused_or_can_be_saved(numbers in proptest::collection::vec(proptest::prelude::any::<u64>(), 1..6)) {
        let rule = json!({
            "id": "r", "type": "rollout", "condition": "{\"country\":{\"$in\":[\"JP\"]}}", "value": "1",
            "coverage": 0.5, "hashAttribute": "id", "enabled": true,
            "prerequisites": [{ "id": "payload", "condition": "{\"value\": \"new\"}" }],
            "scheduleRules": [{ "timestamp": "2026-03-01T00:00:00Z", "enabled": true }],
        });
        let payload_rule = json!({
            "id": "p", "condition": { "id": { "$inGroup": "staff" } }, "force": "new", "coverage": 0.25,
            "parentConditions": [{ "id": "api", "condition": { "value": { "$ne": 2 } }, "gate": true }],
        });
        let strategy = json!({
            "name": "flexibleRollout", "parameters": { "rollout": "50", "stickiness": "userId", "groupId": "g" },
            "constraints": [{ "contextName": "country", "operator": "IN", "values": ["JP"], "inverted": true },
                { "contextName": "currentTime", "operator": "DATE_AFTER", "value": "2026-03-01T00:00:00Z" }],
            "segments": [1], "variants": [{ "name": "a", "weight": 500 }],
        });
        for file in [
            json!({ "features": [{ "id": "api", "valueType": "number", "defaultValue": "2",
                "environments": { "production": { "enabled": true, "rules": [rule] } } }] }),
            json!({ "features": { "payload": { "defaultValue": "off", "rules": [payload_rule] } },
                "savedGroups": { "staff": ["ann", "ben"] } }),
            json!({ "features": [{ "name": "unleash", "enabled": true, "strategies": [strategy],
                "dependencies": [{ "feature": "api", "enabled": false }] }],
                "segments": [{ "id": 1, "constraints": [] }] }),
        ] {
            let text = mutated(&file, &numbers);
            let read = read_import(&String::from_utf8_lossy(&text), TO, time_ms);
            for flag in read.into_iter().flat_map(|import| import.flags) {
                if let Some(draft) = flag.draft {
                    proptest::prop_assert_eq!(draft.problems(), []);
                }
            }
        }
    }

    /// Whatever somebody uploads, what comes out can be saved or says why not.
    #[test]
    fn what_is_read_can_be_saved(
        key in "[a-zA-Z. ]{0,8}",
        condition in "[{}\"a:$in1,\\[\\]]{0,12}",
        coverage in -2.0f64..2.0,
        value in "[0-9a-z\"{}]{0,5}",
        operator in proptest::sample::select(vec!["IN", "NUM_GT", "SEMVER_GT", "STR_CONTAINS", "DATE_AFTER"]),
    ) {
        let api = json!({ "features": [{ "id": key, "valueType": "json", "defaultValue": value, "environments": {
            "production": { "enabled": true, "rules": [
                { "id": value, "type": "rollout", "condition": condition, "value": value, "coverage": coverage },
            ] },
        } }] });
        let unleash = json!({ "features": [{ "name": key, "strategies": [{ "name": "flexibleRollout",
            "parameters": { "rollout": value },
            "constraints": [{ "contextName": key, "operator": operator, "values": [value], "value": value }] }] }] });
        for file in [api, unleash] {
            for flag in read(&file).flags {
                match flag.draft {
                    Some(draft) => proptest::prop_assert_eq!(draft.problems(), []),
                    None => proptest::prop_assert!(!flag.notes.is_empty()),
                }
            }
        }
    }
}
