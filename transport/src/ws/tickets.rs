//! Single-use tickets that open a socket where no header can be set: a browser's `WebSocket` and `EventSource`.
//!
//! A ticket stands for the principal who asked for it, for thirty seconds, once. Only its SHA-256 is kept.
//! Invariant: whoever looks at a ticket takes it, so no ticket opens two sockets.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use crate::auth::Principal;

/// How long a ticket is good.
pub(crate) const GOOD_FOR: Duration = Duration::from_secs(30);
/// Tickets at once: every socket a program may hold, coming back within one lifetime of a ticket.
const TICKETS_MAX: usize = 100_000;

type Digest = [u8; 32];

/// No ticket can be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tickets are out; try again in a moment")]
pub(crate) struct TooManyTickets;

struct Entry {
    principal: Arc<Principal>,
    /// Of the page that asked; none for a program, whose ticket any allowed page may use.
    origin: Option<Box<str>>,
    ends: Instant,
}

#[derive(Default)]
struct Out {
    by_digest: HashMap<Digest, Entry>,
    /// In the order in which they end.
    ends: VecDeque<(Instant, Digest)>,
}

/// The tickets that are out.
#[derive(Default)]
pub(crate) struct WsTickets {
    out: Mutex<Out>,
}

impl WsTickets {
    /// A new ticket: 256 random bits, base64url.
    pub(crate) fn issue(
        &self,
        principal: Arc<Principal>,
        origin: Option<&str>,
        now: Instant,
    ) -> Result<String, TooManyTickets> {
        let mut secret = [0; 32];
        rand::fill(&mut secret).map_err(|_| TooManyTickets)?;
        let ticket = URL_SAFE_NO_PAD.encode(secret);
        let mut out = self.lock();
        out.forget_ended(now);
        if out.by_digest.len() >= TICKETS_MAX {
            return Err(TooManyTickets);
        }
        let (digest, ends) = (digest(&ticket), now + GOOD_FOR);
        out.by_digest.insert(digest, Entry { principal, origin: origin.map(Box::from), ends });
        out.ends.push_back((ends, digest));
        Ok(ticket)
    }

    /// Whom `ticket` stands for; none if it was used, ended, or belongs to a page of another origin.
    pub(crate) fn take(
        &self,
        ticket: &str,
        origin: Option<&str>,
        now: Instant,
    ) -> Option<Arc<Principal>> {
        let taken = self.lock().by_digest.remove(&digest(ticket))?;
        let same_page = taken.origin.as_deref().is_none_or(|bound| origin == Some(bound));
        (same_page && now < taken.ends).then_some(taken.principal)
    }

    /// Plain data is never left half done, so a poisoned lock is used as it stands.
    fn lock(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Out {
    fn forget_ended(&mut self, now: Instant) {
        while let Some((_, digest)) = self.ends.pop_front_if(|(ends, _)| *ends <= now) {
            self.by_digest.remove(&digest);
        }
    }
}

fn digest(ticket: &str) -> Digest {
    Sha256::digest(ticket.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use actors::Who;
    use domain::{Role, Timestamp};

    use super::*;

    fn somebody() -> Arc<Principal> {
        Arc::new(Principal {
            tenant: Some(Arc::from("baobab")),
            who: Who::Subject(Arc::from("role:manager")),
            role: Role::Manager,
            scopes: Role::Manager.scopes(),
            agent: None,
            device: None,
            key: None,
            issued_at: Timestamp::from_secs(0),
            expires_at: Timestamp::from_secs(1_700_000_600),
            token: crate::auth::TokenFacts::default(),
        })
    }

    #[test]
    fn a_ticket_opens_one_socket_and_no_second() {
        let (tickets, now) = (WsTickets::default(), Instant::now());
        let ticket = tickets.issue(somebody(), None, now).unwrap();
        assert_eq!(tickets.take(&ticket, None, now), Some(somebody()));
        assert_eq!(tickets.take(&ticket, None, now), None);
        assert_eq!(tickets.take("made up", None, now), None);
    }

    #[test]
    fn s16_a_ticket_ends_after_thirty_seconds() {
        let (tickets, now) = (WsTickets::default(), Instant::now());
        let ticket = tickets.issue(somebody(), None, now).unwrap();
        assert_eq!(tickets.take(&ticket, None, now + GOOD_FOR), None);
        let ticket = tickets.issue(somebody(), None, now).unwrap();
        assert!(tickets.take(&ticket, None, now + GOOD_FOR - Duration::from_millis(1)).is_some());
    }

    #[test]
    fn s16_a_ticket_of_one_page_is_no_use_to_another_and_is_used_up_by_the_attempt() {
        let (tickets, now) = (WsTickets::default(), Instant::now());
        let ticket = tickets.issue(somebody(), Some("https://a.example"), now).unwrap();
        assert_eq!(tickets.take(&ticket, Some("https://b.example"), now), None);
        assert_eq!(tickets.take(&ticket, Some("https://a.example"), now), None);
        let ticket = tickets.issue(somebody(), Some("https://a.example"), now).unwrap();
        assert!(tickets.take(&ticket, Some("https://a.example"), now).is_some());
    }

    #[test]
    fn tickets_are_bounded_and_the_ended_ones_make_room() {
        let (tickets, now) = (WsTickets::default(), Instant::now());
        for _ in 0..TICKETS_MAX {
            tickets.issue(somebody(), None, now).unwrap();
        }
        assert_eq!(tickets.issue(somebody(), None, now), Err(TooManyTickets));
        assert!(tickets.issue(somebody(), None, now + GOOD_FOR).is_ok());
        assert_eq!(tickets.lock().by_digest.len(), 1);
    }
}
