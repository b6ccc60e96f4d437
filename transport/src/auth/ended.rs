//! What was given up before its time: sign-ins that were ended, and holders all of whose tokens were.
//!
//! A token carries its sign-in and its holder; one made at or before the end of either counts no more. Looked up in
//! memory, at every request; the store brings it back at a start.
//! Invariant: a token that was given up is refused at the next request, by sockets at the next command.

use dashmap::DashMap;
use domain::{Secs, Timestamp};
use uuid::Uuid;

use super::principal::Principal;

/// Entries kept before the old ones are looked for.
const KEPT_MAX: usize = 4_096;
/// The longest life of an access token of a sign-in.
const SIGN_IN_LIFE: Secs = Secs(86_400);
/// The longest life of any: what `smartqueue token` makes.
pub(crate) const LONGEST_LIFE: Secs = Secs(90 * 86_400);
const SESSION: &str = "session ";

/// Sign-ins and holders whose tokens ended, and when.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    at: DashMap<String, Timestamp>,
}

impl Ended {
    /// Ends every token of the sign-in `session`; the answer is its key here.
    pub(crate) fn session(&self, session: Uuid, now: Timestamp) -> String {
        self.put(session_key(session), now)
    }

    /// Ends every token that `subject` of `tenant` was given up to now; the answer is its key here.
    pub(crate) fn subject(&self, tenant: Option<&str>, subject: &str, now: Timestamp) -> String {
        self.put(subject_key(tenant, subject), now)
    }

    /// Brings back what an earlier run of the program has ended.
    pub(crate) fn recall(&self, key: String, at: Timestamp, now: Timestamp) {
        if at.after(life(&key)) <= now {
            return;
        }
        self.at.entry(key).and_modify(|known| *known = at.max(*known)).or_insert(at);
    }

    fn put(&self, key: String, now: Timestamp) -> String {
        if self.at.len() >= KEPT_MAX {
            self.at.retain(|key, at| at.after(life(key)) > now);
        }
        self.at.insert(key.clone(), now);
        key
    }

    pub(super) fn covers(&self, principal: &Principal) -> bool {
        if self.at.is_empty() {
            return false;
        }
        let facts = &principal.token;
        let over = |key: &str| self.at.get(key).is_some_and(|at| facts.issued_at <= *at);
        facts.grant.session.is_some_and(|session| over(&session_key(session)))
            || over(&subject_key(principal.tenant.as_deref(), &facts.subject))
    }
}

/// How long an end is of use.
fn life(key: &str) -> Secs {
    if key.starts_with(SESSION) { SIGN_IN_LIFE } else { LONGEST_LIFE }
}

fn session_key(session: Uuid) -> String {
    format!("{SESSION}{session}")
}

fn subject_key(tenant: Option<&str>, subject: &str) -> String {
    format!("subject {} {subject}", tenant.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_recalled_for_as_long_as_such_a_token_lives() {
        let (ended, at) = (Ended::default(), Timestamp::from_secs(1_000_000));
        let (session, subject) = (session_key(Uuid::nil()), subject_key(Some("bank"), "agent:1"));
        let later = at.after(SIGN_IN_LIFE);
        for key in [&session, &subject] {
            ended.recall(key.clone(), at, later);
        }
        assert!(!ended.at.contains_key(&session), "no token of a sign-in lives that long");
        assert!(ended.at.contains_key(&subject), "the operator's live for ninety days");
        ended.recall(subject.clone(), Timestamp::from_secs(1), later);
        assert_eq!(*ended.at.get(&subject).unwrap(), at, "an older end changes nothing");
    }
}
