//! What is really in a database: looked for behind the store's back, byte by byte.
//!
//! SQLite: every file in the database's folder, so the log and what was deleted are seen. PostgreSQL: every row of every
//! table, as the superuser sees them.
//! Invariant: text within bytes is found as well as text.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use super::TestDatabase;

impl TestDatabase {
    /// Which of `needles` stand anywhere in it, and where.
    #[expect(clippy::expect_used, reason = "a test that cannot look cannot go on")]
    pub async fn find(&self, needles: &[&str]) -> Vec<String> {
        match self.url().strip_prefix("sqlite:") {
            Some(file) => find_in_folder(Path::new(file).parent().expect("a folder"), needles),
            None => find_in_tables(self.admin_url(), needles).await.expect("the database"),
        }
    }
}

/// Which of `needles` stand anywhere in the files of a folder and of those within it.
#[expect(clippy::expect_used, reason = "a test that cannot look cannot go on")]
pub fn find_in_folder(folder: &Path, needles: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(find_in_folder(&path, needles));
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let holds = |needle: &&&str| bytes.windows(needle.len()).any(|at| at == needle.as_bytes());
        found.extend(needles.iter().filter(holds).map(|at| format!("{at} in {}", path.display())));
    }
    found
}

async fn find_in_tables(url: &str, needles: &[&str]) -> Result<Vec<String>, sqlx::Error> {
    let mut admin = PgConnection::connect(url).await?;
    let sql = "select relname::text from pg_class
        where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace";
    let mut found = Vec::new();
    for table in sqlx::query(sql).fetch_all(&mut admin).await? {
        let table: String = table.try_get(0)?;
        let sql = AssertSqlSafe(format!("select t::text from {table} t"));
        for row in sqlx::query(sql).fetch_all(&mut admin).await? {
            let row: String = row.try_get(0)?;
            let holds = |needle: &&&str| row.contains(**needle) || row.contains(&hex(needle));
            found.extend(needles.iter().filter(holds).map(|at| format!("{at} in {table}")));
        }
    }
    Ok(found)
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
