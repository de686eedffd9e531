//! `$veq` and its kin: versions compared by GrowthBook's padded text.
//!
//! The specification (`paddedVersionString`) drops a leading `v` and everything from `+`,
//! splits at `-` and `.`, adds `~` to exactly three parts so that a release is above its
//! pre-releases, pads each number to five columns and joins with `-`. What is compared are
//! the UTF-16 code units of that text; here they are made one by one and never stored.

use std::cmp::Ordering;

/// Narrower numbers are padded with spaces up to here.
const COLUMNS: usize = 5;

/// Orders two versions.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    padded(left).cmp(padded(right))
}

fn padded(version: &str) -> impl Iterator<Item = u16> {
    let version = if version.is_empty() { "0" } else { version };
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.split('+').next().unwrap_or_default();
    let release = (parts(version).count() == 3).then_some("~");
    let parts = parts(version).chain(release).enumerate();
    parts.flat_map(|(position, part)| {
        let joint = (position > 0).then_some(u16::from(b'-'));
        joint.into_iter().chain(column(part))
    })
}

fn parts(version: &str) -> impl Iterator<Item = &str> {
    version.split(['-', '.'])
}

fn column(part: &str) -> impl Iterator<Item = u16> {
    let number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let spaces = if number {
        COLUMNS.saturating_sub(part.len())
    } else {
        0
    };
    std::iter::repeat_n(u16::from(b' '), spaces).chain(part.encode_utf16())
}
