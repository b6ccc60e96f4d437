//! How many counters are open when.
//!
//! A plan has a first figure and changes in the order of time; the last figure stays.
//! Invariant: changes ascend, so a simulation meets each of them once.

/// How many counters are open when, in seconds on the clock of the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct CounterPlan {
    first: u32,
    changes: Vec<(f64, u32)>,
}

impl CounterPlan {
    /// The same number at all times.
    pub const fn always(counters: u32) -> Self {
        Self { first: counters, changes: Vec::new() }
    }

    /// One figure for each span of `span` seconds from `start` on. Nobody serves before; the last figure stays, so that
    /// those who came in time are served.
    pub fn by_span(start: f64, span: f64, counters: &[u32]) -> Self {
        let begins = (0_u32..).map(|at| start + f64::from(at) * span);
        let mut changes: Vec<(f64, u32)> = begins.zip(counters.iter().copied()).collect();
        changes.dedup_by_key(|(_, counters)| *counters);
        Self { first: 0, changes }
    }

    pub(super) const fn at_first(&self) -> u32 {
        self.first
    }

    /// The change at that place of the list.
    pub(super) fn change(&self, at: usize) -> Option<(f64, u32)> {
        self.changes.get(at).copied()
    }
}
