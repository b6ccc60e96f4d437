//! What happens when: the rows of a log as steps in the order of time.
//!
//! At one instant services end first, then people give up, then they come, then servers call.
//! Invariant: a visit's own steps stand in their natural order, even when they share an instant.

use domain::Timestamp;

use super::log::Log;
use super::row::Ending;

/// One microsecond-stamped step of the log. Numbers are places in the log's list of visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The service of this row's caller ends.
    End(usize),
    GiveUp(usize),
    Arrive(usize),
    Call(usize),
    /// Whoever still waits goes home.
    CloseDay,
}

/// All steps of a log.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) steps: Vec<(Timestamp, Step)>,
}

/// Rank at one instant: what ends, who gives up, who comes, who is called, what begins and ends at once, the day.
const END: u8 = 0;
const GIVE_UP: u8 = 1;
const ARRIVE: u8 = 2;
const CALL: u8 = 3;
const AT_ONCE: u8 = 4;
const CLOSE: u8 = 5;

impl Script {
    pub(super) fn of(log: &Log) -> Self {
        let mut steps = Vec::with_capacity(log.visits.len() * 3);
        for (row, visit) in log.visits.iter().enumerate() {
            let arrived_at = visit.arrived_at;
            steps.push((arrived_at, ARRIVE, Step::Arrive(row)));
            match visit.ending {
                Ending::Called { called_at, ended_at, .. } => {
                    let rank = if ended_at == called_at { AT_ONCE } else { END };
                    steps.push((called_at, CALL, Step::Call(row)));
                    steps.push((ended_at, rank, Step::End(row)));
                }
                Ending::Abandoned { at } => {
                    let rank = if at == arrived_at { AT_ONCE } else { GIVE_UP };
                    steps.push((at, rank, Step::GiveUp(row)));
                }
            }
        }
        // The sort is stable, so rows keep the order of the file.
        steps.sort_by_key(|(at, rank, _)| (*at, *rank));
        close_days(&mut steps);
        Self { steps: steps.into_iter().map(|(at, _, step)| (at, step)).collect() }
    }
}

/// Puts a `CloseDay` behind the last step of each day.
fn close_days(steps: &mut Vec<(Timestamp, u8, Step)>) {
    let day = |at: Timestamp| at.0.div_euclid(86_400_000_000);
    let mut closed = Vec::with_capacity(steps.len() + 32);
    for (place, step) in steps.iter().enumerate() {
        closed.push(*step);
        let is_last = steps.get(place + 1).is_none_or(|next| day(next.0) != day(step.0));
        if is_last {
            closed.push((step.0, CLOSE, Step::CloseDay));
        }
    }
    *steps = closed;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::row::{Priority, Visit};

    const DAY: i64 = 86_400;

    fn visit(arrived: i64, ending: Ending) -> Visit {
        let arrived_at = Timestamp::from_secs(arrived);
        Visit { queue: 0, class: String::new(), priority: Priority::Normal, arrived_at, ending }
    }

    fn called(at: i64, until: i64) -> Ending {
        let (called_at, ended_at) = (Timestamp::from_secs(at), Timestamp::from_secs(until));
        Ending::Called { server: 0, called_at, ended_at, shown_up: true }
    }

    fn steps(visits: Vec<Visit>) -> Vec<Step> {
        let log = Log { visits, ..Log::default() };
        Script::of(&log).steps.into_iter().map(|(_, step)| step).collect()
    }

    #[test]
    fn at_one_instant_what_ends_comes_before_what_begins() {
        let gone = Ending::Abandoned { at: Timestamp::from_secs(5) };
        let visits = vec![visit(5, called(5, 9)), visit(1, called(1, 5)), visit(2, gone)];
        let at_five = [Step::End(1), Step::GiveUp(2), Step::Arrive(0), Step::Call(0)];
        assert_eq!(steps(visits)[3..7], at_five);
    }

    #[test]
    fn a_service_of_no_length_still_begins_first() {
        let at_once = Ending::Abandoned { at: Timestamp::from_secs(1) };
        let visits = vec![visit(1, called(1, 1)), visit(1, at_once)];
        let expected = [
            Step::Arrive(0),
            Step::Arrive(1),
            Step::Call(0),
            Step::End(0),
            Step::GiveUp(1),
            Step::CloseDay,
        ];
        assert_eq!(steps(visits), expected);
    }

    #[test]
    fn each_day_is_closed_after_its_last_step() {
        let visits = vec![visit(1, called(2, 3)), visit(DAY + 1, called(DAY + 1, DAY + 2))];
        let steps = steps(visits);
        assert_eq!((steps[3], steps.last().copied()), (Step::CloseDay, Some(Step::CloseDay)));
        assert_eq!(steps.iter().filter(|step| **step == Step::CloseDay).count(), 2);
    }
}
