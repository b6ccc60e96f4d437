//! How many people will come, by half-hours: from the same weekday of the last weeks.
//!
//! Recent weeks weigh more; days without anybody are closed or missing and left out; holidays are left out of ordinary
//! days and have a factor of their own, from earlier holidays of the same kind or else from the calendar.
//! Invariant: a forecast of a date uses nothing of that date or after it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::holidays::Holidays;

/// Half-hours of a day.
pub const HALF_HOURS: usize = 48;
/// Weeks looked back. With the decay below the ninth would weigh less than a twelfth of the whole.
pub const FORECAST_WEEKS: i32 = 8;
/// The weight of a week, compared with the week after it.
const DECAY: f64 = 0.8;
/// Half the width of an interval that holds four of five, in standard deviations.
const Z80: f64 = 1.281_551_565_544_6;

/// People who came, by half-hour, on each day on which anybody did.
pub type Arrivals = BTreeMap<Date, [f64; HALF_HOURS]>;

/// What is expected of one half-hour.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Expected {
    pub mean: f64,
    /// Four of five half-hours should lie between these two.
    pub low: f64,
    pub high: f64,
}

/// What is expected of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayForecast {
    pub half_hours: Vec<Expected>,
    /// Days it was made from; none at all expects nobody.
    pub days_used: usize,
    /// Of a holiday: compared with an ordinary day.
    pub factor: Option<f64>,
}

/// How good the forecasts of past days were, by half-hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    pub days: usize,
    /// Sum of absolute errors / sum of arrivals.
    pub wape: f64,
    /// Sum of (forecast − arrivals) / sum of arrivals: above zero when too many were expected.
    pub bias: f64,
    /// Share of half-hours that lay within their interval.
    pub covered: f64,
}

impl DayForecast {
    /// Expects `date`, knowing `history`.
    pub fn of(date: Date, history: &Arrivals, holidays: &Holidays) -> Self {
        let mut forecast = ordinary(date, history, holidays);
        let factors = holidays.on(date).into_iter().map(|holiday| {
            seen_factor(holiday.kind, date, history, holidays).unwrap_or(holiday.factor)
        });
        forecast.factor = factors.reduce(f64::min);
        if let Some(factor) = forecast.factor {
            forecast.half_hours.iter_mut().for_each(|expected| *expected = expected.times(factor));
        }
        forecast
    }

    pub fn total(&self) -> f64 {
        self.half_hours.iter().map(|expected| expected.mean).sum()
    }
}

impl Accuracy {
    /// Forecasts each of those days again from what was known before it; none when nobody came on any of them.
    pub fn of(
        days: impl Iterator<Item = Date>,
        history: &Arrivals,
        holidays: &Holidays,
    ) -> Option<Self> {
        let (mut count, mut came, mut off, mut over) = (0, 0.0, 0.0, 0.0);
        let (mut within, mut looked_at) = (0_u32, 0_u32);
        for (date, actual) in days.filter_map(|date| Some((date, history.get(&date)?))) {
            let forecast = DayForecast::of(date, history, holidays);
            if forecast.days_used == 0 {
                continue;
            }
            count += 1;
            for (expected, actual) in forecast.half_hours.iter().zip(actual) {
                came += actual;
                off += (expected.mean - actual).abs();
                over += expected.mean - actual;
                // Half-hours outside the hours of the site say nothing.
                if expected.mean > 0.0 || *actual > 0.0 {
                    looked_at += 1;
                    within += u32::from((expected.low..=expected.high).contains(actual));
                }
            }
        }
        (came > 0.0).then(|| Self {
            days: count,
            wape: off / came,
            bias: over / came,
            covered: f64::from(within) / f64::from(looked_at),
        })
    }
}

impl Expected {
    fn times(self, factor: f64) -> Self {
        Self { mean: self.mean * factor, low: self.low * factor, high: self.high * factor }
    }

    /// The weighted mean; its spread is that of the weeks, but never less than chance alone would give.
    fn of(seen: &[(f64, f64)]) -> Self {
        let sum: f64 = seen.iter().map(|(weight, _)| weight).sum();
        if sum <= 0.0 {
            return Self::default();
        }
        let mean = seen.iter().map(|(weight, count)| weight * count).sum::<f64>() / sum;
        let squares: f64 =
            seen.iter().map(|(weight, count)| weight * (count - mean) * (count - mean)).sum();
        let share = seen.iter().map(|(weight, _)| weight * weight).sum::<f64>() / (sum * sum);
        // One week alone tells nothing of the spread between weeks.
        let between = if share < 1.0 { squares / sum / (1.0 - share) } else { 0.0 };
        let half = Z80 * (between.max(mean) * (1.0 + share)).sqrt();
        Self { mean, low: (mean - half).max(0.0).floor(), high: (mean + half).ceil() }
    }
}

/// An ordinary day of that weekday, from the last weeks that can be known.
fn ordinary(date: Date, history: &Arrivals, holidays: &Holidays) -> DayForecast {
    let mut days = Vec::new();
    let known_until = history.range(..date).next_back().map_or(date, |(last, _)| *last);
    let ahead = (date - known_until).get_days().max(1);
    let skipped = (ahead - 1) / 7;
    for weeks in 1..=FORECAST_WEEKS {
        let earlier = date.saturating_sub(jiff::Span::new().weeks(skipped + weeks));
        if let Some(counts) = history.get(&earlier).filter(|_| holidays.on(earlier).is_empty()) {
            days.push((DECAY.powi(weeks), counts));
        }
    }
    let half_hour = |at: usize| {
        let seen: Vec<(f64, f64)> =
            days.iter().map(|(weight, counts)| (*weight, counts[at])).collect();
        Expected::of(&seen)
    };
    DayForecast {
        half_hours: (0..HALF_HOURS).map(half_hour).collect(),
        days_used: days.len(),
        factor: None,
    }
}

/// How busy earlier holidays of that kind were, compared with what an ordinary day had promised. A day on which nobody
/// came counts as closed if the weeks before it and some day after it are known. None when no earlier one is known.
fn seen_factor(kind: &str, date: Date, history: &Arrivals, holidays: &Holidays) -> Option<f64> {
    let known_until = *history.range(..date).next_back()?.0;
    let ratio = |earlier: Date| {
        let promised = ordinary(earlier, history, holidays).total();
        let came = history.get(&earlier).map_or(0.0, |counts| counts.iter().sum());
        (promised > 0.0).then(|| came / promised)
    };
    let earlier = holidays.before(kind, date).into_iter().filter(|earlier| *earlier <= known_until);
    let ratios: Vec<f64> = earlier.filter_map(ratio).collect();
    (!ratios.is_empty()).then(|| ratios.iter().sum::<f64>() / ratios.len() as f64)
}
