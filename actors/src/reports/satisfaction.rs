//! `satisfaction`: what people said of their visits, by day, queue and agent.
//!
//! Counted by the database from the opinions themselves. It counts in stretches of a day; where a clock was changed
//! within a day, that day is asked for alone.
//! Invariant: an opinion counts on the local day of its site on which it was given.

use std::collections::BTreeMap;

use domain::{AgentId, LocalDay, QueueId, SiteId, TenantId, Timestamp, Zone};
use persistence::OpinionCount;
use serde::Serialize;
use utoipa::ToSchema;

use super::scope::Scope;
use super::summary::ratio;
use super::{Period, ReportError, ReportQuery, Reports};
use crate::resources::Directory;

const DAY_MICROS: i64 = 86_400_000_000;

/// What people said.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Satisfaction {
    pub period: Period,
    #[serde(flatten)]
    pub total: SatisfactionFigures,
    pub days: Vec<SatisfactionGroup>,
    pub queues: Vec<SatisfactionGroup>,
    pub agents: Vec<SatisfactionGroup>,
}

/// One day, queue or agent.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SatisfactionGroup {
    /// The date, or the id of the queue or agent.
    pub key: String,
    /// Null of a day, and of what was deleted.
    pub name: Option<String>,
    #[serde(flatten)]
    pub figures: SatisfactionFigures,
}

/// Both marks.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
pub struct SatisfactionFigures {
    /// Opinions, whatever marks they gave.
    pub responses: u64,
    pub csat: Csat,
    pub nps: Nps,
    /// True when there were too few to be shown; then every figure is nothing.
    pub suppressed: bool,
}

/// Marks of 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
pub struct Csat {
    pub responses: u64,
    #[schema(example = 4.31)]
    pub mean: Option<f64>,
    /// The share of 4 and 5.
    #[schema(example = 0.87)]
    pub satisfied_share: Option<f64>,
}

/// Marks of 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, ToSchema)]
pub struct Nps {
    pub responses: u64,
    /// 9 and 10.
    pub promoters: u64,
    /// 7 and 8.
    pub passives: u64,
    /// 0 to 6.
    pub detractors: u64,
    /// (promoters − detractors) ÷ responses × 100.
    #[schema(example = 41.5)]
    pub score: Option<f64>,
}

impl Reports {
    /// What people said.
    ///
    /// # Errors
    /// As [`Reports::wait_times`].
    pub async fn satisfaction(
        &self,
        tenant: TenantId,
        directory: &Directory,
        query: ReportQuery,
        now: Timestamp,
    ) -> Result<Satisfaction, ReportError> {
        let scope = Scope::new(directory, query, now)?;
        let (mut total, mut days) = (Sum::default(), BTreeMap::<LocalDay, Sum>::new());
        let mut queues = BTreeMap::<QueueId, Sum>::new();
        let mut agents = BTreeMap::<AgentId, Sum>::new();
        for (day, row) in self.opinions(tenant, &scope).await? {
            total.add(&row);
            days.entry(day).or_default().add(&row);
            queues.entry(row.queue).or_default().add(&row);
            row.agent.into_iter().for_each(|agent| agents.entry(agent).or_default().add(&row));
        }
        let queue = |id: QueueId| directory.queue(id).map(|kept| kept.body.name.clone());
        let agent = |id: AgentId| directory.agent(id).map(|kept| kept.body.name.clone());
        Ok(Satisfaction {
            period: scope.period,
            total: total.figures(&scope),
            days: groups(&scope, days, |_| None),
            queues: groups(&scope, queues, queue),
            agents: groups(&scope, agents, agent),
        })
    }

    async fn opinions(
        &self,
        tenant: TenantId,
        scope: &Scope<'_>,
    ) -> Result<Vec<(LocalDay, OpinionCount)>, ReportError> {
        let mut zones: BTreeMap<&str, (&Zone, Vec<SiteId>)> = BTreeMap::new();
        for (site, zone) in scope.zones() {
            zones.entry(zone.name()).or_insert_with(|| (zone, Vec::new())).1.push(site);
        }
        let mut found = Vec::new();
        for (zone, sites) in zones.values() {
            for (first, days) in stretches(zone, scope.range()) {
                let (from, to) = (zone.begin_of(first), zone.begin_of(first.plus(days)));
                let every = if days == 1 { to.0 - from.0 } else { DAY_MICROS };
                let rows = self.store.count_opinions(tenant, sites, (from, to), every).await?;
                found.extend(rows.into_iter().map(|row| (first.plus(row.stretch), row)));
            }
        }
        let agent = scope.agent();
        found.retain(|(_, row)| {
            scope.holds_place(row.site, row.queue, row.service)
                && agent.is_none_or(|agent| row.agent == Some(agent))
        });
        Ok(found)
    }
}

/// Runs of days of 24 hours each, and the others one by one.
fn stretches(zone: &Zone, (start, end): (LocalDay, LocalDay)) -> Vec<(LocalDay, i64)> {
    let mut runs: Vec<(LocalDay, i64, bool)> = Vec::new();
    for number in start.number()..=end.number() {
        let day = LocalDay::from_number(number);
        let even = zone.begin_of(day.plus(1)).0 - zone.begin_of(day).0 == DAY_MICROS;
        match runs.last_mut() {
            Some((_, days, true)) if even => *days += 1,
            Some(_) | None => runs.push((day, 1, even)),
        }
    }
    runs.into_iter().map(|(first, days, _)| (first, days)).collect()
}

fn groups<K: ToString + Copy>(
    scope: &Scope<'_>,
    sums: BTreeMap<K, Sum>,
    name: impl Fn(K) -> Option<String>,
) -> Vec<SatisfactionGroup> {
    let group = |(key, sum): (K, Sum)| SatisfactionGroup {
        key: key.to_string(),
        name: name(key),
        figures: sum.figures(scope),
    };
    sums.into_iter().map(group).collect()
}

#[derive(Default)]
struct Sum {
    responses: u64,
    csat_count: u64,
    csat_sum: u64,
    csat_satisfied: u64,
    nps_count: u64,
    promoters: u64,
    detractors: u64,
}

impl Sum {
    fn add(&mut self, row: &OpinionCount) {
        self.responses += row.responses;
        self.csat_count += row.csat_count;
        self.csat_sum += row.csat_sum;
        self.csat_satisfied += row.csat_satisfied;
        self.nps_count += row.nps_count;
        self.promoters += row.promoters;
        self.detractors += row.detractors;
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2⁵³")]
    fn figures(&self, scope: &Scope<'_>) -> SatisfactionFigures {
        if scope.hides(self.responses) {
            return SatisfactionFigures { suppressed: true, ..SatisfactionFigures::default() };
        }
        let lead = self.promoters as f64 - self.detractors as f64;
        let score = (lead / self.nps_count as f64 * 1_000.0).round() / 10.0;
        SatisfactionFigures {
            responses: self.responses,
            csat: Csat {
                responses: self.csat_count,
                mean: ratio(self.csat_sum, self.csat_count),
                satisfied_share: ratio(self.csat_satisfied, self.csat_count),
            },
            nps: Nps {
                responses: self.nps_count,
                promoters: self.promoters,
                passives: self.nps_count.saturating_sub(self.promoters + self.detractors),
                detractors: self.detractors,
                score: Some(score).filter(|score| score.is_finite()),
            },
            suppressed: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_with_a_clock_change_stands_alone() {
        let paris: Zone = "Europe/Paris".parse().unwrap();
        let day = |text: &str| LocalDay(text.parse().unwrap());
        let runs = stretches(&paris, (day("2026-03-27"), day("2026-03-31")));
        let expected = [("2026-03-27", 2), ("2026-03-29", 1), ("2026-03-30", 2)];
        assert_eq!(runs, expected.map(|(first, days)| (day(first), days)));
    }
}
