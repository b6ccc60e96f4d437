//! What is compared: policies, counters and classes, and the people drawn from rates.
//!
//! Two classes as in a queue log: high and normal, the normal one is the default.
//! Invariant: places in the list of classes are `NORMAL` and `HIGH`.

use std::str::FromStr;

use domain::{Class, CounterPlan, Flow, Policy, Scenario, Secs, Simulated, simulate};
use serde::Serialize;

use super::report::{Report, Run, Source, Theory};

pub(super) const NORMAL: usize = 0;
pub(super) const HIGH: usize = 1;

/// Counters in one range at most, so that a slip of the finger does not run for days.
const RANGE_MAX: u32 = 100;
/// Open counters at most.
const COUNTERS_MAX: u32 = 10_000;

/// Every policy with every number of counters.
#[derive(Debug)]
pub(crate) struct Contest {
    pub(crate) policies: Vec<Policy>,
    pub(crate) counters: Vec<u32>,
    pub(crate) classes: Vec<Class>,
    pub(crate) seed: u64,
}

impl Contest {
    /// Runs everything over the days, each day for itself.
    pub(super) fn run(&self, days: &[Scenario]) -> Vec<Run> {
        let pairs = self
            .counters
            .iter()
            .flat_map(|counters| self.policies.iter().map(move |policy| (*counters, policy)));
        pairs.map(|(counters, policy)| self.one(days, counters, policy)).collect()
    }

    fn one(&self, days: &[Scenario], counters: u32, policy: &Policy) -> Run {
        let plan = CounterPlan::always(counters);
        let day = |scenario: &Scenario| simulate(scenario, &plan, policy, &self.classes);
        let together = days.iter().map(day).reduce(|mut all: Simulated, next| {
            all.merge(next);
            all
        });
        let nobody = || day(&Scenario::default());
        Run::new(policy, counters, &self.classes, &together.unwrap_or_else(nobody))
    }
}

/// People who come, are served and leave at constant rates, per minute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Synthetic {
    pub(crate) arrivals_per_minute: f64,
    pub(crate) services_per_minute: f64,
    pub(crate) leaving_per_minute: f64,
    pub(crate) high_share: f64,
    pub(crate) tickets: u32,
}

impl Synthetic {
    pub(crate) fn run(self, contest: &Contest) -> Report {
        let flow = Flow {
            arrival_rate: self.arrivals_per_minute / 60.0,
            service_rate: self.services_per_minute / 60.0,
            leave_rate: self.leaving_per_minute / 60.0,
        };
        let mix = [(HIGH, self.high_share), (NORMAL, 1.0 - self.high_share)];
        let people = Scenario::steady(contest.seed, self.tickets as usize, &flow, &mix);
        let theory = contest.counters.iter().map(|counters| Theory::of(&flow, *counters));
        Report {
            source: Source::Synthetic(self),
            seed: contest.seed,
            runs: contest.run(&[people]),
            theory: theory.collect(),
        }
    }
}

/// The two classes; `targets` in minutes.
pub(crate) fn classes(targets: Pair, weights: Pair, slopes: Option<Pair>) -> Vec<Class> {
    let class = |key, rank, of: fn(&Pair) -> f64| Class {
        slope: slopes.as_ref().map(of),
        weight: whole(of(&weights)),
        ..Class::new(key, rank, secs(of(&targets)))
    };
    vec![class("normal", 0, |pair| pair.normal), class("high", 1, |pair| pair.high)]
}

/// Minutes as whole seconds, one at least.
pub(crate) fn secs(minutes: f64) -> Secs {
    Secs(whole(minutes * 60.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what a u32 holds"
)]
fn whole(number: f64) -> u32 {
    number.round().clamp(1.0, f64::from(u32::MAX)) as u32
}

/// One figure for high and one for normal, as `HIGH,NORMAL`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    pub(crate) high: f64,
    pub(crate) normal: f64,
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let above_zero = |part: &str| {
            part.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0)
        };
        let parts = text.split_once(',');
        let pair = parts.and_then(|(high, normal)| Some((above_zero(high)?, above_zero(normal)?)));
        let (high, normal) =
            pair.ok_or_else(|| "use two numbers above zero, high first, such as 10,30".to_owned())?;
        Ok(Self { high, normal })
    }
}

/// A number of counters or a range of them, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counters {
    from: u32,
    to: u32,
}

impl Counters {
    pub(crate) fn each(&self) -> impl Iterator<Item = u32> + use<> {
        self.from..=self.to
    }
}

impl FromStr for Counters {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let number = |part: &str| part.trim_start_matches('=').parse::<u32>().ok();
        match (number(from), number(to)) {
            (Some(from), Some(to))
                if (1..=to).contains(&from) && to <= COUNTERS_MAX && to - from < RANGE_MAX =>
            {
                Ok(Self { from, to })
            }
            _ => Err(format!(
                "use a number from 1 to {COUNTERS_MAX} such as 5, or a range of at most {RANGE_MAX} such as 4..7"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_a_number_or_a_range() {
        let each = |text: &str| text.parse::<Counters>().map(|counters| counters.each().collect());
        assert_eq!(each("5"), Ok(vec![5]));
        assert_eq!(each("4..6"), Ok(vec![4, 5, 6]));
        for text in ["0", "7..4", "", "..", "1..101", "five", "20000"] {
            let refused: Result<Vec<u32>, String> = each(text);
            assert!(refused.is_err(), "{text}");
        }
    }

    #[test]
    fn a_pair_is_two_numbers_above_zero() {
        assert_eq!("10,30".parse(), Ok(Pair { high: 10.0, normal: 30.0 }));
        for text in ["10", "10,", "0,3", "a,b", "1,2,3"] {
            assert!(text.parse::<Pair>().is_err(), "{text}");
        }
    }
}
