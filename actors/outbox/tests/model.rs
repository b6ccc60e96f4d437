//! A long random life of one outbox beside a model too naive to be wrong.
//!
//! The model is a list of (slot, bytes) searched from the front, and a reason.
//!
//! Invariant: after every step both answer alike and hold the same load.
#![cfg(not(loom))]

use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use outbox::{Limits, Load, PushError, Reason, outbox};
use proptest::collection::vec;
use proptest::prelude::*;

const LIMITS: Limits = Limits { bytes_max: 40, frames_max: 6 };

#[derive(Clone, Debug)]
enum Step {
    Push(Vec<u8>),
    Latest(u64, Vec<u8>),
    Drain,
    Poll,
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bytes = || vec(any::<u8>(), 0..16);
    let step = prop_oneof![
        6 => bytes().prop_map(Step::Push),
        6 => (0..3_u64, bytes()).prop_map(|(slot, bytes)| Step::Latest(slot, bytes)),
        4 => Just(Step::Drain),
        2 => Just(Step::Poll),
        1 => Just(Step::Close),
    ];
    vec(step, 0..60)
}

#[derive(Default)]
struct Model {
    items: Vec<(Option<u64>, Vec<u8>)>,
    ended: Option<Reason>,
}

impl Model {
    fn load(&self) -> Load {
        let bytes = self.items.iter().map(|(_, bytes)| bytes.len()).sum();
        Load { bytes, frames: self.items.len() }
    }

    fn push(&mut self, slot: Option<u64>, bytes: Vec<u8>) -> Result<(), PushError> {
        if self.ended.is_some() {
            return Err(PushError::Closed);
        }
        let mut after = self.items.clone();
        match after.iter_mut().find(|item| slot.is_some() && item.0 == slot) {
            Some(item) => item.1 = bytes,
            None => after.push((slot, bytes)),
        }
        self.items = after;
        let Load { bytes, frames } = self.load();
        if frames > 1 && (bytes > LIMITS.bytes_max || frames > LIMITS.frames_max) {
            self.items.clear();
            self.ended = Some(Reason::TooSlow);
            return Err(PushError::Full);
        }
        Ok(())
    }

    fn poll(&self) -> Poll<Result<(), Reason>> {
        match (self.items.is_empty(), self.ended) {
            (false, _) => Poll::Ready(Ok(())),
            (true, Some(reason)) => Poll::Ready(Err(reason)),
            (true, None) => Poll::Pending,
        }
    }
}

fn live(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (sender, mut receiver) = outbox::<Bytes>(LIMITS);
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Push(bytes) => {
                let answer = sender.push(bytes.clone().into());
                prop_assert_eq!(answer, model.push(None, bytes));
            }
            Step::Latest(slot, bytes) => {
                let answer = sender.push_latest(slot, bytes.clone().into());
                prop_assert_eq!(answer, model.push(Some(slot), bytes));
            }
            Step::Drain => {
                let mut frames = Vec::new();
                let moved = receiver.drain(&mut frames);
                prop_assert_eq!(moved, model.load());
                let expected = std::mem::take(&mut model.items);
                prop_assert_eq!(
                    frames,
                    expected.into_iter().map(|item| item.1).collect::<Vec<_>>()
                );
            }
            Step::Poll => {
                let answer = receiver.poll_ready(&mut Context::from_waker(Waker::noop()));
                prop_assert_eq!(answer, model.poll());
            }
            Step::Close => {
                sender.close(Reason::GoingAway);
                model.ended.get_or_insert(Reason::GoingAway);
            }
        }
        prop_assert_eq!(sender.load(), model.load());
        prop_assert_eq!(sender.is_closed(), model.ended.is_some());
    }
    Ok(())
}

proptest! {
    #[test]
    fn an_outbox_lives_like_its_model(steps in steps()) {
        live(steps)?;
    }
}
