//! The audit key: one secret of 32 bytes outside the database, from which everything else follows.
//!
//! It keys the hashes of the chain, so that whoever can write to the database cannot make one that fits, and signs the
//! checkpoints (Ed25519), so that an auditor can check them with the public half alone.
//! Invariant: the secret is never printed, and the same secret always gives the same chain and the same signer.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

const CHAIN: &[u8] = b"smartqueue-audit-chain-1";
const CHECKPOINT: &[u8] = b"smartqueue-audit-checkpoint-1";
const SECRET_BYTES: usize = 32;

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditKeyError {
    #[error("no key could be made")]
    NotMade,
    #[error("not an audit key: expected 64 hexadecimal digits")]
    NotAKey,
}

/// What keys the chain and signs the checkpoints.
#[derive(Clone)]
pub struct AuditKey(Arc<Inner>);

struct Inner {
    chain: hmac::Key,
    signer: Ed25519KeyPair,
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuditKey").field(&self.public()).finish()
    }
}

impl AuditKey {
    /// A new secret as text, to be kept where only the program can read it.
    ///
    /// # Errors
    /// [`AuditKeyError::NotMade`] when the system gives no randomness.
    pub fn generate() -> Result<String, AuditKeyError> {
        let mut secret = [0; SECRET_BYTES];
        rand::fill(&mut secret).map_err(|_| AuditKeyError::NotMade)?;
        Ok(hex(&secret))
    }

    /// The key of a text as [`AuditKey::generate`] makes it.
    ///
    /// # Errors
    /// [`AuditKeyError::NotAKey`].
    pub fn from_text(text: &str) -> Result<Self, AuditKeyError> {
        let secret = from_hex::<SECRET_BYTES>(text.trim()).ok_or(AuditKeyError::NotAKey)?;
        let root = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let chain = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, CHAIN).as_ref());
        let seed = hmac::sign(&root, CHECKPOINT);
        let signer = Ed25519KeyPair::from_seed_unchecked(seed.as_ref())
            .map_err(|_| AuditKeyError::NotAKey)?;
        Ok(Self(Arc::new(Inner { chain, signer })))
    }

    /// The public half that checks checkpoints, in hexadecimal digits.
    pub fn public(&self) -> String {
        hex(self.0.signer.public_key().as_ref())
    }

    pub(super) fn chain(&self) -> hmac::Context {
        hmac::Context::with_key(&self.0.chain)
    }

    pub(super) fn sign(&self, message: &[u8]) -> String {
        hex(self.0.signer.sign(message).as_ref())
    }

    pub(super) fn has_signed(&self, message: &[u8], signature: &str) -> bool {
        let public = UnparsedPublicKey::new(&ED25519, self.0.signer.public_key().as_ref());
        from_hex::<64>(signature)
            .is_some_and(|signature| public.verify(message, &signature).is_ok())
    }
}

pub(super) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(super) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let bytes: Vec<u8> = digits?.chunks_exact(2).map(|pair| (pair[0] << 4) | pair[1]).collect();
    if text.len() == 2 * N { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_gives_one_signer_and_never_shows_itself() {
        let secret = AuditKey::generate().unwrap();
        let (key, again) =
            (AuditKey::from_text(&secret).unwrap(), AuditKey::from_text(&secret).unwrap());
        assert_eq!(key.public(), again.public());
        assert!(again.has_signed(b"said", &key.sign(b"said")));
        assert!(!again.has_signed(b"not said", &key.sign(b"said")));
        assert!(!again.has_signed(b"said", "00"));
        assert!(!format!("{key:?}").contains(&secret));
        let other = AuditKey::from_text(&AuditKey::generate().unwrap()).unwrap();
        assert!(!other.has_signed(b"said", &key.sign(b"said")));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for wrong in ["", "00", &"g".repeat(64), &"0".repeat(63), &"é".repeat(32)] {
            assert_eq!(AuditKey::from_text(wrong).unwrap_err(), AuditKeyError::NotAKey);
        }
    }
}
