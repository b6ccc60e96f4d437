//! The rows of each report.
//!
//! Where a report has a whole and its parts, the whole is the first row.
//! Invariant: a column has the name of the JSON member that it holds.

use actors::{
    AgentPerformance, DurationFigures, Fairness, Heatmap, QueueStats, Satisfaction,
    SatisfactionFigures, Summary, WaitTimes,
};

use super::table::{Cell, Table};

const SUMMARY: &[&str] = &[
    "total_tickets",
    "completed_tickets",
    "transferred",
    "no_shows",
    "walked_out",
    "cancelled",
    "removed",
    "expired",
    "avg_wait_seconds",
    "min_wait_seconds",
    "max_wait_seconds",
    "p50_wait_seconds",
    "p90_wait_seconds",
    "p95_wait_seconds",
    "p99_wait_seconds",
    "avg_walk_seconds",
    "avg_service_duration_seconds",
    "p50_service_seconds",
    "p90_service_seconds",
    "avg_stay_seconds",
    "service_level",
    "service_level_2",
    "abandonment",
];
const OPINIONS: &[&str] = &[
    "responses",
    "csat_responses",
    "csat_mean",
    "csat_satisfied_share",
    "nps_responses",
    "nps_promoters",
    "nps_passives",
    "nps_detractors",
    "nps_score",
];

fn summary(of: &Summary) -> Vec<Cell> {
    if of.suppressed {
        return vec![Cell::Empty; SUMMARY.len()];
    }
    vec![
        of.total_tickets.into(),
        of.completed_tickets.into(),
        of.transferred.into(),
        of.no_shows.into(),
        of.walked_out.into(),
        of.cancelled.into(),
        of.removed.into(),
        of.expired.into(),
        of.wait.avg_seconds.into(),
        of.wait.min_seconds.into(),
        of.wait.max_seconds.into(),
        of.wait.p50_seconds.into(),
        of.wait.p90_seconds.into(),
        of.wait.p95_seconds.into(),
        of.wait.p99_seconds.into(),
        of.walk.avg_seconds.into(),
        of.service.avg_seconds.into(),
        of.service.p50_seconds.into(),
        of.service.p90_seconds.into(),
        of.stay.avg_seconds.into(),
        of.service_level.share.into(),
        of.service_level_2.share.into(),
        of.abandonment.share.into(),
    ]
}

pub(super) fn wait_times(report: &WaitTimes) -> Table {
    let mut table = Table::new(&[&["date"], SUMMARY]);
    table.push([vec!["total".into()], summary(&report.total)].concat());
    for day in &report.days {
        table.push([vec![day.date.to_string().into()], summary(&day.figures)].concat());
    }
    table
}

pub(super) fn queue_stats(report: &QueueStats) -> Table {
    let mut table = Table::new(&[&["queue_id", "name", "site_id", "service_id"], SUMMARY]);
    let total = vec!["total".into(), Cell::Empty, Cell::Empty, Cell::Empty];
    table.push([total, summary(&report.total)].concat());
    for queue in &report.queues {
        let ids = [queue.queue_id, queue.site_id, queue.service_id].map(|id| id.to_string().into());
        let [id, site, service] = ids;
        let names = vec![id, queue.name.clone().into(), site, service];
        table.push([names, summary(&queue.figures)].concat());
    }
    table
}

fn durations(of: &DurationFigures) -> Vec<Cell> {
    vec![
        of.avg_seconds.into(),
        of.p50_seconds.into(),
        of.p90_seconds.into(),
        of.p95_seconds.into(),
        of.p99_seconds.into(),
    ]
}

pub(super) fn agent_performance(report: &AgentPerformance) -> Table {
    let mut table = Table::new(&[&[
        "agent_id",
        "name",
        "total_tickets",
        "completed_tickets",
        "transferred",
        "no_shows",
        "out_of_order",
        "avg_service_duration_seconds",
        "p50_service_seconds",
        "p90_service_seconds",
        "p95_service_seconds",
        "p99_service_seconds",
        "avg_walk_seconds",
    ]]);
    for agent in &report.agents {
        let mut row = vec![agent.agent_id.to_string().into(), agent.name.clone().into()];
        if agent.suppressed {
            row.resize(table.columns.len(), Cell::Empty);
        } else {
            row.extend([
                Cell::from(agent.total_tickets),
                agent.completed_tickets.into(),
                agent.transferred.into(),
                agent.no_shows.into(),
                agent.out_of_order.into(),
            ]);
            row.extend(durations(&agent.service));
            row.push(agent.walk.avg_seconds.into());
        }
        table.push(row);
    }
    table
}

fn opinions(of: &SatisfactionFigures) -> Vec<Cell> {
    if of.suppressed {
        return vec![Cell::Empty; OPINIONS.len()];
    }
    vec![
        of.responses.into(),
        of.csat.responses.into(),
        of.csat.mean.into(),
        of.csat.satisfied_share.into(),
        of.nps.responses.into(),
        of.nps.promoters.into(),
        of.nps.passives.into(),
        of.nps.detractors.into(),
        of.nps.score.into(),
    ]
}

pub(super) fn satisfaction(report: &Satisfaction) -> Table {
    let mut table = Table::new(&[&["group", "key", "name"], OPINIONS]);
    let total = vec!["total".into(), Cell::Empty, Cell::Empty];
    table.push([total, opinions(&report.total)].concat());
    let groups = [("day", &report.days), ("queue", &report.queues), ("agent", &report.agents)];
    for (kind, groups) in groups {
        for group in groups {
            let names = vec![kind.into(), group.key.clone().into(), group.name.clone().into()];
            table.push([names, opinions(&group.figures)].concat());
        }
    }
    table
}

pub(super) fn heatmap(report: &Heatmap) -> Table {
    let mut table = Table::new(&[&[
        "weekday",
        "half_hour",
        "arrivals",
        "avg_wait_seconds",
        "p90_wait_seconds",
    ]]);
    for cell in &report.cells {
        table.push(vec![
            u32::from(cell.weekday).into(),
            cell.half_hour.clone().into(),
            Some(cell.arrivals).filter(|_| !cell.suppressed).into(),
            cell.avg_wait_seconds.into(),
            cell.p90_wait_seconds.into(),
        ]);
    }
    table
}

pub(super) fn fairness(report: &Fairness) -> Table {
    let mut table = Table::new(&[&[
        "called_at",
        "ticket_id",
        "queue_id",
        "agent_id",
        "agent",
        "reason",
        "class",
        "outcome",
    ]]);
    for call in &report.calls {
        table.push(vec![
            call.called_at.map(|at| at.0.to_string()).into(),
            call.ticket_id.to_string().into(),
            call.queue_id.to_string().into(),
            call.agent_id.map(|id| id.to_string()).into(),
            call.agent.clone().into(),
            call.reason.clone().into(),
            call.class.clone().into(),
            call.outcome.clone().into(),
        ]);
    }
    table
}
