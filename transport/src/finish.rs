//! Work that is finished even when nobody waits for it any more.
//!
//! A client that hangs up drops the handler; a command that has begun then goes on in a task of its own, so that its
//! reply is kept under its key. Invariant: work wrapped here is polled to its end exactly once.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_util::task::TaskTracker;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Work in hand, with the owner it falls to.
pub(crate) struct Finish<T: Send + 'static> {
    work: Option<Work<T>>,
    owner: TaskTracker,
}

impl<T: Send + 'static> Finish<T> {
    pub(crate) fn new(owner: &TaskTracker, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { work: Some(Box::pin(work)), owner: owner.clone() }
    }
}

impl<T: Send + 'static> Future for Finish<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.work.as_mut() else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.work = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Finish<T> {
    fn drop(&mut self) {
        // Work that panicked is dropped while its panic passes, and must not be polled again.
        let Some(work) = self.work.take().filter(|_| !std::thread::panicking()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.owner.spawn_on(work, &runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_after_its_caller_has_gone() {
        let owner = TaskTracker::new();
        let (go, wait) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let mut work = Finish::new(&owner, async move {
            wait.await.ok();
            tell.send(7).ok();
        });
        assert!(futures_util::poll!(&mut work).is_pending());
        drop(work);
        go.send(()).unwrap();
        assert_eq!(told.await, Ok(7));
        owner.close();
        owner.wait().await;
    }

    #[tokio::test]
    async fn finished_work_leaves_nothing_behind() {
        let owner = TaskTracker::new();
        assert_eq!(Finish::new(&owner, async { 7 }).await, 7);
        assert!(owner.is_empty());
    }
}
