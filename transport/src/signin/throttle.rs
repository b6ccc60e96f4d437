//! Brakes on guessing: who missed too often from one address waits before the next try.
//!
//! Counted are the misses of a name from an address, and those of an address whatever the name. A name alone is never
//! locked, so nobody can lock anybody else out. A wait doubles with each further miss.
//! Memory is bounded: with the table full of fresh misses nothing new is counted, and only the edge's rate holds.
//! Invariant: a right password is judged at once for whoever did not just miss from the same address.

use std::net::IpAddr;

use dashmap::DashMap;
use domain::{Secs, Timestamp};

/// Misses of one name from one address before the first wait.
const FREE_OF_NAME: u32 = 5;
/// Misses from one address before the first wait: an office behind one address mistypes now and then.
const FREE_OF_ADDRESS: u32 = 50;
/// The longest wait, and how long misses are remembered.
const WINDOW: Secs = Secs::minutes(15);
/// Entries; at about 100 bytes each this is 2 MB.
const KEPT_MAX: usize = 20_000;

/// Counts misses.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    misses: DashMap<String, Misses>,
}

#[derive(Debug, Clone, Copy)]
struct Misses {
    count: u32,
    last: Timestamp,
}

impl Misses {
    /// When the next try may be made.
    fn until(self, free: u32) -> Timestamp {
        match self.count.checked_sub(free) {
            None => self.last,
            Some(more) => {
                self.last.after(Secs(1_u32.checked_shl(more).unwrap_or(u32::MAX).min(WINDOW.0)))
            }
        }
    }

    fn is_forgotten(self, now: Timestamp) -> bool {
        self.last.after(WINDOW) <= now
    }
}

fn keys(who: &str, address: Option<IpAddr>) -> [(String, u32); 2] {
    let from = address.map_or_else(|| "nowhere".to_owned(), |address| address.to_string());
    [(format!("{from} {who}"), FREE_OF_NAME), (from, FREE_OF_ADDRESS)]
}

impl Throttle {
    /// # Errors
    /// The seconds to wait.
    pub(crate) fn may_try(
        &self,
        who: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), u32> {
        let waits = keys(who, address).into_iter().filter_map(|(key, free)| {
            let misses = *self.misses.get(&key)?;
            let until = misses.until(free);
            (until > now && !misses.is_forgotten(now)).then(|| until.since(now).0 + 1)
        });
        waits.max().map_or(Ok(()), Err)
    }

    pub(crate) fn missed(&self, who: &str, address: Option<IpAddr>, now: Timestamp) {
        if self.misses.len() >= KEPT_MAX {
            self.misses.retain(|_, misses| !misses.is_forgotten(now));
        }
        let is_full = self.misses.len() >= KEPT_MAX;
        for (key, _) in keys(who, address) {
            if is_full && !self.misses.contains_key(&key) {
                continue;
            }
            let mut misses = self.misses.entry(key).or_insert(Misses { count: 0, last: now });
            let before = if misses.is_forgotten(now) { 0 } else { misses.count };
            *misses = Misses { count: before.saturating_add(1), last: now };
        }
    }

    /// What was missed under that name from there is forgiven.
    pub(crate) fn succeeded(&self, who: &str, address: Option<IpAddr>) {
        let [(key, _), _] = keys(who, address);
        self.misses.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn at(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn memory_is_bounded_while_everything_is_fresh() {
        let throttle = Throttle::default();
        for name in 0..u32::try_from(KEPT_MAX).unwrap() {
            throttle.missed(&name.to_string(), Some(IpAddr::from(name.to_be_bytes())), NOW);
        }
        assert!(throttle.misses.len() <= KEPT_MAX + 1);
        throttle.missed("later", at(1), NOW.after(WINDOW));
        assert_eq!(throttle.misses.len(), 2, "old ones have gone");
    }

    #[test]
    fn guessing_one_name_slows_down_and_locks_nobody_else_out() {
        let throttle = Throttle::default();
        for _ in 0..6 {
            throttle.missed("awa", at(1), NOW);
        }
        assert_eq!(throttle.may_try("awa", at(1), NOW), Err(3));
        assert_eq!(throttle.may_try("awa", at(2), NOW), Ok(()), "the victim, elsewhere");
        assert_eq!(throttle.may_try("bob", at(1), NOW), Ok(()), "a colleague, in the same office");
        assert_eq!(throttle.may_try("awa", at(1), NOW.after(Secs(3))), Ok(()));
        throttle.succeeded("awa", at(1));
        assert_eq!(throttle.may_try("awa", at(1), NOW), Ok(()));
    }

    #[test]
    fn spraying_many_names_from_one_address_slows_down() {
        let throttle = Throttle::default();
        for name in 0..70 {
            throttle.missed(&name.to_string(), at(1), NOW);
        }
        assert!(throttle.may_try("another", at(1), NOW).is_err());
        assert_eq!(throttle.may_try("another", at(2), NOW), Ok(()));
        assert_eq!(throttle.may_try("another", at(1), NOW.after(WINDOW)), Ok(()));
    }
}
