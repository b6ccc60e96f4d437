//! How often an address has been wrong: after so many misses within a minute it is not listened to.
//!
//! A minute begins with its first miss. What is right does not count, so a crowd behind one address is not hindered.
//! Invariant: memory is bounded; when too many addresses are known, those whose minute is over are forgotten, and
//! if none is, a new one is taken for over its limit.

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use domain::{Secs, Timestamp};

use super::address::ClientAddress;
use crate::problem::{Code, Problem};

const MINUTE: Secs = Secs(60);
/// Addresses at once: some 4 MB.
const ADDRESSES_MAX: usize = 65_536;

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Timestamp,
    misses: u32,
}

/// The misses of one kind, by address.
pub(crate) struct Misses {
    per_minute: u32,
    counts: DashMap<ClientAddress, Count>,
}

impl Misses {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, counts: DashMap::new() }
    }

    /// # Errors
    /// 429 for an address that has been wrong too often.
    pub(crate) fn check(&self, address: ClientAddress, now: Timestamp) -> Result<(), Problem> {
        let count = self.counts.get(&address.household()).map(|count| *count);
        match count.filter(|count| count.misses >= self.per_minute && is_young(*count, now)) {
            Some(count) => Err(too_often(MINUTE.0.saturating_sub(now.since(count.since).0))),
            None => Ok(()),
        }
    }

    /// The address was wrong.
    pub(crate) fn add(&self, address: ClientAddress, now: Timestamp) {
        let is_full = self.counts.len() >= ADDRESSES_MAX;
        if is_full {
            self.counts.retain(|_, count| is_young(*count, now));
        }
        let is_full = is_full && self.counts.len() >= ADDRESSES_MAX;
        match self.counts.entry(address.household()) {
            Entry::Occupied(mut known) if is_young(*known.get(), now) => {
                known.get_mut().misses += 1
            }
            Entry::Occupied(mut old) => drop(old.insert(Count { since: now, misses: 1 })),
            Entry::Vacant(_) if is_full => {}
            Entry::Vacant(new) => drop(new.insert(Count { since: now, misses: 1 })),
        }
    }

    /// Counts one more and refuses it when there were too many: for what may be done only so often, right or wrong.
    ///
    /// # Errors
    /// 429 as [`Misses::check`].
    pub(crate) fn spend(&self, address: ClientAddress, now: Timestamp) -> Result<(), Problem> {
        self.check(address, now)?;
        self.add(address, now);
        Ok(())
    }
}

fn is_young(count: Count, now: Timestamp) -> bool {
    now.since(count.since) < MINUTE
}

fn too_often(retry_after_secs: u32) -> Problem {
    Problem::new(Code::TooManyRequests, "too often from this address; try again in a minute")
        .retry_after(retry_after_secs.max(1))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(last: u8) -> ClientAddress {
        ClientAddress(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn an_address_is_refused_after_its_misses_until_the_minute_is_over() {
        let (misses, start) = (Misses::new(3), Timestamp::from_secs(1_000));
        for _ in 0..3 {
            assert!(misses.spend(address(1), start).is_ok());
        }
        let refused = misses.check(address(1), start.after(Secs(59))).unwrap_err();
        assert_eq!(refused.status(), 429);
        assert!(misses.check(address(2), start).is_ok(), "others are not concerned");
        assert!(misses.spend(address(1), start.after(Secs(60))).is_ok());
        assert!(misses.spend(address(1), start.after(Secs(60))).is_ok(), "counted anew");
    }
}
