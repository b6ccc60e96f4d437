//! The keys that sign and check access tokens: P-256, kept as PKCS#8 PEM.
//!
//! One signs; it and any former ones check, found by `kid`, the RFC 7638 thumbprint of the public key.
//! Invariant: only public halves are ever published, and a private half is never printed.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
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
}

/// One signing key and the public halves that check.
#[derive(Clone)]
pub struct Keys {
    private: Arc<EncodingKey>,
    /// The signing key's own first.
    public: Arc<[PublicKey]>,
}

struct PublicKey {
    id: String,
    x: String,
    y: String,
    key: DecodingKey,
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
        let public = PublicKey::new(pair.public_key().as_ref())?;
        Ok(Self { private: Arc::new(EncodingKey::from_ec_der(&der)), public: Arc::from([public]) })
    }

    /// The same, which also accepts tokens signed by `former`, for a rotation with overlap.
    #[must_use]
    pub fn and_accept(self, former: &Self) -> Self {
        let public = self.public.iter().chain(former.public.iter()).map(PublicKey::copy).collect();
        Self { private: self.private, public }
    }

    /// The public halves as a JSON Web Key Set (RFC 7517).
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.public.iter().map(PublicKey::jwk).collect();
        json!({ "keys": keys })
    }

    /// `kid` of the key that signs.
    pub fn signing_id(&self) -> &str {
        self.public.first().map_or("", |key| &key.id)
    }

    pub(super) fn private(&self) -> &EncodingKey {
        &self.private
    }

    pub(super) fn public(&self, id: &str) -> Option<&DecodingKey> {
        self.public.iter().find(|key| key.id == id).map(|key| &key.key)
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
        Ok(Self { id: thumbprint(&x, &y), x, y, key })
    }

    fn copy(&self) -> Self {
        Self { id: self.id.clone(), x: self.x.clone(), y: self.y.clone(), key: self.key.clone() }
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
