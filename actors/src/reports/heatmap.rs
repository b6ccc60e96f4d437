//! `heatmap`: when people come, by weekday and half-hour on the clock of the site, and how long they wait then.
//!
//! Invariant: the arrivals of all cells are all the arrivals of the period.

use std::collections::BTreeMap;

use domain::{TenantId, Timestamp};
use persistence::{Count, Measure, Part};
use serde::Serialize;
use utoipa::ToSchema;

use super::scope::Scope;
use super::summary::Durations;
use super::waits::held;
use super::{Period, ReportError, ReportQuery, Reports};
use crate::resources::Directory;

/// When people come.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Heatmap {
    pub period: Period,
    pub total_tickets: u64,
    /// Cells in which somebody came, Monday's first.
    pub cells: Vec<HeatCell>,
}

/// One half-hour of one weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeatCell {
    /// 1 is Monday, 7 is Sunday.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: u8,
    /// When the half-hour begins.
    #[schema(example = "09:30")]
    pub half_hour: String,
    pub arrivals: u64,
    pub avg_wait_seconds: Option<u64>,
    pub p90_wait_seconds: Option<u32>,
    /// True when there were too few to be shown; then every figure is nothing.
    pub suppressed: bool,
}

impl Reports {
    /// When people come.
    ///
    /// # Errors
    /// As [`Reports::wait_times`]; `Invalid` for an agent, who does not make people come.
    pub async fn heatmap(
        &self,
        tenant: TenantId,
        directory: &Directory,
        query: ReportQuery,
        now: Timestamp,
    ) -> Result<Heatmap, ReportError> {
        let scope = Scope::new(directory, query, now)?;
        scope.without_agent()?;
        let rows = self.rows(tenant, Part::Slot, scope.range()).await?;
        let mut cells: BTreeMap<(i8, u8), (u64, Durations)> = BTreeMap::new();
        for row in held(&rows, &scope) {
            let weekday = row.day.0.weekday().to_monday_one_offset();
            let cell = cells.entry((weekday, row.item.parse().unwrap_or_default())).or_default();
            cell.0 += row.figures.count(Count::Legs);
            cell.1.add(row.figures.spread(Measure::Wait));
        }
        let total = cells.values().map(|(arrivals, _)| arrivals).sum();
        let cells = cells.into_iter().map(|(place, cell)| shown(&scope, place, &cell));
        Ok(Heatmap {
            period: scope.period,
            total_tickets: if scope.hides(total) { 0 } else { total },
            cells: cells.collect(),
        })
    }
}

fn shown(
    scope: &Scope<'_>,
    (weekday, slot): (i8, u8),
    (arrivals, wait): &(u64, Durations),
) -> HeatCell {
    let hidden = scope.hides(*arrivals);
    HeatCell {
        weekday: u8::try_from(weekday).unwrap_or(1),
        half_hour: format!("{:02}:{:02}", slot / 2, slot % 2 * 30),
        arrivals: if hidden { 0 } else { *arrivals },
        avg_wait_seconds: wait.mean().filter(|_| !hidden),
        p90_wait_seconds: wait.figures().p90_seconds.filter(|_| !hidden),
        suppressed: hidden,
    }
}
