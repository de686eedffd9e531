//! The statistics give the same bits on every target: here is what they are. `cargo xtask test
//! edge` asks WebAssembly for the same.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod answers;
#[path = "../common/mod.rs"]
mod common;
mod digest;
#[expect(dead_code, reason = "the comparison with others needs more")]
#[path = "../parity/generate.rs"]
mod generate;

#[test]
fn the_bits_are_those_of_every_target() {
    let found = format!("{:#}\n", answers::digests().to_json());
    assert_eq!(
        found,
        include_str!("bits.json"),
        "if other answers are meant, write into crates/stats/tests/bits/bits.json:\n{found}"
    );
}
