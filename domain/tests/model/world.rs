//! The small world of the model: three agents, a few people, and what may be asked, as plain numbers.
//!
//! An `Ask` is what a random walk draws and shrinks; `command` turns it into the product's own words.
//! Invariant: small numbers only, so that walks meet often and a failing one can be read.

use domain::{
    AgentId, Announcement, Arrival, Caller, Channel, Class, ClassKey, Command, CounterId,
    CustomerId, Handler, Issue, OfferId, Placement, Policy, QueueConfig, QueueId, RecallLadder,
    Secs, ServiceId, SiteId, SkillSet, TicketId, TicketNumber, Timestamp, Visit, Waiting,
};
use uuid::Uuid;

pub(crate) const AGENTS: u8 = 3;
/// The handler who is no agent.
pub(crate) const SUPERVISOR: u8 = AGENTS;
/// Tickets that come from other queues have numbers from here on.
pub(crate) const FOREIGN: u16 = 1_000;
pub(crate) const LADDER: RecallLadder = RecallLadder {
    min_calls: 2,
    max_calls: 3,
    min_gap: Secs(30),
    requeue_behind: 2,
    requeues_max: 1,
    automatic: false,
};
/// A Monday, nine o'clock.
pub(crate) const NINE: Timestamp = Timestamp::from_secs(1_772_442_000);
const SKILLS: [&str; 2] = ["cash", "credit"];
pub(crate) const CLASSES: [(&str, u8); 3] = [("normal", 0), ("senior", 1), ("vip", 2)];

/// What one walk is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Setup {
    pub(crate) priority: bool,
    pub(crate) capacity: Option<u32>,
    pub(crate) automatic: bool,
    pub(crate) longest_wait: Option<u32>,
    pub(crate) requeues_max: u8,
}

impl Setup {
    pub(crate) fn config(self) -> QueueConfig {
        let class = |(key, rank): (&str, u8)| Class {
            self_service: rank < 2,
            ..Class::new(key, rank, Secs::minutes(20))
        };
        QueueConfig {
            policy: if self.priority { Policy::Priority } else { Policy::Fifo },
            classes: CLASSES.into_iter().map(class).collect(),
            capacity: self.capacity,
            ladder: RecallLadder {
                automatic: self.automatic,
                requeues_max: self.requeues_max,
                ..LADDER
            },
            longest_wait: self.longest_wait.map(Secs),
            ..QueueConfig::new(SiteId(id(1)), ServiceId(id(1)))
        }
    }
}

/// Somebody who takes a ticket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Join {
    pub(crate) ticket: u16,
    pub(crate) class: u8,
    pub(crate) self_service: bool,
    pub(crate) customer: Option<u8>,
    pub(crate) needs: u8,
    pub(crate) remote: bool,
}

/// Somebody who comes from another queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Come {
    pub(crate) ticket: u16,
    pub(crate) leg: u16,
    pub(crate) placement: Placement,
    pub(crate) needs: u8,
    pub(crate) came_secs_ago: u16,
}

/// One thing asked, in numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    Issue(Join),
    CheckIn(u16),
    CallNext(u8),
    CallTicket(u16, u8),
    Offer(u8, u8),
    Accept(u8, u16, u8),
    Withdraw(u8, u16),
    Recall(u16, u8),
    Start(u16, u8),
    Hold(u16, u8, bool),
    Resume(u16, u8),
    Finish(u16, u8),
    NoShow(u16, u8),
    Requeue(u16, u8),
    Transfer(u16, u8),
    Admit(Come),
    Confirm(u16, u16),
    Cancel(u16),
    Remove(u16),
    WalkOut(u16),
    Reinstate(u16),
    Tag(u16, bool),
    SetPriority(u16, u8),
    Announced(u16),
    Open,
    Pause,
    SetClosing(bool),
    Close(bool),
    Configure(Setup),
    Tick,
}

/// One step of a walk: the clock moves, forward or back, and something is asked.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) jump_secs: i32,
    pub(crate) ask: Ask,
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn ticket_id(ticket: u16) -> TicketId {
    TicketId(id(u128::from(ticket) + 1))
}

pub(crate) fn agent_id(agent: u8) -> AgentId {
    AgentId(id(u128::from(agent) + 1))
}

pub(crate) fn offer_id(offer: u8) -> OfferId {
    OfferId(id(u128::from(offer) + 1))
}

/// Agent 0 can do everything, 1 only cash, 2 nothing.
pub(crate) fn can(agent: u8, needs: u8) -> bool {
    needs == 0 || agent == 0 || (agent == 1 && needs == 1)
}

pub(crate) fn skills_of(agent: AgentId) -> SkillSet {
    let able = (1..=2)
        .filter(|needs| (0..AGENTS).any(|known| agent_id(known) == agent && can(known, *needs)));
    able.map(|needs| SKILLS[usize::from(needs) - 1].to_owned()).collect::<Vec<_>>().into()
}

pub(crate) fn needs(needs: u8) -> SkillSet {
    let asked =
        SKILLS.into_iter().skip(usize::from(needs).wrapping_sub(1)).take(usize::from(needs > 0));
    asked.map(str::to_owned).collect::<Vec<_>>().into()
}

pub(crate) fn caller(agent: u8) -> Caller {
    let agent = agent_id(agent);
    Caller { agent, counter: CounterId(agent.0), skills: skills_of(agent) }
}

fn handler(by: u8) -> Handler {
    if by == SUPERVISOR { Handler::Supervisor } else { Handler::Agent(agent_id(by)) }
}

fn class(class: u8) -> ClassKey {
    ClassKey::new(CLASSES.get(usize::from(class)).map_or("unheard", |(key, _)| key))
}

/// The product's words for an ask.
pub(crate) fn command(ask: &Ask, now: Timestamp) -> Command {
    match *ask {
        Ask::Issue(join) => Command::Issue(Box::new(issue(join))),
        Ask::Admit(come) => Command::Admit(Box::new(arrival(come, now))),
        Ask::CallNext(agent) => Command::CallNext { caller: caller(agent) },
        Ask::Offer(agent, offer) => {
            Command::Offer { caller: caller(agent), offer: offer_id(offer) }
        }
        Ask::Accept(offer, ticket, agent) => {
            let (offer, ticket) = (offer_id(offer), ticket_id(ticket));
            Command::AcceptOffer { offer, ticket, caller: caller(agent) }
        }
        Ask::Withdraw(offer, ticket) => {
            Command::WithdrawOffer { offer: offer_id(offer), ticket: ticket_id(ticket) }
        }
        Ask::CheckIn(ticket)
        | Ask::Cancel(ticket)
        | Ask::Remove(ticket)
        | Ask::WalkOut(ticket)
        | Ask::Reinstate(ticket)
        | Ask::Announced(ticket)
        | Ask::Tag(ticket, _)
        | Ask::SetPriority(ticket, _)
        | Ask::Confirm(ticket, _) => about(ask, ticket_id(ticket)),
        Ask::CallTicket(ticket, by)
        | Ask::Resume(ticket, by)
        | Ask::Recall(ticket, by)
        | Ask::Start(ticket, by)
        | Ask::Hold(ticket, by, _)
        | Ask::Finish(ticket, by)
        | Ask::NoShow(ticket, by)
        | Ask::Requeue(ticket, by)
        | Ask::Transfer(ticket, by) => handling(ask, ticket_id(ticket), by),
        Ask::Open => Command::Open,
        Ask::Pause => Command::Pause,
        Ask::SetClosing(closing) => Command::SetClosing(closing),
        Ask::Close(true) => Command::Close { waiting: Waiting::Expire },
        Ask::Close(false) => Command::Close { waiting: Waiting::Keep },
        Ask::Configure(setup) => Command::Configure(Box::new(setup.config())),
        Ask::Tick => Command::Tick,
    }
}

/// What is asked about a ticket and needs no hands.
#[expect(clippy::wildcard_enum_match_arm, reason = "the last arm is the last of those sent here")]
fn about(ask: &Ask, ticket: TicketId) -> Command {
    match *ask {
        Ask::CheckIn(_) => Command::CheckIn { ticket },
        Ask::Cancel(_) => Command::Cancel { ticket },
        Ask::Remove(_) => Command::Remove { ticket, why: "mistake".to_owned() },
        Ask::WalkOut(_) => Command::WalkOut { ticket },
        Ask::Reinstate(_) => Command::Reinstate { ticket },
        Ask::Confirm(_, leg) => Command::ConfirmHandover { ticket, leg },
        Ask::SetPriority(_, rank) => Command::SetPriority { ticket, class: class(rank) },
        Ask::Tag(_, true) => Command::Tag { ticket, tags: vec!["x".to_owned()] },
        Ask::Tag(_, false) => Command::Tag { ticket, tags: Vec::new() },
        _ => Command::Announced { ticket, what: Announcement::Shown },
    }
}

/// What somebody at a counter does with a ticket.
#[expect(clippy::wildcard_enum_match_arm, reason = "the last arm is the last of those sent here")]
fn handling(ask: &Ask, ticket: TicketId, number: u8) -> Command {
    let by = handler(number);
    match *ask {
        Ask::CallTicket(..) => {
            Command::CallTicket { ticket, caller: caller(number), why: Some("asked".to_owned()) }
        }
        Ask::Resume(..) => Command::Resume { ticket, caller: caller(number) },
        Ask::Recall(..) => Command::Recall { ticket, by },
        Ask::Start(..) => Command::Start { ticket, by },
        Ask::Hold(_, _, pool) => Command::Hold { ticket, by, why: "copies".to_owned(), pool },
        Ask::Finish(..) => Command::Finish { ticket, by, outcomes: vec!["done".to_owned()] },
        Ask::NoShow(..) => Command::MarkNoShow { ticket, by },
        Ask::Requeue(..) => Command::Requeue { ticket, by },
        _ => {
            let (to, service) = (QueueId(id(2)), ServiceId(id(2)));
            Command::Transfer { ticket, by, to, service, placement: None }
        }
    }
}

fn issue(join: Join) -> Issue {
    Issue {
        ticket: ticket_id(join.ticket),
        channel: Channel::Kiosk,
        class: Some(class(join.class)),
        self_service: join.self_service,
        customer: join.customer.map(|customer| CustomerId(id(u128::from(customer) + 1))),
        language: None,
        needs: needs(join.needs),
        slot: None,
        remote: join.remote,
        tags: Vec::new(),
    }
}

fn arrival(come: Come, now: Timestamp) -> Arrival {
    let arrived_at = now.before(Secs(u32::from(come.came_secs_ago)));
    let visit = Visit {
        ticket: ticket_id(come.ticket),
        number: TicketNumber { prefix: "B".into(), value: u32::from(come.ticket) },
        service: ServiceId(id(1)),
        class: class(0),
        channel: Channel::Kiosk,
        needs: needs(come.needs),
        customer: None,
        language: None,
        slot: None,
        issued_at: arrived_at,
        leg: come.leg,
    };
    let placement = come.placement;
    Arrival { visit, arrived_at, from: QueueId(id(3)), placement, tags: Vec::new() }
}
