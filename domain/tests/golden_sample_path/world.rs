//! What is fixed before any policy acts: who comes when, for how long, and for how long they would wait.
//!
//! Minutes throughout. A steady world has one rate; a peak day has four, two hours each.
//! Invariant: a world is a function of its seed and its rates.

use super::streams::{exponential, uniform};

/// Customers served per minute and counter.
const SERVICE_RATE: f64 = 0.2;
const SHARE_HIGH: f64 = 0.3;

/// Arrivals per minute of a peak day, by two hours.
const PEAK_RATES: [f64; 4] = [0.8, 1.3, 0.7, 1.0];
const PEAK_SPAN: f64 = 120.0;

pub(crate) struct World {
    pub(crate) counters: usize,
    pub(crate) tickets: Vec<Ticket>,
}

pub(crate) struct Ticket {
    pub(crate) arrives: f64,
    pub(crate) high: bool,
    pub(crate) service: f64,
    /// Infinite for those who never leave.
    pub(crate) patience: f64,
}

impl World {
    /// `tickets` arrivals at `rate` per minute; people leave at `leave_rate` per minute while they wait.
    pub(crate) fn steady(seed: u64, tickets: usize, rate: f64, leave_rate: f64) -> Self {
        let mut clock = 0.0;
        let arrivals = exponential(base(seed) + 1, rate).map(move |gap| {
            clock += gap;
            clock
        });
        Self::of(seed, arrivals.take(tickets), leave_rate)
    }

    /// Eight hours with two peaks: unit-rate arrivals through the inverse of the cumulative rate.
    pub(crate) fn peak_day(seed: u64) -> Self {
        let mut sum = 0.0;
        let arrivals = exponential(base(seed) + 1, 1.0).map_while(move |gap| {
            sum += gap;
            peak_instant(sum)
        });
        Self::of(seed, arrivals, 0.0)
    }

    fn of(seed: u64, arrivals: impl Iterator<Item = f64>, leave_rate: f64) -> Self {
        let high = uniform(base(seed) + 2).map(|u| u < SHARE_HIGH);
        let services = exponential(base(seed) + 3, SERVICE_RATE);
        let patience = uniform(base(seed) + 4)
            .map(|u| if leave_rate > 0.0 { -(-u).ln_1p() / leave_rate } else { f64::INFINITY });
        let tickets = arrivals.zip(high).zip(services.zip(patience)).map(
            |((arrives, high), (service, patience))| Ticket { arrives, high, service, patience },
        );
        Self { counters: 5, tickets: tickets.collect() }
    }
}

fn base(seed: u64) -> u64 {
    seed * 1_000_003
}

/// The minute at which so many arrivals were expected; none after the end of the day.
fn peak_instant(expected: f64) -> Option<f64> {
    let mut left = expected;
    for (span, rate) in (0u8..).zip(PEAK_RATES) {
        if left < rate * PEAK_SPAN {
            return Some(f64::from(span) * PEAK_SPAN + left / rate);
        }
        left -= rate * PEAK_SPAN;
    }
    None
}
