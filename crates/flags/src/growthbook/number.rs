//! Numbers as text, the way JavaScript writes them, without the heap.

use std::fmt::{self, Write};

/// A number's text. The longest is a sign, `0.`, five zeros and seventeen digits.
pub(super) struct NumberText {
    bytes: [u8; Self::ROOM],
    length: usize,
}

impl NumberText {
    const ROOM: usize = 40;

    /// `Number::toString` of ECMAScript (section 6.1.6.1.20): the shortest digits that read
    /// back as the same number, with an exponent below 1e-6 and from 1e21.
    pub(super) fn new(number: f64) -> Self {
        let mut text = Self::empty();
        // Writing fails only beyond the room, which no number reaches.
        let _ = if number == number.trunc() && number.abs() < 1e15 {
            write!(text, "{}", number as i64)
        } else {
            text.write_any(number)
        };
        text
    }

    fn empty() -> Self {
        Self {
            bytes: [0; Self::ROOM],
            length: 0,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        let written = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(written).unwrap_or_default()
    }

    fn write_any(&mut self, number: f64) -> fmt::Result {
        if !number.is_finite() {
            return match number {
                f64::INFINITY => self.write_str("Infinity"),
                f64::NEG_INFINITY => self.write_str("-Infinity"),
                _ => self.write_str("NaN"),
            };
        }
        let mut scientific = Self::empty();
        write!(scientific, "{:e}", number.abs())?;
        let (mantissa, exponent) = scientific.as_str().split_once('e').ok_or(fmt::Error)?;
        let exponent: i32 = exponent.parse().map_err(|_| fmt::Error)?;
        if number < 0.0 {
            self.write_char('-')?;
        }
        let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if (-6..21).contains(&exponent) {
            self.write_plain(first, rest, exponent)
        } else {
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(self, "{mantissa}e{sign}{}", exponent.abs())
        }
    }

    /// `first.rest` times ten to the `exponent`, without an exponent.
    fn write_plain(&mut self, first: &str, rest: &str, exponent: i32) -> fmt::Result {
        let Ok(shift) = usize::try_from(exponent) else {
            self.write_str("0.")?;
            for _ in 1..exponent.unsigned_abs() {
                self.write_char('0')?;
            }
            return write!(self, "{first}{rest}");
        };
        self.write_str(first)?;
        if let Some((whole, fraction)) = rest.split_at_checked(shift) {
            self.write_str(whole)?;
            return if fraction.is_empty() {
                Ok(())
            } else {
                write!(self, ".{fraction}")
            };
        }
        self.write_str(rest)?;
        for _ in rest.len()..shift {
            self.write_char('0')?;
        }
        Ok(())
    }
}

impl Write for NumberText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::NumberText;

    /// Expectations are what ECMAScript's `String(n)` gives.
    #[test]
    fn numbers_read_as_in_javascript() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.0, "-12"),
            (1.5, "1.5"),
            (0.1, "0.1"),
            (-0.000_001_5, "-0.0000015"),
            (1e-7, "1e-7"),
            (-1.25e-9, "-1.25e-9"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e20, "100000000000000000000"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1_234_567_890_123_456.8, "1234567890123456.8"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (number, text) in cases {
            assert_eq!(NumberText::new(number).as_str(), text, "{number:e}");
        }
    }
}
