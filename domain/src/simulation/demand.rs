//! Scenarios from a site's own history: its very visits again, or days drawn from its rates and services.
//!
//! Those who were called show only that they would have waited as long as they did. Patience is taken as exponential
//! with the rate (people who left / time waited), so whoever was called has another draw of it left.
//! Invariant: a service time that is drawn was once recorded, of the same class if that class was ever served.

use super::scenario::{Scenario, ScenarioVisit, arrivals, drawn};
use super::streams::{base, exponential, uniform};

/// One visit as it was recorded. Seconds on the clock of its day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recorded {
    pub arrives: f64,
    /// A place in the list of classes.
    pub class: usize,
    /// Until the call, or until the person left.
    pub waited: f64,
    /// How long a counter was taken; none for those who left before the call.
    pub service: Option<f64>,
}

/// What a history says of one class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DemandClass {
    /// Recorded service times in seconds.
    pub services: Vec<f64>,
    /// People who left, and the seconds that everybody waited.
    pub left: f64,
    pub waited: f64,
}

/// What a history says of a kind of day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Demand {
    pub classes: Vec<DemandClass>,
    /// Where the day's first span begins, and how long each is, in seconds.
    pub begins: f64,
    pub span: f64,
    /// Expected arrivals by span and class.
    pub arrivals: Vec<Vec<f64>>,
}

impl DemandClass {
    /// Learns from one visit.
    pub fn take(&mut self, visit: &Recorded) {
        self.waited += visit.waited;
        match visit.service {
            Some(service) => self.services.push(service),
            None => self.left += 1.0,
        }
    }

    /// People leave at this rate per second of waiting; zero when none did.
    pub fn leave_rate(&self) -> f64 {
        if self.waited > 0.0 { self.left / self.waited } else { 0.0 }
    }
}

impl Scenario {
    /// The visits of one day again, ordered by their coming. What a record does not show is drawn from `classes`.
    pub fn recorded(seed: u64, day: &[Recorded], classes: &[DemandClass]) -> Self {
        let pool = Pool(classes);
        let services = uniform(base(seed) + 3);
        let patience = exponential(base(seed) + 4, 1.0);
        let mut visits: Vec<ScenarioVisit> = day
            .iter()
            .zip(services.zip(patience))
            .map(|(visit, (u, unit))| {
                let rest = if visit.service.is_some() {
                    stretched(unit, pool.leave_rate(visit.class))
                } else {
                    0.0
                };
                ScenarioVisit {
                    arrives: visit.arrives,
                    class: visit.class,
                    service: visit.service.unwrap_or_else(|| pool.service(visit.class, u)),
                    patience: visit.waited + rest,
                }
            })
            .collect();
        visits.sort_by(|one, other| one.arrives.total_cmp(&other.arrives));
        Self { visits, warm_up: 0 }
    }

    /// A day drawn from the rates and services of a history.
    pub fn drawn(seed: u64, demand: &Demand) -> Self {
        let pool = Pool(&demand.classes);
        let total = |classes: &Vec<f64>| classes.iter().sum::<f64>();
        let spans: Vec<(f64, f64)> =
            demand.arrivals.iter().map(|span| (demand.span, total(span) / demand.span)).collect();
        let draws = uniform(base(seed) + 2)
            .zip(uniform(base(seed) + 3))
            .zip(exponential(base(seed) + 4, 1.0));
        let visits = arrivals(seed, &spans).zip(draws).map(|(since, ((u, v), unit))| {
            let class = demand.class_at(since, u);
            ScenarioVisit {
                arrives: demand.begins + since,
                class,
                service: pool.service(class, v),
                patience: stretched(unit, pool.leave_rate(class)),
            }
        });
        Self { visits: visits.collect(), warm_up: 0 }
    }
}

impl Demand {
    /// The class of somebody who came so long after the beginning.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "arrivals lie within the spans"
    )]
    fn class_at(&self, since: f64, u: f64) -> usize {
        let Some(span) = self.arrivals.get((since / self.span) as usize) else { return 0 };
        let sum: f64 = span.iter().sum();
        let mix: Vec<(usize, f64)> =
            span.iter().enumerate().map(|(class, count)| (class, count / sum)).collect();
        drawn(u, &mix)
    }
}

/// An exponential draw of rate 1 as one of that rate; infinite for zero.
fn stretched(unit: f64, rate: f64) -> f64 {
    if rate > 0.0 { unit / rate } else { f64::INFINITY }
}

/// Service times by class.
struct Pool<'a>(&'a [DemandClass]);

impl Pool<'_> {
    /// The recorded time at the place `u` of the class's list; of all classes together where this one has none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list from a number in [0, 1)"
    )]
    fn service(&self, class: usize, u: f64) -> f64 {
        let place = |length: usize| (u * length as f64) as usize;
        if let Some(own) = self.0.get(class).filter(|own| !own.services.is_empty()) {
            return own.services[place(own.services.len())];
        }
        let count = self.0.iter().map(|any| any.services.len()).sum();
        self.0.iter().flat_map(|any| &any.services).nth(place(count)).copied().unwrap_or_default()
    }

    fn leave_rate(&self, class: usize) -> f64 {
        self.0.get(class).map_or(0.0, DemandClass::leave_rate)
    }
}
