//! Secrets of the installation, and what is sealed with them.
//!
//! One secret of 256 bits is kept beside the signing key; one for each purpose is made from it. What is sealed
//! (AES-256-GCM) says whose it is in its associated data, so that it opens nowhere else.
//! Invariant: no secret can be printed.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A secret that all others of the installation are made from.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new one; none when the system gives no randomness.
    pub fn fresh() -> Option<Self> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// One that is kept nowhere: for tests, and for a program that is gone after its first run.
    ///
    /// # Panics
    /// When the system gives no randomness, without which nobody could sign in at all.
    #[expect(clippy::expect_used, reason = "nothing of a program without randomness would be safe")]
    pub fn unkept() -> Self {
        Self::fresh().expect("randomness")
    }

    /// From 32 bytes in base64.
    pub fn from_text(text: &str) -> Option<Self> {
        STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    /// To be kept where only the program can read it.
    pub fn to_text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// One for a single purpose.
    pub(super) fn derive(&self, purpose: &str) -> [u8; 32] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), purpose.as_bytes());
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }
}

/// Seals `secret` for `owner`: nonce, then what was encrypted. None when the system gives no randomness.
pub(super) fn seal(key: &[u8; 32], owner: &str, secret: &[u8]) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).ok()?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut sealed = secret.to_vec();
    let nonce_used = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce_used, Aad::from(owner.as_bytes()), &mut sealed).ok()?;
    Some([nonce.as_slice(), &sealed].concat())
}

/// None when it was sealed with another key or for another owner.
pub(super) fn open(key: &[u8; 32], owner: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut bytes = rest.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let opened = key.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut bytes).ok()?;
    Some(opened.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_owner_with_its_key() {
        let (key, other) = ([1; 32], [2; 32]);
        let sealed = seal(&key, "awa", b"secret").unwrap();
        assert_eq!(open(&key, "awa", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!((open(&key, "bob", &sealed), open(&other, "awa", &sealed)), (None, None));
        assert_eq!(open(&key, "awa", &sealed[..20]), None);
        assert!(!sealed.windows(6).any(|piece| piece == b"secret"));
        let one = Secret::fresh().unwrap();
        assert_eq!(Secret::from_text(&one.to_text()).unwrap().derive("a"), one.derive("a"));
        assert_ne!(one.derive("a"), one.derive("b"));
    }
}
