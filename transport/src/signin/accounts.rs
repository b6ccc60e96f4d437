//! Rows of accounts, as the pages make and mend them.
//!
//! Changing a password ends every session and every token of the account.
//! Invariant: after a password was changed nothing of before it stands.

use actors::Tenant;
use domain::{AgentId, TenantId, Timestamp};
use persistence::{AccountRow, StoreError};
use uuid::Uuid;

use super::failed::Failed;
use super::record;
use crate::auth::Subject;
use crate::edge::{Edge, Trail};
use crate::oauth::{Holder, Opaque, PLATFORM, Realm, hash};

pub(super) fn new_account(
    tenant: TenantId,
    account: Uuid,
    email: &str,
    password_hash: Option<String>,
    now: Timestamp,
) -> AccountRow {
    AccountRow {
        tenant,
        account,
        email: email.to_owned(),
        password_hash,
        totp: None,
        totp_last_step: 0,
        recovery_hashes: Vec::new(),
        verified_at: None,
        disabled_at: None,
        password_changed_at: None,
        language: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// One `@` with something on both sides; the rest is for the mail server to judge.
pub(super) fn is_email(text: &str) -> bool {
    let sound = text.len() <= 254 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let parts: Vec<&str> = text.split('@').collect();
    sound && matches!(parts[..], [local, host] if !local.is_empty() && host.contains('.'))
}

/// The tenant and the hash of a link's secret; one without a tenant is the platform's.
pub(super) fn shown_or_platform(token: &str) -> (TenantId, [u8; 32]) {
    Opaque::shown(token).unwrap_or_else(|| (PLATFORM, hash(token)))
}

/// Saves the row as the next version of what was read.
///
/// # Errors
/// When it was changed meanwhile, or the store does not answer.
pub(super) async fn save(edge: &Edge, mut row: AccountRow) -> Result<(), Failed> {
    let read = row.version;
    row.version += 1;
    row.updated_at = edge.engine().clock().now();
    edge.engine().store().save_account(row, Some(read)).await?;
    Ok(())
}

/// Takes the second factor off an account, and ends what it opened. False when there was none.
///
/// # Errors
/// When it was changed meanwhile, or the store does not answer.
pub(crate) async fn forget_second_factor(
    edge: &Edge,
    tenant: &Tenant,
    agent: Uuid,
) -> Result<bool, Failed> {
    let store = edge.engine().store();
    let row = store.account(tenant.id(), agent).await?;
    let Some(mut row) = row.filter(|row| row.totp.is_some()) else { return Ok(false) };
    row.totp = None;
    row.recovery_hashes.clear();
    save(edge, row).await?;
    let realm = Realm::Tenant(tenant.clone());
    end_everything(edge, &realm, agent, &Subject::Agent(AgentId(agent))).await?;
    Ok(true)
}

/// Signs a member out everywhere: every session and every token of theirs ends.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn sign_out_everywhere(
    edge: &Edge,
    tenant: &Tenant,
    agent: Uuid,
) -> Result<(), Failed> {
    let realm = Realm::Tenant(tenant.clone());
    end_everything(edge, &realm, agent, &Subject::Agent(AgentId(agent))).await?;
    Ok(())
}

/// A new password for somebody who proved that the e-mail address is theirs.
///
/// # Errors
/// As [`save`].
pub(super) async fn set_password(
    edge: &Edge,
    realm: &Realm,
    holder: Holder,
    hash: String,
    trail: &Trail,
) -> Result<(), Failed> {
    let now = edge.engine().clock().now();
    let Holder { mut account, subject, .. } = holder;
    let id = account.account;
    let had_one = account.password_hash.replace(hash).is_some();
    account.password_changed_at = Some(now);
    account.verified_at = account.verified_at.or(Some(now));
    save(edge, account).await?;
    record::done(edge, realm, id, trail, ("account.password", None));
    if !had_one {
        // A first password has opened nothing yet, and a token of this very second is good.
        return Ok(());
    }
    Ok(end_everything(edge, realm, id, &subject).await?)
}

/// Ends every session and every token of the holder of `account`.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn end_everything(
    edge: &Edge,
    realm: &Realm,
    account: Uuid,
    subject: &Subject,
) -> Result<(), StoreError> {
    edge.engine().store().end_sessions_of(realm.id(), account).await?;
    end_tokens(edge, realm, account, subject).await
}

/// Ends every access and refresh token that the holder of `account` was given up to now.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn end_tokens(
    edge: &Edge,
    realm: &Realm,
    account: Uuid,
    subject: &Subject,
) -> Result<(), StoreError> {
    let now = edge.engine().clock().now();
    edge.end_subject((realm.id(), realm.slug()), &subject.to_string()).await?;
    edge.engine().store().revoke_all_of(realm.id(), account, now).await?;
    Ok(())
}
