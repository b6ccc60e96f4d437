//! The hand-over as its users see it: one thread, every answer.
//!
//! Interleavings are loom's matter (tests/loom.rs), long random lives are tests/model.rs's.
#![cfg(not(loom))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use outbox::{Limits, Load, PushError, Reason, Receiver, Sender, outbox};

#[derive(Default)]
struct Rings(AtomicUsize);

impl Wake for Rings {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn small() -> (Sender<Bytes>, Receiver<Bytes>) {
    outbox(Limits { bytes_max: 10, frames_max: 3 })
}

fn frame(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn drained(receiver: &mut Receiver<Bytes>) -> Vec<Bytes> {
    let mut frames = Vec::new();
    receiver.drain(&mut frames);
    frames
}

fn poll(receiver: &mut Receiver<Bytes>) -> Poll<Result<(), Reason>> {
    receiver.poll_ready(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn everything_that_waits_is_drained_at_once_in_order() {
    let (sender, mut receiver) = small();
    sender.push(frame("a")).unwrap();
    let other = sender.clone();
    other.push(frame("b")).unwrap();
    drop(sender);
    assert_eq!(poll(&mut receiver), Poll::Ready(Ok(())));
    assert_eq!(drained(&mut receiver), ["a", "b"]);
    assert_eq!(poll(&mut receiver), Poll::Pending);
}

#[test]
fn a_waiting_reader_is_woken_once_per_wait() {
    let (sender, mut receiver) = small();
    let rings = Arc::new(Rings::default());
    let waker = Waker::from(Arc::clone(&rings));
    assert!(receiver.poll_ready(&mut Context::from_waker(&waker)).is_pending());
    sender.push(frame("a")).unwrap();
    sender.push(frame("b")).unwrap();
    assert_eq!(rings.0.load(Ordering::SeqCst), 1);
}

#[test]
fn the_byte_limit_ends_a_slow_reader_and_frees_what_waited() {
    let (sender, mut receiver) = small();
    sender.push(frame("12345678")).unwrap();
    assert_eq!(sender.room(), Load { bytes: 2, frames: 2 });
    assert_eq!(sender.push(frame("abc")), Err(PushError::Full));
    assert_eq!(sender.push(frame("d")), Err(PushError::Closed));
    assert_eq!(sender.load(), Load::default());
    assert_eq!(poll(&mut receiver), Poll::Ready(Err(Reason::TooSlow)));
}

#[test]
fn the_frame_limit_counts_empty_frames_too() {
    let (sender, _receiver) = small();
    for _ in 0..3 {
        sender.push(Bytes::new()).unwrap();
    }
    assert_eq!(sender.push(Bytes::new()), Err(PushError::Full));
}

#[test]
fn an_empty_outbox_takes_even_a_frame_above_the_limit() {
    let (sender, mut receiver) = small();
    sender.push(frame("larger than ten bytes")).unwrap();
    assert_eq!(drained(&mut receiver).len(), 1);
    sender.push(frame("larger than ten bytes")).unwrap();
    assert_eq!(sender.push(frame("x")), Err(PushError::Full));
}

#[test]
fn a_newer_value_replaces_the_unsent_one_and_keeps_its_place() {
    let (sender, mut receiver) = small();
    sender.push_latest(1, frame("s1")).unwrap();
    sender.push(frame("e")).unwrap();
    sender.push_latest(2, frame("t1")).unwrap();
    sender.push_latest(1, frame("s2!")).unwrap();
    assert_eq!(sender.load(), Load { bytes: 6, frames: 3 });
    assert_eq!(drained(&mut receiver), ["s2!", "e", "t1"]);
    sender.push_latest(1, frame("s3")).unwrap();
    assert_eq!(drained(&mut receiver), ["s3"]);
}

#[test]
fn replacing_is_allowed_in_a_full_outbox() {
    let (sender, mut receiver) = small();
    sender.push_latest(1, frame("12345")).unwrap();
    sender.push(frame("67890")).unwrap();
    sender.push_latest(1, frame("abcde")).unwrap();
    assert_eq!(drained(&mut receiver), ["abcde", "67890"]);
}

#[test]
fn a_reader_gets_what_waits_before_an_orderly_end() {
    let (sender, mut receiver) = small();
    sender.push(frame("last")).unwrap();
    sender.close(Reason::GoingAway);
    sender.close(Reason::Restart);
    assert!(sender.is_closed());
    assert_eq!(sender.push(frame("later")), Err(PushError::Closed));
    assert_eq!(poll(&mut receiver), Poll::Ready(Ok(())));
    assert_eq!(drained(&mut receiver), ["last"]);
    assert_eq!(poll(&mut receiver), Poll::Ready(Err(Reason::GoingAway)));
}

#[test]
fn a_dropped_reader_closes_the_outbox_and_frees_what_waited() {
    let (sender, receiver) = small();
    let kept = Bytes::from(vec![7; 4]);
    sender.push(kept.clone()).unwrap();
    drop(receiver);
    assert!(kept.is_unique());
    assert_eq!(sender.push(frame("x")), Err(PushError::Closed));
}
