//! Ending access tokens before their time, so that they stay ended when the program starts again.
//!
//! The memory refuses them at once; the store brings the memory back. Of use for as long as a token can live.
//! Invariant: what was ended in memory is ended for good once the store has said yes.

use actors::Engine;
use domain::{Secs, TenantId, Timestamp};
use persistence::{EndedRow, StoreError};
use uuid::Uuid;

use super::Edge;
use crate::auth::LONGEST_LIFE;
use crate::oauth::PLATFORM;

/// Whose tokens ended before this start: what [`Edge::remembering`] takes.
///
/// # Errors
/// When the store does not answer.
pub async fn recall_ended(engine: &Engine) -> Result<Vec<EndedRow>, StoreError> {
    let since = before(engine.clock().now(), LONGEST_LIFE);
    let tenants = engine.tenants_where(|_| true);
    let mut rows = engine.store().ended(PLATFORM, since).await?;
    for tenant in tenants {
        rows.extend(engine.store().ended(tenant.id(), since).await?);
    }
    Ok(rows)
}

fn before(at: Timestamp, span: Secs) -> Timestamp {
    Timestamp(at.0 - i64::from(span.0) * 1_000_000)
}

impl Edge {
    /// This edge, to which the tokens of `rows` are over.
    #[must_use]
    pub fn remembering(self, rows: Vec<EndedRow>) -> Self {
        let now = self.engine().clock().now();
        for EndedRow { holder, at, .. } in rows {
            self.verifier().ended().recall(holder, at, now);
        }
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
        let at = self.engine().clock().now();
        let holder = self.verifier().ended().session(session, at);
        self.engine().store().save_ended(EndedRow { tenant, holder, at }).await
    }

    /// Ends every access token that `subject` of the tenant was given up to now.
    ///
    /// # Errors
    /// As [`Edge::end_sign_in`].
    pub(crate) async fn end_subject(
        &self,
        (tenant, slug): (TenantId, Option<&str>),
        subject: &str,
    ) -> Result<(), StoreError> {
        let at = self.engine().clock().now();
        let holder = self.verifier().ended().subject(slug, subject, at);
        self.engine().store().save_ended(EndedRow { tenant, holder, at }).await
    }
}
