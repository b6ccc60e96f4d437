//! What the audit log says of a request: where it came from, under which id, and whose it was found to be.
//!
//! The front hangs an empty [`Witness`] on each request; whoever checks the token writes the principal into it, so that a
//! refusal further on can be recorded as theirs.
//! Invariant: nobody is recorded whose token was not found good.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use actors::{AUTHZ_DENIED, AuditEntry, Who};
use axum::http::Extensions;
use domain::TenantId;
use serde::Serialize;
use serde_json::{Value, json};

use super::{ClientAddress, Edge, RequestId};
use crate::auth::Principal;

/// Where a request came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    address: Option<IpAddr>,
    request: Option<RequestId>,
    /// Of something within the request, such as a socket's command.
    inner: Option<Arc<str>>,
}

impl Trail {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        Self {
            address: extensions.get::<ClientAddress>().map(|client| client.0),
            request: extensions.get::<RequestId>().cloned(),
            inner: None,
        }
    }

    pub(crate) fn of_request(address: Option<ClientAddress>, id: &RequestId) -> Self {
        let address = address.map(|client| client.0);
        Self { address, request: Some(id.clone()), inner: None }
    }

    pub(crate) const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The same place, under another id, such as that of a socket's command.
    pub(crate) fn under(&self, id: &str) -> Self {
        Self { inner: Some(Arc::from(id)), ..self.clone() }
    }

    fn request_id(&self) -> Option<String> {
        let inner = self.inner.as_deref();
        inner.or_else(|| self.request.as_ref().map(RequestId::as_str)).map(str::to_owned)
    }
}

/// Whose request it is, once that is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness(Arc<OnceLock<Arc<Principal>>>);

impl Witness {
    /// Notes whose token was checked.
    pub(crate) fn note(extensions: &Extensions, principal: &Arc<Principal>) {
        if let Some(Self(seen)) = extensions.get::<Self>() {
            // The first one stays: it is the one that the request came with.
            let _ = seen.set(Arc::clone(principal));
        }
    }

    pub(crate) fn seen(&self) -> Option<&Arc<Principal>> {
        self.0.get()
    }
}

/// What was done, and what it changed.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) action: String,
    pub(crate) object: String,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

impl Change {
    /// `verb` done to the `id` of a kind of thing.
    pub(crate) fn of(kind: &str, verb: &str, id: impl fmt::Display) -> Self {
        let (action, object) = (format!("{kind}.{verb}"), format!("{kind}:{id}"));
        Self { action, object, before: None, after: None }
    }

    pub(crate) fn from(self, before: impl Serialize) -> Self {
        Self { before: serde_json::to_value(before).ok(), ..self }
    }

    pub(crate) fn to(self, after: impl Serialize) -> Self {
        Self { after: serde_json::to_value(after).ok(), ..self }
    }
}

impl Edge {
    /// Records what `who` did.
    pub(crate) fn record(&self, tenant: TenantId, who: &Who, trail: &Trail, change: Change) {
        let Change { action, object, before, after } = change;
        let actor = who.to_string();
        let entry = self.entry(tenant, actor, trail, action, object);
        self.engine().audit().record(AuditEntry { before, after, ..entry });
    }

    /// Records what `who` was refused: of many the first, and a count.
    pub(crate) fn record_refused(
        &self,
        tenant: TenantId,
        who: &Who,
        trail: &Trail,
        change: Change,
    ) {
        let Change { action, object, before, after } = change;
        let entry = self.entry(tenant, who.to_string(), trail, action, object);
        let entry = AuditEntry { outcome: "denied", before, after, ..entry };
        self.engine().audit().record_denied(entry);
    }

    /// Records that `principal` was refused `object`, in the log of the tenant of their token.
    pub(crate) fn record_denied(
        &self,
        principal: &Principal,
        trail: &Trail,
        object: String,
        code: &str,
    ) {
        let tenant = match principal.tenant.as_deref() {
            None => Some(TenantId(uuid::Uuid::nil())),
            Some(slug) => self.engine().tenant(slug).map(|tenant| tenant.id()),
        };
        // A tenant that is not there has no log.
        let Some(tenant) = tenant else { return };
        let actor = principal.who.to_string();
        let entry = self.entry(tenant, actor, trail, AUTHZ_DENIED.to_owned(), object);
        let after = Some(json!({ "code": code }));
        let entry = AuditEntry { outcome: "denied", after, ..entry };
        self.engine().audit().record_denied(entry);
    }

    fn entry(
        &self,
        tenant: TenantId,
        actor: String,
        trail: &Trail,
        action: String,
        object: String,
    ) -> AuditEntry {
        AuditEntry {
            tenant,
            at: self.engine().clock().now(),
            actor,
            action,
            object,
            outcome: "ok",
            address: trail.address.map(|address| address.to_string()),
            request_id: trail.request_id(),
            before: None,
            after: None,
        }
    }
}
