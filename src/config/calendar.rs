//! `[calendar]`: which days are holidays.
//!
//! Senegal's are built in; a file of the same form takes their place. It is read and checked with the configuration's
//! other files at the start. Invariant: a calendar that was read has passed every check of the domain.

use std::path::{Path, PathBuf};

use domain::Holidays;
use serde::Deserialize;

/// The calendar that is built in.
const SENEGAL: &str = include_str!("../../config/calendars/senegal.toml");

/// Which days are holidays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalendarConfig {
    /// A calendar file. `None`: that of Senegal, which is built in.
    pub file: Option<PathBuf>,
}

/// Why there is no calendar.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// The file cannot be read.
    #[error("calendar {} cannot be read (calendar.file names it)", file.display())]
    Unreadable {
        /// The file that was tried.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no calendar.
    #[error("calendar {place}: {reason}; config/calendars/senegal.toml shows the form")]
    Unsound {
        /// The file.
        place: String,
        /// What is wrong, and where.
        reason: String,
    },
}

impl CalendarConfig {
    /// Reads and checks the calendar.
    ///
    /// # Errors
    /// [`CalendarError`] names the file and what is wrong with it.
    pub fn holidays(&self) -> Result<Holidays, CalendarError> {
        let Some(file) = &self.file else { return parse(SENEGAL, Path::new("of Senegal")) };
        let text = std::fs::read_to_string(file)
            .map_err(|source| CalendarError::Unreadable { file: file.clone(), source })?;
        parse(&text, file)
    }
}

fn parse(text: &str, file: &Path) -> Result<Holidays, CalendarError> {
    let unsound = |reason: String| CalendarError::Unsound {
        place: file.display().to_string(),
        reason: reason.trim_end().to_owned(),
    };
    let holidays: Holidays = toml::from_str(text).map_err(|error| unsound(error.to_string()))?;
    holidays.check().map_err(|fault| unsound(fault.to_string()))?;
    Ok(holidays)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(text, Path::new("own.toml")).unwrap_err().to_string()
    }

    #[test]
    fn senegals_holidays_are_built_in() {
        let holidays = CalendarConfig::default().holidays().unwrap();
        let on = |date: &str| -> Vec<String> {
            let found = holidays.on(date.parse().unwrap()).into_iter();
            found.map(|holiday| format!("{} {}", holiday.kind, holiday.estimated)).collect()
        };
        assert_eq!(on("2026-04-04"), ["independence false"]);
        assert_eq!(on("2026-05-27"), ["tabaski true"]);
        assert_eq!(on("2024-06-17"), ["tabaski false"]);
        assert_eq!(on("2026-05-26"), Vec::<String>::new());
        for kind in ["korite", "tabaski", "magal", "gamou"] {
            let dates = holidays.before(kind, "2029-01-01".parse().unwrap());
            let years: Vec<i16> = dates.iter().map(|date| date.year()).collect();
            assert_eq!(years, [2028, 2027, 2026, 2025, 2024], "{kind}");
        }
    }

    #[test]
    fn a_file_that_is_no_calendar_is_refused_with_its_name_and_place() {
        let entry = "[[holiday]]\nkind = \"k\"\nname = \"K\"\nfactor = 0.5\n";
        assert!(refused(entry).contains("own.toml: holiday \"k\" has no date"));
        let unknown = refused(&format!("{entry}every_year = \"01-01\"\nweight = 3\n"));
        assert!(unknown.contains("weight"), "{unknown}");
        let no_date = refused(&format!("{entry}dates = [{{ date = \"2026-02-30\" }}]\n"));
        assert!(no_date.contains("own.toml") && no_date.contains("line 5"), "{no_date}");
        let absent = CalendarConfig { file: Some("absent.toml".into()) };
        assert!(absent.holidays().unwrap_err().to_string().contains("calendar.file"));
    }
}
