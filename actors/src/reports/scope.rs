//! What a report is about: which days, which things, and how few legs are too few to be shown.
//!
//! Days are those of each site's own calendar, so a report on a whole tenant takes each site's own days.
//! Invariant: a scope that was made names only what the tenant has.

use domain::{AgentId, LocalDay, QueueId, ServiceId, SiteId, Timestamp, Zone};
use persistence::{Part, RollUpRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ReportError;
use crate::resources::{Directory, SiteBody};

/// Days of a report when nobody says.
const DAYS: i64 = 30;
/// Five years.
const DAYS_MAX: i64 = 1_827;

/// What somebody asks a report for. What is left out narrows nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReportQuery {
    pub from: Option<LocalDay>,
    pub to: Option<LocalDay>,
    pub site: Option<SiteId>,
    pub service: Option<ServiceId>,
    pub queue: Option<QueueId>,
    pub agent: Option<AgentId>,
    /// Groups of fewer legs than this are not shown.
    pub at_least: Option<u32>,
}

/// The days of a report, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Period {
    #[schema(value_type = String, format = Date, example = "2026-03-01")]
    pub start: LocalDay,
    #[schema(value_type = String, format = Date, example = "2026-03-30")]
    pub end: LocalDay,
}

/// A query that was found sound.
pub(super) struct Scope<'d> {
    pub(super) directory: &'d Directory,
    pub(super) period: Period,
    query: ReportQuery,
}

impl<'d> Scope<'d> {
    pub(super) fn new(
        directory: &'d Directory,
        query: ReportQuery,
        now: Timestamp,
    ) -> Result<Self, ReportError> {
        let known = query.site.is_none_or(|id| directory.site(id).is_some())
            && query.service.is_none_or(|id| directory.service(id).is_some())
            && query.queue.is_none_or(|id| directory.queue(id).is_some())
            && query.agent.is_none_or(|id| directory.agent(id).is_some());
        if !known {
            return Err(ReportError::NotFound);
        }
        let mut scope =
            Self { directory, query, period: Period { start: DAY_ZERO, end: DAY_ZERO } };
        let today = scope.zones().map(|(_, zone)| zone.day_of(now)).max();
        let end = query.to.or(today).unwrap_or_else(|| Zone::utc().day_of(now));
        let start = query.from.unwrap_or_else(|| end.plus(1 - DAYS));
        scope.period = sound(start, end, query.to.is_some())?;
        Ok(scope)
    }

    /// The sites that the report can be about, and their zones.
    pub(super) fn zones(&self) -> impl Iterator<Item = (SiteId, &'d Zone)> {
        let of_queue = self.query.queue.and_then(|queue| self.directory.queue(queue));
        let wanted =
            self.query.site.map(|site| site.0).or_else(|| of_queue.map(|kept| kept.body.site_id));
        self.directory
            .list::<SiteBody>()
            .filter(move |kept| wanted.is_none_or(|wanted| kept.id == wanted))
            .map(|kept| (SiteId(kept.id), &kept.body.timezone))
    }

    pub(super) const fn range(&self) -> (LocalDay, LocalDay) {
        (self.period.start, self.period.end)
    }

    /// The instants that the period can lie between, whatever the zone of a site.
    pub(super) fn instants(&self) -> (Timestamp, Timestamp) {
        let ends = |day: LocalDay| self.zones().map(move |(_, zone)| zone.begin_of(day));
        let from = ends(self.period.start).min();
        let to = ends(self.period.end.plus(1)).max();
        (from.unwrap_or(Timestamp(0)), to.unwrap_or(Timestamp(0)))
    }

    /// Which part tells a leg of the agent apart; without one, the part with every spread.
    pub(super) const fn part(&self) -> Part {
        if self.query.agent.is_some() { Part::Agent } else { Part::Class }
    }

    pub(super) const fn agent(&self) -> Option<AgentId> {
        self.query.agent
    }

    pub(super) fn holds(&self, row: &RollUpRow) -> bool {
        self.holds_place(row.site, row.queue, row.service)
            && (row.part != Part::Agent
                || self.query.agent.is_none_or(|agent| is_of(&row.item, agent.0)))
    }

    pub(super) fn holds_place(&self, site: SiteId, queue: QueueId, service: ServiceId) -> bool {
        self.query.site.is_none_or(|wanted| wanted == site)
            && self.query.service.is_none_or(|wanted| wanted == service)
            && self.query.queue.is_none_or(|wanted| wanted == queue)
    }

    /// True when there are some, but too few to be shown.
    pub(super) fn hides(&self, count: u64) -> bool {
        count > 0 && self.query.at_least.is_some_and(|least| count < u64::from(least))
    }

    /// A report that cannot tell agents apart refuses to pretend.
    pub(super) fn without_agent(&self) -> Result<(), ReportError> {
        match self.query.agent {
            Some(_) => Err(ReportError::Invalid {
                parameter: "agent_id",
                remedy: "this report does not tell agents apart; leave it out".to_owned(),
            }),
            None => Ok(()),
        }
    }
}

const DAY_ZERO: LocalDay = LocalDay(jiff::civil::date(1970, 1, 1));

fn is_of(item: &str, id: Uuid) -> bool {
    item == id.hyphenated().encode_lower(&mut Uuid::encode_buffer())
}

fn sound(start: LocalDay, end: LocalDay, end_given: bool) -> Result<Period, ReportError> {
    let days = end.number() - start.number() + 1;
    let parameter = if end_given { "end_date" } else { "start_date" };
    if days < 1 {
        let remedy = "the period ends before it begins; give start_date ≤ end_date".to_owned();
        return Err(ReportError::Invalid { parameter, remedy });
    }
    if days > DAYS_MAX {
        let remedy = format!("give at most {DAYS_MAX} days");
        return Err(ReportError::Invalid { parameter: "start_date", remedy });
    }
    Ok(Period { start, end })
}
