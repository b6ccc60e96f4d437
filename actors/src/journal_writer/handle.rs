//! The way to the journal writer that is alive now.
//!
//! An `ActorRef` dies with its actor; this handle is given the new one by the supervisor.
//! Invariant: an append that finds no writer is released as unknown, never dropped.

use std::sync::{Arc, PoisonError, RwLock};

use persistence::StreamId;
use ractor::ActorRef;
use tokio::sync::oneshot;

use super::{Append, Commit, JournalMessage};
use crate::counts::{ActorKind, Counts};

/// Where appends go.
#[derive(Clone)]
pub(crate) struct JournalHandle(Arc<RwLock<Option<ActorRef<JournalMessage>>>>, Arc<Counts>);

impl JournalHandle {
    pub(crate) fn counting(counts: Arc<Counts>) -> Self {
        Self(Arc::default(), counts)
    }

    pub(crate) fn set(&self, writer: ActorRef<JournalMessage>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(writer);
    }

    fn writer(&self) -> Option<ActorRef<JournalMessage>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn append(&self, append: Append) {
        let Some(writer) = self.writer() else { return (append.release)(Commit::Unknown) };
        self.1.sent(ActorKind::Journal);
        if let Err(refused) = writer.cast(JournalMessage::Append(Box::new(append))) {
            release_unsent(refused);
        }
    }

    /// Returns when nothing of the stream's former owner can be written any more.
    pub(crate) async fn fence(&self, stream: StreamId) -> Result<(), WriterGone> {
        self.ask(|reply_to| JournalMessage::Fence { stream, reply_to }).await
    }

    /// The stream has been loaded and stands at `version`: its owner may append.
    pub(crate) fn opened(&self, stream: StreamId, version: u64) -> Result<(), WriterGone> {
        let writer = self.writer().ok_or(WriterGone)?;
        self.1.sent(ActorKind::Journal);
        writer.cast(JournalMessage::Opened { stream, version }).map_err(|_| WriterGone)
    }

    /// Returns when nothing is left to write.
    pub(crate) async fn finish(&self) -> Result<(), WriterGone> {
        self.ask(|reply_to| JournalMessage::Finish { reply_to }).await
    }

    async fn ask(
        &self,
        message: impl FnOnce(oneshot::Sender<()>) -> JournalMessage,
    ) -> Result<(), WriterGone> {
        let (reply_to, answer) = oneshot::channel();
        let writer = self.writer().ok_or(WriterGone)?;
        self.1.sent(ActorKind::Journal);
        writer.cast(message(reply_to)).map_err(|_| WriterGone)?;
        answer.await.map_err(|_| WriterGone)
    }
}

fn release_unsent(refused: ractor::MessagingErr<JournalMessage>) {
    if let ractor::MessagingErr::SendErr(JournalMessage::Append(append)) = refused {
        (append.release)(Commit::Unknown);
    }
}

/// The journal writer is being restarted.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the journal writer is being restarted")]
pub(crate) struct WriterGone;
