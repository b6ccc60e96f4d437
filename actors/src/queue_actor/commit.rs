//! Decide, apply, append with what must wait: in this order, in this place.
//!
//! A refusal and a read wait too, for the commits they saw; when everything seen is durable they go at once.
//! Invariant: the reply of a keyed command is a row in the same transaction as its events.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Command, Event, Happened, Refusal, Ticket, TicketId, Timestamp, decide};
use persistence::{Batch, KeyRow, TicketPrivateRow};

use super::effects::Effect;
use super::lease::KeyLease;
use super::message::{Execute, QueueMessage, Reply};
use super::project::Projection;
use super::{Life, ticket_view};
use crate::admission::Permit;
use crate::ask::{Ask, AskError, Done, Key, give};
use crate::journal_writer::{Append, Commit};
use crate::views::TicketView;

impl Life {
    pub(super) fn execute(&mut self, execute: Execute) {
        let Execute { command, ask, private, reply_to, permits } = execute;
        let now = self.now();
        if reply_to.is_gone() {
            return;
        }
        let Some(lease) = KeyLease::take(&self.tenant, ask.key.as_ref(), now) else { return };
        let mark = mark_of(&command, &ask);
        if let Some(failures) = self.tenant.quarantine.verdict(mark) {
            lease.hand_back();
            return reply_to.refuse(AskError::Quarantined { failures });
        }
        self.mark.set(mark);
        #[cfg(feature = "faults")]
        crate::faults::survive(&command);
        let decided =
            self.expected(&command, &ask).and_then(|()| decide(&self.queue, &command, now));
        match decided {
            Err(refusal) => {
                lease.hand_back();
                self.when_durable(move || reply_to.refuse(refusal.into()));
            }
            Ok(events) => {
                let subject = command.ticket().or_else(|| events.iter().find_map(Event::ticket));
                self.commit(
                    Decided { command, events, ask, private, subject, now },
                    reply_to,
                    lease,
                    permits,
                );
            }
        }
        self.mark.clear();
    }

    /// Whether the ticket is still as the asker has seen it. One that is not here is the rules' matter.
    fn expected(&self, command: &Command, ask: &Ask) -> Result<(), Refusal> {
        let ticket = command.ticket().and_then(|ticket| self.queue.ticket(ticket));
        match (ask.expected, ticket.map(Ticket::version)) {
            (Some(expected), Some(current)) if expected != current => {
                Err(Refusal::VersionConflict { current })
            }
            _ => Ok(()),
        }
    }

    /// Applies what was decided and appends it with everything that waits for it.
    fn commit(&mut self, decided: Decided, reply_to: Reply, lease: KeyLease, permits: Vec<Permit>) {
        let Decided { command, events, ask, private, subject, now } = decided;
        let before = self.version;
        let mut projection = Projection::new(&ask);
        for event in events {
            let staff = self.staff_at(&event);
            self.happen(Happened { at: now, event, staff }, &mut projection);
        }
        if let Command::Admit(arrival) = &command {
            let visit = &arrival.visit;
            projection.effects.push(Effect::ConfirmHandover {
                to: arrival.from,
                ticket: visit.ticket,
                leg: visit.leg,
            });
        }
        projection.rows.private.extend(private);
        if let Some(ticket) = subject {
            self.tell_wait(ticket, now);
        }
        let view =
            subject.and_then(|ticket| projection.left.take().or_else(|| self.view_of(ticket, now)));
        let (key, done) = self.answer(view, ask.key, now);
        self.snapshot_if_due(&mut projection.rows, now);
        let answer = Answer { reply_to, done, lease, permits };
        self.append(before, projection.rows, key, projection.effects, answer);
        self.after_commit();
    }

    /// One event: into the state, and into everything that follows from it.
    fn happen(&mut self, happened: Happened, projection: &mut Projection) {
        let earlier = self.step(&happened);
        self.waits_after(&happened);
        if happened.event.is_journaled() {
            self.version += 1;
        }
        self.project(earlier.as_ref(), &happened, projection);
    }

    /// The view to answer with and, for a keyed command, the row that keeps it.
    fn answer(
        &self,
        view: Option<TicketView>,
        key: Option<Key>,
        now: Timestamp,
    ) -> (Option<KeyRow>, Option<Done>) {
        let Some(view) = view else { return (None, None) };
        let body = key.as_ref().map(|key| (key.render)(&view));
        let row = key.zip(body.clone()).map(|(key, body)| KeyRow {
            tenant: self.tenant.id,
            seq: 0,
            key_hash: key.hash,
            fingerprint: key.fingerprint,
            status: key.status,
            body,
            at: now,
        });
        (row, Some(Done { ticket: Box::new(view), body }))
    }

    fn append(
        &self,
        before: u64,
        rows: Batch,
        key: Option<KeyRow>,
        effects: Vec<Effect>,
        answer: Answer,
    ) {
        let queue_view = match &answer.reply_to {
            Reply::Queue(_) => Some(self.view(true)),
            Reply::Nobody | Reply::Ticket(_) => None,
        };
        let nothing_to_say = matches!(answer.reply_to, Reply::Nobody) && effects.is_empty();
        if nothing_to_say && rows.is_empty() && key.is_none() {
            return;
        }
        let continues = (!rows.events.is_empty()).then(|| (self.stream(), before));
        let (tenant, id, myself) = (Arc::clone(&self.tenant), self.id, self.myself.clone());
        let (durable, version): (Arc<AtomicU64>, u64) = (Arc::clone(&self.durable), self.version);
        let release = Box::new(move |commit| match commit {
            Commit::Kept { key_seq } => {
                effects.into_iter().for_each(|effect| effect.take_place(&tenant, id));
                // Only now: whoever sees it durable has its frames behind them.
                durable.fetch_max(version, Ordering::AcqRel);
                answer.give(key_seq, queue_view);
            }
            Commit::Unknown => {
                // The key is in doubt before anybody can ask again.
                drop(answer.lease);
                answer.reply_to.refuse(AskError::OutcomeUnknown);
                // It may be dead already.
                let _ = myself.cast(QueueMessage::Lost);
            }
        });
        self.tenant.world.journal.append(Append { continues, rows, key, release });
    }

    /// Runs `read` when everything this actor has applied so far is durable.
    pub(super) fn when_durable(&self, read: impl FnOnce() + Send + 'static) {
        if self.is_durable() {
            return read();
        }
        let release = Box::new(move |commit| match commit {
            Commit::Kept { .. } => read(),
            // Dropping what was read drops its reply port: the asker tries again.
            Commit::Unknown => {}
        });
        let rows = Batch::default();
        self.tenant.world.journal.append(Append { continues: None, rows, key: None, release });
    }

    /// The event that a new queue begins with.
    pub(super) fn commit_first(&mut self, event: Event) {
        let now = self.now();
        let (command, ask, private, subject) = (Command::Tick, Ask::system(), None, None);
        self.commit(
            Decided { command, events: vec![event], ask, private, subject, now },
            Reply::Nobody,
            KeyLease::of_no_key(),
            Vec::new(),
        );
    }

    fn after_commit(&mut self) {
        self.forget_fallen_offers();
        self.offer_waiting();
        self.stats_changed();
        self.schedule();
    }

    pub(super) fn view_of(&self, ticket: TicketId, now: Timestamp) -> Option<TicketView> {
        self.queue.ticket(ticket).map(|ticket| ticket_view(self, ticket, now))
    }
}

struct Decided {
    command: Command,
    events: Vec<Event>,
    ask: Ask,
    private: Option<TicketPrivateRow>,
    subject: Option<TicketId>,
    now: Timestamp,
}

/// What is said when the commit is through. The permits go back with it.
struct Answer {
    reply_to: Reply,
    done: Option<Done>,
    lease: KeyLease,
    permits: Vec<Permit>,
}

impl Answer {
    fn give(self, key_seq: Option<u64>, queue_view: Option<crate::views::QueueView>) {
        self.lease.kept(key_seq);
        match (self.reply_to, self.done, queue_view) {
            (Reply::Ticket(port), Some(done), _) => give(port, Ok(done)),
            (Reply::Ticket(port), None, _) => give(port, Err(AskError::NotFound)),
            (Reply::Queue(port), _, Some(view)) => give(port, Ok(view)),
            (Reply::Queue(_) | Reply::Nobody, ..) => {}
        }
        drop(self.permits);
    }
}

/// Tells commands apart well enough to blame the right one for a death: the same request, not the same kind.
fn mark_of(command: &Command, ask: &Ask) -> u64 {
    let from_key = ask
        .key
        .as_ref()
        .and_then(|key| key.hash.first_chunk::<8>())
        .map(|bytes| u64::from_le_bytes(*bytes));
    let from_ticket = || {
        let ticket = command.ticket().map_or(0, |ticket| ticket.0.as_u64_pair().1);
        let name = command
            .name()
            .bytes()
            .fold(17_u64, |mark, byte| mark.wrapping_mul(31).wrapping_add(u64::from(byte)));
        ticket ^ name
    };
    from_key.unwrap_or_else(from_ticket) | 1
}
