//! Denied accesses, aggregated by caller: the first is recorded at once, the others of the same minute as one count.
//!
//! A scanner with a good token can be refused a thousand times a second; the log gets two entries of it a minute.
//! Invariant: every denial is in an entry or in a count, and memory is bounded whoever calls.

use std::collections::HashMap;

use domain::{Secs, TenantId, Timestamp};
use serde_json::json;

use super::entry::AuditEntry;

const WINDOW: Secs = Secs(60);
/// Callers counted apart; more of one tenant share one count.
const CALLERS_MAX: usize = 10_000;
const OTHERS: &str = "others";

/// Whose denials are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Caller {
    tenant: TenantId,
    actor: String,
    address: Option<String>,
}

struct Window {
    opened_at: Timestamp,
    count: u64,
    last: AuditEntry,
}

/// The windows that are open.
#[derive(Default)]
pub(super) struct Denials(HashMap<Caller, Window>);

impl Denials {
    /// What is to be recorded of one more denial.
    pub(super) fn take(&mut self, entry: AuditEntry) -> Vec<AuditEntry> {
        let caller = self.caller_of(&entry);
        if let Some(window) = self.0.get_mut(&caller)
            && entry.at < window.opened_at.after(WINDOW)
        {
            window.count += 1;
            window.last = entry;
            return Vec::new();
        }
        let ended = self.0.remove(&caller).and_then(Window::summary);
        let first = entry.clone();
        self.0.insert(caller, Window { opened_at: entry.at, count: 0, last: entry });
        ended.into_iter().chain([first]).collect()
    }

    fn caller_of(&self, entry: &AuditEntry) -> Caller {
        let tenant = entry.tenant;
        let caller = Caller { tenant, actor: entry.actor.clone(), address: entry.address.clone() };
        if self.0.len() < CALLERS_MAX || self.0.contains_key(&caller) {
            return caller;
        }
        Caller { tenant, actor: OTHERS.to_owned(), address: None }
    }

    /// The counts of the windows that have ended by `now`; of all of them for none.
    pub(super) fn ended(&mut self, now: Option<Timestamp>) -> Vec<AuditEntry> {
        let over = |window: &Window| now.is_none_or(|now| now >= window.opened_at.after(WINDOW));
        self.0
            .extract_if(|_, window| over(window))
            .filter_map(|(_, window)| window.summary())
            .collect()
    }
}

impl Window {
    /// One entry for all that followed the first; none when nothing followed.
    fn summary(self) -> Option<AuditEntry> {
        let since = self.opened_at.to_string();
        let after = Some(json!({ "count": self.count, "since": since }));
        (self.count > 0).then_some(AuditEntry { after, ..self.last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(actor: &str, secs: i64) -> AuditEntry {
        AuditEntry {
            tenant: TenantId(uuid::Uuid::nil()),
            at: Timestamp::from_secs(secs),
            actor: actor.to_owned(),
            action: "authz_denied".to_owned(),
            object: format!("GET /{secs}"),
            outcome: "denied",
            address: None,
            request_id: None,
            before: None,
            after: None,
        }
    }

    #[test]
    fn a_scanner_leaves_one_entry_and_one_count_a_minute_and_nothing_is_uncounted() {
        let mut denials = Denials::default();
        let mut recorded = Vec::new();
        for secs in 0..600 {
            for _ in 0..100 {
                recorded.extend(denials.take(denial("scanner", secs)));
            }
        }
        recorded.extend(denials.ended(None));
        assert_eq!(recorded.len(), 20);
        let count = |entry: &AuditEntry| {
            entry.after.as_ref().map_or(1, |after| after["count"].as_u64().unwrap())
        };
        assert_eq!(recorded.iter().map(count).sum::<u64>(), 60_000);
    }

    #[test]
    fn one_caller_does_not_hide_another() {
        let mut denials = Denials::default();
        assert_eq!(denials.take(denial("a", 0)).len(), 1);
        assert_eq!(denials.take(denial("b", 0)).len(), 1);
        assert!(denials.take(denial("a", 1)).is_empty());
        assert!(denials.ended(Some(Timestamp::from_secs(59))).is_empty());
        assert_eq!(denials.ended(Some(Timestamp::from_secs(60))).len(), 1);
    }

    #[test]
    fn memory_is_bounded_whoever_calls() {
        let mut denials = Denials::default();
        for caller in 0..CALLERS_MAX + 500 {
            denials.take(denial(&caller.to_string(), 0));
        }
        assert_eq!(denials.0.len(), CALLERS_MAX + 1);
    }
}
