//! A queue log: CSV, plain or gzipped, with the columns in any order.
//!
//! A bad row is set aside with its line, its column and the reason; a missing column ends the reading.
//! Invariant: visits stand in the order of the file, and every queue and server they name is listed once.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};
use domain::Timestamp;
use flate2::bufread::MultiGzDecoder;

use super::row::{COLUMNS, Cells, Ending, Fault, Names, Visit};

/// The first bytes of a gzipped file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A log that was read.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) visits: Vec<Visit>,
    pub(crate) queues: Vec<String>,
    pub(super) servers: Vec<String>,
    /// Rows set aside, in the order of the file.
    pub(crate) bad: Vec<BadRow>,
}

/// A row that cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadRow {
    /// From 1, the header's line.
    pub(crate) line: u64,
    pub(crate) fault: Fault,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}", self.line, self.fault)
    }
}

/// Why a file is no queue log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogError {
    #[error("cannot read {}", .file.display())]
    Unreadable {
        file: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("column {column} is missing; a queue log has the columns {}", COLUMNS.join(","))]
    MissingColumn { column: &'static str },
    #[error("{0}")]
    Strict(BadRow),
}

impl Log {
    /// Reads `file`. With `strict` the first bad row is an error.
    ///
    /// # Errors
    /// [`LogError`]; bad rows are no error unless `strict`.
    pub(crate) fn read(file: &Path, strict: bool) -> Result<Self, LogError> {
        let unreadable = |source| LogError::Unreadable { file: file.to_owned(), source };
        let mut bytes = BufReader::new(File::open(file).map_err(unreadable)?);
        let start = bytes.fill_buf().map_err(unreadable)?;
        if start.starts_with(&GZIP) {
            return Self::read_csv(MultiGzDecoder::new(bytes), strict, file);
        }
        Self::read_csv(bytes, strict, file)
    }

    fn read_csv(bytes: impl Read, strict: bool, file: &Path) -> Result<Self, LogError> {
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
        let unreadable =
            |error| LogError::Unreadable { file: file.to_owned(), source: io::Error::other(error) };
        let places = places(reader.headers().map_err(unreadable)?)?;
        let (mut queues, mut servers) = (List::default(), List::default());
        let mut log = Self::default();
        let mut record = StringRecord::new();
        loop {
            let line = reader.position().line();
            let read = match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => visit(&record, &places, &mut queues, &mut servers),
                Err(error) if error.is_io_error() => return Err(unreadable(error)),
                Err(error) => Err(Fault { column: COLUMNS[0], reason: error.to_string() }),
            };
            let line = record.position().map_or(line, csv::Position::line);
            match read {
                Ok(visit) => log.visits.push(visit),
                Err(fault) if strict => return Err(LogError::Strict(BadRow { line, fault })),
                Err(fault) => log.bad.push(BadRow { line, fault }),
            }
        }
        (log.queues, log.servers) = (queues.names, servers.names);
        Ok(log)
    }

    /// When the first person came.
    pub(crate) fn first_arrival(&self) -> Option<Timestamp> {
        self.visits.iter().map(|visit| visit.arrived_at).min()
    }

    /// The waits of the log's own calls, in seconds.
    pub(super) fn waits(&self) -> Vec<f64> {
        let wait = |visit: &Visit| match visit.ending {
            Ending::Called { called_at, .. } => {
                Some(super::waits::seconds(visit.arrived_at, called_at))
            }
            Ending::Abandoned { .. } => None,
        };
        self.visits.iter().filter_map(wait).collect()
    }
}

/// Where each of [`COLUMNS`] stands.
fn places(header: &StringRecord) -> Result<[usize; 9], LogError> {
    let mut places = [0; 9];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|name| name.eq_ignore_ascii_case(column));
        *place = found.ok_or(LogError::MissingColumn { column })?;
    }
    Ok(places)
}

fn visit(
    record: &StringRecord,
    places: &[usize; 9],
    queues: &mut List,
    servers: &mut List,
) -> Result<Visit, Fault> {
    let mut cells = [""; 9];
    for ((cell, place), column) in cells.iter_mut().zip(places).zip(COLUMNS) {
        let missing = || Fault {
            column,
            reason: format!("is not there: the row has {} cells", record.len()),
        };
        *cell = record.get(*place).ok_or_else(missing)?;
    }
    Cells(cells).visit(queues, servers)
}

/// Names by place, each once.
#[derive(Debug, Default)]
struct List {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Names for List {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "customer_id,queue_id,class,priority,arrival_ts,called_ts,end_ts,outcome,server_id\n";
    const GOOD: &str =
        "c1,q,T,normal,2025-01-06T09:00:00,2025-01-06T09:01:00,2025-01-06T09:02:00,served,K0\n";

    fn read(text: &str, strict: bool) -> Result<Log, LogError> {
        Log::read_csv(text.as_bytes(), strict, Path::new("log.csv"))
    }

    #[test]
    fn columns_may_stand_in_any_order() {
        let log = read(&format!("{HEADER}{GOOD}"), true).unwrap();
        assert_eq!((log.queues, log.servers), (vec!["q".to_owned()], vec!["K0".to_owned()]));
        assert_eq!(log.visits.len(), 1);
    }

    #[test]
    fn a_missing_column_is_named() {
        let missing = read("queue_id,customer_id\n", false).unwrap_err().to_string();
        assert!(missing.starts_with("column class is missing"), "{missing}");
    }

    #[test]
    fn a_bad_row_is_set_aside_with_its_line_and_column() {
        let text = format!("{HEADER}{GOOD}c2,q,T,normal,yesterday,,,served,K0\nc3,q\n{GOOD}");
        let log = read(&text, false).unwrap();
        assert_eq!(log.visits.len(), 2);
        let bad: Vec<String> = log.bad.iter().map(ToString::to_string).collect();
        assert!(bad[0].starts_with("line 3, column arrival_ts: is \"yesterday\""), "{bad:?}");
        assert!(bad[1].starts_with("line 4, column class: is not there"), "{bad:?}");
        let strict = read(&text, true).unwrap_err().to_string();
        assert!(strict.starts_with("line 3, column arrival_ts"), "{strict}");
    }
}
