//! Opaque secrets: 256 random bits, shown once, kept as SHA-256.
//!
//! What belongs to a tenant carries the tenant's id in front (`{hex}.{43 base64url}`), so that its rows are found.
//! Invariant: nothing that is kept or logged lets anybody make the secret again.

use aws_lc_rs::{constant_time, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::TenantId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const SECRET_BYTES: usize = 32;
/// 32 bytes as base64url.
const SECRET_CHARS: usize = 43;

/// A secret to be given away, and what is kept of it.
pub(crate) struct Opaque {
    pub(crate) text: String,
    pub(crate) hash: [u8; 32],
}

impl Opaque {
    /// None when the system gives no randomness.
    pub(crate) fn fresh(tenant: TenantId) -> Option<Self> {
        Some(Self::of(format!("{}.{}", tenant.0.simple(), random()?)))
    }

    /// The one and only successor of the refresh token `old`: whoever asks again gets the same.
    pub(crate) fn successor(tenant: TenantId, old: &str, secret: &[u8; 32]) -> Self {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), old.as_bytes());
        Self::of(format!("{}.{}", tenant.0.simple(), URL_SAFE_NO_PAD.encode(tag)))
    }

    /// The tenant and the hash of a secret that somebody shows; none when it has another form.
    pub(crate) fn shown(text: &str) -> Option<(TenantId, [u8; 32])> {
        let (tenant, secret) = text.split_once('.')?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if tenant.len() != 32 || secret.len() != SECRET_CHARS || !secret.bytes().all(plain) {
            return None;
        }
        Some((TenantId(Uuid::try_parse(tenant).ok()?), hash(text)))
    }

    fn of(text: String) -> Self {
        let hash = hash(&text);
        Self { text, hash }
    }
}

/// 256 random bits as base64url; none when the system gives none.
pub(crate) fn random() -> Option<String> {
    let mut bytes = [0; SECRET_BYTES];
    rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Compares without telling by its time where the two differ.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`hex`] wrote of a SHA-256; none for any other text.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 64 || !text.bytes().all(is_hex) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_says_whose_it_is_and_nothing_else() {
        let tenant = TenantId(Uuid::from_u128(7));
        let one = Opaque::fresh(tenant).unwrap();
        assert_eq!(Opaque::shown(&one.text), Some((tenant, one.hash)));
        assert_ne!(one.hash, Opaque::fresh(tenant).unwrap().hash);
        for bad in
            ["", ".", "x.y", &one.text[1..], &format!("{}=", one.text), &one.text.replace('.', ":")]
        {
            assert_eq!(Opaque::shown(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_successor_is_the_same_each_time() {
        let tenant = TenantId(Uuid::from_u128(7));
        let of = |old: &str, secret: u8| Opaque::successor(tenant, old, &[secret; 32]).text;
        assert_eq!(of("a", 1), of("a", 1));
        assert_ne!(of("a", 1), of("b", 1));
        assert_ne!(of("a", 1), of("a", 2));
        assert!(Opaque::shown(&of("a", 1)).is_some());
    }

    #[test]
    fn a_hash_reads_back_and_nothing_else_does() {
        let hash = hash("secret");
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        for bad in ["", "00", &hex(&hash).to_uppercase(), &"é".repeat(32), &"g".repeat(64)] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
