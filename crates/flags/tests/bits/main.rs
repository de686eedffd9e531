//! The evaluators give the same bits on every target: here is what they are. `cargo xtask test
//! edge` asks WebAssembly for the same.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod answers;
#[path = "../../../stats/tests/bits/digest.rs"]
mod digest;

#[test]
fn the_bits_are_those_of_every_target() {
    let found = format!("{:#}\n", answers::digests().to_json());
    assert_eq!(
        found,
        include_str!("bits.json"),
        "if other answers are meant, write into crates/flags/tests/bits/bits.json:\n{found}"
    );
}
