//! Who may ask for what: scopes, one's own agent, assigned queues.
//!
//! A command goes in with names as the client wrote them and comes out as work with everything found.
//! Invariant: agents act for themselves and on queues they are assigned to; supervisors for anybody.

use actors::{AgentDuty, Directory, Join, QueueChange, TicketOrder};
use domain::{AgentId, OfferId, QueueId, Scope, TicketId};

use super::args::{Args, NoArgs, NoQueueArgs};
use super::{AgentRef, Command, IssueArgs};
use crate::auth::Principal;
use crate::edge::Caller;
use crate::problem::{Code, Problem};

/// A command that its caller may give.
#[derive(Debug)]
pub(super) enum Work {
    Issue(Box<Join>),
    Order { ticket: TicketId, order: TicketOrder, agent: Option<AgentId>, expected: Option<u64> },
    CallNext { agent: AgentId, queue: Option<QueueId> },
    Duty { agent: AgentId, duty: AgentDuty },
    Accept { agent: AgentId, offer: OfferId },
    Reject { agent: AgentId, offer: OfferId },
    ChangeQueue { queue: QueueId, change: QueueChange },
}

impl Command {
    /// Any of these is asked for.
    const fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Issue(_) => IssueArgs::SCOPES,
            Self::ChangeQueue { .. } => NoQueueArgs::SCOPES,
            Self::Order { .. }
            | Self::CallNext { .. }
            | Self::Duty { .. }
            | Self::Accept { .. }
            | Self::Reject { .. } => NoArgs::SCOPES,
        }
    }
}

/// # Errors
/// 403 for what the caller may not do, 404 for what is not there.
pub(super) fn permit(caller: &Caller, command: Command) -> Result<Work, Problem> {
    let principal = &caller.principal;
    principal.holds_any(command.scopes())?;
    let directory = caller.tenant.directory();
    match command {
        Command::Issue(args) => Ok(Work::Issue(Box::new(args.join(principal, &directory)?))),
        Command::Order { ticket, order, expected } => {
            let order = permit_order(caller, &directory, ticket, order)?;
            Ok(Work::Order { ticket, order, agent: principal.agent, expected })
        }
        Command::CallNext { agent, queue } => {
            let agent = acting(principal, &directory, agent)?;
            queue.map_or(Ok(()), |queue| permit_queue(principal, &directory, queue))?;
            Ok(Work::CallNext { agent, queue })
        }
        Command::Duty { agent, duty } => {
            Ok(Work::Duty { agent: acting(principal, &directory, agent)?, duty })
        }
        Command::Accept { offer } => {
            Ok(Work::Accept { agent: offered(caller, &directory, offer)?, offer })
        }
        Command::Reject { offer } => {
            Ok(Work::Reject { agent: offered(caller, &directory, offer)?, offer })
        }
        Command::ChangeQueue { queue, change } => {
            permit_queue(principal, &directory, queue)?;
            Ok(Work::ChangeQueue { queue, change })
        }
    }
}

/// A live ticket's queue is known here; one that has ended is judged by its queue.
fn permit_order(
    caller: &Caller,
    directory: &Directory,
    ticket: TicketId,
    order: TicketOrder,
) -> Result<TicketOrder, Problem> {
    if let Some(queue) = caller.tenant.queue_of(ticket) {
        permit_queue(&caller.principal, directory, queue)?;
    }
    if let TicketOrder::Transfer { to, .. } = &order
        && directory.queue(*to).is_none()
    {
        return Err(Problem::of(Code::NotFound));
    }
    Ok(order)
}

fn permit_queue(
    principal: &Principal,
    directory: &Directory,
    queue: QueueId,
) -> Result<(), Problem> {
    if directory.queue(queue).is_none() {
        return Err(Problem::of(Code::NotFound));
    }
    if principal.may_touch(directory, queue) { Ok(()) } else { Err(Problem::of(Code::NotAssigned)) }
}

/// The agent who is meant, if the caller may act for them.
pub(crate) fn acting(
    principal: &Principal,
    directory: &Directory,
    agent: AgentRef,
) -> Result<AgentId, Problem> {
    let agent = match agent {
        AgentRef::Me => return principal.agent.ok_or(Problem::of(Code::NoAgent)),
        AgentRef::Id(agent) => agent,
    };
    if directory.agent(agent).is_none() {
        return Err(Problem::of(Code::NotFound));
    }
    if principal.agent == Some(agent) || principal.supervises() {
        return Ok(agent);
    }
    Err(Problem::new(Code::InsufficientScope, "agents act for themselves only"))
}

fn offered(caller: &Caller, directory: &Directory, offer: OfferId) -> Result<AgentId, Problem> {
    let agent = caller.tenant.offered_to(offer).ok_or(Problem::of(Code::NotFound))?;
    acting(&caller.principal, directory, AgentRef::Id(agent))
}
