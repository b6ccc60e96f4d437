//! Business days and opening hours in a site's own time zone.
//!
//! The zone database is compiled in, so nothing here reads a file; daylight saving is jiff's business.
//! Invariant: a business day is the civil day in the site's zone, so numbers restart at its local midnight.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The zone is not one of the IANA names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone {0:?}: use an IANA name such as Africa/Dakar")]
pub struct UnknownZone(pub String);

/// An IANA time zone, such as `Africa/Dakar`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The civil day at `instant`.
    pub fn day_of(&self, instant: Timestamp) -> LocalDay {
        LocalDay(instant.to_jiff().to_zoned(self.zone.clone()).date())
    }

    /// The first instant of a civil day.
    pub fn begin_of(&self, day: LocalDay) -> Timestamp {
        self.instant_of(day.0, Time::midnight())
    }

    /// Which half-hour of the clock on the wall holds `instant`: 0 to 47. An hour that comes twice counts once.
    pub fn half_hour_of(&self, instant: Timestamp) -> u8 {
        let (_, time) = self.civil(instant);
        u8::try_from(time.hour() * 2 + time.minute() / 30).unwrap_or_default()
    }

    /// The first instant of the day after the one that holds `instant`.
    pub fn next_midnight(&self, instant: Timestamp) -> Timestamp {
        let tomorrow = self.day_of(instant).0.saturating_add(jiff::Span::new().days(1));
        self.instant_of(tomorrow, Time::midnight())
    }

    /// Whole seconds of the clock at `instant` since midnight.
    pub fn second_of_day(&self, instant: Timestamp) -> u32 {
        let (_, time) = self.civil(instant);
        let seconds = i32::from(time.hour()) * 3_600
            + i32::from(time.minute()) * 60
            + i32::from(time.second());
        u32::try_from(seconds).unwrap_or_default()
    }

    fn instant_of(&self, date: Date, time: Time) -> Timestamp {
        // A time inside a gap is moved forward past it, one inside a fold is the earlier one.
        let zoned = date.to_datetime(time).to_zoned(self.zone.clone());
        zoned.map_or(Timestamp(i64::MAX), |zoned| zoned.timestamp().into())
    }

    fn civil(&self, instant: Timestamp) -> (Date, Time) {
        let zoned = instant.to_jiff().to_zoned(self.zone.clone());
        (zoned.date(), zoned.time())
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone(name.to_owned()))?;
        Ok(Self { name: name.to_owned(), zone })
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, UnknownZone> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

/// A civil day at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalDay(pub Date);

impl LocalDay {
    /// Days since 1970-01-01, as it is kept.
    pub fn number(self) -> i64 {
        let days = self.0.since((jiff::Unit::Day, EPOCH)).map(|span| span.get_days());
        days.map_or(0, i64::from)
    }

    /// The day of that number; one beyond the calendar is its last or first.
    pub fn from_number(number: i64) -> Self {
        Self(EPOCH.saturating_add(jiff::Span::new().days(number.clamp(-DAYS_MAX, DAYS_MAX))))
    }

    /// That many days later.
    pub fn plus(self, days: i64) -> Self {
        Self::from_number(self.number().saturating_add(days))
    }
}

impl fmt::Display for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);
/// Three thousand years, so that no arithmetic leaves the calendar.
const DAYS_MAX: i64 = 1_095_000;

/// From `open` until just before `close`, on one civil day. `00:00` as `close` means midnight at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    pub open: Time,
    pub close: Time,
}

impl Interval {
    fn holds(self, time: Time) -> bool {
        self.open <= time && (time < self.close || self.close == Time::midnight())
    }
}

/// When a site takes people. No rule at all means always open.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpeningHours {
    /// Monday first; days not listed are closed. Empty: open around the clock, unless a special day says otherwise.
    pub weekly: Vec<Vec<Interval>>,
    /// Days that differ; an empty list is a closed day.
    pub special: BTreeMap<Date, Vec<Interval>>,
}

impl OpeningHours {
    pub fn is_open(&self, instant: Timestamp, zone: &Zone) -> bool {
        let (date, time) = zone.civil(instant);
        match self.intervals_on(date) {
            Some(intervals) => intervals.iter().any(|interval| interval.holds(time)),
            None => true,
        }
    }

    /// When the interval that holds `instant` ends; none when closed or open without end.
    pub fn closes_at(&self, instant: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let (date, time) = zone.civil(instant);
        let interval = self.intervals_on(date)?.iter().find(|interval| interval.holds(time))?;
        if interval.close == Time::midnight() {
            return Some(zone.next_midnight(instant));
        }
        Some(zone.instant_of(date, interval.close))
    }

    /// When the last interval of a day ends; the next midnight when always open, none on a closed day.
    pub fn end_of(&self, day: LocalDay, zone: &Zone) -> Option<Timestamp> {
        let midnight = zone.begin_of(day.plus(1));
        let Some(intervals) = self.intervals_on(day.0) else { return Some(midnight) };
        let close = |interval: &Interval| match interval.close {
            close if close == Time::midnight() => midnight,
            close => zone.instant_of(day.0, close),
        };
        intervals.iter().map(close).max()
    }

    fn intervals_on(&self, date: Date) -> Option<&[Interval]> {
        if let Some(special) = self.special.get(&date) {
            return Some(special);
        }
        if self.weekly.is_empty() {
            return None;
        }
        // A weekday that is not listed is a closed one.
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        Some(self.weekly.get(weekday).map_or(&[], Vec::as_slice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn a_business_day_begins_at_the_local_midnight() {
        let paris: Zone = "Europe/Paris".parse().unwrap();
        assert_eq!(paris.day_of(at("2026-06-30T22:30:00Z")).to_string(), "2026-07-01");
        assert_eq!(paris.next_midnight(at("2026-06-30T12:00:00Z")), at("2026-06-30T22:00:00Z"));
    }

    #[test]
    fn the_day_of_a_clock_change_is_as_long_as_it_is() {
        let paris: Zone = "Europe/Paris".parse().unwrap();
        let noon_before = at("2026-10-24T23:00:00Z");
        assert_eq!(paris.day_of(noon_before).to_string(), "2026-10-25");
        assert_eq!(paris.next_midnight(noon_before), at("2026-10-25T23:00:00Z"));
    }

    #[test]
    fn a_day_is_a_number_and_back() {
        let day = |text: &str| LocalDay(text.parse().unwrap());
        assert_eq!(day("1970-01-01").number(), 0);
        assert_eq!(day("2026-10-25").number(), 20_751);
        for number in [-1, 0, 59, 20_751, 1_094_999] {
            assert_eq!(LocalDay::from_number(number).number(), number);
        }
        assert_eq!(day("2028-02-28").plus(2).to_string(), "2028-03-01");
    }

    #[test]
    fn the_hour_that_comes_twice_is_one_on_the_wall() {
        let paris: Zone = "Europe/Paris".parse().unwrap();
        let day = LocalDay("2026-10-25".parse().unwrap());
        assert_eq!(paris.begin_of(day), at("2026-10-24T22:00:00Z"));
        assert_eq!(paris.half_hour_of(at("2026-10-25T00:40:00Z")), 5);
        assert_eq!(paris.half_hour_of(at("2026-10-25T01:40:00Z")), 5);
        assert_eq!(paris.half_hour_of(at("2026-10-25T02:00:00Z")), 6);
    }

    #[test]
    fn hours_special_days_and_breaks_are_kept() {
        let dakar: Zone = "Africa/Dakar".parse().unwrap();
        let day = |open: i8, close: i8| Interval {
            open: Time::constant(open, 0, 0, 0),
            close: Time::constant(close, 0, 0, 0),
        };
        let mut hours = OpeningHours {
            weekly: vec![vec![day(8, 12), day(14, 17)]; 5],
            ..OpeningHours::default()
        };
        hours.weekly.extend([vec![], vec![]]);
        hours.special.insert("2026-05-27".parse().unwrap(), vec![]);
        assert!(hours.is_open(at("2026-05-26T09:00:00Z"), &dakar));
        assert!(!hours.is_open(at("2026-05-26T12:00:00Z"), &dakar));
        assert_eq!(
            hours.closes_at(at("2026-05-26T14:00:00Z"), &dakar),
            Some(at("2026-05-26T17:00:00Z"))
        );
        assert!(!hours.is_open(at("2026-05-27T09:00:00Z"), &dakar), "Tabaski is a special day");
        assert!(!hours.is_open(at("2026-05-30T09:00:00Z"), &dakar), "closed on Saturdays");
        let end = |text: &str| hours.end_of(LocalDay(text.parse().unwrap()), &dakar);
        assert_eq!(end("2026-05-26"), Some(at("2026-05-26T17:00:00Z")));
        assert_eq!((end("2026-05-27"), end("2026-05-30")), (None, None));
        let always = OpeningHours::default();
        let day = LocalDay("2026-05-30".parse().unwrap());
        assert_eq!(always.end_of(day, &dakar), Some(at("2026-05-31T00:00:00Z")));
    }

    #[test]
    fn an_unknown_zone_is_refused_by_name() {
        assert_eq!("Dakar".parse::<Zone>(), Err(UnknownZone("Dakar".to_owned())));
    }
}
