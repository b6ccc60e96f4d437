//! The programs that may ask for tokens: two of our own, and those that tenants registered.
//!
//! The id of a registered client is `{tenant slug}.{random}`, so that its tenant is known before it is looked up.
//! Invariant: a client acts in its own tenant only; our own are public, act in any, and get no token by themselves.

use persistence::ClientRow;

use super::error::OAuthError;
use super::realm::Realm;
use super::redirect;
use super::scope;
use super::secret;
use crate::edge::Edge;
use domain::{Role, Scopes, TenantId};

/// The program's own pages.
pub(crate) const WEB: &str = "smartqueue-web";
/// The program's own command line, on the person's own machine.
pub(crate) const CLI: &str = "smartqueue-cli";

/// Pages of ours that a sign-in may come back to.
const PAGES: [&str; 5] = ["/", "/agent", "/kiosk", "/display", "/admin"];

pub(crate) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";
pub(crate) const CLIENT_CREDENTIALS: &str = "client_credentials";
/// Every grant there is.
pub(crate) const GRANTS: [&str; 3] = [AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS];

/// A program that may ask for tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) name: String,
    /// None for our own, which act in any.
    pub(crate) tenant: Option<TenantId>,
    /// None for a public client, which can keep no secret.
    pub(crate) secret_hash: Option<[u8; 32]>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) grants: Vec<String>,
    /// The most it can be granted.
    pub(crate) scopes: Scopes,
    /// What it is when it acts in its own name.
    pub(crate) role: Option<Role>,
    /// Asks nobody for consent.
    pub(crate) first_party: bool,
}

impl Client {
    /// The client called `id`; none when there is none or it is disabled.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn find(edge: &Edge, id: &str) -> Result<Option<Self>, OAuthError> {
        if let Some(own) = own(id, edge.sign_in().issuer()) {
            return Ok(Some(own));
        }
        let Some(realm) = realm_of(edge, id) else { return Ok(None) };
        let row = edge.engine().store().client(realm.id(), id).await?;
        Ok(row.filter(|row| row.disabled_at.is_none()).map(Self::from))
    }

    pub(crate) fn may(&self, grant: &str) -> bool {
        self.grants.iter().any(|known| known == grant)
    }

    pub(crate) fn takes(&self, redirect_uri: &str) -> bool {
        redirect::is_registered(redirect_uri, &self.redirect_uris)
    }

    /// Whether `given` is what this client proves itself with: nothing at all for a public one.
    pub(crate) fn proves(&self, given: Option<&str>) -> bool {
        match (&self.secret_hash, given) {
            (None, None) => true,
            (Some(known), Some(given)) => secret::same(known, &secret::hash(given)),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        Self {
            // Words of a newer program are left out rather than trusted.
            scopes: row.scopes.parse().unwrap_or_default(),
            role: row.role.as_deref().and_then(|role| role.parse().ok()),
            id: row.client_id,
            name: row.name,
            tenant: Some(row.tenant),
            secret_hash: row.secret_hash,
            redirect_uris: row.redirect_uris,
            grants: row.grants,
            first_party: row.first_party,
        }
    }
}

/// The tenant in a registered client's id.
pub(crate) fn realm_of(edge: &Edge, id: &str) -> Option<Realm> {
    let (slug, _) = id.split_once('.').filter(|(slug, _)| !slug.is_empty())?;
    Realm::of_slug(edge, slug)
}

fn own(id: &str, issuer: &str) -> Option<Client> {
    let (name, redirect_uris): (&str, Vec<String>) = match id {
        WEB => ("SmartQueue", PAGES.iter().map(|page| format!("{issuer}{page}")).collect()),
        CLI => {
            let hosts = ["127.0.0.1", "[::1]"];
            ("SmartQueue CLI", hosts.iter().map(|host| format!("http://{host}/callback")).collect())
        }
        _ => return None,
    };
    Some(Client {
        id: id.to_owned(),
        name: name.to_owned(),
        tenant: None,
        secret_hash: None,
        redirect_uris,
        grants: vec![AUTHORIZATION_CODE.to_owned(), REFRESH_TOKEN.to_owned()],
        scopes: scope::all(),
        role: None,
        first_party: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_clients_come_back_to_our_own_pages_only() {
        let web = own(WEB, "https://queue.example").unwrap();
        assert!(web.takes("https://queue.example/agent"));
        assert!(
            !web.takes("https://queue.example/agent/") && !web.takes("https://evil.example/agent")
        );
        let cli = own(CLI, "https://queue.example").unwrap();
        assert!(
            cli.takes("http://127.0.0.1:40001/callback")
                && !cli.takes("http://localhost:1/callback")
        );
        assert!(cli.proves(None) && !cli.proves(Some("")));
        assert_eq!(own("else", ""), None);
    }
}
