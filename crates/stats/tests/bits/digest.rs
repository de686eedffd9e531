//! Many answers as a few numbers that differ when any bit of any answer does.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

/// By name: how many answers, and their FNV-1a hash of 64 bits.
#[derive(Default)]
pub(crate) struct Digests(BTreeMap<&'static str, (u64, u64)>);

impl Digests {
    /// Takes in an answer as JSON. A double is written as the shortest decimal that reads back
    /// as it, so two doubles have the same text only when they have the same bits (infinities
    /// and NaN, which no answer should have, are one).
    pub(crate) fn add(&mut self, name: &'static str, answer: &impl Serialize) {
        let text = serde_json::to_string(answer).expect("it is JSON");
        let (count, hash) = self.0.entry(name).or_insert((0, 0xcbf2_9ce4_8422_2325));
        *count += 1;
        for byte in text.bytes() {
            *hash = (*hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let all = self.0.iter();
        all.map(|(name, (count, hash))| (*name, json!(format!("{hash:016x} of {count} answers"))))
            .collect()
    }
}
