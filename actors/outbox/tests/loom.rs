//! Every interleaving of the hand-over, explored by loom.
//!
//! Run: `RUSTFLAGS="--cfg loom" cargo test -p outbox --release --test loom --target-dir target/loom`.
//! Each check is a function of the outbox to build, so it runs twice: on the real one,
//! where it must pass, and on one with a planted bug, where it must panic.
//!
//! Invariant: each bug of [`Bug`] is found by at least one check.
#![cfg(loom)]

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::task::{Context, Poll, Wake};

use loom::thread::{self, Thread};
use outbox::{Bug, Limits, PushError, Reason, Receiver, Sender, Weigh, outbox, outbox_with};

/// A frame with a number; it weighs one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbered(u32);

impl Weigh for Numbered {
    fn weight(&self) -> usize {
        1
    }
}

type Ends = (Sender<Numbered>, Receiver<Numbered>);
const ROOMY: Limits = Limits { bytes_max: 8, frames_max: 8 };

fn build(limits: Limits, bug: Option<Bug>) -> Ends {
    match bug {
        Some(bug) => outbox_with(limits, bug),
        None => outbox(limits),
    }
}

/// The publishers of one run and the bell of its reader. Loom aborts on a true deadlock, so
/// the last publisher rouses the reader, who then says that nobody woke it.
#[derive(Clone)]
struct Watch {
    reader: Thread,
    running: Arc<AtomicUsize>,
    rung: Arc<AtomicBool>,
}

impl Watch {
    fn by_this_thread() -> Self {
        Self { reader: thread::current(), running: Arc::default(), rung: Arc::default() }
    }

    fn publisher(&self, work: impl FnOnce() + 'static) {
        self.running.fetch_add(1, SeqCst);
        let watch = self.clone();
        thread::spawn(move || {
            work();
            watch.running.fetch_sub(1, SeqCst);
            watch.reader.unpark();
        });
    }

    /// Waits for the publishers. (A join would be disturbed by their `unpark`.)
    fn settle(&self) {
        while self.running.load(SeqCst) > 0 {
            thread::park();
        }
    }

    /// Waits for the outbox as an executor would: asleep until woken.
    fn wait(&self, receiver: &mut Receiver<Numbered>) -> Result<(), Reason> {
        let waker = Arc::new(self.clone()).into();
        let mut context = Context::from_waker(&waker);
        let mut ready = pin!(receiver.ready());
        loop {
            if let Poll::Ready(answer) = ready.as_mut().poll(&mut context) {
                return answer;
            }
            while !self.rung.swap(false, SeqCst) {
                assert!(self.running.load(SeqCst) > 0, "the reader sleeps for ever");
                thread::park();
            }
        }
    }

    /// Reads until the end, taking whatever is ready.
    fn read_all(&self, receiver: &mut Receiver<Numbered>) -> (Vec<u32>, Reason) {
        let mut frames = Vec::new();
        loop {
            match self.wait(receiver) {
                Ok(()) => _ = receiver.drain(&mut frames),
                Err(reason) => return (frames.iter().map(|frame| frame.0).collect(), reason),
            }
        }
    }
}

impl Wake for Watch {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, SeqCst);
        self.reader.unpark();
    }
}

fn in_order(frames: &[u32], of: impl Fn(&u32) -> bool) -> Vec<u32> {
    frames.iter().copied().filter(of).collect()
}

fn one_publisher_is_heard_to_the_end(bug: Option<Bug>) {
    loom::model(move || {
        let watch = Watch::by_this_thread();
        let (sender, mut receiver) = build(ROOMY, bug);
        watch.publisher(move || {
            sender.push(Numbered(1)).unwrap();
            sender.push(Numbered(2)).unwrap();
            sender.close(Reason::GoingAway);
        });
        assert_eq!(watch.read_all(&mut receiver), (vec![1, 2], Reason::GoingAway));
        watch.settle();
    });
}

fn two_publishers_lose_nothing_and_keep_their_order(bug: Option<Bug>) {
    loom::model(move || {
        let watch = Watch::by_this_thread();
        let (sender, mut receiver) = build(ROOMY, bug);
        let other = sender.clone();
        watch.publisher(move || {
            other.push(Numbered(10)).unwrap();
            other.push(Numbered(11)).unwrap();
        });
        watch.publisher(move || sender.push(Numbered(20)).unwrap());
        let mut frames = Vec::new();
        while frames.len() < 3 {
            watch.wait(&mut receiver).unwrap();
            receiver.drain(&mut frames);
        }
        watch.settle();
        let frames: Vec<u32> = frames.iter().map(|frame| frame.0).collect();
        assert_eq!(in_order(&frames, |number| *number < 20), [10, 11]);
        assert_eq!(in_order(&frames, |number| *number >= 20), [20]);
    });
}

fn a_close_wakes_a_waiting_reader(bug: Option<Bug>) {
    loom::model(move || {
        let watch = Watch::by_this_thread();
        let (sender, mut receiver) = build(ROOMY, bug);
        watch.publisher(move || sender.close(Reason::Restart));
        assert_eq!(watch.wait(&mut receiver), Err(Reason::Restart));
        watch.settle();
    });
}

fn a_statistic_never_goes_backwards_nor_swallows_a_frame(bug: Option<Bug>) {
    loom::model(move || {
        let (sender, mut receiver) = build(ROOMY, bug);
        sender.push_latest(7, Numbered(1)).unwrap();
        let other = sender.clone();
        let statistics = thread::spawn(move || other.push_latest(7, Numbered(2)).unwrap());
        let events = thread::spawn(move || sender.push(Numbered(100)).unwrap());
        let mut frames = Vec::new();
        receiver.drain(&mut frames);
        statistics.join().unwrap();
        events.join().unwrap();
        receiver.drain(&mut frames);
        let frames: Vec<u32> = frames.iter().map(|frame| frame.0).collect();
        let values = in_order(&frames, |number| *number < 100);
        assert!(values == [2] || values == [1, 2], "backwards: {frames:?}");
        assert_eq!(in_order(&frames, |number| *number >= 100), [100], "swallowed");
    });
}

fn an_overflow_ends_the_outbox_once(bug: Option<Bug>) {
    loom::model(move || {
        let watch = Watch::by_this_thread();
        let (sender, mut receiver) = build(Limits { bytes_max: 1, frames_max: 1 }, bug);
        sender.push(Numbered(1)).unwrap();
        let other = sender.clone();
        let publisher = thread::spawn(move || other.push(Numbered(2)));
        let mine = sender.push(Numbered(3));
        let mut answers = [mine, publisher.join().unwrap()];
        answers.sort_by_key(|answer| *answer == Err(PushError::Closed));
        assert_eq!(answers, [Err(PushError::Full), Err(PushError::Closed)], "ended twice");
        assert_eq!(watch.wait(&mut receiver), Err(Reason::TooSlow));
    });
}

fn an_overflow_wakes_a_waiting_reader(bug: Option<Bug>) {
    loom::model(move || {
        let watch = Watch::by_this_thread();
        let (sender, mut receiver) = build(Limits { bytes_max: 1, frames_max: 1 }, bug);
        watch.publisher(move || {
            let _either = (sender.push(Numbered(1)), sender.push(Numbered(2)));
            sender.close(Reason::GoingAway);
        });
        let (_, reason) = watch.read_all(&mut receiver);
        assert!(matches!(reason, Reason::TooSlow | Reason::GoingAway));
        watch.settle();
    });
}

fn the_weight_of_what_waits_is_exact(bug: Option<Bug>) {
    loom::model(move || {
        let (sender, mut receiver) = build(ROOMY, bug);
        sender.push(Numbered(1)).unwrap();
        let other = sender.clone();
        let publisher = thread::spawn(move || other.push(Numbered(2)).unwrap());
        receiver.drain(&mut Vec::new());
        publisher.join().unwrap();
        let load = sender.load();
        assert_eq!(load.bytes, load.frames, "each frame weighs one byte");
    });
}

fn a_push_to_a_gone_reader_is_refused(bug: Option<Bug>) {
    loom::model(move || {
        let (sender, receiver) = build(ROOMY, bug);
        let reader = thread::spawn(move || drop(receiver));
        let first = sender.push(Numbered(1));
        reader.join().unwrap();
        assert!(matches!(first, Ok(()) | Err(PushError::Closed)));
        assert_eq!(sender.push(Numbered(2)), Err(PushError::Closed));
        assert_eq!(sender.load().frames, 0, "nothing waits for nobody");
    });
}

/// One check, on the real outbox and on those with the bugs it must find.
macro_rules! checked {
    ($check:ident, $($planted:ident: $bug:ident => $says:literal),*) => {
        mod $check {
            #[allow(unused_imports, reason = "not every check has planted bugs")]
            use super::Bug;

            #[test]
            fn holds() {
                super::$check(None);
            }

            $(#[test]
            #[should_panic(expected = $says)]
            fn $planted() {
                super::$check(Some(Bug::$bug));
            })*
        }
    };
}

checked!(one_publisher_is_heard_to_the_end,
    finds_a_lost_wakeup: LostWakeup => "sleeps for ever", finds_an_unheard_close: UnheardClose => "sleeps for ever");
checked!(two_publishers_lose_nothing_and_keep_their_order, finds_a_lost_wakeup: LostWakeup => "sleeps for ever");
checked!(a_close_wakes_a_waiting_reader,
    finds_an_unheard_close: UnheardClose => "sleeps for ever", finds_a_lost_wakeup: LostWakeup => "sleeps for ever");
checked!(a_statistic_never_goes_backwards_nor_swallows_a_frame,
    finds_a_misplaced_latest: MisplacedLatest => "swallowed", finds_a_backwards_latest: BackwardsLatest => "backwards");
checked!(an_overflow_ends_the_outbox_once, finds_a_double_overflow: DoubleOverflow => "ended twice");
checked!(an_overflow_wakes_a_waiting_reader, finds_a_lost_wakeup: LostWakeup => "sleeps for ever");
checked!(the_weight_of_what_waits_is_exact, finds_a_split_drain: SplitDrain => "weighs one byte");
checked!(a_push_to_a_gone_reader_is_refused,);
