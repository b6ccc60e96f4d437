//! The keys that sign and check access tokens: P-256, kept as PKCS#8 PEM.
//!
//! One signs; it and any former ones check until their end, found by `kid`, the RFC 7638 thumbprint of the public key.
//! Clones share one ring, so that a rotation reaches everybody who signs or checks.
//! Invariant: only public halves are ever published, and a private half is never printed.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Timestamp;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const HEAD: &str = "-----BEGIN PRIVATE KEY-----";
const FOOT: &str = "-----END PRIVATE KEY-----";

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    #[error("no key could be made")]
    NotMade,
    #[error("not a PEM file with one PKCS#8 private key (BEGIN PRIVATE KEY)")]
    NotPem,
    #[error("not a P-256 private key")]
    NotP256,
    #[error("not a secret of 32 bytes in base64")]
    NotSecret,
}

/// One signing key and the public halves that check. Cheap to clone; all clones see a rotation.
#[derive(Clone)]
pub struct Keys {
    ring: Arc<RwLock<Arc<Ring>>>,
}

struct Ring {
    private: EncodingKey,
    /// The signing key's own first.
    public: Vec<PublicKey>,
}

#[derive(Clone)]
struct PublicKey {
    id: String,
    x: String,
    y: String,
    key: DecodingKey,
    /// A former key: nothing signed by it is accepted from then on.
    until: Option<Timestamp>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("kid", &self.signing_id()).finish_non_exhaustive()
    }
}

impl Keys {
    /// A new private key as PEM text, to be kept where only the program can read it.
    ///
    /// # Errors
    /// [`KeysError::NotMade`] when the system gives no randomness.
    pub fn generate() -> Result<String, KeysError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| KeysError::NotMade)?;
        let der = pair.to_pkcs8v1().map_err(|_| KeysError::NotMade)?;
        Ok(to_pem(der.as_ref()))
    }

    /// The keys of a PEM text as [`Keys::generate`] or `openssl genpkey` writes it.
    ///
    /// # Errors
    /// [`KeysError::NotPem`] or [`KeysError::NotP256`].
    pub fn from_pem(pem: &str) -> Result<Self, KeysError> {
        let der = from_pem(pem)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)
            .map_err(|_| KeysError::NotP256)?;
        let ring = Ring {
            private: EncodingKey::from_ec_der(&der),
            public: vec![PublicKey::new(pair.public_key().as_ref())?],
        };
        Ok(Self { ring: Arc::new(RwLock::new(Arc::new(ring))) })
    }

    /// The same, which also accepts what `former` signed, until that instant.
    #[must_use]
    pub fn and_accept(self, former: &Self, until: Timestamp) -> Self {
        let (own, theirs) = (self.ring(), former.ring());
        let old = theirs.public.iter().take(1);
        let old = old.map(|key| PublicKey { until: Some(until), ..key.clone() });
        let public = own.public.iter().cloned().chain(old).collect();
        let ring = Ring { private: own.private.clone(), public };
        Self { ring: Arc::new(RwLock::new(Arc::new(ring))) }
    }

    /// From now on signs and checks as `newer` does; so do all clones.
    pub fn become_those_of(&self, newer: &Self) {
        let ring = newer.ring();
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The public halves that still check at `now`, as a JSON Web Key Set (RFC 7517).
    pub fn jwks(&self, now: Timestamp) -> Value {
        let ring = self.ring();
        let current = ring.public.iter().filter(|key| key.until.is_none_or(|until| until > now));
        json!({ "keys": current.map(PublicKey::jwk).collect::<Vec<Value>>() })
    }

    /// `kid` of the key that signs.
    pub fn signing_id(&self) -> String {
        self.ring().public.first().map_or_else(String::new, |key| key.id.clone())
    }

    pub(super) fn private(&self) -> EncodingKey {
        self.ring().private.clone()
    }

    /// Whether what the key called `id` has signed counts at `now`.
    pub(super) fn accepts(&self, id: &str, now: Timestamp) -> bool {
        // Asked at every request: under the lock, not with a ring of one's own.
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let known = ring.public.iter().find(|key| key.id == id);
        known.is_some_and(|key| key.until.is_none_or(|until| until > now))
    }

    /// The key called `id`, and until when it counts.
    pub(super) fn public(&self, id: &str) -> Option<(DecodingKey, Option<Timestamp>)> {
        let ring = self.ring();
        ring.public.iter().find(|key| key.id == id).map(|key| (key.key.clone(), key.until))
    }
}

impl PublicKey {
    /// From the uncompressed point: 4, then x and y of 32 bytes each.
    fn new(point: &[u8]) -> Result<Self, KeysError> {
        let [4, rest @ ..] = point else { return Err(KeysError::NotP256) };
        let (x, y) =
            rest.split_at_checked(32).filter(|(_, y)| y.len() == 32).ok_or(KeysError::NotP256)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let key = DecodingKey::from_ec_components(&x, &y).map_err(|_| KeysError::NotP256)?;
        Ok(Self { id: thumbprint(&x, &y), x, y, key, until: None })
    }

    fn jwk(&self) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": self.x, "y": self.y })
    }
}

/// RFC 7638: the required members in this order, without spaces.
fn thumbprint(x: &str, y: &str) -> String {
    let text = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

fn to_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("{HEAD}\n{}\n{FOOT}\n", lines.join("\n"))
}

fn from_pem(pem: &str) -> Result<Vec<u8>, KeysError> {
    let inside = pem
        .split_once(HEAD)
        .and_then(|(_, rest)| rest.split_once(FOOT))
        .ok_or(KeysError::NotPem)?
        .0;
    let text: String = inside.split_whitespace().collect();
    STANDARD.decode(text).map_err(|_| KeysError::NotPem)
}
