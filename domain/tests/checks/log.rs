//! An auditor who reads nothing but the journal: what never happens, looked for event by event.
//!
//! It keeps a note for each ticket and knows neither the queue nor its line.
//! Invariant: a log made by an honest queue has no fault; each fault names the rule it breaks.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AgentId, Call, Event, Happened, LastNumber, Outcome, SkillSet, TicketId, Visit};

/// What the auditor must know beyond the log.
pub(crate) struct Audit {
    /// At the beginning; the log says how it changes.
    pub(crate) capacity: Option<u32>,
    pub(crate) min_calls: u8,
    /// What each agent can do.
    pub(crate) skills: fn(AgentId) -> SkillSet,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Note {
    Remote,
    Waiting,
    Called { by: AgentId, calls: u8 },
    Serving { by: AgentId },
    Held { from_service: bool, calls: u8 },
    Ended(Outcome),
}

#[derive(Default)]
struct Book {
    notes: BTreeMap<TicketId, Note>,
    needs: BTreeMap<TicketId, SkillSet>,
    drawn: BTreeSet<(domain::LocalDay, u32)>,
    capacity: Option<u32>,
    faults: Vec<String>,
}

impl Audit {
    /// Every rule this log breaks, in words.
    pub(crate) fn faults(&self, log: &[Happened]) -> Vec<String> {
        let mut book = Book { capacity: self.capacity, ..Book::default() };
        log.iter().for_each(|happened| self.read(&mut book, &happened.event));
        book.faults
    }

    fn read(&self, book: &mut Book, event: &Event) {
        match event {
            Event::Issued { visit, remote, drawn, .. } => book.issued(visit, *remote, *drawn),
            Event::Configured(config) => book.capacity = config.capacity,
            Event::Admitted { visit, .. } => book.joined(visit, Note::Waiting),
            Event::Called { ticket, call, .. } => self.called(book, *ticket, call),
            Event::Recalled { ticket, calls } => book.recalled(*ticket, *calls),
            Event::Started { ticket } => book.started(*ticket),
            Event::Held { ticket, .. } => book.held(*ticket),
            Event::Resumed { ticket, call, .. } => book.resumed(*ticket, call),
            Event::NoShow { ticket } => {
                self.missed(book, *ticket);
                book.note(*ticket, Note::Ended(Outcome::NoShow));
            }
            Event::CheckedIn { ticket } | Event::Reinstated { ticket } => {
                book.note(*ticket, Note::Waiting)
            }
            Event::Requeued { ticket, cause, .. } => {
                if *cause == domain::RequeueCause::Missed {
                    self.missed(book, *ticket);
                }
                book.note(*ticket, Note::Waiting);
            }
            Event::Served { ticket, .. }
            | Event::Cancelled { ticket }
            | Event::Removed { ticket, .. }
            | Event::WalkedOut { ticket }
            | Event::Expired { ticket } => book.left(*ticket, event),
            Event::Transferred { ticket, .. } => drop(book.notes.remove(ticket)),
            Event::Offered { .. }
            | Event::OfferWithdrawn { .. }
            | Event::HandoverConfirmed { .. }
            | Event::Tagged { .. }
            | Event::Noted { .. }
            | Event::PriorityChanged { .. }
            | Event::Announced { .. }
            | Event::Opened
            | Event::Paused
            | Event::ClosingBegan
            | Event::Closed => {}
        }
    }

    fn called(&self, book: &mut Book, ticket: TicketId, call: &Call) {
        match book.notes.get(&ticket) {
            Some(Note::Waiting | Note::Held { .. }) => {}
            Some(Note::Ended(_)) => book.fault("called after its end", ticket),
            Some(Note::Remote | Note::Called { .. } | Note::Serving { .. }) | None => {
                book.fault("called out of a wrong state", ticket);
            }
        }
        book.taken_up(ticket, call.agent);
        let needs = book.needs.get(&ticket).cloned().unwrap_or_default();
        if !needs.met_by(&(self.skills)(call.agent)) {
            book.fault("called by somebody who lacks a skill", ticket);
        }
        book.note(ticket, Note::Called { by: call.agent, calls: call.calls });
    }

    /// A missed call needs the least number of calls first.
    fn missed(&self, book: &mut Book, ticket: TicketId) {
        match book.notes.get(&ticket) {
            Some(Note::Called { calls, .. }) if *calls >= self.min_calls => {}
            Some(_) | None => book.fault("no-show after too few calls", ticket),
        }
    }
}

impl Book {
    fn fault(&mut self, rule: &str, ticket: TicketId) {
        self.faults.push(format!("{rule}: ticket {ticket}"));
    }

    fn note(&mut self, ticket: TicketId, note: Note) {
        self.notes.insert(ticket, note);
    }

    fn issued(&mut self, visit: &Visit, remote: bool, drawn: LastNumber) {
        if !self.drawn.insert((drawn.day, drawn.value)) || visit.number.value != drawn.value {
            self.fault("number repeated", visit.ticket);
        }
        let joined =
            self.notes.values().filter(|note| matches!(note, Note::Remote | Note::Waiting)).count();
        if self.capacity.is_some_and(|capacity| joined >= capacity as usize) {
            self.fault("capacity passed", visit.ticket);
        }
        if self.notes.contains_key(&visit.ticket) {
            self.fault("issued twice", visit.ticket);
        }
        self.joined(visit, if remote { Note::Remote } else { Note::Waiting });
    }

    fn joined(&mut self, visit: &Visit, note: Note) {
        self.needs.insert(visit.ticket, visit.needs.clone());
        self.note(visit.ticket, note);
    }

    fn taken_up(&mut self, ticket: TicketId, agent: AgentId) {
        let busy = self.notes.iter().any(|(other, note)| match note {
            Note::Called { by, .. } | Note::Serving { by } => *by == agent && *other != ticket,
            Note::Remote | Note::Waiting | Note::Held { .. } | Note::Ended(_) => false,
        });
        if busy {
            self.fault("two in hand", ticket);
        }
    }

    fn recalled(&mut self, ticket: TicketId, calls: u8) {
        match self.notes.get(&ticket).copied() {
            Some(Note::Called { by, calls: before }) if calls == before + 1 => {
                self.note(ticket, Note::Called { by, calls });
            }
            Some(_) | None => self.fault("recalled out of step", ticket),
        }
    }

    fn started(&mut self, ticket: TicketId) {
        match self.notes.get(&ticket).copied() {
            Some(Note::Called { by, .. }) => self.note(ticket, Note::Serving { by }),
            Some(_) | None => self.fault("started without a call", ticket),
        }
    }

    fn held(&mut self, ticket: TicketId) {
        match self.notes.get(&ticket).copied() {
            Some(Note::Called { calls, .. }) => {
                self.note(ticket, Note::Held { from_service: false, calls })
            }
            Some(Note::Serving { .. }) => {
                self.note(ticket, Note::Held { from_service: true, calls: 0 })
            }
            Some(_) | None => self.fault("held out of nobody's hand", ticket),
        }
    }

    fn resumed(&mut self, ticket: TicketId, call: &Call) {
        self.taken_up(ticket, call.agent);
        let by = call.agent;
        match self.notes.get(&ticket).copied() {
            Some(Note::Held { from_service: true, .. }) => self.note(ticket, Note::Serving { by }),
            Some(Note::Held { from_service: false, calls }) => {
                self.note(ticket, Note::Called { by, calls })
            }
            Some(_) | None => self.fault("resumed without being held", ticket),
        }
    }

    fn left(&mut self, ticket: TicketId, event: &Event) {
        if matches!(self.notes.get(&ticket), Some(Note::Ended(_)) | None) {
            self.fault("ended twice", ticket);
        }
        if let Some(outcome) = event.outcome() {
            self.note(ticket, Note::Ended(outcome));
        }
    }
}
