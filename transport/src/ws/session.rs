//! One socket's conversation: what it knows, and what it does with each thing that happens.
//!
//! Everything it says goes through its own outbox, so that answers and frames leave in order; the loop that reads
//! and writes is in `conversation`.
//! Invariants: no request is carried out before the sign-in; what ends the session is decided once.

use std::sync::Arc;
use std::time::Duration;

use actors::{Outgoing, Subscriber};
use axum::extract::ws::Message;
use axum::http::StatusCode;
use bytes::Bytes;
use domain::Timestamp;
use outbox::{Limits, Reason, Receiver, outbox};
use tokio::time::Instant;
use uuid::Uuid;

use super::Sockets;
use super::ask::{Asking, Outcome};
use super::close::Close;
use super::deadlines::{Deadlines, Due};
use super::dialect::{Dialect, Heard};
use super::door::Knock;
use super::following::Following;
use super::limits::{
    FORBIDDEN_MAX, FORBIDDEN_WITHIN, FRAME_BURST, FRAME_GAP, HEARTBEATS_MISSED_MAX, LEAVE_JITTER,
};
use super::message::{FromClient, ToClient, encoded};
use super::rate::{Rate, Strikes};
use super::requests::{Reply, Requests};
use super::roster::{Seat, Stranger};
use crate::auth::{Principal, may_subscribe};
use crate::edge::{Caller, Edge, Trail};
use crate::problem::Problem;

/// Years that no token lives, so that no sum of times overflows.
const TOKEN_LIFE_MAX: Duration = Duration::from_secs(10 * 365 * 86_400);

/// A signed-in client.
pub(super) struct Member {
    pub(super) caller: Caller,
    pub(super) following: Following,
    seat: Seat,
}

/// One socket. The receiver is dropped before what the member follows: see [`Following`].
pub(super) struct Session {
    pub(super) receiver: Receiver<Outgoing>,
    pub(super) requests: Requests,
    pub(super) member: Option<Member>,
    pub(super) subscriber: Subscriber,
    pub(super) dialect: Dialect,
    pub(super) deadlines: Deadlines,
    pub(super) edge: Edge,
    sockets: Arc<Sockets>,
    slug: Box<str>,
    trail: Trail,
    id: Uuid,
    rate: Rate,
    strikes: Strikes,
    heartbeats_missed: u8,
    stranger: Option<Stranger>,
}

impl Session {
    /// A socket to the tenant `slug` that has not said who it is.
    pub(super) fn new(knock: &Knock, dialect: Dialect) -> Self {
        let (edge, sockets) = (knock.edge.clone(), Arc::clone(&knock.sockets));
        let (now, limits) = (Instant::now(), edge.limits());
        let bytes_max = limits.outbox_bytes_max;
        let (outbox, receiver) = outbox(Limits { bytes_max, ..Limits::default() });
        let id = edge.engine().clock().new_id();
        let sign_in = now + limits.authenticate_within;
        Self {
            receiver,
            requests: Requests::default(),
            member: None,
            subscriber: Subscriber {
                id: edge.engine().hub().new_subscriber_id(),
                wire: dialect.wire(),
                outbox,
            },
            dialect,
            deadlines: Deadlines::new(now, sign_in, limits.heartbeat, chance(id)),
            edge,
            sockets,
            slug: Box::from(knock.slug.as_str()),
            trail: knock.trail(),
            id,
            rate: Rate::new(FRAME_GAP, FRAME_BURST, now),
            strikes: Strikes::new(FORBIDDEN_MAX, FORBIDDEN_WITHIN),
            heartbeats_missed: 0,
            stranger: None,
        }
    }

    /// Counts this socket among those at the door until it signs in.
    pub(super) fn waits_as(&mut self, stranger: Stranger) {
        self.stranger = Some(stranger);
    }

    /// Ends the socket as soon as it is there.
    pub(super) fn forbid(&self) {
        self.subscriber.outbox.close(Reason::Forbidden);
    }

    /// Says `bytes` when its turn comes. A full or ended outbox ends the session by itself.
    pub(super) fn say(&self, bytes: Bytes) {
        let _ended = self.subscriber.outbox.push(Outgoing::Own(bytes));
    }

    /// Lets in somebody whose token or ticket was checked, for the first time or again.
    pub(super) fn sign_in(&mut self, caller: Caller) -> Result<(), Close> {
        let now = Instant::now();
        self.deadlines.signed_in(now, now + self.remaining(caller.principal.expires_at));
        match &mut self.member {
            Some(member) => member.renew(caller)?,
            None => self.seat(caller),
        }
        self.greet();
        self.proceed()
    }

    fn seat(&mut self, caller: Caller) {
        self.stranger = None;
        let seat = self.sockets.roster.join(&self.edge, &caller, &self.subscriber);
        let following = Following::nothing(caller.tenant.clone(), self.subscriber.id);
        self.member = Some(Member { caller, following, seat });
        if let Dialect::OneTopic(topic) = self.dialect {
            let (topic, histogram) = (topic.to_string(), false);
            self.requests.push(FromClient::Subscribe { topic, epoch: None, seq: None, histogram });
        }
    }

    fn greet(&self) {
        match self.dialect {
            Dialect::Multiplexed(wire) => self.say(encoded(
                wire,
                &ToClient::Welcome {
                    session: self.id.to_string(),
                    heartbeat_seconds: self.edge.limits().heartbeat.as_secs(),
                    server_time: self.edge.engine().clock().now().to_string(),
                },
            )),
            Dialect::OneTopic(_) => {}
        }
    }

    fn remaining(&self, expires_at: Timestamp) -> Duration {
        let micros = expires_at.micros_since(self.edge.engine().clock().now());
        Duration::from_micros(u64::try_from(micros).unwrap_or(0)).min(TOKEN_LIFE_MAX)
    }

    /// A message came.
    pub(super) fn hear(&mut self, message: &Message) -> Result<(), Close> {
        self.heartbeats_missed = 0;
        if let Some(member) = &self.member {
            member.seat.heard();
        }
        if !self.rate.take(Instant::now()) {
            return Err(Close::TooFast);
        }
        match message {
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(Close::Silent),
            Message::Text(_) | Message::Binary(_) => {
                self.act_on(self.dialect.hear(message).map_err(|_| Close::BadFrame)?)
            }
        }
    }

    fn act_on(&mut self, heard: Heard) -> Result<(), Close> {
        match heard {
            Heard::Token(token) => {
                let caller = self.admit(&token).map_err(|_| Close::Unauthenticated)?;
                self.sign_in(caller)
            }
            Heard::Request(_) if self.member.is_none() => Err(Close::Unauthenticated),
            Heard::Request(request) => {
                self.requests.push(request);
                self.proceed()
            }
            Heard::Ping => {
                self.say(self.dialect.pong());
                Ok(())
            }
            Heard::Nothing => Ok(()),
        }
    }

    /// Whose token it is. One for another tenant is a denied access.
    fn admit(&self, token: &str) -> Result<Caller, Problem> {
        let principal = self.edge.verifier().verify(token)?;
        let admitted = self.edge.admit_principal(&self.slug, Arc::clone(&principal));
        if let Err(problem) = &admitted {
            let object = format!("socket of {}", self.slug);
            note_refusal(&self.edge, &principal, &self.trail, object, problem);
        }
        admitted.map(|caller| caller.on(self.trail.clone()))
    }

    /// The request in hand was answered.
    pub(super) fn replied(&mut self, reply: Reply) -> Result<(), Close> {
        self.take(reply)?;
        self.proceed()
    }

    /// Takes requests in hand until one has to be waited for.
    fn proceed(&mut self) -> Result<(), Close> {
        while let Some(request) = self.requests.take_next() {
            let Some(member) = &mut self.member else { return Err(Close::Unauthenticated) };
            let trace = self.id.to_string();
            let asking = Asking {
                dialect: self.dialect,
                subscriber: &self.subscriber,
                edge: &self.edge,
                trace: &trace,
            };
            match asking.carry_out(member, request) {
                Outcome::Wait(in_hand) => self.requests.take_in_hand(in_hand),
                Outcome::Done(reply) => self.take(reply)?,
            }
        }
        Ok(())
    }

    /// Says the reply and counts what was forbidden. A one-topic socket has nothing without its topic.
    fn take(&mut self, reply: Reply) -> Result<(), Close> {
        if let Some(said) = reply.say {
            self.say(said);
        }
        if let (Some(topic), Some(member)) = (reply.lost, &mut self.member) {
            member.following.leave(topic);
        }
        let is_lost = reply.lost.is_some() || reply.is_forbidden;
        match self.dialect {
            Dialect::OneTopic(_) if reply.is_forbidden => Err(Close::Forbidden),
            Dialect::OneTopic(_) if is_lost => Err(Close::Restart),
            Dialect::OneTopic(_) => Ok(()),
            Dialect::Multiplexed(_) => {
                let is_over = reply.is_forbidden && self.strikes.add(Instant::now());
                if is_over { Err(Close::Forbidden) } else { Ok(()) }
            }
        }
    }

    /// The program stops. Everybody is told in a moment of their own.
    pub(super) fn begin_leaving(&mut self) {
        self.deadlines.leave_at(Instant::now() + LEAVE_JITTER.mul_f32(chance(self.id)));
    }

    /// A deadline came. True when the peer is to be pinged.
    pub(super) fn attend(&mut self, due: Due) -> Result<bool, Close> {
        match due {
            Due::NoAuth => Err(Close::NoAuth),
            Due::Expired => Err(Close::Unauthenticated),
            Due::Leave => Err(Close::Restart),
            Due::Reauth => {
                self.say(self.dialect.reauth(self.deadlines.reauth_seconds(Instant::now())));
                Ok(false)
            }
            // While nothing is read from it, its silence says nothing.
            Due::Heartbeat if !self.requests.have_room() => Ok(false),
            Due::Heartbeat if self.heartbeats_missed >= HEARTBEATS_MISSED_MAX => Err(Close::Silent),
            Due::Heartbeat => {
                self.heartbeats_missed += 1;
                Ok(true)
            }
        }
    }
}

impl Member {
    /// A new token: of the same principal, or not at all. What it no longer allows ends the socket.
    fn renew(&mut self, caller: Caller) -> Result<(), Close> {
        if caller.principal.who != self.caller.principal.who
            || caller.tenant.id() != self.caller.tenant.id()
        {
            return Err(Close::Forbidden);
        }
        let directory = caller.tenant.directory();
        let may_stay = |topic| may_subscribe(&caller.principal, &directory, topic);
        if !self.following.topics().iter().copied().all(may_stay) {
            return Err(Close::Forbidden);
        }
        self.seat.renew(&caller.principal);
        self.caller = caller;
        Ok(())
    }
}

/// Records a problem that says that somebody may not, or may not know.
pub(super) fn note_refusal(
    edge: &Edge,
    principal: &Principal,
    trail: &Trail,
    object: String,
    problem: &Problem,
) {
    if matches!(problem.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        edge.record_denied(principal, trail, object, problem.code());
    }
}

/// A number from 0 to 1 that differs from socket to socket: the random tail of an identifier.
fn chance(id: Uuid) -> f32 {
    f32::from(u16::from_be_bytes([id.as_bytes()[14], id.as_bytes()[15]])) / f32::from(u16::MAX)
}
