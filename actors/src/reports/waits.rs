//! `wait-times`: how long people waited, over all and day by day.
//!
//! Invariant: the days add up to the whole.

use std::collections::BTreeMap;

use domain::{LocalDay, TenantId, Timestamp};
use persistence::{Count, RollUpRow};
use serde::Serialize;
use utoipa::ToSchema;

use super::scope::Scope;
use super::summary::{Adding, Summary, target_of};
use super::{Period, ReportError, ReportQuery, Reports};
use crate::resources::Directory;

/// How long people waited.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WaitTimes {
    pub period: Period,
    #[serde(flatten)]
    pub total: Summary,
    /// Days on which somebody came, the first day first.
    pub days: Vec<DayFigures>,
}

/// The figures of one local day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayFigures {
    #[schema(value_type = String, format = Date, example = "2026-03-02")]
    pub date: LocalDay,
    #[serde(flatten)]
    pub figures: Summary,
}

impl Reports {
    /// How long people waited.
    ///
    /// # Errors
    /// `NotFound` and `Invalid` for filters that cannot be meant.
    pub async fn wait_times(
        &self,
        tenant: TenantId,
        directory: &Directory,
        query: ReportQuery,
        now: Timestamp,
    ) -> Result<WaitTimes, ReportError> {
        let scope = Scope::new(directory, query, now)?;
        let rows = self.rows(tenant, scope.part(), scope.range()).await?;
        let (mut total, mut days) = (Adding::default(), BTreeMap::<LocalDay, Adding>::new());
        for row in held(&rows, &scope) {
            let target = target_of(directory, row);
            total.add(row, target);
            days.entry(row.day).or_default().add(row, target);
        }
        let days =
            days.into_iter().map(|(date, day)| DayFigures { date, figures: scope.shown(&day) });
        Ok(WaitTimes { period: scope.period, total: scope.shown(&total), days: days.collect() })
    }
}

/// The rows that a report is about.
pub(super) fn held<'r>(
    rows: &'r [std::sync::Arc<[RollUpRow]>],
    scope: &'r Scope<'_>,
) -> impl Iterator<Item = &'r RollUpRow> {
    rows.iter().flat_map(|day| day.iter()).filter(|row| scope.holds(row))
}

impl Scope<'_> {
    /// The figures, unless there are too few legs behind them.
    pub(super) fn shown(&self, adding: &Adding) -> Summary {
        if self.hides(adding.count(Count::Legs)) { Summary::hidden() } else { adding.summary() }
    }
}
