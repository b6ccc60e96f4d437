//! A provider as it is configured, and the role that its groups give.
//!
//! A claim is found by its name, or by the way to it (`realm_access.roles`). Of several groups the highest role counts.
//! Invariant: no group makes anybody more than an administrator of this very tenant.

use std::collections::BTreeMap;

use domain::{Role, TenantId};
use persistence::{ProviderRow, StoreError};
use serde_json::{Map, Value};

use super::id_token::Identity;
use crate::edge::Edge;

/// A provider, with its mapping read.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) row: ProviderRow,
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) default_role: Option<Role>,
}

impl From<ProviderRow> for Provider {
    fn from(row: ProviderRow) -> Self {
        // A role of a newer program gives nothing rather than something else.
        let roles: BTreeMap<String, Role> = serde_json::from_str(&row.roles).unwrap_or_default();
        let default_role = row.default_role.as_deref().and_then(|role| role.parse().ok());
        let default_role = default_role.filter(|role| rank(*role).is_some());
        let roles = roles.into_iter().filter(|(_, role)| rank(*role).is_some()).collect();
        Self { row, roles, default_role }
    }
}

/// The order of the roles that members have; none for those that they do not.
pub(crate) const fn rank(role: Role) -> Option<u8> {
    match role {
        Role::Agent => Some(1),
        Role::Manager => Some(2),
        Role::Admin => Some(3),
        Role::PlatformAdmin | Role::Device | Role::Customer => None,
    }
}

impl Provider {
    /// The role that the groups of `identity` give; none lets nobody in.
    pub(crate) fn role(&self, identity: &Identity) -> Option<Role> {
        let groups = groups(&identity.claims, &self.row.groups_claim);
        let given = groups.iter().filter_map(|group| self.roles.get(*group)).copied();
        given.max_by_key(|role| rank(*role)).or(self.default_role)
    }

    /// Whether roles are the provider's to give and to take. Without groups they are kept here.
    pub(crate) fn rules_roles(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Whether `identity` holds an address that is proven to be theirs.
    pub(crate) fn proven_email<'i>(&self, identity: &'i Identity) -> Option<&'i str> {
        let proven = identity.email_verified || self.row.trust_email;
        identity.email.as_deref().filter(|_| proven)
    }

    /// Where the provider sends people back to.
    pub(crate) fn redirect_uri(&self, edge: &Edge, tenant: &str) -> String {
        let (issuer, slug) = (edge.sign_in().issuer(), &self.row.slug);
        format!("{issuer}/oidc/{tenant}/{slug}/callback")
    }
}

fn groups<'c>(claims: &'c Map<String, Value>, path: &str) -> Vec<&'c str> {
    let found = claims.get(path).or_else(|| {
        let mut pieces = path.split('.');
        let first = claims.get(pieces.next()?)?;
        pieces.try_fold(first, |inner, piece| inner.get(piece))
    });
    match found {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => Vec::new(),
    }
}

/// The providers of `tenant` that people may sign in with.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn enabled(edge: &Edge, tenant: TenantId) -> Result<Vec<Provider>, StoreError> {
    let rows = edge.engine().store().identity_providers(tenant).await?;
    Ok(rows.into_iter().filter(|row| row.enabled).map(Provider::from).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(claims: Value, path: &str) -> Vec<String> {
        let claims = claims.as_object().unwrap().clone();
        groups(&claims, path).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn groups_are_found_by_name_or_by_way() {
        assert_eq!(found(json!({ "groups": ["/a", 7, "b"] }), "groups"), ["/a", "b"]);
        assert_eq!(found(json!({ "hd": "bank.example" }), "hd"), ["bank.example"]);
        assert_eq!(
            found(json!({ "realm_access": { "roles": ["x"] } }), "realm_access.roles"),
            ["x"]
        );
        assert_eq!(found(json!({ "https://a.b/groups": ["x"] }), "https://a.b/groups"), ["x"]);
        assert!(found(json!({ "groups": { "a": 1 } }), "groups").is_empty());
        assert!(found(json!({ "_claim_names": { "groups": "src1" } }), "groups").is_empty());
    }
}
