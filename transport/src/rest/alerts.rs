//! What somebody should look after: listed, acknowledged.
//!
//! Alerts are raised and cleared by the tenant's actor alone; see the topic `alerts` for hearing of them at once.
//! Invariant: who may not read agents' figures reads no alert.

use actors::{AlertView, Ask};
use axum::Json;
use domain::{AlertKind, Scope, Timestamp};
use persistence::{AlertFilter, AlertRow};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::Page;
use crate::command::{Answer, Args};
use crate::edge::{Change, Edge};
use crate::extract::{Asked, Call, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, Origin, once};
use crate::problem::Problem;

const SCOPES: &[Scope] = &[Scope::ReadAgent];

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).routes(routes!(acknowledge))
}

/// Which alerts, and which page of them.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AlertQuery {
    /// Rows, at most 200; 50 when left out.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `open`: those that stand. `cleared`: those that are over. Left out: both.
    #[param(pattern = "^(open|cleared)$")]
    state: Option<String>,
    /// capacity, sla_breach, nobody_serving, wait_over_twice_target or device_offline.
    #[param(
        pattern = "^(capacity|sla_breach|nobody_serving|wait_over_twice_target|device_offline)$"
    )]
    kind: Option<String>,
}

impl AlertQuery {
    fn filter(&self) -> Result<AlertFilter, Problem> {
        let open = match self.state.as_deref() {
            None => None,
            Some("open") => Some(true),
            Some("cleared") => Some(false),
            Some(_) => return Err(Problem::invalid_parameter("state", "give open or cleared")),
        };
        let known = |kind: &&String| kind.parse::<AlertKind>().is_ok();
        if self.kind.as_ref().is_some_and(|kind| !known(&kind)) {
            let kinds: Vec<&str> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
            let remedy = format!("give one of {}", kinds.join(", "));
            return Err(Problem::invalid_parameter("kind", remedy));
        }
        let before = self.cursor.as_deref().map(position).transpose()?;
        Ok(AlertFilter { open, kind: self.kind.clone(), before })
    }
}

/// Lists alerts, the newest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/alerts", tag = "alerts", params(AlertQuery),
    responses((status = 200, description = "One page", body = Page<AlertView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<AlertQuery>,
) -> Result<Json<Page<AlertView>>, Problem> {
    signed.needs(SCOPES)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let mut found = signed.caller.tenant.alerts(&query.filter()?, rows + 1).await?;
    let rows = usize::try_from(rows).unwrap_or(1);
    let more = found.len() > rows;
    found.truncate(rows);
    let next_cursor = found.last().filter(|_| more).map(cursor);
    Ok(Json(Page { items: found.iter().map(AlertView::from).collect(), next_cursor }))
}

/// Shows one alert.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/alerts/{id}", tag = "alerts",
    responses((status = 200, description = "As it stands", body = AlertView)))]
async fn read(signed: Signed) -> Result<Json<AlertView>, Problem> {
    signed.needs(SCOPES)?;
    let row = signed.caller.tenant.alert(signed.id()?).await?;
    Ok(Json(AlertView::from(&row)))
}

/// Nothing more is to be said.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcknowledgeBody {}

impl Args for AcknowledgeBody {
    const SCOPES: &'static [Scope] = SCOPES;
}

/// Notes that somebody has seen an alert. The first stays; an alert that is over can be acknowledged too.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/alerts/{id}/acknowledge", tag = "alerts",
    request_body = AcknowledgeBody,
    responses((status = 200, description = "As it stands now", body = AlertView)))]
async fn acknowledge(call: Call<AcknowledgeBody>) -> Result<Answer, Problem> {
    let Call { signed, origin, .. } = call;
    let alert: Uuid = signed.id()?;
    let (edge, caller) = (signed.edge, signed.caller);
    Finish::new(&edge.tracker().clone(), async move {
        once(&caller, &origin, async |hash| {
            let ask = Ask { cause: Some(Origin::cause(&hash)), ..caller.principal.ask() };
            let row = caller.tenant.acknowledge_alert(alert, ask).await?;
            caller.record(&edge, Change::of("alert", "acknowledge", alert));
            Ok(Deed::Unkept(Answer::json(200, &AlertView::from(&row))))
        })
        .await
    })
    .await
}

fn cursor(row: &AlertRow) -> String {
    format!("{}.{}", row.raised_at.0, row.id)
}

fn position(cursor: &str) -> Result<(Timestamp, Uuid), Problem> {
    let read = || {
        let (at, alert) = cursor.split_once('.')?;
        Some((Timestamp(at.parse().ok()?), alert.parse().ok()?))
    };
    read().ok_or_else(|| Problem::invalid_parameter("cursor", "give the next_cursor of a page"))
}
