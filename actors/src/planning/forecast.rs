//! Who will come, by days and half-hours, and how many counters that takes.
//!
//! Arrivals are forecast by the domain; counters by Erlang A from the mean service time and the patience that were seen.
//! Invariant: today and what lies ahead of it are never taken for history.

use domain::{
    Accuracy, Arrivals, DayForecast, DemandClass, Expected, FORECAST_WEEKS, Flow, Holidays, Secs,
};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::place::{Place, PlanPlace};
use crate::ask::AskError;
use crate::tenant::Tenant;
use crate::views::At;

/// Weeks whose forecasts are compared with what came.
const ACCURACY_WEEKS: i32 = 4;
/// Earlier holidays of a kind that are looked at.
const EARLIER_HOLIDAYS: usize = 2;
/// The share of people who should be called within the target.
const SERVICE_LEVEL: f64 = 0.8;
/// No site has more.
const COUNTERS_MAX: u32 = 1_000;
const HALF_HOUR_SECONDS: f64 = 1_800.0;

/// A forecast.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ForecastView {
    pub site_id: Uuid,
    /// Null for all queues of the site.
    pub queue_id: Option<Uuid>,
    #[schema(example = "Africa/Dakar")]
    pub timezone: String,
    pub made_at: At,
    /// The shortest target of the classes here; `counters` call `service_level` of all people within it.
    pub target_seconds: u32,
    #[schema(example = 0.8)]
    pub service_level: f64,
    /// How long a counter is taken by one person, on average.
    pub service_mean_seconds: u32,
    /// How long people would wait before they leave, on average; null when nobody left.
    pub patience_mean_seconds: Option<u32>,
    /// Ended visits that the last two figures are from; with none, the configured service time stands in.
    pub visits_used: usize,
    /// Forecasts of the last four weeks against what came; null without a history.
    pub accuracy: Option<AccuracyView>,
    pub days: Vec<ForecastDay>,
}

/// How good forecasts of the last weeks were, by half-hours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct AccuracyView {
    pub days: usize,
    /// Sum of absolute errors / sum of arrivals.
    #[schema(example = 0.21)]
    pub wape: f64,
    /// Above zero when too many were expected.
    #[schema(example = -0.03)]
    pub bias: f64,
    /// Share of half-hours within their interval; 0.8 is meant.
    #[schema(example = 0.82)]
    pub covered: f64,
}

/// One day of a forecast.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ForecastDay {
    #[schema(value_type = String, format = Date, example = "2026-05-27")]
    pub date: Date,
    pub holidays: Vec<HolidayView>,
    /// Arrivals compared with an ordinary day; null on an ordinary day.
    pub holiday_factor: Option<f64>,
    /// Earlier days it was made from; with none, nobody is expected.
    pub days_used: usize,
    pub expected: f64,
    /// Half-hours in which somebody is expected.
    pub half_hours: Vec<ForecastHalfHour>,
}

/// A holiday on that day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HolidayView {
    #[schema(example = "tabaski")]
    pub kind: String,
    #[schema(example = "Tabaski")]
    pub name: String,
    /// The date may still move by a day.
    pub estimated: bool,
}

/// One half-hour of a forecast.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ForecastHalfHour {
    /// On the site's clock.
    #[schema(example = "10:30")]
    pub start: String,
    pub expected: f64,
    /// Four of five half-hours should lie between low and high.
    pub low: f64,
    pub high: f64,
    /// Null when a thousand are not enough.
    pub counters: Option<u32>,
}

impl Tenant {
    /// Who will come on the days from `first` to `last`, both included.
    ///
    /// # Errors
    /// `NotFound` for an unknown place, or a site without queues.
    pub async fn forecast(
        &self,
        place: PlanPlace,
        (first, last): (Date, Date),
        holidays: &Holidays,
    ) -> Result<ForecastView, AskError> {
        let place = Place::of(self, place)?;
        let now = self.world.world.clock.now();
        let today = place.zone.day_of(now).0;
        let history = history(self, &place, (first, last), today, holidays).await?;
        let lately = (weeks_before(today, FORECAST_WEEKS), today);
        let visits = place.visits(self, lately).await?;
        let staffing = Staffing::of(&place, &place.demand(&visits));
        let accuracy_days = days(weeks_before(today, ACCURACY_WEEKS), today.saturating_sub(day()));
        let accuracy = Accuracy::of(accuracy_days, &history, holidays);
        Ok(ForecastView {
            site_id: place.site.0,
            queue_id: place.queue.map(|queue| queue.0),
            timezone: place.zone.name().to_owned(),
            made_at: At(now),
            target_seconds: place.target.0,
            service_level: SERVICE_LEVEL,
            service_mean_seconds: Secs::rounded(staffing.service_mean).0,
            patience_mean_seconds: (staffing.leave_rate > 0.0)
                .then(|| Secs::rounded(1.0 / staffing.leave_rate).0),
            visits_used: visits.len(),
            accuracy: accuracy.map(AccuracyView::from),
            days: days(first, last)
                .map(|date| ForecastDay::of(date, &history, holidays, &staffing))
                .collect(),
        })
    }
}

/// The days that these forecasts and their accuracy are made from.
async fn history(
    tenant: &Tenant,
    place: &Place,
    (first, last): (Date, Date),
    today: Date,
    holidays: &Holidays,
) -> Result<Arrivals, AskError> {
    let lately = weeks_before(first.min(today), FORECAST_WEEKS + ACCURACY_WEEKS);
    let mut windows = Vec::new();
    for date in days(first, last) {
        for holiday in holidays.on(date) {
            let earlier = holidays.before(holiday.kind, date.min(today));
            let around =
                |day: Date| (weeks_before(day, FORECAST_WEEKS), day.saturating_add(self::day()));
            windows.extend(earlier.into_iter().take(EARLIER_HOLIDAYS).map(around));
        }
    }
    windows.push((lately, today));
    let mut history = Arrivals::new();
    for window in windows {
        history.extend(place.count(&place.rows(tenant, window).await?));
    }
    Ok(history)
}

/// What one person takes, and how many counters many take.
struct Staffing {
    service_mean: f64,
    leave_rate: f64,
    target: f64,
}

impl Staffing {
    fn of(place: &Place, classes: &[DemandClass]) -> Self {
        let services = || classes.iter().flat_map(|class| &class.services);
        let (count, sum) = (services().count(), services().sum::<f64>());
        let expected = f64::from(place.expected_service.0);
        let left: f64 = classes.iter().map(|class| class.left).sum();
        let waited: f64 = classes.iter().map(|class| class.waited).sum();
        Self {
            service_mean: if count > 0 { (sum / count as f64).max(1.0) } else { expected },
            leave_rate: if waited > 0.0 { left / waited } else { 0.0 },
            target: f64::from(place.target.0),
        }
    }

    fn counters(&self, expected: f64) -> Option<u32> {
        let flow = Flow {
            arrival_rate: expected / HALF_HOUR_SECONDS,
            service_rate: 1.0 / self.service_mean,
            leave_rate: self.leave_rate,
        };
        flow.counters_for(SERVICE_LEVEL, self.target, COUNTERS_MAX)
    }
}

impl ForecastDay {
    fn of(date: Date, history: &Arrivals, holidays: &Holidays, staffing: &Staffing) -> Self {
        let forecast = DayForecast::of(date, history, holidays);
        let half_hours = forecast.half_hours.iter().enumerate();
        let busy = half_hours.filter(|(_, expected)| expected.high > 0.0);
        Self {
            date,
            holidays: holidays.on(date).into_iter().map(HolidayView::from).collect(),
            holiday_factor: forecast.factor,
            days_used: forecast.days_used,
            expected: forecast.total(),
            half_hours: busy.map(|(at, expected)| half_hour(at, expected, staffing)).collect(),
        }
    }
}

fn half_hour(at: usize, expected: &Expected, staffing: &Staffing) -> ForecastHalfHour {
    ForecastHalfHour {
        start: format!("{:02}:{:02}", at / 2, at % 2 * 30),
        expected: expected.mean,
        low: expected.low,
        high: expected.high,
        counters: staffing.counters(expected.mean),
    }
}

impl From<domain::Holiday<'_>> for HolidayView {
    fn from(holiday: domain::Holiday<'_>) -> Self {
        Self {
            kind: holiday.kind.to_owned(),
            name: holiday.name.to_owned(),
            estimated: holiday.estimated,
        }
    }
}

impl From<Accuracy> for AccuracyView {
    fn from(found: Accuracy) -> Self {
        let Accuracy { days, wape, bias, covered } = found;
        Self { days, wape, bias, covered }
    }
}

fn day() -> jiff::Span {
    jiff::Span::new().days(1)
}

pub(super) fn weeks_before(date: Date, weeks: i32) -> Date {
    date.saturating_sub(jiff::Span::new().weeks(weeks))
}

/// Each day from `first` to `last`, both included.
fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(day()).take_while(move |date| *date <= last)
}
