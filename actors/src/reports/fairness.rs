//! `fairness`: who was called out of turn, by whom and why, and how often older tickets saw younger ones go first.
//!
//! Overtaking counts everybody who had arrived in the queue as eligible: skills and people still on their way are not
//! known to a leg, so a policy with classes overtakes on purpose and shows here.
//! Invariant: every call out of turn is counted, also when the list of them is cut.

use std::collections::BTreeMap;

use domain::{AgentId, QueueId, Reason, TenantId, Timestamp};
use persistence::{Count, LegRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::scope::Scope;
use super::summary::Share;
use super::waits::held;
use super::{Period, ReportError, ReportQuery, Reports};
use crate::resources::Directory;
use crate::views::At;

/// Calls out of turn that are listed.
const LISTED_MAX: u32 = 1_000;

/// How fair the order was.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Fairness {
    pub period: Period,
    pub total_tickets: u64,
    /// Called out of turn, of all called.
    pub out_of_order: Share,
    #[serde(flatten)]
    pub overtaking: Overtaking,
    /// By queue, the oldest queue first.
    pub queues: Vec<QueueFairness>,
    /// The newest calls out of turn, at most 1,000; none when groups are suppressed.
    pub calls: Vec<OutOfOrderCall>,
    /// Whether there are more calls than are listed.
    pub truncated: bool,
}

/// How often younger tickets went first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Overtaking {
    /// Tickets that saw at least one younger ticket of their queue called before them.
    pub overtaken_tickets: u64,
    /// How often that happened in all.
    pub overtakes: u64,
    /// The most that one ticket saw.
    pub overtakes_max: u64,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueueFairness {
    pub queue_id: Uuid,
    pub name: Option<String>,
    pub total_tickets: u64,
    pub out_of_order: Share,
    #[serde(flatten)]
    pub overtaking: Overtaking,
    /// True when there were too few to be shown; then every figure is nothing.
    pub suppressed: bool,
}

/// One call out of turn.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OutOfOrderCall {
    pub ticket_id: Uuid,
    pub queue_id: Uuid,
    pub agent_id: Option<Uuid>,
    pub agent: Option<String>,
    /// What the agent gave as the reason.
    pub reason: String,
    pub class: String,
    pub outcome: String,
    pub called_at: Option<At>,
}

impl Reports {
    /// How fair the order was.
    ///
    /// # Errors
    /// As [`Reports::wait_times`].
    pub async fn fairness(
        &self,
        tenant: TenantId,
        directory: &Directory,
        query: ReportQuery,
        now: Timestamp,
    ) -> Result<Fairness, ReportError> {
        let scope = Scope::new(directory, query, now)?;
        let rows = self.rows(tenant, scope.part(), scope.range()).await?;
        let mut queues: BTreeMap<QueueId, Sum> = BTreeMap::new();
        let mut total = Sum::default();
        for row in held(&rows, &scope) {
            total.add(row);
            queues.entry(row.queue).or_default().add(row);
        }
        let hidden = scope.hides(total.legs);
        let shown = if hidden { Sum::default() } else { total };
        let listed = if query.at_least.is_some() {
            (Vec::new(), false)
        } else {
            self.calls(tenant, &scope).await?
        };
        Ok(Fairness {
            period: scope.period,
            total_tickets: shown.legs,
            out_of_order: Share::new(shown.out_of_order, shown.called),
            overtaking: shown.overtaking,
            queues: queues.into_iter().map(|(queue, sum)| of_queue(&scope, queue, sum)).collect(),
            calls: listed.0,
            truncated: listed.1,
        })
    }

    async fn calls(
        &self,
        tenant: TenantId,
        scope: &Scope<'_>,
    ) -> Result<(Vec<OutOfOrderCall>, bool), ReportError> {
        // A leg counts on the day of arrival and may end later: a day more is read, and judged.
        let (from, to) = scope.instants();
        let to = to.after(domain::Secs(86_400));
        let legs = self.store.legs_out_of_order(tenant, from, to, LISTED_MAX + 1).await?;
        let truncated = legs.len() > LISTED_MAX as usize;
        let listed = legs.iter().take(LISTED_MAX as usize).filter(|leg| is_in(scope, leg));
        Ok((listed.map(|leg| call(scope.directory, leg)).collect(), truncated))
    }
}

fn is_in(scope: &Scope<'_>, leg: &LegRow) -> bool {
    let zone = scope.directory.site(leg.site).map(|kept| &kept.body.timezone);
    let day = zone.map(|zone| zone.day_of(leg.arrived_at.unwrap_or(leg.ended_at)));
    scope.holds_place(leg.site, leg.queue, leg.service)
        && scope.agent().is_none_or(|agent| leg.agent == Some(agent))
        && day.is_some_and(|day| (scope.period.start..=scope.period.end).contains(&day))
}

fn call(directory: &Directory, leg: &LegRow) -> OutOfOrderCall {
    let reason = leg.reason.as_deref().and_then(|text| serde_json::from_str::<Reason>(text).ok());
    let (by, why) = match reason {
        Some(Reason::OutOfOrder { by, why }) => (Some(by), why),
        Some(other) => (leg.agent, other.code().to_owned()),
        None => (leg.agent, String::new()),
    };
    OutOfOrderCall {
        ticket_id: leg.ticket.0,
        queue_id: leg.queue.0,
        agent_id: by.map(|agent| agent.0),
        agent: by
            .and_then(|agent: AgentId| directory.agent(agent))
            .map(|kept| kept.body.name.clone()),
        reason: why,
        class: leg.class.to_string(),
        outcome: leg.outcome.to_string(),
        called_at: leg.last_called_at.map(At),
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    legs: u64,
    called: u64,
    out_of_order: u64,
    overtaking: Overtaking,
}

impl Sum {
    fn add(&mut self, row: &persistence::RollUpRow) {
        let count = |count| row.figures.count(count);
        self.legs += count(Count::Legs);
        self.called += count(Count::Called);
        self.out_of_order += count(Count::OutOfOrder);
        let sum = &mut self.overtaking;
        sum.overtaken_tickets += count(Count::Overtaken);
        sum.overtakes += count(Count::Overtakes);
        sum.overtakes_max = sum.overtakes_max.max(count(Count::OvertakesMax));
    }
}

fn of_queue(scope: &Scope<'_>, queue: QueueId, sum: Sum) -> QueueFairness {
    let suppressed = scope.hides(sum.legs);
    let sum = if suppressed { Sum::default() } else { sum };
    QueueFairness {
        queue_id: queue.0,
        name: scope.directory.queue(queue).map(|kept| kept.body.name.clone()),
        total_tickets: sum.legs,
        out_of_order: Share::new(sum.out_of_order, sum.called),
        overtaking: sum.overtaking,
        suppressed,
    }
}
