//! A sorted set that also answers "how many come before": the order inside one group of a line.
//!
//! Two levels: chunks of at most `CHUNK_MAX` sorted entries, and a Fenwick tree over their sizes. People join
//! near the end and are called near the front, so both ends are found without a search and stay in cache.
//! Invariant: chunks are never empty, ascend, and the tree holds exactly their sizes.

mod counts;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use counts::Counts;

/// Entries in one chunk. 256 × 24 bytes is 6 KiB: one shift stays in the first-level cache, and a million
/// people make 4,000 chunks, whose directory stays in the second-level cache.
const CHUNK_MAX: usize = 256;
/// A chunk below this joins its neighbour when the two leave room to grow.
const CHUNK_LOW: usize = CHUNK_MAX / 4;
const MERGED_MAX: usize = CHUNK_MAX * 3 / 4;

const _: () =
    assert!(CHUNK_LOW < MERGED_MAX && MERGED_MAX < CHUNK_MAX, "a merge is far from the next split");

/// A sorted set with rank queries, all in O(log n).
#[derive(Debug, Clone)]
pub(super) struct Ranked<K> {
    chunks: VecDeque<Chunk<K>>,
    counts: Counts,
    len: usize,
}

#[derive(Debug, Clone)]
struct Chunk<K> {
    /// The first entry, kept here so that a search does not touch the entries of other chunks.
    low: K,
    items: VecDeque<K>,
}

impl<K> Default for Ranked<K> {
    fn default() -> Self {
        Self { chunks: VecDeque::new(), counts: Counts::default(), len: 0 }
    }
}

impl<K: Copy + Ord> Ranked<K> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn first(&self) -> Option<K> {
        self.chunks.front().map(|chunk| chunk.low)
    }

    pub(super) fn last(&self) -> Option<K> {
        self.chunks.back().and_then(|chunk| chunk.items.back().copied())
    }

    /// The entry with exactly `rank` entries before it.
    pub(super) fn get(&self, rank: usize) -> Option<K> {
        if rank >= self.len {
            return None;
        }
        let (chunk, offset) = self.counts.find(rank);
        self.chunks.get(chunk)?.items.get(offset).copied()
    }

    /// How many entries come before the first one that `before` denies. It must hold for a prefix only.
    pub(super) fn count_while(&self, before: impl Fn(&K) -> bool) -> usize {
        match self.chunk_of(&before) {
            None => 0,
            Some(at) => self.counts.before(at) + self.chunks[at].items.partition_point(before),
        }
    }

    /// The first entry that `before` denies. It must hold for a prefix only.
    pub(super) fn first_after(&self, before: impl Fn(&K) -> bool) -> Option<K> {
        let Some(at) = self.chunk_of(&before) else { return self.first() };
        let items = &self.chunks[at].items;
        let offset = items.partition_point(before);
        items.get(offset).copied().or_else(|| self.chunks.get(at + 1).map(|next| next.low))
    }

    /// False when it was there already.
    pub(super) fn insert(&mut self, key: K) -> bool {
        if self.chunks.is_empty() {
            self.push_chunk(key);
            return true;
        }
        let at = self.chunk_of(&|low: &K| *low <= key).unwrap_or(0);
        let items = &self.chunks[at].items;
        let offset = if items.back().is_some_and(|last| *last < key) {
            items.len()
        } else {
            items.partition_point(|item| *item < key)
        };
        if items.get(offset) == Some(&key) {
            return false;
        }
        self.insert_at(at, offset, key);
        true
    }

    /// False when it was not there.
    pub(super) fn remove(&mut self, key: K) -> bool {
        let Some(at) = self.chunk_of(&|low: &K| *low <= key) else { return false };
        let chunk = &mut self.chunks[at];
        let offset =
            if chunk.low == key { 0 } else { chunk.items.partition_point(|item| *item < key) };
        if chunk.items.get(offset) != Some(&key) {
            return false;
        }
        chunk.items.remove(offset);
        self.len -= 1;
        self.after_removal(at);
        true
    }

    /// The last chunk that begins with an entry for which `before` holds.
    fn chunk_of(&self, before: &impl Fn(&K) -> bool) -> Option<usize> {
        let last = self.chunks.len().checked_sub(1)?;
        if before(&self.chunks[last].low) {
            return Some(last);
        }
        if !before(&self.chunks[1.min(last)].low) {
            return before(&self.chunks[0].low).then_some(0);
        }
        self.chunks.partition_point(|chunk| before(&chunk.low)).checked_sub(1)
    }

    fn push_chunk(&mut self, key: K) {
        self.chunks.push_back(Chunk { low: key, items: VecDeque::from([key]) });
        self.counts.push(1);
        self.len += 1;
    }

    fn insert_at(&mut self, at: usize, offset: usize, key: K) {
        if self.chunks[at].items.len() < CHUNK_MAX {
            self.place(at, offset, key);
        } else if at + 1 == self.chunks.len() && offset == CHUNK_MAX {
            // The usual case of arrivals: leave the full chunk full instead of halving it.
            self.push_chunk(key);
        } else {
            self.split(at);
            let half = self.chunks[at].items.len();
            if offset > half {
                self.place(at + 1, offset - half, key)
            } else {
                self.place(at, offset, key)
            }
        }
    }

    fn place(&mut self, at: usize, offset: usize, key: K) {
        let chunk = &mut self.chunks[at];
        chunk.items.insert(offset, key);
        if offset == 0 {
            chunk.low = key;
        }
        self.counts.grow(at);
        self.len += 1;
    }

    fn split(&mut self, at: usize) {
        let items = self.chunks[at].items.split_off(CHUNK_MAX / 2);
        self.chunks.insert(at + 1, Chunk { low: items[0], items });
        self.recount();
    }

    fn after_removal(&mut self, at: usize) {
        match self.chunks[at].items.front().copied() {
            None => {
                self.chunks.remove(at);
                self.recount();
            }
            Some(low) => {
                self.chunks[at].low = low;
                self.counts.shrink(at);
                self.merge_if_low(at);
            }
        }
    }

    /// Keeps the number of chunks in proportion to the number of entries.
    fn merge_if_low(&mut self, at: usize) {
        let size = self.chunks[at].items.len();
        let Some(next) = self.chunks.get_mut(at + 1) else { return };
        if size >= CHUNK_LOW || size + next.items.len() > MERGED_MAX {
            return;
        }
        let mut moved = std::mem::take(&mut next.items);
        self.chunks.remove(at + 1);
        self.chunks[at].items.append(&mut moved);
        self.recount();
    }

    fn recount(&mut self) {
        self.counts.rebuild(self.chunks.iter().map(|chunk| chunk.items.len()));
    }
}
