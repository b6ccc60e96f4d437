//! Carries a permitted command out, once per key, to its end.
//!
//! Tickets' replies are kept in the transaction of their events; the others are kept right after.
//! Invariant: a command that has begun is finished even when its client has gone.

use actors::{Ask, AskError, Done, Tenant};

use super::permit::{Work, permit};
use super::recorded::Recorded;
use super::{Answer, Command};
use crate::edge::{Caller, Edge};
use crate::finish::Finish;
use crate::idempotency::{Deed, Origin, once};
use crate::problem::Problem;

/// Does what `command` asks, if `caller` may, and answers; a repetition gets the first answer.
///
/// # Errors
/// What cannot be kept as an answer: not allowed, bad input, overload, failure. Kept refusals come as answers.
pub(crate) async fn run(
    edge: &Edge,
    caller: Caller,
    origin: Origin,
    command: Command,
) -> Result<Answer, Problem> {
    let work = permit(&caller, command)?;
    let (links, owned) = (edge.links()?.clone(), edge.clone());
    Finish::new(edge.tracker(), async move {
        let issues = matches!(work, Work::Issue(_));
        let answer = run_once(&owned, &caller, &origin, work).await?;
        Ok(if issues { answer.tracked(&links, caller.tenant.id()) } else { answer })
    })
    .await
}

async fn run_once(
    edge: &Edge,
    caller: &Caller,
    origin: &Origin,
    work: Work,
) -> Result<Answer, Problem> {
    once(caller, origin, async |hash| {
        let ask = Ask { cause: Some(Origin::cause(&hash)), ..caller.principal.ask() };
        let recorded = Recorded::begin(&caller.tenant, &work).await;
        let deed = carry_out(&caller.tenant, origin, hash, work, ask).await?;
        recorded.into_iter().for_each(|recorded| recorded.end(edge, caller, &deed));
        Ok(deed)
    })
    .await
}

async fn carry_out(
    tenant: &Tenant,
    origin: &Origin,
    hash: [u8; 32],
    work: Work,
    ask: Ask,
) -> Result<Deed, AskError> {
    let keyed = |status| Ask { key: Some(origin.ticket_key(hash, status)), ..ask.clone() };
    match work {
        Work::Issue(join) => {
            let done = tenant.issue(*join, keyed(201)).await?;
            let location = format!("{}/{}", origin.path, done.ticket.id);
            Ok(deed(done, 201, |answer| answer.at(location)))
        }
        Work::Order { ticket, order, agent, expected } => {
            let ask = Ask { expected, ..keyed(200) };
            Ok(plain(tenant.order(ticket, order, agent, ask).await?))
        }
        Work::CallNext { agent, queue } => {
            Ok(match tenant.call_next(agent, queue, keyed(200)).await? {
                Some(done) => plain(done),
                None => Deed::Unkept(Answer::new(204, String::new())),
            })
        }
        Work::Accept { agent, offer } => {
            Ok(plain(tenant.accept_offer(agent, offer, keyed(200)).await?))
        }
        Work::Reject { agent, offer } => {
            tenant.reject_offer(agent, offer, ask).await?;
            Ok(Deed::Unkept(Answer::new(204, String::new())))
        }
        Work::Duty { agent, duty } => {
            Ok(Deed::Unkept(Answer::json(200, &tenant.duty(agent, duty, ask).await?)))
        }
        Work::ChangeQueue { queue, change } => {
            Ok(Deed::Unkept(Answer::json(200, &tenant.change_queue(queue, change, ask).await?)))
        }
    }
}

fn plain(done: Done) -> Deed {
    deed(done, 200, |answer| answer)
}

fn deed(done: Done, status: u16, dress: impl FnOnce(Answer) -> Answer) -> Deed {
    match done.body {
        Some(body) => Deed::Kept(dress(Answer::new(status, body))),
        None => Deed::Unkept(dress(Answer::json(status, &done.ticket))),
    }
}
