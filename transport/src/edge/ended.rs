//! Ending access tokens before their time, so that they stay ended when the program starts again.
//!
//! The memory refuses them at once; the store brings the memory back. Of use for as long as a token can live.
//! Invariant: what was ended in memory is ended for good once the store has said yes.

use actors::Engine;
use domain::TenantId;
use persistence::{EndedRow, StoreError};
use uuid::Uuid;

use super::Edge;
use crate::oauth::PLATFORM;

/// Whose tokens ended before this start: what [`Edge::remembering`] takes.
///
/// # Errors
/// When the store does not answer.
pub async fn recall_ended(engine: &Engine) -> Result<Vec<EndedRow>, StoreError> {
    let (store, now) = (engine.store(), engine.clock().now());
    let mut rows = store.ended(PLATFORM, now).await?;
    for tenant in engine.tenants_where(|_| true) {
        rows.extend(store.ended(tenant.id(), now).await?);
    }
    Ok(rows)
}

impl Edge {
    /// This edge, to which the tokens of `rows` are over.
    #[must_use]
    pub fn remembering(self, rows: Vec<EndedRow>) -> Self {
        rows.into_iter().for_each(|row| self.verifier().ended().recall(row));
        self
    }

    /// Ends every access token of the sign-in `session`.
    ///
    /// # Errors
    /// When the store does not answer; the tokens are over until the next start then.
    pub(crate) async fn end_sign_in(
        &self,
        tenant: TenantId,
        session: Uuid,
    ) -> Result<(), StoreError> {
        let now = self.engine().clock().now();
        let ended = self.verifier().ended().session(tenant, session, now);
        self.engine().store().save_ended(ended).await
    }

    /// Ends every access token that the program `client` was given for `subject` of the tenant up to now.
    ///
    /// # Errors
    /// As [`Edge::end_sign_in`].
    pub(crate) async fn end_program(
        &self,
        tenant: (TenantId, Option<&str>),
        subject: &str,
        client: &str,
    ) -> Result<(), StoreError> {
        let now = self.engine().clock().now();
        let ended = self.verifier().ended().program(tenant, subject, client, now);
        self.engine().store().save_ended(ended).await
    }

    /// Ends every access token that `subject` of the tenant was given up to now.
    ///
    /// # Errors
    /// As [`Edge::end_sign_in`].
    pub(crate) async fn end_subject(
        &self,
        tenant: (TenantId, Option<&str>),
        subject: &str,
    ) -> Result<(), StoreError> {
        let now = self.engine().clock().now();
        let ended = self.verifier().ended().subject(tenant, subject, now);
        self.engine().store().save_ended(ended).await
    }
}
