//! One-time codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds.
//!
//! The step that a code belongs to is told, so that it can be used up. One step before and after counts too.
//! Invariant: comparing takes the same time for every wrong code.

use aws_lc_rs::{hmac, rand};
use domain::Timestamp;

use crate::oauth::{encode, same};

const STEP_MICROS: i64 = 30_000_000;
const SECRET_BYTES: usize = 20;
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// None when the system gives no randomness.
pub(super) fn fresh_secret() -> Option<Vec<u8>> {
    let mut bytes = vec![0; SECRET_BYTES];
    rand::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// The step whose code `given` is; none when it is of no step near `now`.
pub(super) fn step(secret: &[u8], given: &str, now: Timestamp) -> Option<u64> {
    let given: String = given.chars().filter(|letter| !letter.is_whitespace()).collect();
    let current = u64::try_from(now.0 / STEP_MICROS).unwrap_or(0);
    let near = [current, current.saturating_sub(1), current + 1];
    let fits = |step: &u64| same(code(secret, *step).as_bytes(), given.as_bytes());
    near.into_iter().filter(|_| !secret.is_empty()).find(fits)
}

fn code(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag.last().copied().unwrap_or(0) & 15);
    let four = tag.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or([0; 4]);
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

/// RFC 4648 without padding: what people type into their app.
pub(super) fn base32(bytes: &[u8]) -> String {
    let bits: Vec<u8> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let letter = |five: &[u8]| {
        let padded = five.iter().chain(std::iter::repeat(&0)).take(5);
        char::from(LETTERS[usize::from(padded.fold(0_u8, |sum, bit| sum << 1 | bit))])
    };
    bits.chunks(5).map(letter).collect()
}

/// What opens the app on the same device.
pub(super) fn address(secret: &str, email: &str) -> String {
    format!("otpauth://totp/SmartQueue:{}?secret={secret}&issuer=SmartQueue", encode(email))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (secs, expected) in
            [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")]
        {
            let now = Timestamp::from_secs(secs);
            assert_eq!(step(secret, expected, now), u64::try_from(secs / 30).ok(), "{secs}");
        }
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_counts_one_step_early_and_late() {
        let (secret, now) = (b"12345678901234567890", Timestamp::from_secs(3_000));
        let of = |step: u64| super::step(secret, &code(secret, step), now);
        assert_eq!(
            (of(98), of(99), of(100), of(101), of(102)),
            (None, Some(99), Some(100), Some(101), None)
        );
        assert_eq!(step(b"", "000000", now), None);
    }
}
