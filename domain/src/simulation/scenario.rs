//! What is fixed before any policy acts: who comes when, for how long, and for how long they would wait.
//!
//! One stream of random numbers for each purpose, so that policies are compared on the same people. Seconds throughout.
//! Invariant: a scenario is a function of its seed and its rates.

use super::streams::{base, exponential, uniform};
use crate::erlang::Flow;

/// People by their coming.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// In the order of their coming.
    pub visits: Vec<ScenarioVisit>,
    /// So many of the first are served but not counted.
    pub warm_up: usize,
}

/// One person, before anything is decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScenarioVisit {
    pub arrives: f64,
    /// A place in the list of classes.
    pub class: usize,
    pub service: f64,
    /// Infinite for those who never leave.
    pub patience: f64,
}

impl Scenario {
    /// `visits` people at the rates of `flow`, per second. `mix` gives classes and their shares, in the order in which
    /// they are drawn; the last one takes what is left.
    pub fn steady(seed: u64, visits: usize, flow: &Flow, mix: &[(usize, f64)]) -> Self {
        let mut clock = 0.0;
        let arrivals = exponential(base(seed) + 1, flow.arrival_rate).map(move |gap| {
            clock += gap;
            clock
        });
        Self::of(seed, arrivals.take(visits), flow, mix)
    }

    /// Rates that change: `spans` are lengths in seconds and arrivals per second; that of `flow` is not used.
    pub fn changing(seed: u64, spans: &[(f64, f64)], flow: &Flow, mix: &[(usize, f64)]) -> Self {
        Self::of(seed, arrivals(seed, spans), flow, mix)
    }

    /// The same people, with that share of them as a warm-up.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of people"
    )]
    pub fn warmed_up(self, share: f64) -> Self {
        let warm_up = (self.visits.len() as f64 * share.clamp(0.0, 1.0)) as usize;
        Self { warm_up, ..self }
    }

    fn of(
        seed: u64,
        arrivals: impl Iterator<Item = f64>,
        flow: &Flow,
        mix: &[(usize, f64)],
    ) -> Self {
        let classes = uniform(base(seed) + 2).map(|u| drawn(u, mix));
        let services = exponential(base(seed) + 3, flow.service_rate);
        let patience = exponential(base(seed) + 4, flow.leave_rate);
        let visits = arrivals.zip(classes).zip(services.zip(patience)).map(
            |((arrives, class), (service, patience))| ScenarioVisit {
                arrives,
                class,
                service,
                patience,
            },
        );
        Self { visits: visits.collect(), warm_up: 0 }
    }
}

/// The class whose share of [0, 1) holds `u`.
pub(super) fn drawn(u: f64, mix: &[(usize, f64)]) -> usize {
    let mut reached = 0.0;
    let mut shares = mix.iter().map(|(class, share)| {
        reached += share;
        (*class, reached)
    });
    let found = shares.find(|(_, reached)| u < *reached).map(|(class, _)| class);
    found.or_else(|| mix.last().map(|(class, _)| *class)).unwrap_or_default()
}

/// Unit-rate arrivals through the inverse of the cumulative rate; none after the last span.
pub(super) fn arrivals(seed: u64, spans: &[(f64, f64)]) -> impl Iterator<Item = f64> {
    let mut sum = 0.0;
    exponential(base(seed) + 1, 1.0).map_while(move |gap| {
        sum += gap;
        moment(sum, spans)
    })
}

/// The moment at which so many arrivals were expected.
fn moment(expected: f64, spans: &[(f64, f64)]) -> Option<f64> {
    let (mut left, mut begins) = (expected, 0.0);
    for (length, rate) in spans {
        if left < rate * length {
            return Some(begins + left / rate);
        }
        left -= rate * length;
        begins += length;
    }
    None
}
