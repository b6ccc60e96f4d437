//! A browser in which somebody signed in: a cookie with a secret, a row with its hash.
//!
//! The cookie is kept from scripts, and from other hosts where there is TLS. A session ends after half a day, or when it
//! was not used for as long as the operator says.
//! Invariant: a session stands only while its account does, and not past a change of the password.

pub(super) mod cookie;

use axum::http::{HeaderMap, HeaderValue};
use domain::{Secs, Timestamp};
use persistence::{SessionRow, StoreError};
use serde_json::json;
use uuid::Uuid;

use super::browser;
use super::guard::Browser;
use super::record;
use crate::edge::{Edge, Trail};
use crate::oauth::{Holder, Opaque, Realm};

const SESSION_COOKIE: &str = "sq_session";
/// A working day: in the morning people sign in anew.
const LIFE: Secs = Secs(12 * 3_600);
/// That it was used is noted this often.
const NOTED_EVERY: Secs = Secs(60);

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) realm: Realm,
    pub(crate) holder: Holder,
    pub(crate) auth_time: Timestamp,
    hash: [u8; 32],
}

impl Session {
    /// Whoever is signed in in the browser that sent `headers`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn current(
        edge: &Edge,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, StoreError> {
        let shown = cookie::read(edge, headers, SESSION_COOKIE).and_then(Opaque::shown);
        let Some((tenant, hash)) = shown else { return Ok(None) };
        let Some(realm) = Realm::of_id(edge, tenant) else { return Ok(None) };
        let row = edge.engine().store().session(tenant, hash).await?;
        let now = edge.engine().clock().now();
        let Some(row) = row.filter(|row| is_in_time(edge, row)) else { return Ok(None) };
        let holder = realm.holder(edge, row.account).await?;
        let since = |holder: &Holder| {
            holder.account.password_changed_at.is_none_or(|changed| changed <= row.auth_time)
        };
        let holder = holder.filter(since);
        if holder.is_some() && row.used_at.after(NOTED_EVERY) <= now {
            edge.engine().store().touch_session(tenant, hash, now).await?;
        }
        Ok(holder.map(|holder| Self { realm, holder, auth_time: row.auth_time, hash }))
    }

    /// Signs `account` in; the answer is the cookie to set. What the browser was signed in as before ends.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn begin(
        edge: &Edge,
        realm: &Realm,
        account: Uuid,
        methods: &str,
        browser: Browser<'_>,
    ) -> Result<Option<HeaderValue>, StoreError> {
        let Some(fresh) = Opaque::fresh(realm.id()) else { return Ok(None) };
        let now = edge.engine().clock().now();
        let row = SessionRow {
            tenant: realm.id(),
            hash: fresh.hash,
            account,
            auth_time: now,
            methods: methods.to_owned(),
            expires_at: now.after(LIFE),
            created_at: now,
            used_at: now,
            browser: browser::named(browser.headers),
            address: browser.trail.address().map(browser::network),
        };
        let former = cookie::read(edge, browser.headers, SESSION_COOKIE).and_then(Opaque::shown);
        if let Some((tenant, hash)) = former {
            edge.engine().store().end_session(tenant, hash).await?;
        }
        edge.engine().store().save_session(row).await?;
        let after = Some(json!({ "methods": methods }));
        record::done(edge, realm, account, browser.trail, ("session.begin", after));
        Ok(cookie::set(edge, SESSION_COOKIE, &fresh.text, None))
    }

    /// Every session of the same person that stands, the last used first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn all(&self, edge: &Edge) -> Result<Vec<SessionRow>, StoreError> {
        let account = &self.holder.account;
        let mut rows = edge.engine().store().sessions_of(self.realm.id(), account.account).await?;
        let changed = account.password_changed_at;
        rows.retain(|row| {
            is_in_time(edge, row) && changed.is_none_or(|changed| changed <= row.auth_time)
        });
        Ok(rows)
    }

    pub(super) fn is(&self, row: &SessionRow) -> bool {
        row.hash == self.hash
    }

    /// Ends every session of the same person but this one; the answer is how many.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn end_others(&self, edge: &Edge) -> Result<u64, StoreError> {
        let account = self.holder.account.account;
        edge.engine().store().end_other_sessions(self.realm.id(), account, self.hash).await
    }

    /// Ends it; the answer is the cookie that takes the browser's away.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn end(
        &self,
        edge: &Edge,
        trail: &Trail,
    ) -> Result<Option<HeaderValue>, StoreError> {
        edge.engine().store().end_session(self.realm.id(), self.hash).await?;
        let account = self.holder.account.account;
        record::done(edge, &self.realm, account, trail, ("session.end", None));
        Ok(cookie::set(edge, SESSION_COOKIE, "", Some(0)))
    }
}

/// Neither too old nor left alone for too long.
fn is_in_time(edge: &Edge, row: &SessionRow) -> bool {
    let now = edge.engine().clock().now();
    let used = row.used_at.max(row.auth_time);
    row.expires_at > now && used.after(edge.sign_in().session_idle()) > now
}
