//! What was given up before its time: sign-ins that were ended, and holders all of whose tokens were.
//!
//! A token carries its sign-in and its holder; one made at or before the end of either counts no more. Looked up in
//! memory, at every request; the store brings it back at a start.
//! Invariant: a token that was given up is refused at the next request, by sockets at the next command.

use dashmap::DashMap;
use domain::{Secs, TenantId, Timestamp};
use persistence::EndedRow;
use uuid::Uuid;

use super::principal::Principal;

/// Entries kept before the old ones are looked for.
const KEPT_MAX: usize = 4_096;
/// The longest life of an access token of a sign-in.
const SIGN_IN_LIFE: Secs = Secs(86_400);
/// The longest life of any: what `smartqueue token` makes.
const LONGEST_LIFE: Secs = Secs(90 * 86_400);

/// Sign-ins and holders whose tokens ended, and when.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    at: DashMap<String, End>,
}

#[derive(Debug, Clone, Copy)]
struct End {
    at: Timestamp,
    until: Timestamp,
}

impl Ended {
    /// Ends every token of the sign-in `session`; the answer is to be kept.
    pub(crate) fn session(&self, tenant: TenantId, session: Uuid, now: Timestamp) -> EndedRow {
        self.put(EndedRow {
            tenant,
            holder: session_key(session),
            at: now,
            until: now.after(SIGN_IN_LIFE),
        })
    }

    /// Ends every token that `subject` of the tenant was given up to now; the answer is to be kept.
    pub(crate) fn subject(
        &self,
        (tenant, slug): (TenantId, Option<&str>),
        subject: &str,
        now: Timestamp,
    ) -> EndedRow {
        self.put(EndedRow {
            tenant,
            holder: subject_key(slug, subject),
            at: now,
            until: now.after(LONGEST_LIFE),
        })
    }

    /// Ends every token that the program `client` was given for `subject` up to now; the answer is to be kept.
    pub(crate) fn program(
        &self,
        (tenant, slug): (TenantId, Option<&str>),
        subject: &str,
        client: &str,
        now: Timestamp,
    ) -> EndedRow {
        self.put(EndedRow {
            tenant,
            holder: program_key(slug, subject, client),
            at: now,
            until: now.after(SIGN_IN_LIFE),
        })
    }

    /// Brings back what an earlier run of the program has ended.
    pub(crate) fn recall(&self, row: EndedRow) {
        self.at.insert(row.holder, End { at: row.at, until: row.until });
    }

    fn put(&self, row: EndedRow) -> EndedRow {
        if self.at.len() >= KEPT_MAX {
            self.at.retain(|_, end| end.until > row.at);
        }
        self.recall(row.clone());
        row
    }

    pub(super) fn covers(&self, principal: &Principal) -> bool {
        if self.at.is_empty() {
            return false;
        }
        let facts = &principal.token;
        let over = |key: &str| self.at.get(key).is_some_and(|end| facts.issued_at <= end.at);
        facts.grant.session.is_some_and(|session| over(&session_key(session)))
            || over(&subject_key(principal.tenant.as_deref(), &facts.subject))
            || over(&program_key(principal.tenant.as_deref(), &facts.subject, &facts.client_id))
    }
}

fn session_key(session: Uuid) -> String {
    format!("session {session}")
}

fn subject_key(tenant: Option<&str>, subject: &str) -> String {
    format!("subject {} {subject}", tenant.unwrap_or_default())
}

fn program_key(tenant: Option<&str>, subject: &str, client: &str) -> String {
    format!("program {} {subject} {client}", tenant.unwrap_or_default())
}
