//! Targeting, compiled: attribute names become slots, lists become sorted arrays and masks.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::context::{Context, Device};
use crate::growthbook::{self, Attribute, Audience, Lists};
use crate::snapshot::{Operator, Targeting};

/// Attribute names of one snapshot, sorted; a name's position is its slot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Box<[Box<str>]>);

impl Names {
    /// Most distinct attribute names one snapshot may use, and most attributes of one
    /// context that are looked at: both fit a byte with one value left for "absent".
    pub(crate) const MAX: usize = 255;

    /// Expects sorted, distinct names, at most [`Names::MAX`].
    pub(crate) fn new(names: Vec<Box<str>>) -> Self {
        Self(names.into())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn slot(&self, name: &str) -> Option<u8> {
        let slot = self.0.binary_search_by(|known| (**known).cmp(name)).ok()?;
        u8::try_from(slot).ok()
    }
}

/// A context's attributes by slot. Lives on the stack; building it allocates nothing.
pub(crate) struct Attributes<'a> {
    /// Position in `pairs` plus one; zero is absent.
    positions: [u8; Names::MAX + 1],
    pairs: &'a [(&'a str, &'a str)],
}

impl<'a> Attributes<'a> {
    pub(crate) fn resolve(names: &Names, pairs: &'a [(&'a str, &'a str)]) -> Self {
        let mut positions = [0; Names::MAX + 1];
        if names.len() > 0 {
            for (position, (name, _)) in (1..=u8::MAX).zip(pairs) {
                if let Some(slot) = names.slot(name) {
                    let entry = &mut positions[usize::from(slot)];
                    if *entry == 0 {
                        *entry = position;
                    }
                }
            }
        }
        Self { positions, pairs }
    }

    fn get(&self, slot: u8) -> Option<&'a str> {
        let position = usize::from(self.positions[usize::from(slot)]);
        self.pairs
            .get(position.checked_sub(1)?)
            .map(|(_, value)| *value)
    }
}

/// Compiled [`Targeting`].
#[derive(Debug, Clone)]
pub(crate) struct Matcher {
    /// Sorted; empty is everywhere.
    countries: Box<[u16]>,
    devices: u8,
    rules: Box<[Rule]>,
    condition: Option<Box<Condition>>,
}

#[derive(Debug, Clone)]
struct Condition {
    audience: Audience,
    kinds: Kinds,
}

/// What a condition takes attributes for, which are all texts.
#[derive(Debug, Clone)]
struct Kinds {
    /// Attributes that it compares with numbers.
    numbers: Box<[Box<str>]>,
    /// Attributes that it compares with true or false.
    booleans: Box<[Box<str>]>,
}

#[derive(Debug, Clone)]
struct Rule {
    slot: u8,
    operator: Operator,
    /// Sorted.
    values: Box<[Box<str>]>,
}

impl Matcher {
    /// Rules on names that `names` does not know are dropped: the compiler collects the
    /// names from the same snapshot first.
    pub(crate) fn new(targeting: &Targeting, names: &Names, lists: &Lists) -> Self {
        let mut countries: Vec<u16> = targeting.countries.iter().map(|c| c.as_u16()).collect();
        countries.sort_unstable();
        let rule = |rule: &crate::snapshot::AttributeRule| {
            let mut values: Vec<Box<str>> = rule.values.iter().map(|v| v.as_str().into()).collect();
            values.sort_unstable();
            let slot = names.slot(&rule.name)?;
            Some(Rule {
                slot,
                operator: rule.operator,
                values: values.into(),
            })
        };
        Self {
            countries: countries.into(),
            devices: device_mask(&targeting.devices),
            rules: targeting.attributes.iter().filter_map(rule).collect(),
            condition: targeting
                .condition
                .as_ref()
                .map(|json| Condition::new(json, lists)),
        }
    }

    #[inline]
    pub(crate) fn matches(&self, context: &Context<'_>, attributes: &Attributes<'_>) -> bool {
        self.devices & context.device.bit() != 0
            && self.country_matches(context)
            && self.rules.iter().all(|rule| rule.matches(attributes))
            && self
                .condition
                .as_ref()
                .is_none_or(|condition| condition.matches(context))
    }

    fn country_matches(&self, context: &Context<'_>) -> bool {
        self.countries.is_empty()
            || context
                .country
                .is_some_and(|c| self.countries.binary_search(&c.as_u16()).is_ok())
    }
}

impl Condition {
    fn new(json: &Value, lists: &Lists) -> Box<Self> {
        Box::new(Self {
            audience: Audience::with_lists(json, lists),
            kinds: Kinds::of(json),
        })
    }

    fn matches(&self, context: &Context<'_>) -> bool {
        let kinds = &self.kinds;
        self.audience.contains(&Asked { context, kinds })
    }
}

impl Kinds {
    fn of(condition: &Value) -> Self {
        let compared_with = |is: fn(&Value) -> bool| {
            let mut names = BTreeSet::new();
            names_compared_with(condition, is, &mut names);
            names.into_iter().map(Box::from).collect()
        };
        Self {
            numbers: compared_with(Value::is_number),
            booleans: compared_with(Value::is_boolean),
        }
    }
}

/// Asks parts of a condition, which take attributes for what the whole of it takes them for.
pub(crate) struct Asker<'a> {
    context: &'a Context<'a>,
    kinds: Kinds,
    lists: &'a Lists,
}

impl<'a> Asker<'a> {
    pub(crate) fn new(whole: &Value, context: &'a Context<'a>, lists: &'a Lists) -> Self {
        Self {
            context,
            kinds: Kinds::of(whole),
            lists,
        }
    }

    pub(crate) fn passes(&self, part: &Value) -> bool {
        Audience::with_lists(part, self.lists).contains(&self.asked())
    }

    /// What stands at a path.
    pub(crate) fn found(&self, path: &str) -> Option<Value> {
        growthbook::find(path, &self.asked()).to_json()
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            context: self.context,
            kinds: &self.kinds,
        }
    }
}

/// The attributes that a condition compares with values of a kind. Conditions tell numbers
/// and truth values from texts, but a context has texts only: there it is the condition that
/// says what is meant.
fn names_compared_with<'v>(
    condition: &'v Value,
    is: fn(&Value) -> bool,
    found: &mut BTreeSet<&'v str>,
) {
    match condition {
        Value::Array(conditions) => {
            for condition in conditions {
                names_compared_with(condition, is, found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                if name.starts_with('$') {
                    names_compared_with(value, is, found);
                } else if has(value, is) {
                    found.insert(name);
                }
            }
        }
        _ => {}
    }
}

fn has(value: &Value, is: fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has(item, is)),
        Value::Object(fields) => {
            // Whether there is one says nothing of what it is.
            let mut fields = fields.iter().filter(|(name, _)| *name != "$exists");
            fields.any(|(_, value)| has(value, is))
        }
        value => is(value),
    }
}

/// A context as a condition sees it.
struct Asked<'c> {
    context: &'c Context<'c>,
    kinds: &'c Kinds,
}

impl growthbook::Attributes for Asked<'_> {
    fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        let context = self.context;
        let text = match name {
            "id" => context.unit,
            "country" => context.country.as_ref()?.as_str(),
            "device" => context.device.as_str(),
            name => {
                let mut attributes = context.attributes.iter();
                attributes.find(|(known, _)| *known == name)?.1
            }
        };
        let names = |known: &[Box<str>]| known.iter().any(|known| **known == *name);
        let number = || text.parse().ok().filter(|number: &f64| number.is_finite());
        if names(&self.kinds.numbers)
            && let Some(number) = number()
        {
            return Some(Attribute::Number(number));
        }
        Some(match text {
            "true" | "false" if names(&self.kinds.booleans) => Attribute::Bool(text == "true"),
            text => Attribute::Text(text),
        })
    }
}

fn device_mask(devices: &[Device]) -> u8 {
    let wanted = if devices.is_empty() {
        &Device::ALL
    } else {
        devices
    };
    wanted.iter().fold(0, |mask, device| mask | device.bit())
}

impl Rule {
    fn matches(&self, attributes: &Attributes<'_>) -> bool {
        let value = attributes.get(self.slot);
        let any = |test: fn(&str, &str) -> bool| {
            value.is_some_and(|value| self.values.iter().any(|wanted| test(value, wanted)))
        };
        match self.operator {
            Operator::Is => self.lists(value),
            Operator::IsNot => !self.lists(value),
            Operator::StartsWith => any(|value, wanted| value.starts_with(wanted)),
            Operator::EndsWith => any(|value, wanted| value.ends_with(wanted)),
            Operator::Contains => any(|value, wanted| value.contains(wanted)),
            Operator::DoesNotContain => !any(|value, wanted| value.contains(wanted)),
        }
    }

    fn lists(&self, value: Option<&str>) -> bool {
        value.is_some_and(|value| self.values.binary_search_by(|v| (**v).cmp(value)).is_ok())
    }
}
