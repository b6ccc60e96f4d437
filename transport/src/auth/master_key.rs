//! The master key: the one secret from which the program derives the others, each for one purpose.
//!
//! A derived key tells nothing about the master key or about the keys of other purposes (HMAC-SHA-256).
//! Invariant: a key is never printed.

use std::fmt;

use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BYTES: usize = 32;

/// 256 random bits.
#[derive(Clone)]
pub struct MasterKey([u8; BYTES]);

/// The text holds no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    #[error("no key could be made")]
    NotMade,
    #[error("not 32 bytes in base64")]
    NotAKey,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// # Errors
    /// [`MasterKeyError::NotMade`] when the system gives no randomness.
    pub fn generate() -> Result<Self, MasterKeyError> {
        let mut key = [0; BYTES];
        rand::fill(&mut key).map_err(|_| MasterKeyError::NotMade)?;
        Ok(Self(key))
    }

    /// # Errors
    /// [`MasterKeyError::NotAKey`] for anything but 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| MasterKeyError::NotAKey)?;
        bytes.try_into().map(Self).map_err(|_| MasterKeyError::NotAKey)
    }

    /// As [`MasterKey::from_base64`] reads it.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// The key for `purpose`.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; BYTES] {
        let master = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut derived = [0; BYTES];
        derived.copy_from_slice(hmac::sign(&master, purpose.as_bytes()).as_ref());
        derived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_never_printed() {
        let key = MasterKey::generate().unwrap();
        let again = MasterKey::from_base64(&key.to_base64()).unwrap();
        assert_eq!(key.derive("a"), again.derive("a"));
        assert_ne!(key.derive("a"), key.derive("b"));
        assert_ne!(key.derive("a"), MasterKey::generate().unwrap().derive("a"));
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
        assert!(MasterKey::from_base64("AAAA").is_err() && MasterKey::from_base64("é").is_err());
    }
}
