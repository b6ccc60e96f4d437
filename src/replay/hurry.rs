//! Commands that are under way: begun in order, heard of later.
//!
//! A command reaches its actor when its future is polled for the first time; [`begin`] does that and no more.
//! Invariant: two commands begun one after the other reach their queue in that order.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A command that has been sent, and its answer to come.
pub(super) type Begun<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Sends a command; its answer may be there at once.
pub(super) async fn begin<T: Send + 'static>(
    command: impl Future<Output = T> + Send + 'static,
) -> Begun<T> {
    let mut begun: Begun<T> = Box::pin(command);
    let at_once = poll_fn(|context| match begun.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => Poll::Ready(None),
    });
    match at_once.await {
        Some(answer) => Box::pin(std::future::ready(answer)),
        None => begun,
    }
}

/// Rounds in which the other tasks of a runtime with one thread get their turn. One is enough; the rest costs nothing
/// measurable, and whoever was still too late is found by the time stamped on the answer.
const ROUNDS: usize = 3;

/// Lets every actor that has a message take it. The runtime must have one thread.
pub(super) async fn let_actors_act() {
    for _ in 0..ROUNDS {
        tokio::task::yield_now().await;
    }
}
