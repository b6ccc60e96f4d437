//! The events of a log in the order in which they are gone through.
//!
//! Within one second: who ends, who gives up, who is called after a wait, who comes, who is called at once. Then the
//! order of arrival. Invariant: nobody is called before coming, also within the same second.

use domain::Timestamp;

use crate::replay::{Ending, Visit};

/// What happens, in the order in which it happens within one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Ended,
    GaveUp,
    CalledAfterWait,
    Came,
    CalledAtOnce,
    GaveUpAtOnce,
    EndedAtOnce,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) what: What,
    pub(super) row: usize,
}

/// All steps of these visits, in order.
pub(super) fn steps(rows: &[&Visit]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(3 * rows.len());
    for (row, visit) in rows.iter().enumerate() {
        let came = visit.arrived_at;
        let mut add = |at, what| steps.push(Step { at, what, row });
        add(came, What::Came);
        match visit.ending {
            Ending::Called { called_at, ended_at, .. } => {
                let waited = called_at > came;
                add(called_at, if waited { What::CalledAfterWait } else { What::CalledAtOnce });
                let lasted = ended_at > called_at;
                add(ended_at, if lasted { What::Ended } else { What::EndedAtOnce });
            }
            Ending::Abandoned { at } => {
                add(at, if at > came { What::GaveUp } else { What::GaveUpAtOnce });
            }
        }
    }
    steps.sort_unstable();
    steps
}

/// When the visit was over.
pub(super) const fn ended_at(visit: &Visit) -> Timestamp {
    match visit.ending {
        Ending::Called { ended_at, .. } => ended_at,
        Ending::Abandoned { at } => at,
    }
}
