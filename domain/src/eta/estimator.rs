//! The estimator of one queue: hears every event, predicts for whoever waits, learns when they are called.
//!
//! A wait begins when a ticket enters the line here and ends with its call. What the queue knew of its counters comes
//! with the event, so nothing outside the journal is needed; an event of before they were noted teaches times only.
//! Invariant: a ticket that has left the line leaves nothing behind but what it taught.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kept::KeptViews;
use super::model::{Model, Prediction, Snapshot};
use super::pool::{Pool, Waited};
use super::{Calibration, Estimate, REFRESHED_MAX, Staff, View, seconds};
use crate::class::ClassKey;
use crate::id::{AgentId, TicketId};
use crate::line::Around;
use crate::queue::{Event, Happened, Queue};
use crate::ticket::{Stage, Ticket};
use crate::time::{Secs, Timestamp};

/// A shorter wait is none: somebody stood free.
const SHORTEST_WAIT: f64 = 1.0;

/// What a queue has learnt about its waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimator {
    pool: Pool,
    model: Model,
    calibration: Calibration,
    waiting: BTreeMap<TicketId, Entered>,
    /// Since when each agent has somebody in hand.
    taken: BTreeMap<AgentId, Timestamp>,
}

/// A ticket in line, as it entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entered {
    at: Timestamp,
    ahead: u32,
    ahead_of_class: u32,
    views: KeptViews,
    /// P10 and P90 in seconds, when a range was told.
    promised: Option<(f64, f64)>,
}

impl Estimator {
    /// Expects services of this length until it has seen some.
    pub fn expecting(service: Secs) -> Self {
        Self {
            pool: Pool::expecting(service),
            model: Model::default(),
            calibration: Calibration::default(),
            waiting: BTreeMap::new(),
            taken: BTreeMap::new(),
        }
    }

    pub const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The mean service of late.
    pub fn mean_service(&self) -> Secs {
        Secs::rounded(self.pool.service())
    }

    /// The wait to come of a ticket in line; none while nobody serves.
    pub fn estimate(
        &self,
        queue: &Queue,
        ticket: TicketId,
        staff: Staff,
        now: Timestamp,
    ) -> Option<Estimate> {
        let (held, around) = (queue.ticket(ticket)?, queue.line().around(ticket, now)?);
        let moment = Moment { queue, staff, now };
        let live = self.waiting.get(&ticket).is_some_and(|entered| entered.at < now);
        let view = moment.view_of(held, around, live);
        self.told(&moment, &held.visit.class, &view, held.visit.needs.is_empty())
    }

    /// The wait of somebody of the queue's default class who would join now; none while nobody serves.
    pub fn estimate_newcomer(
        &self,
        queue: &Queue,
        staff: Staff,
        now: Timestamp,
    ) -> Option<Estimate> {
        let class = &queue.config().default_class()?.key;
        let moment = Moment { queue, staff, now };
        let mut around = queue.line().around_newcomer(class);
        let offered = usize::try_from(queue.tally().offered).unwrap_or(0);
        (around.ahead, around.others) = (around.ahead + offered, around.others + offered);
        self.told(&moment, class, &moment.view(class, around, 0.0, false), true)
    }

    fn told(
        &self,
        moment: &Moment<'_>,
        class: &ClassKey,
        view: &View,
        anybody_can: bool,
    ) -> Option<Estimate> {
        if moment.staff.on_duty == 0 {
            return None;
        }
        if moment.finds_one_free(view, anybody_can) {
            return Some(Estimate::AT_ONCE);
        }
        let read = self.pool.read(class, view.priority, moment.now);
        Some(self.model.predict(class, view, &read).into())
    }

    /// Learns from an event that `queue` has just been through; `earlier` is its ticket as it was before.
    pub fn learn(&mut self, queue: &mut Queue, earlier: Option<&Ticket>, happened: &Happened) {
        if !happened.event.is_journaled() {
            return;
        }
        self.free_counter(queue, earlier, happened);
        let Some(ticket) = happened.event.ticket() else { return };
        match &happened.event {
            Event::Called { call, .. } => {
                self.taken.insert(call.agent, happened.at);
                if let Some(earlier) = earlier.filter(|earlier| is_in_line(earlier)) {
                    self.called(queue, earlier, happened.at);
                    self.look_again(queue, happened);
                }
            }
            Event::Resumed { call, .. } => drop(self.taken.insert(call.agent, happened.at)),
            Event::Expired { .. } => drop(self.waiting.remove(&ticket)),
            Event::Cancelled { .. }
            | Event::Removed { .. }
            | Event::WalkedOut { .. }
            | Event::Transferred { .. } => self.left(queue, earlier, happened.at),
            Event::Issued { .. }
            | Event::Admitted { .. }
            | Event::CheckedIn { .. }
            | Event::Requeued { .. }
            | Event::Reinstated { .. } => self.entered(queue, ticket, happened),
            Event::Offered { .. }
            | Event::OfferWithdrawn { .. }
            | Event::Recalled { .. }
            | Event::Started { .. }
            | Event::Held { .. }
            | Event::Served { .. }
            | Event::NoShow { .. }
            | Event::HandoverConfirmed { .. }
            | Event::Tagged { .. }
            | Event::Noted { .. }
            | Event::PriorityChanged { .. }
            | Event::Announced { .. }
            | Event::Opened
            | Event::Paused
            | Event::ClosingBegan
            | Event::Closed
            | Event::Configured(_) => {}
        }
    }

    /// Whoever had the ticket in hand and has it no more was busy with it until now.
    fn free_counter(&mut self, queue: &Queue, earlier: Option<&Ticket>, happened: &Happened) {
        let Some(agent) = earlier.and_then(Ticket::in_hand_of) else { return };
        let now_with = earlier.and_then(|earlier| queue.ticket(earlier.id()));
        if now_with.and_then(Ticket::in_hand_of) == Some(agent) {
            return;
        }
        let since = self.taken.remove(&agent);
        // A parked visit is not over.
        if let Some(since) = since.filter(|_| !matches!(happened.event, Event::Held { .. })) {
            self.pool.served(seconds(since, happened.at).max(1.0));
        }
    }

    fn entered(&mut self, queue: &mut Queue, ticket: TicketId, happened: &Happened) {
        let (at, staff) = (happened.at, happened.staff);
        self.waiting.remove(&ticket);
        let entered = queue.as_journaled(|queue| {
            let (held, around) = (queue.ticket(ticket)?, queue.line().around(ticket, at)?);
            let mut entered = Entered {
                at,
                ahead: as_u32(around.ahead),
                ahead_of_class: as_u32(around.ahead_of_class),
                views: KeptViews::default(),
                promised: None,
            };
            if let Some(staff) = staff {
                let moment = Moment { queue, staff, now: at };
                let view = moment.view_of(held, around, false);
                if let Some(seen) = self.look(&moment, held, &view) {
                    let Prediction { p10, p90, .. } = self.model.ranged(&seen);
                    entered.promised = Some((p10, p90));
                    entered.views.arrived(seen);
                }
            }
            Some(entered)
        });
        self.waiting.extend(entered.map(|entered| (ticket, entered)));
    }

    fn called(&mut self, queue: &Queue, earlier: &Ticket, at: Timestamp) {
        let class = &earlier.visit.class;
        let Some(entered) = self.waiting.remove(&earlier.id()) else { return };
        let wait = seconds(entered.at, at);
        if wait < SHORTEST_WAIT {
            return self.pool.called_at_once(class, at);
        }
        if let Some((p10, p90)) = entered.promised {
            self.calibration.record((p10..=p90).contains(&wait));
        }
        self.pool.called(&entered.waited(queue, class), at);
        entered.views.label(&mut self.model, class, at);
    }

    fn left(&mut self, queue: &Queue, earlier: Option<&Ticket>, at: Timestamp) {
        let Some(earlier) = earlier else { return };
        if let Some(entered) = self.waiting.remove(&earlier.id()) {
            self.pool.left(&entered.waited(queue, &earlier.visit.class), at);
        }
    }

    /// After a call everybody else stands in another place: some of the views are kept.
    fn look_again(&mut self, queue: &mut Queue, happened: &Happened) {
        let Some(staff) = happened.staff else { return };
        let now = happened.at;
        queue.as_journaled(|queue| {
            let moment = Moment { queue, staff, now };
            for ticket in queue.line().oldest_tickets().take(REFRESHED_MAX) {
                let salt = ticket.0.as_u64_pair();
                let place = self
                    .waiting
                    .get_mut(&ticket)
                    .filter(|entered| entered.at < now)
                    .and_then(|entered| entered.views.draw(salt.0 ^ salt.1));
                let Some(place) = place else { continue };
                let seen = queue.ticket(ticket).and_then(|held| {
                    let around = queue.line().around(ticket, now)?;
                    self.look(&moment, held, &moment.view_of(held, around, true))
                });
                if let (Some(entered), Some(seen)) = (self.waiting.get_mut(&ticket), seen) {
                    entered.views.keep(place, seen);
                }
            }
        });
    }

    /// None where no range would be told: nobody serves, or somebody stands free.
    fn look(&self, moment: &Moment<'_>, ticket: &Ticket, view: &View) -> Option<Snapshot> {
        let free = moment.finds_one_free(view, ticket.visit.needs.is_empty());
        if moment.staff.on_duty == 0 || free {
            return None;
        }
        let class = &ticket.visit.class;
        let read = self.pool.read(class, view.priority, moment.now);
        Some(self.model.look(class, view, &read, moment.now))
    }
}

impl Entered {
    fn waited<'a>(&self, queue: &Queue, class: &'a ClassKey) -> Waited<'a> {
        Waited {
            class,
            priority: has_priority(queue, class),
            arrived_at: self.at,
            ahead: self.ahead,
            ahead_of_class: self.ahead_of_class,
        }
    }
}

/// A queue and its staff at an instant.
struct Moment<'a> {
    queue: &'a Queue,
    staff: Staff,
    now: Timestamp,
}

impl Moment<'_> {
    fn view_of(&self, ticket: &Ticket, around: Around, live: bool) -> View {
        self.view(&ticket.visit.class, around, seconds(ticket.entered_at, self.now), live)
    }

    fn view(&self, class: &ClassKey, around: Around, elapsed: f64, live: bool) -> View {
        let tally = self.queue.tally();
        let idle = u32::from(self.staff.idle);
        View {
            live,
            elapsed,
            ahead: as_u32(around.ahead),
            ahead_of_class: as_u32(around.ahead_of_class),
            others: as_u32(around.others),
            longest: around.oldest.map_or(0.0, |oldest| seconds(oldest, self.now)),
            busy: tally.called + tally.serving,
            idle_short: idle,
            idle_long: idle,
            time_of_day: f64::from(self.queue.config().zone.second_of_day(self.now)),
            priority: has_priority(self.queue, class),
        }
    }

    /// A counter stands free and nobody is before; who needs skills may still have to wait for the right one.
    fn finds_one_free(&self, view: &View, anybody_can: bool) -> bool {
        self.staff.idle > 0 && view.ahead == 0 && anybody_can
    }
}

/// A class above the lowest rank of its queue.
fn has_priority(queue: &Queue, class: &ClassKey) -> bool {
    let config = queue.config();
    let lowest = config.classes.iter().map(|class| class.rank).min();
    config.class(class).map(|class| class.rank) > lowest
}

fn is_in_line(ticket: &Ticket) -> bool {
    matches!(ticket.stage, Stage::Waiting { .. } | Stage::Offered { .. })
}

fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
