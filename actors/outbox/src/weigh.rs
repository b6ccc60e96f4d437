//! What a frame weighs against the limit of an outbox.
//!
//! The weight is the length in bytes of what will be written to the socket.
//!
//! Invariant: a frame weighs the same each time it is asked.

use std::sync::Arc;

use bytes::Bytes;

/// A frame whose size in bytes is known and does not change.
pub trait Weigh {
    /// Bytes this frame will take on the wire.
    fn weight(&self) -> usize;
}

impl Weigh for Bytes {
    fn weight(&self) -> usize {
        self.len()
    }
}

impl<T: Weigh + ?Sized> Weigh for Arc<T> {
    fn weight(&self) -> usize {
        (**self).weight()
    }
}
