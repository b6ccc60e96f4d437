//! Opening a SQLite file: its folder, its lock, its settings, its schema.
//!
//! The lock is taken first, so that nothing is touched that belongs to another process.
//! Invariant: journal mode and synchronous are read back before the first append, on every connection that writes.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};

use super::SqliteBackend;
use super::session::Session;
use crate::error::StoreError;
use crate::sql::Connection;
use crate::store::Options;
use crate::writer::Writer;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for another connection's lock, such as a checkpoint's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Pages of the log before it is written back: 64 MiB. Pages that are written again and again (the ends of streams and
/// indexes) go back to the file once for many issues; after a crash that much is read again.
const CHECKPOINT_PAGES: &str = "16000";
/// The log file is cut back to this after a checkpoint: 64 MiB.
const LOG_BYTES_MAX: &str = "67108864";
/// Memory for the writer's pages, in KiB (negative says so to SQLite): the ends of 10,000 streams stay in it.
const WRITER_CACHE: &str = "-65536";
/// Statements kept prepared: sixteen sizes of the usual sets of tables, and the jobs'.
const STATEMENTS_MAX: usize = 160;

impl SqliteBackend {
    pub(crate) async fn open(file: &str, options: &Options) -> Result<Self, StoreError> {
        let path = settle(Path::new(file))?;
        let lock = take_lock(&path)?;
        let mut session = Session::open(&path).await?;
        let migrated = MIGRATIONS.run(session.raw()).await;
        migrated.map_err(|source| StoreError::Database {
            doing: "migrate",
            source: Box::new(source),
        })?;
        let readers = readers(&path, options).await?;
        Ok(Self { path, readers, writer: Writer::new(session), lock: Mutex::new(Some(lock)) })
    }
}

/// The file's full name: links followed, so that one database has one lock. Makes its folder.
fn settle(file: &Path) -> Result<PathBuf, StoreError> {
    let failed = |source| StoreError::File {
        doing: format!("use database file {}", file.display()),
        source,
    };
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    if file.exists() {
        return file.canonicalize().map_err(failed);
    }
    let name =
        file.file_name().ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()))?;
    Ok(folder.canonicalize().map_err(failed)?.join(name))
}

fn take_lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let failed = |source| StoreError::File { doing: format!("lock {}", name.display()), source };
    let file =
        File::options().create(true).truncate(false).write(true).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(StoreError::InUse { what: format!("database file {}", path.display()) })
        }
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS_MAX)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// The connection that writes, its settings proven.
pub(super) async fn writing(path: &Path) -> Result<SqliteConnection, StoreError> {
    let options = connect_options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_BYTES_MAX)
        .pragma("cache_size", WRITER_CACHE)
        // What is deleted is overwritten, not only unlinked.
        .pragma("secure_delete", "on");
    let connection = options.connect().await;
    let mut connection = connection.map_err(|source| StoreError::database("open", source))?;
    prove(&mut connection).await?;
    Ok(connection)
}

/// Reads back what durability rests on: with anything less, a loss of power loses answered commits.
async fn prove(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut connection = Connection::Sqlite(connection);
    let failed = |source| StoreError::database("read its settings", source);
    let row =
        connection.fetch_first("select journal_mode from pragma_journal_mode", Vec::new()).await;
    let mode = row
        .map_err(failed)?
        .map_or(Ok(String::new()), |row| row.text("journal_mode"))
        .map_err(failed)?;
    let row =
        connection.fetch_first("select synchronous from pragma_synchronous", Vec::new()).await;
    let level =
        row.map_err(failed)?.map_or(Ok(-1), |row| row.int::<i64>("synchronous")).map_err(failed)?;
    if mode != "wal" {
        return Err(StoreError::WrongSetting {
            setting: "journal_mode",
            wanted: "wal",
            found: mode,
        });
    }
    if level != 2 {
        return Err(StoreError::WrongSetting {
            setting: "synchronous",
            wanted: "2 (full)",
            found: level.to_string(),
        });
    }
    Ok(())
}

async fn readers(path: &Path, options: &Options) -> Result<SqlitePool, StoreError> {
    let pool = SqlitePoolOptions::new()
        .max_connections(options.read_connections_max.max(1))
        .test_before_acquire(false)
        .connect_with(connect_options(path).read_only(true))
        .await;
    pool.map_err(|source| StoreError::database("open", source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_would_lose_commits_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let options =
            connect_options(&path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        let mut normal =
            options.clone().synchronous(SqliteSynchronous::Normal).connect().await.unwrap();
        let refusal = prove(&mut normal).await.unwrap_err().to_string();
        assert_eq!(refusal, "database setting synchronous is 1, but must be 2 (full)");
        let delete =
            options.journal_mode(SqliteJournalMode::Delete).synchronous(SqliteSynchronous::Full);
        drop(normal);
        let mut delete = delete.connect().await.unwrap();
        let refusal = prove(&mut delete).await.unwrap_err().to_string();
        assert_eq!(refusal, "database setting journal_mode is delete, but must be wal");
        assert!(writing(&path).await.is_ok());
    }

    #[test]
    fn one_file_has_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("new/a.db");
        let settled = settle(&plain).unwrap();
        assert!(plain.parent().unwrap().is_dir(), "the folder was made");
        let detour = folder.path().join("new/../new/a.db");
        assert_eq!(settle(&detour).unwrap(), settled);
        std::fs::write(&settled, "").unwrap();
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&settled, &link).unwrap();
        assert_eq!(settle(&link).unwrap(), settled);
    }
}
