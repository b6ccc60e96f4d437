//! What a pool measures: services, the pace of the line, the gaps between those who leave it, and who gives up.
//!
//! A pool is everybody who competes for the same counters; here each queue is one. Slow pools forget their gaps more
//! slowly. Invariant: every update is O(log classes), and before the first measurement the configured service stands
//! in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::average::{Ew, Ewt};
use super::features::Readings;
use super::seconds;
use crate::class::ClassKey;
use crate::time::{Secs, Timestamp};

/// A longer service is somebody who forgot to press a key.
const SERVICE_MAX: f64 = 7_200.0;
const GAP_TAU: f64 = 900.0;
const CLASS_GAP_TAU: f64 = 1_800.0;
const LEAVING_TAU: f64 = 7.0 * 86_400.0;
/// A mean wait above this makes a pool slow.
const SLOW_WAIT: f64 = 1_200.0;
const SLOW_FACTOR: f64 = 3.0;
/// Weight of gaps, and seconds of waiting, below which too little is known.
const GAPS_LEAST: f64 = 0.5;
const WAITING_LEAST: f64 = 600.0;
/// Waits of a class that make its own pace known.
const OWN_PACE_LEAST: u32 = 5;
/// Counters assumed before anything is known.
const COUNTERS_AT_FIRST: f64 = 5.0;

/// Somebody who waited, as it was on arrival.
#[derive(Debug, Clone, Copy)]
pub struct Waited<'a> {
    pub class: &'a ClassKey,
    pub priority: bool,
    pub arrived_at: Timestamp,
    pub ahead: u32,
    pub ahead_of_class: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    expected: f64,
    service: Ew,
    service_long: Ew,
    wait: Ew,
    pace: Ew,
    gap: Ewt,
    leaving: Ewt,
    last_exit: Option<Timestamp>,
    classes: BTreeMap<ClassKey, OfClass>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OfClass {
    /// Of those without and with priority.
    pace_of_priority: [Ew; 2],
    pace: Ew,
    gap: Ewt,
    last_exit: Option<Timestamp>,
}

impl Default for OfClass {
    fn default() -> Self {
        let pace = Ew::new(0.05);
        Self { pace_of_priority: [pace; 2], pace, gap: Ewt::default(), last_exit: None }
    }
}

impl Pool {
    /// A pool that expects services of this length until it has seen some.
    pub fn expecting(service: Secs) -> Self {
        Self {
            expected: f64::from(service.0.max(1)),
            service: Ew::new(0.04),
            service_long: Ew::new(0.002),
            wait: Ew::new(0.01),
            pace: Ew::new(0.1),
            gap: Ewt::default(),
            leaving: Ewt::default(),
            last_exit: None,
            classes: BTreeMap::new(),
        }
    }

    /// Somebody was called after a wait.
    pub fn called(&mut self, who: &Waited<'_>, at: Timestamp) {
        let wait = seconds(who.arrived_at, at);
        let pace = wait / (f64::from(who.ahead) + 1.0);
        self.wait.add(wait);
        self.pace.add(pace);
        let of_class = self.of_class(who.class);
        of_class.pace_of_priority[usize::from(who.priority)].add(pace);
        of_class.pace.add(wait / (f64::from(who.ahead_of_class) + 1.0));
        self.leaving.add(at, LEAVING_TAU, 0.0, wait);
        self.exit(who, at);
    }

    /// Somebody left the line without being called.
    pub fn left(&mut self, who: &Waited<'_>, at: Timestamp) {
        self.leaving.add(at, LEAVING_TAU, 1.0, seconds(who.arrived_at, at));
        self.exit(who, at);
    }

    /// Somebody was called without any wait.
    pub fn called_at_once(&mut self, class: &ClassKey, at: Timestamp) {
        self.last_exit = Some(at);
        self.of_class(class).last_exit = Some(at);
    }

    /// A counter is free again after so many seconds with one person.
    pub fn served(&mut self, service: f64) {
        let service = service.min(SERVICE_MAX);
        self.service.add(service);
        self.service_long.add(service);
    }

    pub fn read(&self, class: &ClassKey, priority: bool, now: Timestamp) -> Readings {
        let fallback = OfClass::default();
        let of_class = self.classes.get(class).unwrap_or(&fallback);
        let pace = self.pace.mean().unwrap_or(self.expected / COUNTERS_AT_FIRST);
        let pace_of_priority =
            of_class.pace_of_priority[usize::from(priority)].from(OWN_PACE_LEAST).unwrap_or(pace);
        let pace_of_class = of_class.pace.from(OWN_PACE_LEAST).unwrap_or(2.0 * pace_of_priority);
        let slowness = self.slowness();
        let gap = |gap: &Ewt, tau: f64| gap.ratio(now, tau * slowness, GAPS_LEAST);
        Readings {
            service: self.service(),
            service_long: self.service_long.mean().unwrap_or(self.expected),
            pace,
            pace_of_priority,
            pace_of_class,
            gap: gap(&self.gap, GAP_TAU).unwrap_or(pace),
            gap_of_class: gap(&of_class.gap, CLASS_GAP_TAU).unwrap_or(pace_of_class),
            leaving: self.leaving.ratio(now, LEAVING_TAU, WAITING_LEAST).unwrap_or(0.0),
        }
    }

    /// The mean service of late.
    pub fn service(&self) -> f64 {
        self.service.mean().unwrap_or(self.expected)
    }

    fn exit(&mut self, who: &Waited<'_>, at: Timestamp) {
        let slowness = self.slowness();
        let since = |last: Timestamp| seconds(last.max(who.arrived_at), at);
        if let Some(last) = self.last_exit.replace(at) {
            self.gap.add(at, GAP_TAU * slowness, since(last), 1.0);
        }
        let of_class = self.of_class(who.class);
        if let Some(last) = of_class.last_exit.replace(at) {
            of_class.gap.add(at, CLASS_GAP_TAU * slowness, since(last), 1.0);
        }
    }

    fn slowness(&self) -> f64 {
        if self.wait.mean().is_some_and(|wait| wait > SLOW_WAIT) { SLOW_FACTOR } else { 1.0 }
    }

    fn of_class(&mut self, class: &ClassKey) -> &mut OfClass {
        self.classes.entry(class.clone()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    #[test]
    fn before_anything_is_known_the_configured_service_stands_in() {
        let pool = Pool::expecting(Secs(300));
        let read = pool.read(&ClassKey::new("normal"), false, at(0));
        assert_eq!((read.service, read.service_long), (300.0, 300.0));
        assert_eq!((read.pace, read.pace_of_priority, read.pace_of_class), (60.0, 60.0, 120.0));
        assert_eq!((read.gap, read.gap_of_class, read.leaving), (60.0, 120.0, 0.0));
    }

    #[test]
    fn a_gap_begins_with_the_last_exit_or_with_the_arrival() {
        let class = ClassKey::new("normal");
        let who = |arrived: i64| Waited {
            class: &class,
            priority: false,
            arrived_at: at(arrived),
            ahead: 1,
            ahead_of_class: 1,
        };
        let mut pool = Pool::expecting(Secs(300));
        pool.called_at_once(&class, at(0));
        pool.called(&who(-50), at(100));
        pool.left(&who(180), at(200));
        let read = pool.read(&class, false, at(200));
        let fade = (-100.0_f64 / 900.0).exp();
        assert!((read.gap - (100.0 * fade + 20.0) / (fade + 1.0)).abs() < 1e-9);
        assert_eq!((read.pace, read.leaving), (75.0, 0.0));
    }
}
