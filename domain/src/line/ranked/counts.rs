//! Sizes of chunks with fast sums over the first so many: a Fenwick tree.
//!
//! Node i (counted from 1) holds the sum of the sizes of as many chunks as its lowest set bit says, ending at i.
//! Invariant: the sum over all nodes reached from the end equals the number of entries.

#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    tree: Vec<usize>,
}

const fn lowest_bit(node: usize) -> usize {
    node & node.wrapping_neg()
}

impl Counts {
    /// Entries in the chunks before this one.
    pub(super) fn before(&self, chunk: usize) -> usize {
        let (mut node, mut sum) = (chunk, 0);
        while node > 0 {
            sum += self.tree[node - 1];
            node -= lowest_bit(node);
        }
        sum
    }

    /// The chunk that holds the entry of this rank, and the entry's place in it.
    pub(super) fn find(&self, rank: usize) -> (usize, usize) {
        let (mut chunk, mut left) = (0, rank);
        let mut step = self.tree.len().checked_ilog2().map_or(0, |log| 1 << log);
        while step > 0 {
            let node = chunk + step;
            if node <= self.tree.len() && self.tree[node - 1] <= left {
                left -= self.tree[node - 1];
                chunk = node;
            }
            step >>= 1;
        }
        (chunk, left)
    }

    pub(super) fn grow(&mut self, chunk: usize) {
        self.each_above(chunk, |sum| *sum += 1);
    }

    pub(super) fn shrink(&mut self, chunk: usize) {
        self.each_above(chunk, |sum| *sum -= 1);
    }

    /// A chunk of this size joins at the end.
    pub(super) fn push(&mut self, size: usize) {
        let node = self.tree.len() + 1;
        let (mut child, mut sum) = (node - 1, size);
        while child > node - lowest_bit(node) {
            sum += self.tree[child - 1];
            child -= lowest_bit(child);
        }
        self.tree.push(sum);
    }

    /// Starts over with these sizes. O(chunks): once in some hundred insertions or removals.
    pub(super) fn rebuild(&mut self, sizes: impl Iterator<Item = usize>) {
        self.tree.clear();
        self.tree.extend(sizes);
        for node in 1..=self.tree.len() {
            let parent = node + lowest_bit(node);
            if parent <= self.tree.len() {
                self.tree[parent - 1] += self.tree[node - 1];
            }
        }
    }

    fn each_above(&mut self, chunk: usize, change: impl Fn(&mut usize)) {
        let mut node = chunk + 1;
        while node <= self.tree.len() {
            change(&mut self.tree[node - 1]);
            node += lowest_bit(node);
        }
    }
}
