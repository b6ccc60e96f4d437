//! The people of a queue log, day by day.
//!
//! Priorities are the classes; what the log calls a class is a skill, which a simulation does not ask for.
//! Invariant: a day of the log is a scenario of its own, so nobody waits overnight.

use std::collections::BTreeMap;

use domain::{DemandClass, Recorded, Scenario};

use super::contest::{Contest, HIGH, NORMAL};
use super::report::{Report, Source};
use crate::replay::{Ending, Log, Priority, Visit};

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MICROS_PER_SECOND: f64 = 1e6;

/// Lets the people of one queue of the log come again.
///
/// # Errors
/// When the queue cannot be told, or nobody in it was ever served; the text says what to give instead.
pub(crate) fn from_log(
    log: &Log,
    queue: Option<&str>,
    contest: &Contest,
) -> Result<Report, String> {
    let queue = chosen(log, queue)?;
    let mut days: BTreeMap<i64, Vec<Recorded>> = BTreeMap::new();
    for visit in log.visits.iter().filter(|visit| visit.queue == queue) {
        days.entry(visit.arrived_at.0.div_euclid(MICROS_PER_DAY))
            .or_default()
            .push(recorded(visit));
    }
    let mut classes = vec![DemandClass::default(), DemandClass::default()];
    days.values().flatten().for_each(|visit| classes[visit.class].take(visit));
    if classes.iter().all(|class| class.services.is_empty()) {
        return Err("--log: nobody in it was served; use a log with served rows".to_owned());
    }
    let seeded = (contest.seed..).zip(days.values());
    let scenarios: Vec<Scenario> =
        seeded.map(|(seed, day)| Scenario::recorded(seed, day, &classes)).collect();
    Ok(Report {
        source: Source::log(&log.queues[queue], &days, &contest.classes),
        seed: contest.seed,
        runs: contest.run(&scenarios),
        theory: Vec::new(),
    })
}

/// The place of the queue meant.
fn chosen(log: &Log, queue: Option<&str>) -> Result<usize, String> {
    let names = || log.queues.join(", ");
    match (queue, log.queues.len()) {
        (_, 0) => Err("--log: the log holds no row that can be used".to_owned()),
        (None, 1) => Ok(0),
        (None, count) => {
            Err(format!("--log: it holds {count} queues; choose one with --queue: {}", names()))
        }
        (Some(name), _) => {
            let place = log.queues.iter().position(|known| known == name);
            place.ok_or_else(|| {
                format!("--queue: the log has no queue {name:?}; use one of {}", names())
            })
        }
    }
}

/// Seconds on the clock of the visit's day.
fn recorded(visit: &Visit) -> Recorded {
    let seconds = |micros: i64| micros as f64 / MICROS_PER_SECOND;
    let since = |at: domain::Timestamp| seconds(at.micros_since(visit.arrived_at));
    let (waited, service) = match visit.ending {
        Ending::Called { called_at, ended_at, .. } => {
            (since(called_at), Some(seconds(ended_at.micros_since(called_at))))
        }
        Ending::Abandoned { at } => (since(at), None),
    };
    Recorded {
        arrives: seconds(visit.arrived_at.0.rem_euclid(MICROS_PER_DAY)),
        class: match visit.priority {
            Priority::Normal => NORMAL,
            Priority::High => HIGH,
        },
        waited,
        service,
    }
}
