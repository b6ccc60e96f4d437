//! Idempotency keys in memory: which are under way, which are answered, and where the answer lies.
//!
//! A claim and its effect are one atom: the reply is a row in the same transaction as the events, and this
//! table only remembers the hashes. After a restart it is filled from the rows.
//! Invariant: of many requests with one key at most one is carried out, however the others arrive.

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use domain::Timestamp;
use persistence::LiveKey;

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

#[derive(Debug, Clone, Copy)]
enum Slot {
    /// `taken` once an actor has begun to carry it out.
    UnderWay {
        fingerprint: Hash,
        taken: bool,
    },
    /// The journal did not say whether it was kept: only the store knows.
    Doubtful {
        since: Timestamp,
    },
    Answered {
        fingerprint: Hash,
        seq: u64,
        at: Timestamp,
    },
}

/// What a key stands for just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was free and is the caller's now.
    Claimed,
    UnderWay,
    OtherRequest,
    Answered {
        seq: u64,
    },
    /// Look into the store for keys written since then, then [`KeyTable::settle`].
    Doubtful {
        since: Timestamp,
    },
}

/// The keys of one tenant.
#[derive(Debug, Default)]
pub(crate) struct KeyTable {
    slots: DashMap<Hash, Slot>,
}

impl KeyTable {
    /// Remembers keys that the store holds.
    pub(crate) fn fill(&self, keys: &[LiveKey]) {
        for key in keys {
            let slot = Slot::Answered { fingerprint: key.fingerprint, seq: key.seq, at: key.at };
            self.slots.insert(key.key_hash, slot);
        }
    }

    pub(crate) fn claim(&self, hash: Hash, fingerprint: Hash) -> Standing {
        match self.slots.entry(hash) {
            Entry::Vacant(vacant) => {
                vacant.insert(Slot::UnderWay { fingerprint, taken: false });
                Standing::Claimed
            }
            Entry::Occupied(slot) => match *slot.get() {
                Slot::Doubtful { since } => Standing::Doubtful { since },
                Slot::UnderWay { fingerprint: other, .. }
                | Slot::Answered { fingerprint: other, .. }
                    if other != fingerprint =>
                {
                    Standing::OtherRequest
                }
                Slot::UnderWay { .. } => Standing::UnderWay,
                Slot::Answered { seq, .. } => Standing::Answered { seq },
            },
        }
    }

    /// An actor begins to carry the request out. False when its asker has given up: then it must not be.
    pub(crate) fn take(&self, hash: &Hash) -> bool {
        match self.slots.get_mut(hash).as_deref_mut() {
            Some(Slot::UnderWay { taken, .. }) => {
                *taken = true;
                true
            }
            Some(Slot::Doubtful { .. } | Slot::Answered { .. }) | None => false,
        }
    }

    /// The actor did nothing after all: the asker may keep a reply or give the key up.
    pub(crate) fn hand_back(&self, hash: &Hash) {
        if let Some(Slot::UnderWay { taken, .. }) = self.slots.get_mut(hash).as_deref_mut() {
            *taken = false;
        }
    }

    /// The asker gives the key up; without effect once an actor has taken it.
    pub(crate) fn give_up(&self, hash: &Hash) {
        self.slots.remove_if(hash, |_, slot| matches!(slot, Slot::UnderWay { taken: false, .. }));
    }

    pub(crate) fn answered(&self, hash: Hash, fingerprint: Hash, seq: u64, at: Timestamp) {
        self.slots.insert(hash, Slot::Answered { fingerprint, seq, at });
    }

    pub(crate) fn doubt(&self, hash: Hash, since: Timestamp) {
        self.slots.insert(hash, Slot::Doubtful { since });
    }

    /// The store has been asked: a doubtful key is in `found`, or was never kept and is free again.
    pub(crate) fn settle(&self, hash: &Hash, found: &[LiveKey]) {
        if let Entry::Occupied(slot) = self.slots.entry(*hash)
            && matches!(slot.get(), Slot::Doubtful { .. })
        {
            slot.remove();
        }
        self.fill(found);
    }

    /// Forgets answers given before `at`.
    pub(crate) fn forget_before(&self, at: Timestamp) {
        self.slots
            .retain(|_, slot| !matches!(slot, Slot::Answered { at: given, .. } if *given < at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Hash = [1; 32];
    const BODY: Hash = [2; 32];

    #[test]
    fn a_key_is_claimed_once_until_it_is_given_up() {
        let keys = KeyTable::default();
        assert_eq!(keys.claim(KEY, BODY), Standing::Claimed);
        assert_eq!(keys.claim(KEY, BODY), Standing::UnderWay);
        assert_eq!(keys.claim(KEY, [3; 32]), Standing::OtherRequest);
        keys.give_up(&KEY);
        assert_eq!(keys.claim(KEY, BODY), Standing::Claimed);
    }

    #[test]
    fn a_key_that_an_actor_took_outlives_its_asker() {
        let keys = KeyTable::default();
        keys.claim(KEY, BODY);
        assert!(keys.take(&KEY));
        keys.give_up(&KEY);
        assert_eq!(keys.claim(KEY, BODY), Standing::UnderWay);
        keys.answered(KEY, BODY, 7, Timestamp(1));
        assert_eq!(keys.claim(KEY, BODY), Standing::Answered { seq: 7 });
    }

    #[test]
    fn a_command_whose_asker_has_gone_is_not_taken() {
        let keys = KeyTable::default();
        keys.claim(KEY, BODY);
        keys.give_up(&KEY);
        assert!(!keys.take(&KEY));
    }

    #[test]
    fn a_doubtful_key_is_what_the_store_says() {
        let keys = KeyTable::default();
        keys.claim(KEY, BODY);
        keys.take(&KEY);
        keys.doubt(KEY, Timestamp(5));
        assert_eq!(keys.claim(KEY, BODY), Standing::Doubtful { since: Timestamp(5) });
        let kept = LiveKey { seq: 9, key_hash: KEY, fingerprint: BODY, at: Timestamp(6) };
        keys.settle(&KEY, &[kept]);
        assert_eq!(keys.claim(KEY, BODY), Standing::Answered { seq: 9 });
        keys.doubt(KEY, Timestamp(5));
        keys.settle(&KEY, &[]);
        assert_eq!(keys.claim(KEY, BODY), Standing::Claimed);
    }
}
