//! Plans: who will come and how many counters that takes, and what another order or other counters would have done.
//!
//! Both read the past of one queue or of one site. A simulation takes a seat and a thread of its own.
//! Invariant: nothing is changed, so a question needs no idempotency key and may be asked again at will.

use actors::{ForecastView, PlanPlace, WhatIf, WhatIfCounters, WhatIfView};
use axum::Json;
use domain::{HALF_HOURS, Policy, QueueId, Scope, SiteId};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::edge::Edge;
use crate::extract::{Asked, JsonBody, Signed};
use crate::problem::{Code, Problem};

/// Days of one forecast, and how far from today it may begin.
const FORECAST_DAYS_MAX: i32 = 31;
const FORECAST_REACH_DAYS: i32 = 366;
/// Days of a forecast when nobody says.
const FORECAST_DAYS: i32 = 7;
/// Weeks of history at most: a season, beyond which arrivals say little of today.
const WEEKS_MAX: u8 = 12;
const POLICIES_MAX: usize = 6;
const COUNTERS_LISTED_MAX: usize = 8;
const COUNTERS_MAX: u32 = 200;
/// Visits simulated for one answer: about two seconds of one core.
const VISITS_MAX: f64 = 500_000.0;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(forecast)).routes(routes!(what_if))
}

/// Which place, and which days.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ForecastQuery {
    /// One queue. Give this or `site_id`.
    queue_id: Option<Uuid>,
    /// All queues of a site together.
    site_id: Option<Uuid>,
    /// The first day, on the site's clock; today when left out.
    #[param(value_type = Option<String>, format = Date, example = "2026-05-25")]
    start_date: Option<String>,
    /// The last day, included; six days after the first when left out. At most 31 days.
    #[param(value_type = Option<String>, format = Date, example = "2026-05-31")]
    end_date: Option<String>,
}

/// Forecasts arrivals by half-hours, and the counters they take.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/reports/forecast", tag = "planning", params(ForecastQuery),
    responses((status = 200, description = "One entry for each day", body = ForecastView)))]
async fn forecast(
    signed: Signed,
    Asked(query): Asked<ForecastQuery>,
) -> Result<Json<ForecastView>, Problem> {
    signed.needs(&[Scope::ReadReports])?;
    let place = place(query.queue_id, query.site_id, Problem::invalid_parameter)?;
    let zone = zone(&signed, place)?;
    let today = zone.day_of(signed.edge.engine().clock().now()).0;
    let first = date("start_date", query.start_date.as_deref())?.unwrap_or(today);
    if (first - today).get_days().abs() > FORECAST_REACH_DAYS {
        return Err(Problem::invalid_parameter(
            "start_date",
            format!("give a day at most {FORECAST_REACH_DAYS} days from today"),
        ));
    }
    let after = |days: i32| first.saturating_add(jiff::Span::new().days(days - 1));
    let last = date("end_date", query.end_date.as_deref())?.unwrap_or_else(|| after(FORECAST_DAYS));
    if last < first || last > after(FORECAST_DAYS_MAX) {
        return Err(Problem::invalid_parameter(
            "end_date",
            format!("give start_date or a day within {FORECAST_DAYS_MAX} days from it"),
        ));
    }
    let holidays = signed.edge.holidays();
    Ok(Json(signed.caller.tenant.forecast(place, (first, last), holidays).await?))
}

fn date(name: &str, text: Option<&str>) -> Result<Option<Date>, Problem> {
    let parsed = text.map(str::parse::<Date>).transpose();
    parsed.map_err(|_| Problem::invalid_parameter(name, "give a date such as 2026-05-27"))
}

/// The one place that was named; `invalid` makes the problem of a field.
fn place(
    queue: Option<Uuid>,
    site: Option<Uuid>,
    invalid: impl Fn(&'static str, &'static str) -> Problem,
) -> Result<PlanPlace, Problem> {
    match (queue, site) {
        (Some(queue), None) => Ok(PlanPlace::Queue(QueueId(queue))),
        (None, Some(site)) => Ok(PlanPlace::Site(SiteId(site))),
        (None, None) => Err(invalid("queue_id", "give queue_id or site_id")),
        (Some(_), Some(_)) => Err(invalid("site_id", "give queue_id or site_id, not both")),
    }
}

/// The zone of the place.
///
/// # Errors
/// 404 when there is no such place.
fn zone(signed: &Signed, place: PlanPlace) -> Result<domain::Zone, Problem> {
    let directory = signed.caller.tenant.directory();
    let site = match place {
        PlanPlace::Queue(queue) => directory.queue(queue).map(|queue| SiteId(queue.body.site_id)),
        PlanPlace::Site(site) => Some(site),
    };
    let site = site.and_then(|site| directory.site(site));
    site.map(|site| site.body.timezone.clone()).ok_or(Problem::of(Code::NotFound))
}

/// What would have been.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WhatIfArgs {
    /// One queue. Give this or `site_id`.
    #[serde(default)]
    queue_id: Option<Uuid>,
    /// All queues of a site as one line.
    #[serde(default)]
    site_id: Option<Uuid>,
    /// Whole weeks before today, 1 to 12.
    #[serde(default = "four")]
    #[schema(minimum = 1, maximum = 12, default = 4)]
    weeks: u8,
    /// At most six; none means the queue's own.
    #[serde(default)]
    #[schema(value_type = Vec<Object>, max_items = 6, example = json!([{"kind": "fifo"}, {"kind": "sla"}]))]
    policies: Vec<Policy>,
    /// Numbers of open counters to compare, each 1 to 200; at most eight. Give these, or a plan, or both.
    #[serde(default)]
    #[schema(max_items = 8, example = json!([3, 4]))]
    counters: Vec<u32>,
    /// Open counters by the time of day; the last figure stays.
    #[serde(default)]
    #[schema(max_items = 48)]
    plan: Vec<PlanStep>,
    /// Chooses the random numbers.
    #[serde(default = "one")]
    #[schema(default = 1)]
    seed: u32,
}

const fn four() -> u8 {
    4
}

const fn one() -> u32 {
    1
}

/// From then on so many counters are open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanStep {
    /// A full or half hour on the site's clock, later than the step before.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[03]0$", example = "08:00")]
    start: String,
    /// 0 to 200.
    #[schema(minimum = 0, maximum = 200, example = 4)]
    counters: u32,
}

/// Simulates recent weeks with other policies or counters, beside what really happened.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/reports/what-if", tag = "planning", request_body = WhatIfArgs,
    responses((status = 200, description = "The past, and each run", body = WhatIfView)))]
async fn what_if(
    signed: Signed,
    JsonBody(args): JsonBody<WhatIfArgs>,
) -> Result<Json<WhatIfView>, Problem> {
    signed.needs(&[Scope::ReadReports])?;
    let question = args.question()?;
    zone(&signed, question.place)?;
    let seat = signed.edge.seat_for_simulation()?;
    let prepared = signed.caller.tenant.what_if(question).await?;
    if prepared.work() > VISITS_MAX {
        return Err(Problem::invalid(
            "/weeks",
            format!(
                "this would simulate {:.0} visits, and {VISITS_MAX:.0} are allowed: give fewer weeks, policies or counters",
                prepared.work()
            ),
        ));
    }
    let run = tokio::task::spawn_blocking(move || {
        let answer = prepared.run();
        drop(seat);
        answer
    });
    run.await.map(Json).map_err(|_| Problem::of(Code::Internal))
}

impl WhatIfArgs {
    /// # Errors
    /// 400 naming the member.
    fn question(self) -> Result<WhatIf, Problem> {
        let field = |name: &str, detail: &str| Problem::invalid(&format!("/{name}"), detail);
        let place = place(self.queue_id, self.site_id, field)?;
        if !(1..=WEEKS_MAX).contains(&self.weeks) {
            return Err(field("weeks", "give 1 to 12 weeks"));
        }
        if self.policies.len() > POLICIES_MAX {
            return Err(field("policies", "give at most six policies"));
        }
        let listed = &self.counters;
        if listed.len() > COUNTERS_LISTED_MAX
            || listed.iter().any(|counters| !(1..=COUNTERS_MAX).contains(counters))
        {
            return Err(field("counters", "give at most eight numbers from 1 to 200"));
        }
        let plan = plan_of(&self.plan)?;
        let mut counters: Vec<_> = listed.iter().copied().map(WhatIfCounters::Always).collect();
        counters.extend(plan);
        if counters.is_empty() {
            return Err(field("counters", "give numbers of counters, or a plan"));
        }
        Ok(WhatIf { place, weeks: self.weeks, policies: self.policies, counters, seed: self.seed })
    }
}

/// One figure for each half-hour from the first step to the last; none without steps.
fn plan_of(steps: &[PlanStep]) -> Result<Option<WhatIfCounters>, Problem> {
    let mut first = None;
    let mut counters: Vec<u32> = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let refused = |detail| Err(Problem::invalid(&format!("/plan/{place}/start"), detail));
        let Some(begins) = half_hour(&step.start) else {
            return refused("give a full or half hour such as 08:00 or 08:30");
        };
        if step.counters > COUNTERS_MAX {
            return Err(Problem::invalid(&format!("/plan/{place}/counters"), "give 0 to 200"));
        }
        let start = *first.get_or_insert(begins);
        let last = counters.last().copied();
        if let Some(last) = last {
            if begins < start + counters.len() {
                return refused("give a time later than that of the step before");
            }
            counters.resize(begins - start, last);
        }
        counters.push(step.counters);
    }
    Ok(first.map(|first| WhatIfCounters::Plan { first, counters }))
}

/// The place of `HH:00` or `HH:30` among the half-hours of a day.
fn half_hour(text: &str) -> Option<usize> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let half = match minute {
        "00" => 0,
        "30" => 1,
        _ => return None,
    };
    Some(hour.parse::<usize>().ok()? * 2 + half).filter(|at| *at < HALF_HOURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(steps: &[(&str, u32)]) -> Vec<PlanStep> {
        let step = |(start, counters): &(&str, u32)| PlanStep {
            start: (*start).to_owned(),
            counters: *counters,
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn a_plan_fills_the_half_hours_between_its_steps() {
        let plan = plan_of(&steps(&[("08:00", 2), ("09:30", 4), ("10:00", 1)])).unwrap();
        let expected = WhatIfCounters::Plan { first: 16, counters: vec![2, 2, 2, 4, 1] };
        assert_eq!(plan, Some(expected));
        assert_eq!(plan_of(&[]).unwrap(), None);
    }

    #[test]
    fn steps_that_make_no_plan_are_refused() {
        for bad in [
            vec![("8:00", 2)],
            vec![("08:15", 2)],
            vec![("24:00", 2)],
            vec![("08:00", 201)],
            vec![("08:00", 2), ("08:00", 3)],
            vec![("08:30", 2), ("08:00", 3)],
        ] {
            assert!(plan_of(&steps(&bad)).is_err(), "{bad:?}");
        }
    }
}
