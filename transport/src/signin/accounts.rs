//! Rows of accounts, as the pages make and mend them.
//!
//! Changing a password ends every session and every token of the account.
//! Invariant: after a password was changed nothing of before it stands.

use domain::{TenantId, Timestamp};
use persistence::AccountRow;
use uuid::Uuid;

use super::failed::Failed;
use crate::edge::Edge;
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

/// A new password for somebody who proved that the e-mail address is theirs.
///
/// # Errors
/// As [`save`].
pub(super) async fn set_password(
    edge: &Edge,
    realm: &Realm,
    holder: Holder,
    hash: String,
) -> Result<(), Failed> {
    let now = edge.engine().clock().now();
    let Holder { mut account, subject, .. } = holder;
    let (tenant, id) = (account.tenant, account.account);
    account.password_hash = Some(hash);
    account.password_changed_at = Some(now);
    account.verified_at = account.verified_at.or(Some(now));
    save(edge, account).await?;
    edge.verifier().ended().subject(realm.slug(), &subject.to_string(), now);
    edge.engine().store().end_sessions_of(tenant, id).await?;
    edge.engine().store().revoke_all_of(tenant, id, now).await?;
    Ok(())
}
