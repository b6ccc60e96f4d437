//! Holidays as data: which dates each kind of holiday falls on, and how busy such a day is.
//!
//! Some return every year on one date, others move and are listed. Where the moon decides, a date is an estimate.
//! Invariant: after [`Holidays::check`] each kind is named once, has dates, and a factor that makes sense.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

/// A day at most this many times as busy as an ordinary one.
const FACTOR_MAX: f64 = 10.0;
/// Years looked back for earlier dates of a kind.
const YEARS_BACK: i16 = 3;

/// All holidays of a calendar.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    #[serde(default, rename = "holiday")]
    kinds: Vec<HolidayKind>,
}

/// One kind of holiday.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayKind {
    kind: String,
    name: String,
    /// Arrivals on such a day / arrivals on an ordinary one, as long as none was seen.
    factor: f64,
    /// Month and day, `MM-DD`, of a date that returns every year.
    #[serde(default)]
    every_year: Option<String>,
    #[serde(default)]
    dates: Vec<HolidayDate>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayDate {
    date: Date,
    /// True where the date may still move by a day.
    #[serde(default)]
    estimated: bool,
}

/// A holiday on a certain date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holiday<'a> {
    /// Its stable name, such as `tabaski`.
    pub kind: &'a str,
    /// Its name for people.
    pub name: &'a str,
    pub factor: f64,
    pub estimated: bool,
}

/// What is wrong with a calendar.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HolidayFault {
    #[error("holiday {0:?} is listed twice: put all its dates into one entry")]
    Twice(String),
    #[error(
        "holiday {0:?} has no date: give every_year = \"MM-DD\" or dates = [{{ date = \"YYYY-MM-DD\" }}]"
    )]
    NoDate(String),
    #[error("holiday {kind:?}: every_year is {text:?}; use month and day such as \"04-04\"")]
    NoDay { kind: String, text: String },
    #[error("holiday {kind:?}: factor is {factor}; use a number from 0 (closed) to {FACTOR_MAX}")]
    Factor { kind: String, factor: f64 },
}

impl Holidays {
    /// # Errors
    /// The first fault found, with the kind it is in.
    pub fn check(&self) -> Result<(), HolidayFault> {
        let mut seen = BTreeSet::new();
        for holiday in &self.kinds {
            let kind = holiday.kind.clone();
            if !seen.insert(&holiday.kind) {
                return Err(HolidayFault::Twice(kind));
            }
            if !(0.0..=FACTOR_MAX).contains(&holiday.factor) {
                return Err(HolidayFault::Factor { kind, factor: holiday.factor });
            }
            match &holiday.every_year {
                // 2024 has a 29 February.
                Some(text) if date_in(2024, text).is_none() => {
                    return Err(HolidayFault::NoDay { kind, text: text.clone() });
                }
                None if holiday.dates.is_empty() => return Err(HolidayFault::NoDate(kind)),
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    /// The holidays on that date.
    pub fn on(&self, date: Date) -> Vec<Holiday<'_>> {
        self.kinds.iter().filter_map(|kind| kind.on(date)).collect()
    }

    /// The dates of that kind before `date`, the latest first.
    pub fn before(&self, kind: &str, date: Date) -> Vec<Date> {
        let mut dates: Vec<Date> = Vec::new();
        for holiday in self.kinds.iter().filter(|holiday| holiday.kind == kind) {
            dates.extend(holiday.dates.iter().map(|one| one.date));
            let text = holiday.every_year.as_deref().unwrap_or_default();
            let years = date.year() - YEARS_BACK..=date.year();
            dates.extend(years.filter_map(|year| date_in(year, text)));
        }
        dates.retain(|one| *one < date);
        dates.sort_unstable_by(|one, other| other.cmp(one));
        dates.dedup();
        dates
    }
}

impl HolidayKind {
    fn on(&self, date: Date) -> Option<Holiday<'_>> {
        let listed = self.dates.iter().find(|listed| listed.date == date);
        let yearly = self.every_year.as_deref().and_then(|text| date_in(date.year(), text));
        if listed.is_none() && yearly != Some(date) {
            return None;
        }
        let estimated = listed.is_some_and(|listed| listed.estimated);
        Some(Holiday { kind: &self.kind, name: &self.name, factor: self.factor, estimated })
    }
}

/// The date of `MM-DD` in that year, if it has one.
fn date_in(year: i16, text: &str) -> Option<Date> {
    let (month, day) = text.split_once('-')?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(kind: &str, every_year: Option<&str>, dates: &[(&str, bool)]) -> HolidayKind {
        let date = |(date, estimated): &(&str, bool)| HolidayDate {
            date: date.parse().unwrap(),
            estimated: *estimated,
        };
        HolidayKind {
            kind: kind.to_owned(),
            name: kind.to_uppercase(),
            factor: 0.5,
            every_year: every_year.map(str::to_owned),
            dates: dates.iter().map(date).collect(),
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_holiday_moves_or_returns_every_year() {
        let moving = [("2025-06-07", false), ("2026-05-27", true)];
        let holidays = Holidays {
            kinds: vec![kind("independence", Some("04-04"), &[]), kind("tabaski", None, &moving)],
        };
        assert_eq!(holidays.check(), Ok(()));
        assert_eq!(holidays.on(day("2031-04-04"))[0].kind, "independence");
        let tabaski = holidays.on(day("2026-05-27"));
        assert_eq!((tabaski[0].name, tabaski[0].estimated), ("TABASKI", true));
        assert!(holidays.on(day("2026-05-28")).is_empty());
        assert_eq!(holidays.before("tabaski", day("2026-05-27")), [day("2025-06-07")]);
        let years = holidays.before("independence", day("2026-04-04"));
        assert_eq!(years, [day("2025-04-04"), day("2024-04-04"), day("2023-04-04")]);
    }

    #[test]
    fn what_is_no_calendar_is_refused_by_its_kind() {
        let fault = |kinds: Vec<HolidayKind>| Holidays { kinds }.check().unwrap_err().to_string();
        let twice = vec![kind("a", Some("01-01"), &[]), kind("a", Some("01-02"), &[])];
        assert!(fault(twice).contains("\"a\" is listed twice"));
        assert!(fault(vec![kind("b", None, &[])]).contains("\"b\" has no date"));
        assert!(fault(vec![kind("c", Some("13-01"), &[])]).contains("\"13-01\""));
        let absurd = HolidayKind { factor: f64::NAN, ..kind("d", Some("01-01"), &[]) };
        assert!(fault(vec![absurd]).contains("factor is NaN"));
    }
}
