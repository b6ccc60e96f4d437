//! `agent-performance`: whom each agent called, and how long it took.
//!
//! A leg belongs to whoever called it last.
//! Invariant: legs that nobody called are nobody's performance.

use std::collections::BTreeMap;

use domain::{AgentId, Secs, TenantId, Timestamp};
use persistence::{Count, Part};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::scope::Scope;
use super::summary::{Adding, DurationFigures};
use super::waits::held;
use super::{Period, ReportError, ReportQuery, Reports};
use crate::resources::Directory;

/// What each agent did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AgentPerformance {
    pub period: Period,
    /// Legs that somebody called.
    pub total_tickets: u64,
    pub completed_tickets: u64,
    /// Agents who called somebody, the oldest first.
    pub agents: Vec<AgentFigures>,
}

/// The figures of one agent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct AgentFigures {
    pub agent_id: Uuid,
    /// Null of an agent who was deleted.
    pub name: Option<String>,
    pub total_tickets: u64,
    pub completed_tickets: u64,
    pub transferred: u64,
    pub no_shows: u64,
    /// Called out of turn.
    pub out_of_order: u64,
    pub avg_service_duration_seconds: Option<u64>,
    /// Start to end, less the time parked.
    pub service: DurationFigures,
    /// Last call to start.
    pub walk: DurationFigures,
    /// True when there were too few to be shown; then every figure is nothing.
    pub suppressed: bool,
}

impl Reports {
    /// What each agent did.
    ///
    /// # Errors
    /// As [`Reports::wait_times`].
    pub async fn agent_performance(
        &self,
        tenant: TenantId,
        directory: &Directory,
        query: ReportQuery,
        now: Timestamp,
    ) -> Result<AgentPerformance, ReportError> {
        let scope = Scope::new(directory, query, now)?;
        let rows = self.rows(tenant, Part::Agent, scope.range()).await?;
        let nobody = Uuid::nil().to_string();
        let mut agents: BTreeMap<&str, Adding> = BTreeMap::new();
        for row in held(&rows, &scope).filter(|row| row.item != nobody) {
            agents.entry(&row.item).or_default().add(row, Secs(0));
        }
        let sum = |count| agents.values().map(|adding| adding.count(count)).sum();
        let (total, completed): (u64, u64) = (sum(Count::Legs), sum(Count::Served));
        let hidden = scope.hides(total);
        Ok(AgentPerformance {
            period: scope.period,
            total_tickets: if hidden { 0 } else { total },
            completed_tickets: if hidden { 0 } else { completed },
            agents: agents
                .iter()
                .filter_map(|(item, adding)| Some((Uuid::try_parse(item).ok()?, adding)))
                .map(|(agent, adding)| figures(&scope, agent, adding))
                .collect(),
        })
    }
}

fn figures(scope: &Scope<'_>, agent: Uuid, adding: &Adding) -> AgentFigures {
    let name = scope.directory.agent(AgentId(agent)).map(|kept| kept.body.name.clone());
    if scope.hides(adding.count(Count::Legs)) {
        return AgentFigures { agent_id: agent, name, suppressed: true, ..AgentFigures::default() };
    }
    let service = adding.service().figures();
    AgentFigures {
        agent_id: agent,
        name,
        total_tickets: adding.count(Count::Legs),
        completed_tickets: adding.count(Count::Served),
        transferred: adding.count(Count::Transferred),
        no_shows: adding.count(Count::NoShow),
        out_of_order: adding.count(Count::OutOfOrder),
        avg_service_duration_seconds: service.avg_seconds,
        service,
        walk: adding.walk().figures(),
        suppressed: false,
    }
}
