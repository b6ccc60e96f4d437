//! The people of a made-up past: on which day, at what hour, how long they wait, and how it ends.
//!
//! Two peaks a day, at ten and at three; Monday is the fullest day, on Sunday hardly anybody comes. Waits grow with the
//! peak. Invariant: the same seed gives the same people on the same days.

use domain::{LocalDay, Secs, TenantId, TicketId, Timestamp};
use persistence::LegRow;
use uuid::Uuid;

use super::branch::Line;
use crate::demo::Chance;

/// Monday first.
const WEEKDAYS: [f64; 7] = [1.25, 1.0, 0.95, 1.0, 1.15, 0.5, 0.05];
/// Nobody waits longer than four hours.
const WAIT_MAX: f64 = 14_400.0;
const MORNING: f64 = 10.0;
const AFTERNOON: f64 = 15.0;
const CLASSES: [(&str, f64); 3] = [("normal", 0.8), ("senior", 0.15), ("vip", 0.05)];
const CHANNELS: [(&str, f64); 3] = [("kiosk", 0.7), ("web", 0.2), ("staff", 0.1)];
const OUTCOMES: [(&str, f64); 5] = [
    ("served", 0.86),
    ("walked_out", 0.06),
    ("no_show", 0.04),
    ("transferred", 0.03),
    ("cancelled", 0.01),
];

/// The days before `today`, and how many come on each; all of them together are `legs`.
pub(super) fn days(today: LocalDay, days: u32, legs: u64) -> Vec<(LocalDay, u64)> {
    let days: Vec<LocalDay> = (1..=i64::from(days)).rev().map(|back| today.plus(-back)).collect();
    let weight = |day: &LocalDay| {
        let weekday = usize::try_from(day.0.weekday().to_monday_zero_offset()).unwrap_or_default();
        WEEKDAYS[weekday]
    };
    let all: f64 = days.iter().map(weight).sum();
    let (mut so_far, mut given) = (0.0, 0);
    days.iter()
        .map(|day| {
            so_far += weight(day);
            let until = part(legs, so_far / all).max(given);
            let count = until - given;
            given = until;
            (*day, count)
        })
        .collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count is a count"
)]
fn part(whole: u64, share: f64) -> u64 {
    ((whole as f64 * share).round() as u64).min(whole)
}

/// One leg; none only when there is no queue.
pub(super) fn leg(
    tenant: TenantId,
    lines: &[Line],
    day: LocalDay,
    chance: &mut Chance,
) -> Option<LegRow> {
    let line = chance.pick(lines, |line| line.weight)?;
    let hour = hour(chance);
    let arrived = line.zone.begin_of(day).after(secs(hour * 3_600.0));
    let near = |peak: f64| (-(hour - peak).powi(2)).exp();
    let busy = 0.3 + near(MORNING) + 0.7 * near(AFTERNOON);
    let wait = secs(chance.exponential(600.0 * busy).min(WAIT_MAX));
    let outcome = chance.pick(&OUTCOMES, |outcome| outcome.1)?.0;
    let called = !matches!(outcome, "walked_out" | "cancelled");
    let starts = matches!(outcome, "served" | "transferred");
    let walk = secs(chance.log_normal(25.0, 0.5));
    let service = secs(chance.log_normal(line.service_mean, 0.6));
    let call = called.then(|| arrived.after(wait));
    let started = call.filter(|_| starts).map(|call| call.after(walk));
    let ended = match started {
        Some(started) => started.after(service),
        None => arrived.after(wait).after(if called { Secs(90) } else { Secs(0) }),
    };
    let agent = chance.pick(&line.agents, |_| 1.0).copied().filter(|_| called);
    let out_of_order = called && chance.happens(0.01);
    let why = agent
        .filter(|_| out_of_order)
        .map(|by| domain::Reason::OutOfOrder { by, why: "standing with difficulty".to_owned() });
    Some(LegRow {
        tenant,
        ticket: TicketId(ticket(arrived, chance)),
        leg: 1,
        queue: line.queue,
        site: line.site,
        service: line.service,
        agent,
        class: chance.pick(&CLASSES, |class| class.1)?.0.into(),
        channel: chance.pick(&CHANNELS, |channel| channel.1)?.0.into(),
        outcome: outcome.into(),
        arrived_at: Some(arrived),
        first_called_at: call,
        last_called_at: call,
        started_at: started,
        ended_at: ended,
        held: Secs(0),
        wait: call.map(|_| wait),
        walk: started.map(|_| walk),
        service_time: started.map(|_| service),
        stay: ended.since(arrived),
        reason: why.and_then(|why| serde_json::to_string(&why).ok()),
        out_of_order,
    })
}

/// When somebody comes, in hours since midnight: around one of the peaks, or whenever the doors are open.
fn hour(chance: &mut Chance) -> f64 {
    let near = |peak: f64, chance: &mut Chance| {
        peak + 2.0 * (chance.fraction() + chance.fraction() + chance.fraction() - 1.5)
    };
    let draw = chance.fraction();
    let hour = if draw < 0.45 {
        near(MORNING, chance)
    } else if draw < 0.8 {
        near(AFTERNOON, chance)
    } else {
        8.0 + 9.0 * chance.fraction()
    };
    hour.clamp(8.0, 17.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just before")]
fn secs(seconds: f64) -> Secs {
    Secs(seconds.clamp(0.0, 86_399.0) as u32)
}

/// An id of that moment, so that older ones sort first.
fn ticket(arrived: Timestamp, chance: &mut Chance) -> Uuid {
    let millis = u64::try_from(arrived.0 / 1_000).unwrap_or_default();
    let mut random = [0; 10];
    random[..8].copy_from_slice(&chance.bits().to_le_bytes());
    random[8..].copy_from_slice(&chance.bits().to_le_bytes()[..2]);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_comes_on_one_of_the_days() {
        let today = LocalDay("2026-03-31".parse().unwrap());
        for (wanted, legs) in [(30, 10_000), (1, 7), (7, 0)] {
            let days = days(today, wanted, legs);
            assert_eq!(days.iter().map(|(_, count)| count).sum::<u64>(), legs);
            assert_eq!(days.last().map(|(day, _)| day.plus(1)), Some(today));
        }
    }
}
