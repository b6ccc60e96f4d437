//! What a provider says of itself: OpenID Connect Discovery 1.0.
//!
//! The document must name the very issuer that was configured, so that nobody answers for somebody else; a template such
//! as Entra ID's `{tenantid}` is none. Invariant: codes and tokens travel over TLS, or do not leave this machine.

use reqwest::Url;
use serde::Deserialize;

use super::Fault;

/// Characters of an address.
const ADDRESS_CHARS_MAX: usize = 512;
/// Algorithms of ID tokens that are taken; see `id_token`.
pub(super) const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// The document, as far as it is read.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    response_types_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What is needed of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    /// The client's secret goes into the header, else into the form.
    pub(super) takes_basic: bool,
    /// Answers carry `iss` (RFC 9207).
    pub(crate) says_issuer: bool,
}

/// Whether `text` can be a provider's issuer.
///
/// # Errors
/// What to give instead.
pub(crate) fn sound_issuer(text: &str) -> Result<(), &'static str> {
    if text.contains(['{', '}']) {
        return Err("this is a template; give the issuer with your own directory's id in it");
    }
    let url = Url::parse(text)
        .map_err(|_| "give the issuer's address, such as https://id.example/realms/staff")?;
    let is_bare = url.query().is_none() && url.fragment().is_none();
    if !is_bare || text.contains(['?', '#']) || text.len() > ADDRESS_CHARS_MAX {
        return Err("give at most 512 characters, without a query or a fragment");
    }
    if is_guarded(&url) { Ok(()) } else { Err("give an address that begins with https://") }
}

/// By TLS, or on this very machine (which the guard has to allow).
fn is_guarded(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let is_bare = url.username().is_empty() && url.password().is_none() && url.has_host();
    is_bare && (url.scheme() == "https" || (url.scheme() == "http" && is_here))
}

/// Where the document of `issuer` is.
pub(super) fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

impl Document {
    /// What is needed of it, if it is the document of `issuer`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn of(self, issuer: &str) -> Result<Metadata, Fault> {
        if self.issuer != issuer {
            return Err(Fault(format!(
                "the provider calls itself {:?}: give exactly that; a common address of many directories will not do",
                self.issuer.chars().take(ADDRESS_CHARS_MAX).collect::<String>()
            )));
        }
        self.check_words()?;
        for endpoint in [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri] {
            if !Url::parse(endpoint).is_ok_and(|url| is_guarded(&url)) {
                return Err(Fault(
                    "an endpoint of the provider is not reached by https".to_owned(),
                ));
            }
        }
        let proofs = self.token_endpoint_auth_methods_supported;
        let takes_basic =
            proofs.is_none_or(|known| known.iter().any(|proof| proof == "client_secret_basic"));
        Ok(Metadata {
            authorization_endpoint: self.authorization_endpoint,
            token_endpoint: self.token_endpoint,
            jwks_uri: self.jwks_uri,
            takes_basic,
            says_issuer: self.authorization_response_iss_parameter_supported,
        })
    }

    fn check_words(&self) -> Result<(), Fault> {
        let lacks = |known: &Option<Vec<String>>, wanted: &[&str]| {
            known
                .as_ref()
                .is_some_and(|known| !known.iter().any(|word| wanted.contains(&word.as_str())))
        };
        let fault = |text: &str| Err(Fault(text.to_owned()));
        if lacks(&self.response_types_supported, &["code"]) {
            return fault("the provider gives no codes (response_types_supported)");
        }
        if lacks(&self.code_challenge_methods_supported, &["S256"]) {
            return fault("the provider has no PKCE with S256 (code_challenge_methods_supported)");
        }
        if lacks(&self.id_token_signing_alg_values_supported, &ALGORITHMS) {
            return fault("the provider signs with none of RS256, PS256, ES256 and EdDSA");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://id.example";

    fn document(changed: Value) -> Result<Metadata, Fault> {
        let mut all = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://keys.example/jwks",
        });
        all.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        serde_json::from_value::<Document>(all).unwrap().of(ISSUER)
    }

    #[test]
    fn a_document_stands_for_its_own_issuer_alone() {
        let sound = document(json!({})).unwrap();
        assert!(sound.takes_basic && !sound.says_issuer);
        for bad in [
            json!({ "issuer": "https://id.example/" }),
            json!({ "issuer": "https://login.example/{tenantid}/v2.0" }),
            json!({ "token_endpoint": "http://id.example/token" }),
            json!({ "jwks_uri": "file:///etc/passwd" }),
            json!({ "code_challenge_methods_supported": ["plain"] }),
            json!({ "id_token_signing_alg_values_supported": ["HS256", "none"] }),
            json!({ "response_types_supported": ["id_token"] }),
        ] {
            assert!(document(bad.clone()).is_err(), "{bad}");
        }
        let post = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
        assert!(!document(post).unwrap().takes_basic);
    }

    #[test]
    fn an_issuer_is_one_address_by_tls() {
        assert!(sound_issuer("https://id.example/realms/staff").is_ok());
        assert!(sound_issuer("http://127.0.0.1:9000").is_ok());
        for bad in [
            "",
            "id.example",
            "http://id.example",
            "https://id.example?x=1",
            "https://id.example#x",
            "https://a:b@id.example",
            "https://login.example/{tenantid}/v2.0",
            "ftp://id.example",
        ] {
            assert!(sound_issuer(bad).is_err(), "{bad}");
        }
        assert_eq!(
            address("https://a.example/"),
            "https://a.example/.well-known/openid-configuration"
        );
    }
}
