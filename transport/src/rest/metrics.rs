//! How a queue stood over time, as the periodic metrics have stored it.
//!
//! Newest first; a page is cut by instant, so samples taken meanwhile disturb none.
//! Invariant: a sample is shown as it was stored, and only its shares are worked out here.

use actors::{AgentCounts, At};
use domain::{QueueId, Secs, Timestamp, share};
use persistence::{QueueSampleRow, SampleSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::resource::Page;
use crate::extract::{Instant, Signed, page_of};
use crate::problem::Problem;

/// Which samples, and which page of them.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MetricsQuery {
    /// At or after this instant.
    from: Option<Instant>,
    /// Before this instant.
    to: Option<Instant>,
    /// Rows, at most 200; 50 when left out.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Waits that were seen in the 15 minutes before a sample, in seconds; null when nobody was called.
#[derive(Debug, Serialize, ToSchema)]
struct WaitView {
    #[schema(example = 180)]
    p50: Option<u32>,
    #[schema(example = 420)]
    p90: Option<u32>,
    #[schema(example = 512)]
    p95: Option<u32>,
    /// First calls.
    #[schema(example = 37)]
    count: u32,
}

/// How a queue stood at one instant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MetricsView {
    at: At,
    waiting: u32,
    longest_wait_seconds: u32,
    wait: WaitView,
    agents: AgentCounts,
    /// Called within the target of their class / called, 0 to 1; null when nobody was called.
    #[schema(example = 0.8125)]
    service_level: Option<f64>,
    served_15m: u32,
    /// Left by themselves before a call.
    abandoned_15m: u32,
    /// 0 to 100; null where it was not judged.
    #[schema(maximum = 100)]
    health: Option<u8>,
}

impl From<QueueSampleRow> for MetricsView {
    fn from(row: QueueSampleRow) -> Self {
        let seconds = |wait: Option<Secs>| wait.map(|wait| wait.0);
        Self {
            at: At(row.at),
            waiting: row.waiting,
            longest_wait_seconds: row.longest_wait.0,
            wait: WaitView {
                p50: seconds(row.wait_p50),
                p90: seconds(row.wait_p90),
                p95: seconds(row.wait_p95),
                count: row.called,
            },
            agents: AgentCounts {
                available: row.agents_available,
                busy: row.agents_busy,
                on_break: row.agents_on_break,
            },
            service_level: share(row.called_in_time, row.called),
            served_15m: row.served,
            abandoned_15m: row.abandoned,
            health: row.health,
        }
    }
}

/// One page of the samples of `queue`, which the caller may see.
pub(super) async fn page(
    signed: &Signed,
    queue: QueueId,
    query: MetricsQuery,
) -> Result<Page<MetricsView>, Problem> {
    let rows = page_of(query.limit, signed.edge.limits())?;
    let before = query.cursor.as_deref().map(position).transpose()?;
    let to = [before, query.to.map(|to| to.0)].into_iter().flatten().min();
    let span = SampleSpan { from: query.from.map(|from| from.0), to };
    let mut found = signed.caller.tenant.samples(queue, span, rows + 1).await?;
    let rows = usize::try_from(rows).unwrap_or(1);
    let more = found.len() > rows;
    found.truncate(rows);
    let next_cursor = found.last().filter(|_| more).map(|row| row.at.0.to_string());
    Ok(Page { items: found.into_iter().map(MetricsView::from).collect(), next_cursor })
}

fn position(cursor: &str) -> Result<Timestamp, Problem> {
    let at = cursor.parse().map(Timestamp);
    at.map_err(|_| Problem::invalid_parameter("cursor", "give the next_cursor of a page"))
}
