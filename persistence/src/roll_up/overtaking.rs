//! How many younger tickets were called before each ticket of one queue and one day.
//!
//! From the youngest to the oldest: those younger ones called before this one's call, or before its end, are counted
//! in a tree of sums over the calls in the order of time. Whoever was transferred here is not counted as overtaken,
//! because a leg does not say when it came over.
//! Invariant: people who arrived at the same instant do not overtake each other.

use domain::Timestamp;

use crate::rows::LegRow;

/// For each leg, given in the order of arrival, the younger tickets that were called before it.
pub(super) fn overtaken(legs: &[LegRow]) -> Vec<u64> {
    let mut calls: Vec<Timestamp> = legs.iter().filter_map(|leg| leg.first_called_at).collect();
    calls.sort_unstable();
    let mut younger = Sums(vec![0; calls.len() + 1]);
    let mut overtaken = vec![0; legs.len()];
    let mut end = legs.len();
    while end > 0 {
        let arrived = legs[end - 1].arrived_at;
        let begin = legs[..end].partition_point(|leg| leg.arrived_at < arrived);
        for place in begin..end {
            let leg = &legs[place];
            if leg.leg == 1 && leg.arrived_at.is_some() {
                let until = leg.first_called_at.unwrap_or(leg.ended_at);
                overtaken[place] = younger.up_to(calls.partition_point(|call| *call < until));
            }
        }
        let came = legs[begin..end].iter().filter(|leg| leg.arrived_at.is_some());
        for call in came.filter_map(|leg| leg.first_called_at) {
            younger.add(calls.partition_point(|other| *other < call));
        }
        end = begin;
    }
    overtaken
}

/// A tree of partial sums (Fenwick's).
struct Sums(Vec<u64>);

impl Sums {
    fn add(&mut self, place: usize) {
        let mut at = place + 1;
        while let Some(sum) = self.0.get_mut(at) {
            *sum += 1;
            at += at & at.wrapping_neg();
        }
    }

    /// The sum of the first `count` places.
    fn up_to(&self, count: usize) -> u64 {
        let (mut at, mut sum) = (count, 0);
        while at > 0 {
            sum += self.0[at];
            at -= at & at.wrapping_neg();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{QueueId, Secs, ServiceId, SiteId, TenantId, TicketId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn leg(arrived: u32, called: Option<u32>, ended: u32) -> LegRow {
        let at = |secs: u32| Timestamp::from_secs(i64::from(secs));
        LegRow {
            tenant: TenantId(Uuid::nil()),
            ticket: TicketId(Uuid::nil()),
            leg: 1,
            queue: QueueId(Uuid::nil()),
            site: SiteId(Uuid::nil()),
            service: ServiceId(Uuid::nil()),
            agent: None,
            class: Arc::from("normal"),
            channel: "kiosk".into(),
            outcome: "served".into(),
            arrived_at: Some(at(arrived)),
            first_called_at: called.map(at),
            last_called_at: called.map(at),
            started_at: None,
            ended_at: at(ended),
            held: Secs(0),
            wait: None,
            walk: None,
            service_time: None,
            stay: Secs(0),
            reason: None,
            out_of_order: false,
        }
    }

    proptest! {
        #[test]
        fn as_if_everybody_had_been_asked(
            people in prop::collection::vec((0..40_u32, 0..40_u32, any::<bool>()), 0..30),
        ) {
            let mut legs: Vec<LegRow> = people
                .iter()
                .map(|(arrived, wait, called)| {
                    leg(*arrived, called.then_some(arrived + wait), arrived + wait)
                })
                .collect();
            legs.sort_by_key(|leg| leg.arrived_at);
            let asked: Vec<u64> = legs
                .iter()
                .map(|me| {
                    let until = me.first_called_at.unwrap_or(me.ended_at);
                    let before = legs.iter().filter(|other| {
                        other.arrived_at > me.arrived_at
                            && other.first_called_at.is_some_and(|call| call < until)
                    });
                    before.count().try_into().unwrap()
                })
                .collect();
            prop_assert_eq!(overtaken(&legs), asked);
        }
    }
}
