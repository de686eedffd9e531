use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::problem::GroupFault;
use crate::{Field, FieldProblem, Problem};

fn list(id: &str, values: &[&str]) -> SavedGroup {
    let draft = SavedGroupDraft {
        id: id.to_owned(),
        name: id.to_owned(),
        content: GroupContent::List {
            attribute: "id".to_owned(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        },
        ..SavedGroupDraft::starter(Environment::Production)
    };
    draft.create("a@b.c", 1).unwrap()
}

fn condition(id: &str, condition: Value) -> SavedGroup {
    let draft = SavedGroupDraft {
        content: GroupContent::Condition { condition },
        ..SavedGroupDraft::of(&list(id, &[]))
    };
    draft.create("a@b.c", 1).unwrap()
}

#[test]
fn a_list_says_everything_once() {
    let made = list("beta", &[" ann ", "bob", "", "ann", "bob "]);
    let GroupContent::List { values, .. } = &made.content else {
        panic!("a list");
    };
    assert_eq!(values, &["ann", "bob"]);
    assert!(groups_named(&json!({})).is_empty());
}

#[test]
fn limits_are_said_with_their_numbers() {
    let problems = |values: Vec<String>| {
        let mut draft = SavedGroupDraft::of(&list("beta", &[]));
        draft.content = GroupContent::List {
            attribute: "company".to_owned(),
            values,
        };
        draft.problems()
    };
    let values = |problem| vec![FieldProblem::new(Field::GroupValues, problem)];
    let many = (0..=MAX_VALUES).map(|n| n.to_string()).collect();
    assert_eq!(problems(many), values(Problem::TooMany { max: 100_000 }));
    let long = (0..30_000).map(|n| format!("{n:040}")).collect();
    let too_large = Problem::TooLarge {
        bytes: 30_000 * 43,
        max: 1_000_000,
    };
    assert_eq!(problems(long), values(too_large));
    let line = Problem::NotAValue { line: 2, max: 120 };
    assert_eq!(
        problems(vec!["a".into(), "x".repeat(121)]),
        values(line.clone())
    );
    assert_eq!(problems(vec!["a".into(), "b\u{7}".into()]), values(line));
    let fits = (0..MAX_VALUES).map(|n| n.to_string()).collect();
    assert_eq!(problems(fits), []);
}

#[test]
fn what_a_condition_names_is_spelled_out() {
    let (beta, rich) = (list("beta", &["ann"]), list("rich", &["bob"]));
    let local = condition(
        "local",
        json!({ "country": "JP", "$savedGroups": ["rich"] }),
    );
    let groups = Groups::new([&beta, &rich, &local]);
    let spelled = |condition: Value| groups.expand(&condition).map(|e| e.condition);
    let lists = |condition: Value| groups.expand(&condition).unwrap().lists;
    let plain = json!({ "$or": [{ "plan": "pro" }, { "tags": { "$in": ["$savedGroups"] } }] });
    assert_eq!(spelled(plain.clone()).unwrap(), plain);
    let named = json!({ "$not": { "company": { "$inGroup": "beta" } } });
    assert_eq!(spelled(named.clone()).unwrap(), named);
    assert_eq!(lists(named), ["beta".to_owned()].into());
    let nested = json!({ "plan": "pro", "$savedGroups": ["beta", "local"] });
    let expected = json!({ "$and": [
        { "plan": "pro" },
        { "id": { "$inGroup": "beta" } },
        { "$and": [{ "country": "JP" }, { "id": { "$inGroup": "rich" } }] },
    ] });
    assert_eq!(spelled(nested.clone()).unwrap(), expected);
    assert_eq!(groups_named(&nested), ["beta", "local"].into());
    assert_eq!(lists(nested), ["beta".to_owned(), "rich".to_owned()].into());
}

#[test]
fn what_is_no_group_is_refused_with_its_place() {
    let gone = list("gone", &[]).archived(true, "a@b.c", 2).unwrap();
    let (one, two) = (
        condition("one", json!({ "$or": [{ "$savedGroups": ["two"] }] })),
        condition("two", json!({ "$savedGroups": ["one"] })),
    );
    let groups = Groups::new([&gone, &one, &two]);
    let found = |condition: Value| match groups.expand(&condition) {
        Err(Problem::Group {
            place,
            group,
            fault,
        }) => (place, group, fault),
        other => panic!("{other:?}"),
    };
    let said = |place: &str, group: &str, fault| (place.to_owned(), group.to_owned(), fault);
    assert_eq!(
        found(json!({ "$and": [{}, { "id": { "$inGroup": "no" } }] })),
        said("condition.$and[1].id.$inGroup", "no", GroupFault::Missing)
    );
    assert_eq!(
        found(json!({ "$savedGroups": ["gone"] })),
        said("condition.$savedGroups[0]", "gone", GroupFault::Archived)
    );
    assert_eq!(
        found(json!({ "id": { "$notInGroup": "one" } })),
        said("condition.id.$notInGroup", "one", GroupFault::NotAList)
    );
    assert_eq!(
        found(json!({ "$savedGroups": ["one"] })).1,
        "one → two → one"
    );
}

#[test]
fn a_difference_counts_all_and_lists_some() {
    let (before, after) = (list("beta", &["ann", "bob"]), list("beta", &["bob", "eve"]));
    let found = changes(&SavedGroupDraft::of(&before), &SavedGroupDraft::of(&after));
    assert_eq!((found.added_count, found.removed_count), (1, 1));
    assert_eq!(
        (&*found.added, &*found.removed),
        (&["eve".to_owned()][..], &["ann".to_owned()][..])
    );
    assert!(found.name.is_none() && !found.is_empty());
}

proptest! {
    /// What is spelled out means the same: SDKs that know saved groups of all kinds agree.
    #[test]
    fn spelling_out_changes_nobody(
        unit in "[a-d]", country in prop::sample::select(vec!["JP", "US"]), not: bool,
        named in prop::collection::vec(prop::sample::select(vec!["some", "local", "both"]), 1..4),
    ) {
        use nexus_flags::growthbook::{Audience, Lists, check_with_lists};
        let groups = [
            list("some", &["a", "b"]),
            condition("local", json!({ "country": "JP" })),
            condition("both", json!({ "$savedGroups": ["some", "local"] })),
        ];
        let asked = json!({ "$savedGroups": named });
        let asked = if not { json!({ "$not": asked }) } else { asked };
        let expanded = Groups::new(&groups).expand(&asked).unwrap();
        let lists = [("some".to_owned(), vec!["a".to_owned(), "b".to_owned()])];
        let lists = Lists::new(&lists.into());
        prop_assert_eq!(check_with_lists(&expanded.condition, &lists), Ok(()));
        let user = json!({ "id": unit, "country": country });
        let some = ["a", "b"].contains(&unit.as_str());
        let local = country == "JP";
        let inside = named.iter().all(|name| match *name {
            "some" => some,
            "local" => local,
            _ => some && local,
        });
        let found = Audience::with_lists(&expanded.condition, &lists)
            .contains(user.as_object().unwrap());
        prop_assert_eq!(found, inside != not);
    }
}
