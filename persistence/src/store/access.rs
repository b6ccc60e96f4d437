//! What a store keeps of what a person has let in: browsers and programs.
//!
//! Both can be listed and ended by the person. Invariant: every call names the tenant and whose it is, so that nobody
//! ends what is another's.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{ConsentRow, SessionRow};

/// Browsers that a person signed in with, and programs that they allowed something.
#[async_trait]
pub trait AccessStore: Send + Sync {
    /// Those of one person, the last used first, also those that have ended; the caller judges.
    async fn sessions_of(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Vec<SessionRow>, StoreError>;

    /// Notes that a session was used; never moves back.
    async fn touch_session(
        &self,
        tenant: TenantId,
        hash: [u8; 32],
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// False when it is not there, or not the person's.
    async fn end_session_of(
        &self,
        tenant: TenantId,
        account: Uuid,
        hash: [u8; 32],
    ) -> Result<bool, StoreError>;

    /// Ends all of a person's but `kept`; the answer is how many.
    async fn end_other_sessions(
        &self,
        tenant: TenantId,
        account: Uuid,
        kept: [u8; 32],
    ) -> Result<u64, StoreError>;

    async fn consent(
        &self,
        tenant: TenantId,
        account: Uuid,
        client_id: &str,
    ) -> Result<Option<ConsentRow>, StoreError>;

    /// Those of one person, the oldest first.
    async fn consents(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Vec<ConsentRow>, StoreError>;

    /// Keeps what is allowed now; when it was first given stays.
    async fn save_consent(&self, row: ConsentRow) -> Result<(), StoreError>;

    /// Takes a consent back, and with it the codes and refresh tokens that the program was given for the person. False
    /// when there was none.
    async fn withdraw_consent(
        &self,
        tenant: TenantId,
        account: Uuid,
        client_id: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Forgets everybody's consents to a program that is gone.
    async fn forget_consents_to(
        &self,
        tenant: TenantId,
        client_id: &str,
    ) -> Result<u64, StoreError>;
}
