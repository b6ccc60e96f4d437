//! Counts the legs of one queue's day.
//!
//! Each leg is counted once in each part: under its class, its agent, its channel and its half-hour.
//! Invariant: rows come out in the order of (part, item), so two countings can be compared.

use std::collections::BTreeMap;

use domain::{LocalDay, Secs, Timestamp, Zone};
use uuid::Uuid;

use super::figures::{Count, Figures, MEASURES, Measure, Spread};
use super::overtaking::overtaken;
use super::{DayCount, Part, RollUpRow};
use crate::rows::LegRow;

/// Counts `legs`, which are all of one queue and one local day, in the order of arrival.
pub fn count_day(day: LocalDay, legs: &[LegRow], zone: &Zone) -> DayCount {
    let Some(last) = legs.last() else { return DayCount { day, rows: Vec::new() } };
    let overtakes = overtaken(legs);
    let mut tallies: BTreeMap<(Part, String), Tally> = BTreeMap::new();
    for (leg, overtakes) in legs.iter().zip(overtakes) {
        for part in Part::ALL {
            tallies.entry((part, item(part, leg, zone))).or_default().take(leg, overtakes);
        }
    }
    let row = |((part, item), tally): ((Part, String), Tally)| RollUpRow {
        part,
        day,
        queue: last.queue,
        item,
        site: last.site,
        service: last.service,
        figures: tally.figures(part),
    };
    DayCount { day, rows: tallies.into_iter().map(row).collect() }
}

/// When a leg counts: when the person came, and the end of those who never came.
pub(crate) fn instant_of(leg: &LegRow) -> Timestamp {
    leg.arrived_at.unwrap_or(leg.ended_at)
}

fn item(part: Part, leg: &LegRow, zone: &Zone) -> String {
    match part {
        Part::Class => leg.class.to_string(),
        Part::Agent => leg.agent.map_or(Uuid::nil(), |agent| agent.0).to_string(),
        Part::Channel => leg.channel.to_string(),
        Part::Slot => format!("{:02}", zone.half_hour_of(instant_of(leg))),
    }
}

#[derive(Default)]
struct Tally {
    figures: Figures,
    seen: [Vec<Secs>; MEASURES.len()],
}

impl Tally {
    fn take(&mut self, leg: &LegRow, overtakes: u64) {
        self.add(Count::Legs, true);
        let outcome = match leg.outcome.as_ref() {
            "served" => Some(Count::Served),
            "transferred" => Some(Count::Transferred),
            "no_show" => Some(Count::NoShow),
            "walked_out" => Some(Count::WalkedOut),
            "cancelled" => Some(Count::Cancelled),
            "removed" => Some(Count::Removed),
            "expired" => Some(Count::Expired),
            // Of a newer program: it counts as a leg, and as nothing that we know.
            _ => None,
        };
        outcome.into_iter().for_each(|outcome| self.add(outcome, true));
        self.add(Count::Called, leg.first_called_at.is_some());
        self.add(Count::LeftUncalled, has_left(leg));
        self.add(Count::OutOfOrder, leg.out_of_order);
        self.add(Count::Overtaken, overtakes > 0);
        *self.figures.count_mut(Count::Overtakes) += overtakes;
        let most = self.figures.count_mut(Count::OvertakesMax);
        *most = (*most).max(overtakes);
        self.measure(leg);
    }

    fn add(&mut self, count: Count, applies: bool) {
        *self.figures.count_mut(count) += u64::from(applies);
    }

    fn measure(&mut self, leg: &LegRow) {
        let between = |from: Option<Timestamp>, to: Option<Timestamp>| {
            from.zip(to).map(|(from, to)| to.since(from))
        };
        let ended = (leg.outcome != "transferred").then_some(leg.stay);
        let left = has_left(leg).then_some(leg.ended_at);
        let seen = [
            (Measure::Wait, leg.wait),
            (Measure::LastWait, between(leg.arrived_at, leg.last_called_at)),
            (Measure::Walk, leg.walk),
            (Measure::Service, leg.service_time),
            (Measure::Hold, Some(leg.held).filter(|held| held.0 > 0)),
            (Measure::Stay, ended),
            (Measure::Leave, between(leg.arrived_at, left)),
        ];
        for (measure, duration) in seen {
            self.seen[measure as usize].extend(duration);
        }
    }

    fn figures(mut self, part: Part) -> Figures {
        let all = [
            Measure::Wait,
            Measure::LastWait,
            Measure::Walk,
            Measure::Service,
            Measure::Hold,
            Measure::Stay,
            Measure::Leave,
        ];
        for measure in all {
            let seen = &self.seen[measure as usize];
            self.figures.spreads[measure as usize] = Spread::of(seen, part.keeps(measure));
        }
        self.figures
    }
}

/// Gave up before any call. Who is removed or sent home at closing time did not choose to leave.
fn has_left(leg: &LegRow) -> bool {
    leg.first_called_at.is_none() && matches!(leg.outcome.as_ref(), "walked_out" | "cancelled")
}
