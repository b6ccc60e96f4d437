//! What is done to a log, drawn at random, and which entry must be named for it.
//!
//! Every column is overwritten, also the hashes; entries are deleted, doubled and exchanged; tails are cut.
//! Invariant: each draw changes something.

use persistence::testing::{Overwrite, Tampering};
use proptest::prelude::*;

/// What is done, and the first bad entry.
pub(crate) type Drawn = (Tampering, u64);

/// Something that may be done to a log of `entries` entries.
pub(crate) fn tampering(entries: u64) -> impl Strategy<Value = Drawn> {
    let any = 1..=entries;
    let not_last = 1..entries;
    prop_oneof![
        8 => (any.clone(), overwrite()).prop_map(|(seq, with)| (Tampering::Overwrite(seq, with), seq)),
        2 => any.clone().prop_map(|seq| (Tampering::Delete(seq), seq)),
        2 => any.clone().prop_map(|seq| (Tampering::CutFrom(seq), seq)),
        2 => any.prop_map(|seq| (Tampering::InsertCopy(seq), seq + 1)),
        3 => (not_last, 1..entries).prop_map(move |(one, gap)| exchange(one, gap, entries)),
    ]
}

fn exchange(one: u64, gap: u64, entries: u64) -> Drawn {
    let other = (one + gap).min(entries);
    (Tampering::Exchange(one, other), one)
}

fn overwrite() -> impl Strategy<Value = Overwrite> {
    let required = prop::sample::select(vec!["actor", "action", "object", "outcome"]);
    let optional =
        prop::sample::select(vec!["address", "request_id", "before_change", "after_change"]);
    let hashes = prop::sample::select(vec!["prev_hash", "hash"]);
    prop_oneof![
        4 => (required, "[a-z]{1,8}").prop_map(|(column, text)| Overwrite::Text(column, format!("not {text}"))),
        4 => (optional, "[a-z]{0,8}").prop_map(|(column, text)| Overwrite::Text(column, format!("not {text}"))),
        1 => (0..i64::MAX / 2).prop_map(|at| Overwrite::Number("at", at)),
        2 => (hashes, prop::collection::vec(any::<u8>(), 32)).prop_map(|(column, bytes)| Overwrite::Bytes(column, bytes)),
    ]
}
