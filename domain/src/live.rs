//! What a queue has measured lately: the last quarter of an hour, the last hour, and today.
//!
//! The sliding windows are made of slices, one for each minute in which something happened; a window at an instant is
//! the minute of that instant and those before it. Today is the business day in the site's zone. Slices are sparse: each
//! measurement takes eight bytes at most, so an hour of a thousand people takes 24 KiB, and today never more than 34 KiB.
//! Invariant: at every instant a window holds exactly what was measured in its minutes, whenever it is looked at.

mod measured;
mod spread;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::calendar::{LocalDay, Zone};
use crate::time::{Secs, Timestamp};

pub use measured::Measured;
pub use spread::Spread;

const MINUTE: Secs = Secs(60);
/// The short window, in minutes.
const QUARTER: i64 = 15;
/// The long window, in minutes; slices older than it are dropped.
const HOUR: i64 = 60;

/// Counts and durations of one stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    pub arrivals: u32,
    /// First calls.
    pub called: u32,
    /// First calls within the target of the person's class.
    pub called_in_time: u32,
    /// Services that came to their end, also by going on to another queue.
    pub served: u32,
    /// Left by themselves before a call.
    pub left: u32,
    /// Of those, how many within the target.
    pub left_in_time: u32,
    /// Called, and did not come.
    pub no_shows: u32,
    /// Arrival to first call.
    pub wait: Spread,
    /// Last call to start.
    pub walk: Spread,
    /// Start to end, without the time parked.
    pub service: Spread,
}

impl Window {
    fn record(&mut self, measured: Measured) {
        match measured {
            Measured::Arrived => self.arrivals += 1,
            Measured::Called { wait, in_time } => {
                self.called += 1;
                self.called_in_time += u32::from(in_time);
                self.wait.record(wait);
            }
            Measured::Started { walk } => self.walk.record(walk),
            Measured::Served { service } => {
                self.served += 1;
                self.service.record(service);
            }
            Measured::Left { in_time } => {
                self.left += 1;
                self.left_in_time += u32::from(in_time);
            }
            Measured::NoShow => self.no_shows += 1,
        }
    }

    /// Adds what another stretch, or another queue, has measured.
    pub fn add(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.called += other.called;
        self.called_in_time += other.called_in_time;
        self.served += other.served;
        self.left += other.left;
        self.left_in_time += other.left_in_time;
        self.no_shows += other.no_shows;
        self.wait.add(&other.wait);
        self.walk.add(&other.walk);
        self.service.add(&other.service);
    }
}

/// A service level: `part` of `whole`, 0 to 1; none of nothing. Four digits are more than any number of people in a
/// quarter of an hour can tell.
pub fn share(part: u32, whole: u32) -> Option<f64> {
    let share = f64::from(part) / f64::from(whole);
    (whole > 0).then(|| (share * 10_000.0).round() / 10_000.0)
}

/// The three windows at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Windows {
    /// The last 15 minutes.
    pub quarter: Window,
    /// The last 60 minutes.
    pub hour: Window,
    /// The business day so far.
    pub today: Window,
}

impl Windows {
    /// Adds the windows of another queue at the same instant.
    pub fn add(&mut self, other: &Self) {
        self.quarter.add(&other.quarter);
        self.hour.add(&other.hour);
        self.today.add(&other.today);
    }
}

/// What one minute has measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Slice {
    /// Minutes since 1970.
    minute: i64,
    window: Window,
}

/// The live figures of one queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Live {
    /// By minute, oldest first; none older than the long window when it was last written.
    slices: VecDeque<Slice>,
    today: Option<(LocalDay, Window)>,
}

impl Live {
    /// Counts what was measured at `at`, in a site whose zone is `zone`.
    pub fn record(&mut self, at: Timestamp, zone: &Zone, measured: Measured) {
        let minute = minute_of(at);
        // A clock that stood ahead before a restart leaves slices behind that only time makes true.
        self.slices.retain(|slice| (minute - slice.minute).abs() < HOUR);
        self.slice(minute).record(measured);
        let day = zone.day_of(at);
        if self.today.as_ref().is_none_or(|(current, _)| *current != day) {
            self.today = Some((day, Window::default()));
        }
        if let Some((_, today)) = &mut self.today {
            today.record(measured);
        }
    }

    fn slice(&mut self, minute: i64) -> &mut Window {
        let place = self.slices.partition_point(|slice| slice.minute < minute);
        if self.slices.get(place).is_none_or(|slice| slice.minute != minute) {
            self.slices.insert(place, Slice { minute, window: Window::default() });
        }
        &mut self.slices[place].window
    }

    /// The windows at `now`.
    pub fn windows(&self, now: Timestamp, zone: &Zone) -> Windows {
        let day = zone.day_of(now);
        let today = self.today.as_ref().filter(|(current, _)| *current == day);
        Windows {
            quarter: self.last(QUARTER, now),
            hour: self.last(HOUR, now),
            today: today.map(|(_, window)| window.clone()).unwrap_or_default(),
        }
    }

    fn last(&self, minutes: i64, now: Timestamp) -> Window {
        let newest = minute_of(now);
        let held = newest - minutes + 1..=newest;
        let slices = self.slices.iter().filter(|slice| held.contains(&slice.minute));
        slices.fold(Window::default(), |mut whole, slice| {
            whole.add(&slice.window);
            whole
        })
    }

    /// When the windows will next change by themselves; none when nothing is left to fall out of them.
    pub fn changes_at(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let newest = minute_of(now);
        let falls =
            self.slices.iter().flat_map(|slice| [slice.minute + QUARTER, slice.minute + HOUR]);
        let slide = falls.filter(|minute| *minute > newest).min().map(start_of);
        let day = zone.day_of(now);
        let midnight = self.today.as_ref().filter(|(current, _)| *current == day);
        let midnight = midnight.map(|_| zone.next_midnight(now));
        [slide, midnight].into_iter().flatten().min()
    }
}

fn minute_of(at: Timestamp) -> i64 {
    at.0.div_euclid(MINUTE.micros())
}

const fn start_of(minute: i64) -> Timestamp {
    Timestamp(minute.saturating_mul(MINUTE.micros()))
}

#[cfg(test)]
mod tests;
