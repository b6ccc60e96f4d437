//! The bounded hand-over from many publishers to one socket session.
//!
//! Publishers [`Sender::push`] frames, the session waits with
//! [`Receiver::ready`] and takes all of them with one [`Receiver::drain`].
//! One mutex guards everything, so the proof is short; loom checks it anyway.
//!
//! Invariants: no frame is lost or reordered; a waiting reader is woken by the
//! next frame and by the end; a reader that falls behind is cut off once,
//! and no publisher ever waits for it.

// In reading order.
mod limits;
mod weigh;

mod backlog;
mod handover;
mod planted;
mod sync;

pub use handover::{PushError, Reason, Receiver, Sender, outbox};
pub use limits::{Limits, Load};
pub use weigh::Weigh;

#[cfg(loom)]
pub use handover::outbox_with;
#[cfg(loom)]
pub use planted::Bug;
