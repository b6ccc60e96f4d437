//! Tokens with one thing wrong, and the very reason each is refused for.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000;

struct Signer {
    algorithm: Algorithm,
    key: EncodingKey,
    public: Jwk,
}

fn signer(algorithm: Algorithm, key: EncodingKey) -> Signer {
    let mut public = Jwk::from_encoding_key(&key, algorithm).unwrap();
    public.common.key_id = Some("k1".to_owned());
    Signer { algorithm, key, public }
}

fn ec() -> Signer {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    signer(Algorithm::ES256, EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()))
}

fn rsa(algorithm: Algorithm) -> Signer {
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    signer(algorithm, EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap())
}

fn ed() -> Signer {
    let pair = Ed25519KeyPair::generate().unwrap();
    signer(Algorithm::EdDSA, EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref()))
}

fn sound() -> Value {
    json!({
        "iss": "https://id.example", "aud": "queue", "sub": "s1", "nonce": "n1",
        "iat": NOW - 5, "exp": NOW + 300, "email": " Awa@Bank.example", "email_verified": true,
        "name": "Awa", "amr": ["pwd", "otp", "no good", 7],
    })
}

fn changed(change: Value) -> Value {
    let mut claims = sound();
    claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

impl Signer {
    fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some("k1".to_owned());
        header
    }

    fn token(&self, claims: &Value) -> String {
        encode(&self.header(), claims, &self.key).unwrap()
    }

    fn judge(&self, token: &str) -> Result<Identity, Untrue> {
        let (algorithm, kid) = head(token)?;
        assert_eq!(kid, "k1");
        let now = Timestamp::from_secs(i64::try_from(NOW).unwrap());
        let (issuer, client_id, nonce) = ("https://id.example", "queue", "n1");
        judge(token, algorithm, &self.public, &Expected { issuer, client_id, nonce, now })
    }
}

#[test]
fn every_algorithm_of_the_list_is_read() {
    for signer in [ec(), rsa(Algorithm::RS256), rsa(Algorithm::PS256), ed()] {
        let identity = signer.judge(&signer.token(&sound())).unwrap();
        assert_eq!((identity.subject.as_str(), identity.email_verified), ("s1", true));
        assert_eq!(identity.email.as_deref(), Some("awa@bank.example"));
        assert_eq!(identity.methods, ["pwd", "otp"]);
    }
}

#[test]
fn a_claim_that_is_wrong_is_the_reason() {
    let signer = ec();
    for (change, why) in [
        (json!({ "iss": "https://evil.example" }), Untrue::Issuer),
        (json!({ "iss": null }), Untrue::Issuer),
        (json!({ "iss": ["https://id.example"] }), Untrue::Issuer),
        (json!({ "aud": "other" }), Untrue::Audience),
        (json!({ "aud": null }), Untrue::Audience),
        (json!({ "aud": ["queue", "other"] }), Untrue::Audience),
        (json!({ "azp": "other" }), Untrue::Audience),
        (json!({ "aud": ["queue", "other"], "azp": "other" }), Untrue::Audience),
        (json!({ "exp": NOW - 60 }), Untrue::Time),
        (json!({ "exp": null }), Untrue::Time),
        (json!({ "exp": (NOW + 300).to_string() }), Untrue::Time),
        (json!({ "exp": -1 }), Untrue::Time),
        (json!({ "exp": [NOW + 300] }), Untrue::Malformed),
        (json!({ "exp": 1e300 }), Untrue::Time),
        (json!({ "iat": NOW + 61 }), Untrue::Time),
        (json!({ "iat": NOW - 661 }), Untrue::Time),
        (json!({ "iat": null }), Untrue::Time),
        (json!({ "nbf": NOW + 61 }), Untrue::Time),
        (json!({ "nbf": "0" }), Untrue::Time),
        (json!({ "nonce": "n2" }), Untrue::Nonce),
        (json!({ "nonce": null }), Untrue::Nonce),
        (json!({ "sub": null }), Untrue::Subject),
        (json!({ "sub": "" }), Untrue::Subject),
        (json!({ "sub": 7 }), Untrue::Subject),
        (json!({ "sub": "x".repeat(256) }), Untrue::Subject),
    ] {
        let token = signer.token(&changed(change.clone()));
        assert_eq!(signer.judge(&token), Err(why), "{change}");
    }
    for fine in [
        json!({ "aud": ["queue"] }),
        json!({ "aud": ["queue", "other"], "azp": "queue" }),
        json!({ "exp": NOW - 59 }),
        json!({ "iat": NOW + 60 }),
    ] {
        assert!(signer.judge(&signer.token(&changed(fine.clone()))).is_ok(), "{fine}");
    }
    let unsaid = signer.token(&changed(json!({ "email_verified": null })));
    assert!(!signer.judge(&unsaid).unwrap().email_verified);
}

fn with_header(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

#[test]
fn s07_no_forged_head_is_believed() {
    let signer = rsa(Algorithm::RS256);
    let claims = sound();
    for alg in ["none", "None", "NONE"] {
        let token = with_header(&json!({ "alg": alg, "kid": "k1" }), &claims, "");
        assert_eq!(signer.judge(&token), Err(Untrue::Malformed), "{alg}");
    }
    // The public key as a shared secret: what it is published as, and its bytes.
    let published = serde_json::to_vec(&signer.public).unwrap();
    let AlgorithmParameters::RSA(parts) = &signer.public.algorithm else { panic!("RSA") };
    let modulus = URL_SAFE_NO_PAD.decode(&parts.n).unwrap();
    for secret in [published, modulus] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("k1".to_owned());
        let token = encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap();
        assert_eq!(signer.judge(&token), Err(Untrue::Algorithm));
    }
    let other = rsa(Algorithm::RS256);
    assert_eq!(signer.judge(&other.token(&claims)), Err(Untrue::Signature), "another's key");
    let mut jwk = other.header();
    jwk.jwk = Some(other.public.clone());
    let token = encode(&jwk, &claims, &other.key).unwrap();
    assert_eq!(signer.judge(&token), Err(Untrue::Malformed), "it brings a key along");
    for change in [
        json!({ "jku": "https://evil.example/jwks" }),
        json!({ "x5u": "https://evil.example/x" }),
        json!({ "crit": ["exp"] }),
        json!({ "typ": "at+jwt" }),
        json!({ "kid": "" }),
    ] {
        let mut header = json!({ "alg": "RS256", "kid": "k1" });
        header.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let token = with_header(&header, &claims, "c2ln");
        assert_eq!(signer.judge(&token), Err(Untrue::Malformed), "{change}");
    }
    let no_kid = with_header(&json!({ "alg": "RS256" }), &claims, "c2ln");
    assert_eq!(signer.judge(&no_kid), Err(Untrue::Malformed));
    let unsigned = signer.token(&claims);
    let cut = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
    assert_eq!(signer.judge(&cut), Err(Untrue::Signature), "no signature");
    assert_eq!(signer.judge(&"x".repeat(TOKEN_BYTES_MAX + 1)), Err(Untrue::Malformed));
}

#[test]
fn a_key_serves_what_it_is_for() {
    let signer = ec();
    let token = signer.token(&sound());
    let with = |change: Value| {
        let mut key = serde_json::to_value(&signer.public).unwrap();
        key.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Signer {
            public: serde_json::from_value(key).unwrap(),
            algorithm: signer.algorithm,
            key: signer.key.clone(),
        }
    };
    assert!(with(json!({ "use": "sig" })).judge(&token).is_ok());
    for change in [json!({ "use": "enc" }), json!({ "alg": "ES384" }), json!({ "alg": "RS256" })] {
        assert_eq!(with(change.clone()).judge(&token), Err(Untrue::Algorithm), "{change}");
    }
    let wrong_kind = Signer { public: rsa(Algorithm::RS256).public, ..ec() };
    assert_eq!(wrong_kind.judge(&token), Err(Untrue::Algorithm));
    let ps = rsa(Algorithm::PS256);
    let rs = Signer { public: ps.public.clone(), algorithm: Algorithm::RS256, key: ps.key };
    assert_eq!(rs.judge(&rs.token(&sound())), Err(Untrue::Algorithm), "the key says PS256");
}
