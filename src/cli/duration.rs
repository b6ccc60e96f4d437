//! Durations as people write them: `90s`, `15m`, `1h`, `1h30m`, `7d`.
//!
//! Whole numbers, each with its unit, largest first. Invariant: a number without a unit is refused, because
//! nobody can tell seconds from minutes.

use std::time::Duration;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
const HOW: &str = "write it like 90s, 15m, 1h, 1h30m or 7d";

/// The duration that `text` means; for clap.
///
/// # Errors
/// What to write instead.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let mut seconds = 0_u64;
    let (mut digits, mut smallest) = (String::new(), u64::MAX);
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = UNITS.iter().find(|(name, _)| *name == letter).map(|(_, unit)| *unit);
        let unit = unit.filter(|unit| *unit < smallest).ok_or(HOW)?;
        let count: u64 = digits.parse().map_err(|_| HOW)?;
        let part = count.checked_mul(unit).ok_or(HOW)?;
        seconds = seconds.checked_add(part).ok_or(HOW)?;
        smallest = unit;
        digits.clear();
    }
    if !digits.is_empty() || smallest == u64::MAX {
        return Err(HOW.to_owned());
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("1h", 3_600), ("1h30m", 5_400), ("7d", 604_800), ("0s", 0)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_could_mean_anything_is_refused() {
        for text in
            ["", "1", "h", "1 h", "-1h", "1.5h", "30m1h", "1h1h", "1w", "99999999999999999999d"]
        {
            assert_eq!(parse(text), Err(HOW.to_owned()), "{text}");
        }
    }
}
