//! What happens when somebody asks: a function of the queue, the command and the time.
//!
//! One match, one line per command; the work stands in the file of its theme. Nothing is changed here.
//! Invariant: either every event of the answer is sound to apply in order, or the command is refused whole.

mod at_counter;
mod call;
mod issue;
mod ladder;
mod leave;
mod tick;
mod transfer;
mod upkeep;

use super::command::{Command, Handler};
use super::event::Event;
use super::{Queue, Refusal};
use crate::id::TicketId;
use crate::ticket::{Call, Stage, Ticket};
use crate::time::Timestamp;

type Decision = Result<Vec<Event>, Refusal>;

/// What follows from `command` at `now`.
///
/// # Errors
/// The [`Refusal`] with its facts; nothing has happened then.
pub fn decide(queue: &Queue, command: &Command, now: Timestamp) -> Decision {
    match command {
        Command::Issue(issue) => issue::issue(queue, issue, now),
        Command::CheckIn { ticket } => issue::check_in(queue, *ticket),
        Command::CallNext { caller } => call::next(queue, caller, now),
        Command::CallTicket { ticket, caller, why } => {
            call::chosen(queue, *ticket, caller, why.as_deref(), now)
        }
        Command::Offer { caller, offer } => call::offer(queue, caller, *offer, now),
        Command::AcceptOffer { offer, ticket, caller } => {
            call::accept(queue, *offer, *ticket, caller, now)
        }
        Command::WithdrawOffer { offer, ticket } => call::withdraw(queue, *offer, *ticket),
        Command::Recall { ticket, by } => ladder::recall(queue, *ticket, *by, now),
        Command::Start { ticket, by } => at_counter::start(queue, *ticket, *by),
        Command::Hold { ticket, by, why, pool } => {
            at_counter::hold(queue, *ticket, *by, why, *pool)
        }
        Command::Resume { ticket, caller } => at_counter::resume(queue, *ticket, caller, now),
        Command::Finish { ticket, by, outcomes } => {
            at_counter::finish(queue, *ticket, *by, outcomes)
        }
        Command::MarkNoShow { ticket, by } => ladder::mark_no_show(queue, *ticket, *by),
        Command::Requeue { ticket, by } => ladder::requeue(queue, *ticket, *by),
        Command::Delay { ticket, people } => ladder::delay(queue, *ticket, *people, now),
        Command::Transfer { ticket, by, to, service, placement } => transfer::send(
            queue,
            *ticket,
            *by,
            transfer::Target { to: *to, service: *service, placement: *placement },
        ),
        Command::Admit(arrival) => Ok(transfer::admit(queue, arrival)),
        Command::ConfirmHandover { ticket, leg } => Ok(transfer::confirm(queue, *ticket, *leg)),
        Command::Cancel { ticket } => leave::cancel(queue, *ticket),
        Command::Remove { ticket, why } => leave::remove(queue, *ticket, why),
        Command::WalkOut { ticket } => leave::walk_out(queue, *ticket),
        Command::Reinstate { ticket } => leave::reinstate(queue, *ticket, now),
        Command::Tag { ticket, tags } => upkeep::tag(queue, *ticket, tags),
        Command::Note { ticket } => upkeep::note(queue, *ticket),
        Command::SetPriority { ticket, class } => upkeep::set_priority(queue, *ticket, class),
        Command::Announced { ticket, what } => Ok(upkeep::announced(queue, *ticket, *what)),
        Command::Open => Ok(upkeep::open(queue)),
        Command::Pause => Ok(upkeep::pause(queue)),
        Command::SetClosing(closing) => Ok(upkeep::set_closing(queue, *closing)),
        Command::Close { waiting } => Ok(upkeep::close(queue, *waiting)),
        Command::Configure(config) => Ok(upkeep::configure(queue, config)),
        Command::Tick => Ok(tick::tick(queue, now)),
    }
}

/// The ticket, known to this queue, ended or not.
fn known(queue: &Queue, id: TicketId) -> Result<&Ticket, Refusal> {
    queue.ticket(id).ok_or(Refusal::NotFound)
}

/// The ticket, unless it has ended.
fn live(queue: &Queue, id: TicketId) -> Result<&Ticket, Refusal> {
    let ticket = known(queue, id)?;
    if ticket.is_ended() {
        return Err(Refusal::TicketEnded { state: ticket.state() });
    }
    Ok(ticket)
}

fn wrong_stage(ticket: &Ticket, command: &'static str) -> Refusal {
    Refusal::InvalidTransition { from: ticket.state(), command }
}

/// The ticket in hand, if `by` may handle it: an agent only their own, a supervisor any.
fn in_hand<'a>(
    queue: &'a Queue,
    id: TicketId,
    by: Handler,
    command: &'static str,
) -> Result<(&'a Ticket, &'a Call), Refusal> {
    let ticket = live(queue, id)?;
    let call = match &ticket.stage {
        Stage::Called(call) | Stage::Serving { call, .. } => call,
        Stage::Remote
        | Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Held { .. }
        | Stage::Ended { .. } => {
            return Err(wrong_stage(ticket, command));
        }
    };
    may_handle(call, by)?;
    Ok((ticket, call))
}

fn may_handle(call: &Call, by: Handler) -> Result<(), Refusal> {
    match by {
        Handler::Agent(agent) if agent != call.agent => Err(Refusal::NotAssigned),
        Handler::Agent(_) | Handler::Supervisor => Ok(()),
    }
}
