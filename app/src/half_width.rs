//! What Japanese keyboards type in full width, as programs read it.

/// Trimmed, and in ASCII what has a full width too: digits, letters, signs.
#[must_use]
pub(crate) fn half_width(typed: &str) -> String {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '−' | 'ー' => '-',
        other => other,
    };
    typed.trim().chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_letters_and_signs_are_narrowed_and_the_rest_stays() {
        for (typed, read) in [
            ("　１２．５％ ", "12.5%"),
            ("−３", "-3"),
            ("ー３", "-3"),
            ("７ｄ", "7d"),
            ("３日間", "3日間"),
            ("plain 1", "plain 1"),
        ] {
            assert_eq!(half_width(typed), read);
        }
    }
}
