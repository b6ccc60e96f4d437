//! The ranked set against the standard library's ordered set, under random work.
//!
//! Keys come from a small range so that insertions meet, chunks split and chunks merge.
//! Invariant checked: same members, same order, same ranks, whatever was done before.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{CHUNK_MAX, Ranked};

#[derive(Debug, Clone)]
enum Step {
    Insert(u32),
    Remove(u32),
    /// Insert that many ascending keys: fills and splits chunks.
    Run(u32, u32),
    /// Remove that many from the front.
    Drain(u32),
    /// Remove every second key of a span: leaves chunks low.
    Thin(u32, u32),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..4_000u32;
    prop_oneof![
        4 => key.clone().prop_map(Step::Insert),
        4 => key.clone().prop_map(Step::Remove),
        2 => (key.clone(), 1..900u32).prop_map(|(from, many)| Step::Run(from, many)),
        1 => (1..700u32).prop_map(Step::Drain),
        1 => (key, 1..1_500u32).prop_map(|(from, span)| Step::Thin(from, span)),
    ]
}

fn run(step: &Step, ours: &mut Ranked<u32>, theirs: &mut BTreeSet<u32>) {
    let mut removed = |key: u32| assert_eq!(ours.remove(key), theirs.remove(&key), "remove {key}");
    match *step {
        Step::Insert(key) => assert_eq!(ours.insert(key), theirs.insert(key), "insert {key}"),
        Step::Remove(key) => removed(key),
        Step::Run(from, many) => {
            (from..from + many)
                .for_each(|key| assert_eq!(ours.insert(key), theirs.insert(key), "insert {key}"));
        }
        Step::Drain(many) => {
            for _ in 0..many {
                let Some(key) = ours.first() else { break };
                assert!(ours.remove(key) && theirs.remove(&key));
            }
        }
        Step::Thin(from, span) => (from..from + span).step_by(2).for_each(removed),
    }
}

fn check(ours: &Ranked<u32>, theirs: &BTreeSet<u32>) {
    assert_eq!(ours.len(), theirs.len());
    assert_eq!(ours.is_empty(), theirs.is_empty());
    assert_eq!((ours.first(), ours.last()), (theirs.first().copied(), theirs.last().copied()));
    for (rank, key) in theirs.iter().enumerate() {
        assert_eq!(ours.get(rank), Some(*key));
    }
    assert_eq!(ours.get(theirs.len()), None);
    for bound in (0..6_000).step_by(97) {
        assert_eq!(ours.count_while(|key| *key < bound), theirs.range(..bound).count());
        assert_eq!(ours.first_after(|key| *key < bound), theirs.range(bound..).next().copied());
    }
    assert!(
        ours.chunks.iter().all(|chunk| !chunk.items.is_empty() && chunk.items.len() <= CHUNK_MAX)
    );
    assert!(ours.chunks.iter().all(|chunk| chunk.items.front() == Some(&chunk.low)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn behaves_like_the_ordered_set_of_the_standard_library(steps in prop::collection::vec(step(), 1..60)) {
        let (mut ours, mut theirs) = (Ranked::default(), BTreeSet::new());
        for step in &steps {
            run(step, &mut ours, &mut theirs);
        }
        check(&ours, &theirs);
    }
}

#[test]
fn arrivals_in_order_fill_chunks_to_the_brim() {
    let mut line = Ranked::default();
    (0..10_000).for_each(|key| assert!(line.insert(key)));
    assert_eq!(line.chunks.len(), 10_000usize.div_ceil(CHUNK_MAX));
}
