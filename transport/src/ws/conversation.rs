//! The loop of one socket: it reads, writes and keeps the deadlines, in one task without locks.
//!
//! Everything that can happen is one [`Event`]. All that waits in the outbox is written and flushed once.
//! Invariants: a peer that does not read holds the task no longer than a stall and a farewell; nothing is written
//! after the close frame.

use std::pin::{Pin, pin};
use std::time::Duration;

use actors::Outgoing;
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt as _;
use outbox::Reason;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::close::Close;
use super::dialect::Dialect;
use super::limits::{FAREWELL, STALL_MAX};
use super::requests::Reply;
use super::session::Session;

/// Messages for which a session keeps room between two writes.
const KEPT_MESSAGES: usize = 4;

/// What can happen to a socket.
enum Event {
    Heard(Option<Result<Message, axum::Error>>),
    Ready(Result<(), Reason>),
    Replied(Reply),
    Due,
    Stopping,
}

/// Talks until one side ends it, then says why.
pub(super) async fn converse(mut socket: WebSocket, mut session: Session) {
    let end = talk(&mut socket, &mut session).await;
    // The hub and the roster need not wait for the farewell.
    drop(session);
    say_goodbye(&mut socket, end).await;
}

async fn talk(socket: &mut WebSocket, session: &mut Session) -> Close {
    let stopping = session.edge.stopping().clone();
    let mut stopping = pin!(stopping.cancelled());
    let mut alarm = pin!(sleep_until(session.deadlines.next()));
    let mut batch = Vec::new();
    loop {
        set(alarm.as_mut(), session.deadlines.next());
        let event = tokio::select! {
            heard = socket.recv(), if session.requests.have_room() => Event::Heard(heard),
            ready = session.receiver.ready() => Event::Ready(ready),
            reply = session.requests.reply() => Event::Replied(reply),
            () = alarm.as_mut() => Event::Due,
            () = stopping.as_mut(), if !session.deadlines.is_leaving() => Event::Stopping,
        };
        if let Err(close) = handle(socket, session, &mut batch, event).await {
            return close;
        }
    }
}

async fn handle(
    socket: &mut WebSocket,
    session: &mut Session,
    batch: &mut Vec<Outgoing>,
    event: Event,
) -> Result<(), Close> {
    match event {
        Event::Heard(Some(Ok(message))) => session.hear(&message),
        Event::Heard(Some(Err(error))) => Err(Close::of_read_error(&error)),
        Event::Heard(None) => Err(Close::Silent),
        Event::Ready(Ok(())) => {
            session.receiver.drain(batch);
            write(socket, session.dialect, batch).await
        }
        Event::Ready(Err(reason)) => Err(reason.into()),
        Event::Replied(reply) => session.replied(reply),
        Event::Due => keep_deadlines(socket, session).await,
        Event::Stopping => {
            session.begin_leaving();
            Ok(())
        }
    }
}

async fn keep_deadlines(socket: &mut WebSocket, session: &mut Session) -> Result<(), Close> {
    while let Some(due) = session.deadlines.take_due(Instant::now()) {
        if session.attend(due)? {
            progress(socket.send(Message::Ping(Bytes::new()))).await?;
        }
    }
    Ok(())
}

async fn write(
    socket: &mut WebSocket,
    dialect: Dialect,
    batch: &mut Vec<Outgoing>,
) -> Result<(), Close> {
    for outgoing in batch.drain(..) {
        progress(socket.feed(dialect.message(&outgoing))).await?;
    }
    batch.shrink_to(KEPT_MESSAGES);
    progress(socket.flush()).await
}

/// Waits for one step of writing; a peer that does not read makes none.
async fn progress(step: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Close> {
    match timeout(STALL_MAX, step).await {
        Ok(written) => written.map_err(|_| Close::Silent),
        Err(_) => Err(Close::TooSlow),
    }
}

/// Sends the close frame and waits for the peer's, so that no unread byte turns our farewell into a reset.
async fn say_goodbye(socket: &mut WebSocket, end: Close) {
    let until = Instant::now() + FAREWELL;
    let Some(frame) = end.frame() else {
        // What the library owes the peer, such as the answer to its close frame.
        let _gone = timeout(Duration::from_secs(1), socket.flush()).await;
        return;
    };
    let farewell = async {
        if socket.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        while let Some(Ok(_)) = socket.recv().await {}
        if end.leaves_bytes_unread() {
            sleep_until(until).await;
        }
    };
    let _late = tokio::time::timeout_at(until, farewell).await;
}

/// Sets the alarm anew only when its time has changed: that costs a walk through the timer.
fn set(alarm: Pin<&mut Sleep>, at: Instant) {
    if alarm.deadline() != at {
        alarm.reset(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the future that a function makes, without calling it.
    const fn future_bytes<F, R>(_: &F) -> usize
    where
        F: FnOnce(WebSocket, Session) -> R,
    {
        size_of::<R>()
    }

    #[test]
    fn a_conversation_is_small_enough_for_a_hundred_thousand_of_them() {
        let bytes = future_bytes(&converse);
        assert!(bytes <= 4_096, "{bytes} bytes, of which {} are the session", size_of::<Session>());
    }
}
