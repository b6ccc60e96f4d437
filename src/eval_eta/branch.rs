//! One queue of the log as it stands at an instant: who waits, who is served, which counters have just become free.
//!
//! A log tells no presence, so a counter counts as free for a while after its last service. Ranks are counted one by
//! one: an evaluation has the time. Invariant: every prediction of a waiting ticket is settled or dropped once.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ClassKey, KeptViews, Model, Pool, REFRESHED_MAX, Timestamp, View, Waited};

use super::Setting;
use super::events::{Step, What};
use super::formulas::Formulas;
use super::score::{Guess, Scores};
use crate::replay::{Ending, Priority, Visit};

const IDLE_SHORT_SECS: f64 = 30.0;
const IDLE_LONG_SECS: f64 = 180.0;
const DAY_MICROS: i64 = 86_400_000_000;
const SERVICE_MAX_SECS: f64 = 7_200.0;

pub(super) struct Branch<'a> {
    rows: &'a [&'a Visit],
    setting: Setting,
    pool: Pool,
    model: Model,
    formulas: Formulas,
    /// By row, which is the order of arrival.
    waiting: BTreeMap<usize, Waiting>,
    serving: BTreeSet<usize>,
    /// When each counter without anybody had its last end.
    free_since: BTreeMap<usize, Timestamp>,
}

struct Waiting {
    class: ClassKey,
    ahead: u32,
    ahead_of_class: u32,
    views: KeptViews,
    guesses: Vec<Guess>,
}

impl<'a> Branch<'a> {
    pub(super) fn new(rows: &'a [&'a Visit], setting: Setting) -> Self {
        Self {
            rows,
            setting,
            pool: Pool::expecting(setting.default_service),
            model: Model::default(),
            formulas: Formulas::new(f64::from(setting.default_service.0)),
            waiting: BTreeMap::new(),
            serving: BTreeSet::new(),
            free_since: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, step: Step, scores: &mut Scores) {
        let Step { at, what, row } = step;
        match what {
            What::Came => self.came(row, at),
            What::CalledAfterWait => {
                self.called(row, at, scores);
                self.look_again(at);
            }
            What::CalledAtOnce => {
                self.waiting.remove(&row);
                self.pool.called_at_once(&ClassKey::new(&self.rows[row].class), at);
                self.take_counter(row);
            }
            What::GaveUp | What::GaveUpAtOnce => {
                if let Some(gone) = self.waiting.remove(&row) {
                    self.pool.left(&waited(self.rows[row], &gone), at);
                }
            }
            What::Ended | What::EndedAtOnce => self.ended(row, at),
        }
    }

    fn came(&mut self, row: usize, at: Timestamp) {
        let class = ClassKey::new(&self.rows[row].class);
        let view = self.view(row, at, false);
        let mut entered = Waiting {
            class,
            ahead: view.ahead,
            ahead_of_class: view.ahead_of_class,
            views: KeptViews::default(),
            guesses: Vec::new(),
        };
        let (guess, seen) = self.guess(&entered.class, &view, at);
        entered.guesses.push(guess);
        entered.views.arrived(seen);
        self.waiting.insert(row, entered);
    }

    fn called(&mut self, row: usize, at: Timestamp, scores: &mut Scores) {
        if let Some(called) = self.waiting.remove(&row) {
            self.pool.called(&waited(self.rows[row], &called), at);
            for guess in called.guesses.iter().filter(|guess| guess.at < at) {
                self.formulas.waited(guess.live, scores.settle(guess, at));
            }
            called.views.label(&mut self.model, &called.class, at);
        }
        self.take_counter(row);
    }

    /// Everybody who still waits is told again.
    fn look_again(&mut self, at: Timestamp) {
        let rows: Vec<usize> = self.waiting.keys().copied().take(REFRESHED_MAX).collect();
        for row in rows {
            let view = self.view(row, at, true);
            let class = ClassKey::new(&self.rows[row].class);
            let (guess, seen) = self.guess(&class, &view, at);
            let Some(waiting) = self.waiting.get_mut(&row) else { continue };
            waiting.guesses.push(guess);
            if let Some(place) = waiting.views.draw(salt(row)) {
                waiting.views.keep(place, seen);
            }
        }
    }

    fn guess(&self, class: &ClassKey, view: &View, at: Timestamp) -> (Guess, domain::Snapshot) {
        let read = self.pool.read(class, view.priority, at);
        let seen = self.model.look(class, view, &read, at);
        let range = self.model.ranged(&seen);
        let [common, original, gap, constant] = self.formulas.predict(view, &read, &self.pool);
        let waits = [range.p50, common, original, gap, constant];
        (Guess { at, live: view.live, waits, range: (range.p10, range.p90) }, seen)
    }

    fn take_counter(&mut self, row: usize) {
        self.serving.insert(row);
        if let Ending::Called { server, .. } = self.rows[row].ending {
            self.free_since.remove(&server);
        }
    }

    fn ended(&mut self, row: usize, at: Timestamp) {
        self.serving.remove(&row);
        if let Ending::Called { server, called_at, ended_at, .. } = self.rows[row].ending {
            self.free_since.insert(server, at);
            let service = seconds(called_at, ended_at).min(SERVICE_MAX_SECS);
            self.pool.served(service);
            self.formulas.served(service);
        }
    }

    fn view(&self, row: usize, now: Timestamp, live: bool) -> View {
        let visit = self.rows[row];
        let own = (self.stands_since(row), row);
        let mut view = View {
            live,
            elapsed: seconds(visit.arrived_at, now),
            ahead: 0,
            ahead_of_class: 0,
            others: 0,
            longest: 0.0,
            busy: count(self.serving.len()),
            idle_short: self.free_within(IDLE_SHORT_SECS, now),
            idle_long: self.free_within(IDLE_LONG_SECS, now),
            time_of_day: seconds(Timestamp(now.0 - now.0.rem_euclid(DAY_MICROS)), now),
            priority: visit.priority == Priority::High,
        };
        for other in self.waiting.keys().copied().filter(|other| *other != row) {
            view.others += 1;
            view.longest = view.longest.max(seconds(self.rows[other].arrived_at, now));
            if (self.stands_since(other), other) < own {
                view.ahead += 1;
                view.ahead_of_class += u32::from(self.rows[other].class == visit.class);
            }
        }
        view
    }

    fn stands_since(&self, row: usize) -> Timestamp {
        let visit = self.rows[row];
        match visit.priority {
            Priority::Normal => visit.arrived_at,
            Priority::High => visit.arrived_at.before(self.setting.head_start),
        }
    }

    fn free_within(&self, most: f64, now: Timestamp) -> u32 {
        count(self.free_since.values().filter(|since| seconds(**since, now) <= most).count())
    }
}

fn waited<'a>(visit: &Visit, waiting: &'a Waiting) -> Waited<'a> {
    Waited {
        class: &waiting.class,
        priority: visit.priority == Priority::High,
        arrived_at: visit.arrived_at,
        ahead: waiting.ahead,
        ahead_of_class: waiting.ahead_of_class,
    }
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// Far apart for rows that stand side by side.
fn salt(row: usize) -> u64 {
    u64::try_from(row).unwrap_or(0).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[expect(clippy::cast_precision_loss, reason = "exact for a hundred years of microseconds")]
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.micros_since(from) as f64 / 1e6
}
