//! What queueing theory says of counters that serve one line: Erlang C, and Erlang A for people who leave.
//!
//! Arrivals, services and patience are exponential; the stationary birth-death chain gives every figure.
//! With nobody leaving the chain is geometric beyond the counters, and the closed forms are used.
//! Invariant: a figure is given only where a stationary state exists; a line that grows without end has none.

mod priority;
mod staffing;

pub use priority::{mean_waits_by_rank, mean_waits_by_slope};
pub use staffing::square_root_staffing;

/// States of the chain looked at. Beyond them stand more people than any branch holds.
const STATES_MAX: usize = 200_000;
/// A state this unlikely, compared with the likeliest, changes no printed digit.
const NEGLIGIBLE: f64 = 1e-18;

/// How people come, are served and leave: rates per one unit of time, the same unit for all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    pub arrival_rate: f64,
    /// Of one counter.
    pub service_rate: f64,
    /// Of one person in line; zero when nobody leaves.
    pub leave_rate: f64,
}

/// The stationary figures of a flow with a number of counters. Times are in the flow's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stationary {
    /// Share of those who find no free counter.
    pub wait_share: f64,
    /// Of everybody, those who leave included.
    pub mean_wait: f64,
    pub mean_wait_served: f64,
    /// People in line, on average.
    pub in_line: f64,
    pub abandon_share: f64,
    /// Share of the counters' time spent serving.
    pub utilisation: f64,
}

impl Flow {
    /// Counters that would be busy if there were enough of them.
    pub fn offered_load(&self) -> f64 {
        self.arrival_rate / self.service_rate
    }

    /// The stationary figures; none when the line grows without end.
    pub fn stationary(&self, counters: u32) -> Option<Stationary> {
        if !self.is_stable(counters) {
            return None;
        }
        if self.leave_rate > 0.0 { Some(self.erlang_a(counters)) } else { self.erlang_c(counters) }
    }

    /// The share of everybody who is called within `target`; zero when the line grows without end.
    pub fn service_level(&self, counters: u32, target: f64) -> f64 {
        if !self.is_stable(counters) {
            return 0.0;
        }
        if self.leave_rate > 0.0 {
            return self.served_within(counters, target);
        }
        let spare = f64::from(counters) * self.service_rate - self.arrival_rate;
        1.0 - delay_share(counters, self.offered_load()) * (-spare * target).exp()
    }

    /// The wait that `share` of those served do not exceed; none when the line grows without end.
    pub fn wait_quantile(&self, counters: u32, share: f64) -> Option<f64> {
        let served = 1.0 - self.stationary(counters)?.abandon_share;
        let reached = |wait: f64| self.service_level(counters, wait) >= share * served;
        let mut high = 1.0 / self.service_rate;
        while !reached(high) && high < f64::MAX / 4.0 {
            high *= 2.0;
        }
        Some(smallest(0.0, high, reached))
    }

    /// The fewest counters that call `share` of everybody within `target`; none when `most` are not enough.
    pub fn counters_for(&self, share: f64, target: f64, most: u32) -> Option<u32> {
        if self.arrival_rate <= 0.0 {
            return Some(0);
        }
        let enough = |counters: u32| self.service_level(counters, target) >= share;
        let (mut low, mut high) = (0, most.max(1));
        if !enough(high) {
            return None;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if enough(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }

    fn is_stable(&self, counters: u32) -> bool {
        let sound = self.arrival_rate > 0.0 && self.service_rate > 0.0 && self.leave_rate >= 0.0;
        let leaves = self.leave_rate > 0.0 || self.offered_load() < f64::from(counters);
        sound && counters > 0 && leaves
    }

    fn erlang_c(&self, counters: u32) -> Option<Stationary> {
        let wait_share = delay_share(counters, self.offered_load());
        let mean_wait = wait_share / (f64::from(counters) * self.service_rate - self.arrival_rate);
        Some(Stationary {
            wait_share,
            mean_wait,
            mean_wait_served: mean_wait,
            in_line: self.arrival_rate * mean_wait,
            abandon_share: 0.0,
            utilisation: self.offered_load() / f64::from(counters),
        })
    }

    fn erlang_a(&self, counters: u32) -> Stationary {
        let shares = self.states(counters);
        let (mut in_line, mut busy, mut wait_share) = (0.0, 0.0, 0.0);
        for (people, share) in (0_u32..).zip(&shares) {
            in_line += f64::from(people.saturating_sub(counters)) * share;
            busy += f64::from(people.min(counters)) * share;
            if people >= counters {
                wait_share += share;
            }
        }
        let mut served = 1.0 - wait_share;
        let mut waited = 0.0;
        for found in self.finding(counters, &shares) {
            served += found.served;
            waited += found.served * found.mean_wait;
        }
        Stationary {
            wait_share,
            mean_wait: in_line / self.arrival_rate,
            mean_wait_served: waited / served,
            in_line,
            abandon_share: self.leave_rate * in_line / self.arrival_rate,
            utilisation: busy / f64::from(counters),
        }
    }

    /// The share of time with 0, 1, 2, … people in service or in line.
    fn states(&self, counters: u32) -> Vec<f64> {
        let (mut logs, mut log, mut likeliest) = (vec![0.0], 0.0_f64, 0.0_f64);
        let counters = f64::from(counters);
        let mut people = 0.0_f64;
        while logs.len() < STATES_MAX {
            people += 1.0;
            let leaving = self.service_rate * people.min(counters)
                + self.leave_rate * (people - counters).max(0.0);
            log += (self.arrival_rate / leaving).ln();
            likeliest = likeliest.max(log);
            logs.push(log);
            if people > counters && log < likeliest + NEGLIGIBLE.ln() {
                break;
            }
        }
        let weights: Vec<f64> = logs.iter().map(|log| (log - likeliest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    }

    /// What becomes of those who find 0, 1, 2, … people in line and all counters busy.
    fn finding(&self, counters: u32, shares: &[f64]) -> impl Iterator<Item = Found> {
        let serving = f64::from(counters) * self.service_rate;
        let (mut stays, mut mean_wait, mut ahead) = (1.0, 0.0, 0.0);
        let waiting = shares.iter().skip(counters as usize);
        waiting.map(move |share| {
            let rate = serving + ahead * self.leave_rate;
            stays *= rate / (rate + self.leave_rate);
            mean_wait += 1.0 / (rate + self.leave_rate);
            ahead += 1.0;
            Found { served: share * stays, mean_wait }
        })
    }

    /// The wait of one who is served after `j` others is a sum of exponentials with equally spaced rates: its
    /// distribution is a negative binomial tail.
    fn served_within(&self, counters: u32, target: f64) -> f64 {
        let shares = self.states(counters);
        let at_once: f64 = shares.iter().take(counters as usize).sum();
        let first_rate = f64::from(counters) * self.service_rate + self.leave_rate;
        let stretch = -(-self.leave_rate * target).exp_m1() / self.leave_rate;
        let (mut log, mut longer, mut ahead) = (-first_rate * target, 0.0, 0.0);
        let late = self.finding(counters, &shares).map(|found| {
            longer += f64::exp(log);
            log += (stretch * (first_rate + ahead * self.leave_rate) / (ahead + 1.0)).ln();
            ahead += 1.0;
            found.served * (1.0 - longer).max(0.0)
        });
        at_once + late.sum::<f64>()
    }
}

/// Those who find a certain number of people in line.
struct Found {
    /// Their share of everybody, without those of them who leave.
    served: f64,
    /// Of those served.
    mean_wait: f64,
}

/// Erlang C: the share of those who must wait when nobody leaves. `load` is below `counters`.
fn delay_share(counters: u32, load: f64) -> f64 {
    let blocked =
        (1..=counters).fold(1.0, |blocked, at| load * blocked / (f64::from(at) + load * blocked));
    blocked / (1.0 - load / f64::from(counters) * (1.0 - blocked))
}

/// The smallest number between `low` and `high` for which `holds`, which does for `high` and for all above it.
fn smallest(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if holds(low) {
        return low;
    }
    // Each round halves the range; after 100 it is below what a float tells apart.
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}
