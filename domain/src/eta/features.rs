//! What the model looks at: one moment of a queue as 23 numbers without a scale, and the common formula.
//!
//! Every duration is divided by the mean service before its logarithm is taken, so that a bank and a hospital look
//! alike. Invariant: each feature lies in -6..6, whatever was measured.

use std::f64::consts::TAU;

pub(super) const FEATURES: usize = 23;
/// Where the people of the own class stand among the features.
pub(super) const OF_CLASS: usize = 11;

pub(super) type Features = [f64; FEATURES];

const BOUND: f64 = 6.0;
const DAY_SECS: f64 = 86_400.0;

/// The queue around one ticket at an instant. Durations in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// True when the ticket was in line already, false at its arrival.
    pub live: bool,
    /// Waited so far.
    pub elapsed: f64,
    /// People who are before it in the queue's own order.
    pub ahead: u32,
    /// People of its class among these.
    pub ahead_of_class: u32,
    /// Everybody else who waits.
    pub others: u32,
    /// The longest wait among these.
    pub longest: f64,
    /// Counters with somebody in hand.
    pub busy: u32,
    /// Counters that became free moments ago.
    pub idle_short: u32,
    /// Counters that stand free.
    pub idle_long: u32,
    /// Seconds since the local midnight.
    pub time_of_day: f64,
    pub priority: bool,
}

/// What a pool has measured, as it reads at an instant for one class. Durations in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Readings {
    /// Mean service of late, and in the long run.
    pub service: f64,
    pub service_long: f64,
    /// Wait for each place in line: of everybody, of this class and priority.
    pub pace: f64,
    pub pace_of_priority: f64,
    /// Wait for each person of the own class ahead.
    pub pace_of_class: f64,
    /// Time between two people who leave the line: of everybody, of this class.
    pub gap: f64,
    pub gap_of_class: f64,
    /// People who give up, for each second waited.
    pub leaving: f64,
}

impl View {
    fn counters(&self) -> f64 {
        f64::from((self.busy + self.idle_long).max(1))
    }

    /// The logarithm of the common formula: position × service / counters.
    pub(super) fn common(&self, read: &Readings) -> f64 {
        ln(f64::from(self.ahead) + 1.0) + ln(read.service) - ln(self.counters())
    }

    /// `slow` is the mean logarithm of waits at arrival, once there is one.
    pub(super) fn features(&self, read: &Readings, slow: Option<f64>) -> Features {
        let (place, service, active) =
            (ln(f64::from(self.ahead) + 1.0), ln(read.service), ln(self.counters()));
        let of_service = |wait: f64| (wait / read.service.max(1.0)).ln_1p();
        let just_free = f64::from((self.busy + self.idle_short).max(1));
        let behind = f64::from(self.others.saturating_sub(self.ahead));
        let live = f64::from(u8::from(self.live));
        let turn = TAU * self.time_of_day / DAY_SECS;
        let fluid = ln(self.with_leaving(read)) - place - ln(read.service_long)
            + ln(f64::from(self.busy.max(1)));
        [
            1.0,
            place,
            ln(read.gap) - service + active,
            ln(read.service_long) - service,
            active - 1.5,
            ln(f64::from(self.busy) + 1.0) - ln(self.counters() + 1.0),
            ln(just_free) - active,
            ln(read.pace) - service + active,
            ln(read.pace_of_priority) - ln(read.pace),
            f64::from(u8::from(self.priority)),
            behind.ln_1p(),
            f64::from(self.ahead_of_class).ln_1p(),
            f64::from(u8::from(self.ahead == 0)),
            live,
            of_service(self.elapsed),
            live * place,
            turn.sin(),
            turn.cos(),
            ln(read.gap_of_class) - service,
            ln(read.pace_of_class) - service,
            slow.map_or(0.0, |slow| slow - self.common(read)),
            of_service(self.longest),
            fluid,
        ]
        .map(|feature| feature.clamp(-BOUND, BOUND))
    }

    /// The mean wait when people ahead give up at their usual rate.
    fn with_leaving(&self, read: &Readings) -> f64 {
        let serving = f64::from(self.busy.max(1)) / read.service_long;
        // A long line is summed over its first thousand; the rest is the integral of the same terms.
        let summed = self.ahead.min(SUMMED_MAX);
        let head: f64 = (0..=summed).map(|k| 1.0 / (serving + f64::from(k) * read.leaving)).sum();
        let (from, to) = (f64::from(summed) + 0.5, f64::from(self.ahead) + 0.5);
        if self.ahead == summed {
            head
        } else if read.leaving > 0.0 {
            let rate = |people: f64| serving + people * read.leaving;
            head + (rate(to) / rate(from)).ln() / read.leaving
        } else {
            head + (to - from) / serving
        }
    }
}

const SUMMED_MAX: u32 = 1_000;

fn ln(value: f64) -> f64 {
    value.max(1e-3).ln()
}
