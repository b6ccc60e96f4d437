//! What a signed-in client asks, carried out: follow a topic, leave it, acknowledge a call, give a command.
//!
//! Permissions are judged before anybody is asked; the asking itself is a future that the session waits for.
//! Invariant: a topic of another tenant, one that does not exist and one that may not be followed answer alike.

use actors::{AskError, Position, Subscriber, Topic};
use bytes::Bytes;
use domain::Announcement;

use super::command;
use super::dialect::Dialect;
use super::message::FromClient;
use super::requests::{InHand, Reply};
use super::session::Member;
use crate::auth::may_subscribe;
use crate::edge::{Caller, Edge};
use crate::problem::Problem;

/// What became of a request.
pub(super) enum Outcome {
    /// To be waited for.
    Wait(InHand),
    Done(Reply),
}

/// The socket that asks.
pub(super) struct Asking<'s> {
    pub(super) dialect: Dialect,
    pub(super) subscriber: &'s Subscriber,
    pub(super) edge: &'s Edge,
    /// The session's id, under which the log finds its commands.
    pub(super) trace: &'s str,
}

impl Asking<'_> {
    pub(super) fn carry_out(&self, member: &mut Member, request: FromClient) -> Outcome {
        match request {
            FromClient::Subscribe { topic, epoch, seq, histogram } => {
                let since = epoch.zip(seq).map(|(epoch, seq)| Position { epoch, seq });
                self.subscribe(member, &topic, since, histogram)
            }
            FromClient::Unsubscribe { topic } => {
                if let Ok(topic) = topic.parse() {
                    member.following.leave(topic);
                }
                Outcome::Done(Reply::default())
            }
            FromClient::Ack { topic, seq, what } => self.acknowledge(member, &topic, seq, what),
            FromClient::Command(asked) => {
                let caller = member.caller.clone();
                Outcome::Wait(command::carry_out(
                    self.edge,
                    caller,
                    asked,
                    self.dialect.wire(),
                    self.trace,
                ))
            }
            // Heard by the session itself.
            FromClient::Auth { .. } | FromClient::Ping {} => Outcome::Done(Reply::default()),
        }
    }

    fn subscribe(
        &self,
        member: &mut Member,
        text: &str,
        since: Option<Position>,
        histogram: bool,
    ) -> Outcome {
        let directory = member.caller.tenant.directory();
        let allowed = |topic: &Topic| may_subscribe(&member.caller.principal, &directory, *topic);
        let Some(topic) = text.parse().ok().filter(allowed) else {
            return Outcome::Done(self.forbidden(member, text));
        };
        let topics_max = self.edge.limits().topics_max;
        if !member.following.note(topic, topics_max) {
            let detail = format!("a connection follows at most {topics_max} topics");
            return Outcome::Done(say(self.dialect.error(Some(text), "too_many_topics", &detail)));
        }
        let (tenant, dialect) = (member.caller.tenant.clone(), self.dialect);
        let mut subscriber = self.subscriber.clone();
        if histogram {
            subscriber.wire = subscriber.wire.with_histograms();
        }
        Outcome::Wait(Box::pin(async move {
            match tenant.subscribe(topic, subscriber, since).await {
                Ok(()) if histogram && !topic.is_latest_value() => {
                    without_histogram(dialect, topic)
                }
                Ok(()) => Reply::default(),
                Err(error) => Reply { lost: Some(topic), ..refused(dialect, topic, error) },
            }
        }))
    }

    /// Says that the topic is not for them, and records it.
    fn forbidden(&self, member: &Member, text: &str) -> Reply {
        let Caller { principal, trail, .. } = &member.caller;
        let trail = trail.under(self.trace);
        self.edge.record_denied(principal, &trail, format!("topic {text}"), "forbidden");
        forbidden(self.dialect, text)
    }

    fn acknowledge(&self, member: &Member, text: &str, seq: u64, what: Announcement) -> Outcome {
        let principal = &member.caller.principal;
        let may = principal.device.is_some() || principal.agent.is_some();
        let of_a_site = |topic: &Topic| may && is_site(*topic) && member.following.follows(*topic);
        let Some(topic) = text.parse().ok().filter(of_a_site) else {
            return Outcome::Done(self.forbidden(member, text));
        };
        let (tenant, ask, dialect) = (member.caller.tenant.clone(), principal.ask(), self.dialect);
        Outcome::Wait(Box::pin(async move {
            match tenant.acknowledge(topic, seq, what, ask).await {
                Ok(()) => Reply::default(),
                Err(error) => problem(dialect, &topic.to_string(), &error.into()),
            }
        }))
    }
}

const fn is_site(topic: Topic) -> bool {
    match topic {
        Topic::Site(_) => true,
        Topic::Queue(_)
        | Topic::Agent(_)
        | Topic::Ticket(_)
        | Topic::StatsQueue(_)
        | Topic::StatsSite(_)
        | Topic::StatsTenant
        | Topic::Alerts
        | Topic::Devices => false,
    }
}

fn say(bytes: Bytes) -> Reply {
    Reply { say: Some(bytes), ..Reply::default() }
}

fn forbidden(dialect: Dialect, topic: &str) -> Reply {
    let detail = "there is no such topic for you";
    Reply { is_forbidden: true, ..say(dialect.error(Some(topic), "forbidden", detail)) }
}

/// Only figures have histograms: the client is told, and gets the rest.
fn without_histogram(dialect: Dialect, topic: Topic) -> Reply {
    let detail = "only topics of figures (stats:…) have histograms";
    say(dialect.error(Some(&topic.to_string()), "no_histogram", detail))
}

/// An id that is not there is none of the client's business.
fn refused(dialect: Dialect, topic: Topic, error: AskError) -> Reply {
    let problem_of = Problem::from(error);
    if problem_of.status() == axum::http::StatusCode::NOT_FOUND {
        return forbidden(dialect, &topic.to_string());
    }
    problem(dialect, &topic.to_string(), &problem_of)
}

fn problem(dialect: Dialect, topic: &str, problem: &Problem) -> Reply {
    let told = problem.to_value(None, None);
    let detail = told["detail"].as_str().unwrap_or_default();
    say(dialect.error(Some(topic), problem.code(), detail))
}
