//! What would be: days drawn from the past of a place, under other policies or with other counters.
//!
//! Each recorded day becomes a simulated one with the arrivals of its weekday and services as recorded. Every run sees
//! the same people. Preparing reads the past; running takes the processor and nothing else.
//! Invariant: what is prepared says how much work it is before anything is run.

use std::collections::BTreeMap;

use domain::{
    Class, CounterPlan, Demand, HALF_HOURS, Policy, Recorded, Scenario, Simulated, simulate,
};
use jiff::civil::Date;

use super::forecast::weeks_before;
use super::place::{Place, PlanPlace};
use super::what_if_view::{WhatIfRun, WhatIfView, recorded_figures};
use crate::ask::AskError;
use crate::tenant::Tenant;

const HALF_HOUR_SECONDS: f64 = 1_800.0;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    pub place: PlanPlace,
    /// Whole weeks before today.
    pub weeks: u8,
    /// Empty: the queue's own.
    pub policies: Vec<Policy>,
    pub counters: Vec<WhatIfCounters>,
    pub seed: u32,
}

/// How many counters are open.
#[derive(Debug, Clone, PartialEq)]
pub enum WhatIfCounters {
    Always(u32),
    /// From that half-hour of the day on, one figure for each half-hour; the last one stays.
    Plan {
        first: usize,
        counters: Vec<u32>,
    },
}

/// A question with the past that answers it.
#[derive(Debug)]
pub struct Prepared {
    site: uuid::Uuid,
    queue: Option<uuid::Uuid>,
    policies: Vec<Policy>,
    counters: Vec<WhatIfCounters>,
    classes: Vec<Class>,
    seed: u32,
    from: Date,
    to: Date,
    days: Vec<Demand>,
    recorded: Vec<Recorded>,
}

impl Tenant {
    /// Reads what it takes to answer.
    ///
    /// # Errors
    /// `NotFound` for an unknown place, or a site without queues.
    pub async fn what_if(&self, question: WhatIf) -> Result<Prepared, AskError> {
        let place = Place::of(self, question.place)?;
        let today = place.zone.day_of(self.world.world.clock.now()).0;
        let window = (weeks_before(today, i32::from(question.weeks)), today);
        let visits = place.visits(self, window).await?;
        let classes = place.demand(&visits);
        let arrivals = weekdays(&place, &place.rows(self, window).await?);
        let served = classes.iter().any(|class| !class.services.is_empty());
        let day = |arrivals: &Vec<Vec<f64>>| Demand {
            classes: classes.clone(),
            begins: 0.0,
            span: HALF_HOUR_SECONDS,
            arrivals: arrivals.clone(),
        };
        let policies = question.policies;
        Ok(Prepared {
            site: place.site.0,
            queue: place.queue.map(|queue| queue.0),
            policies: if policies.is_empty() { vec![place.policy.clone()] } else { policies },
            counters: question.counters,
            seed: question.seed,
            from: window.0,
            to: window.1,
            // Without a single service there is nothing to draw from.
            days: if served { arrivals.iter().map(day).collect() } else { Vec::new() },
            recorded: visits.iter().map(|visit| place.recorded(visit)).collect(),
            classes: place.classes,
        })
    }
}

/// For each day on which anybody came: the mean arrivals of its weekday, by half-hour and class.
fn weekdays(place: &Place, rows: &[persistence::ArrivalsRow]) -> Vec<Vec<Vec<f64>>> {
    let weekday = |date: Date| date.weekday().to_monday_zero_offset();
    let days: Vec<Date> = place.count(rows).into_keys().collect();
    let mut sums: BTreeMap<i8, Vec<Vec<f64>>> = BTreeMap::new();
    for row in rows {
        let (day, half_hour) =
            (place.zone.day_of(row.half_hour), place.zone.half_hour_of(row.half_hour));
        let of_weekday = sums
            .entry(weekday(day.0))
            .or_insert_with(|| vec![vec![0.0; place.classes.len()]; HALF_HOURS]);
        of_weekday[usize::from(half_hour)][place.class_of(row.queue, &row.class)] +=
            f64::from(row.came);
    }
    for (of, half_hours) in &mut sums {
        let count = days.iter().filter(|date| weekday(**date) == *of).count() as f64;
        half_hours.iter_mut().flatten().for_each(|sum| *sum /= count);
    }
    days.iter().filter_map(|date| sums.get(&weekday(*date)).cloned()).collect()
}

impl Prepared {
    /// How many visits will be simulated, about.
    pub fn work(&self) -> f64 {
        let expected: f64 = self.days.iter().flat_map(|day| &day.arrivals).flatten().sum();
        expected * self.policies.len() as f64 * self.counters.len() as f64
    }

    /// Does the work. It takes the processor: not for a task that serves others.
    pub fn run(self) -> WhatIfView {
        let seeds = u64::from(self.seed)..;
        let days: Vec<Scenario> =
            self.days.iter().zip(seeds).map(|(day, seed)| Scenario::drawn(seed, day)).collect();
        let pairs = self
            .counters
            .iter()
            .flat_map(|counters| self.policies.iter().map(move |policy| (counters, policy)));
        let runs = pairs.map(|(counters, policy)| self.one(&days, counters, policy)).collect();
        WhatIfView {
            site_id: self.site,
            queue_id: self.queue,
            from: self.from,
            to: self.to,
            days: days.len(),
            seed: self.seed,
            recorded: recorded_figures(&self.classes, &self.recorded),
            runs,
        }
    }

    fn one(&self, days: &[Scenario], counters: &WhatIfCounters, policy: &Policy) -> WhatIfRun {
        let plan = counters.plan();
        let day = |scenario: &Scenario| simulate(scenario, &plan, policy, &self.classes);
        let together = days.iter().map(day).reduce(|mut all: Simulated, next| {
            all.merge(next);
            all
        });
        let together = together.unwrap_or_else(|| day(&Scenario::default()));
        WhatIfRun::of(policy, counters, &self.classes, &together)
    }
}

impl WhatIfCounters {
    fn plan(&self) -> CounterPlan {
        match self {
            Self::Always(counters) => CounterPlan::always(*counters),
            Self::Plan { first, counters } => {
                let start = *first as f64 * HALF_HOUR_SECONDS;
                CounterPlan::by_span(start, HALF_HOUR_SECONDS, counters)
            }
        }
    }
}
