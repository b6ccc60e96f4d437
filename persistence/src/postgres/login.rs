//! Whether row-level security binds the login that serves, and whether the schema is this program's.
//!
//! Superusers, roles with BYPASSRLS and, unless forced, owners pass every policy over; who may become one of them is no
//! better. So the login that came by the URL is judged, not the role that it takes on afterwards.
//!
//! Invariant: nothing is served over a connection that was not examined.

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection as _, PgConnection};

use crate::error::StoreError;
use crate::sql::Connection;

/// The role whose grants and policies the program runs under.
pub(super) const APP: &str = "smartqueue_app";

const PASSES_OVER: &str = "is a superuser or has BYPASSRLS, or may take on a role that does";
const OWNS: &str = "owns tables of the program, or may take on the role that does";
const NO_MEMBER: &str = "is not a member of the role smartqueue_app";

/// Refuses a login that could see all tenants at once, and a schema that this program does not know.
pub(super) async fn examine(
    options: &PgConnectOptions,
    migrations: &Migrator,
) -> Result<(), StoreError> {
    let connection = options.connect().await;
    let mut connection = connection.map_err(|source| StoreError::database("open", source))?;
    let found = judge(&mut connection, migrations).await;
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the examined connection did not close cleanly");
    }
    found
}

async fn judge(connection: &mut PgConnection, migrations: &Migrator) -> Result<(), StoreError> {
    let login = read(connection).await.map_err(failed)?;
    let refused = |reason| Err(StoreError::WrongLogin { login: login.name.clone(), reason });
    if login.passes_over {
        return refused(PASSES_OVER);
    }
    if login.owns {
        return refused(OWNS);
    }
    if let Some(found) = difference(connection, migrations).await.map_err(failed)? {
        return Err(StoreError::WrongSchema { found });
    }
    if login.member { Ok(()) } else { refused(NO_MEMBER) }
}

fn failed(source: sqlx::Error) -> StoreError {
    StoreError::database("read its roles", source)
}

struct Login {
    name: String,
    passes_over: bool,
    owns: bool,
    member: bool,
}

async fn read(connection: &mut PgConnection) -> Result<Login, sqlx::Error> {
    let sql = "select session_user::text as name,
        exists (select from pg_roles r
            where (r.rolsuper or r.rolbypassrls) and pg_has_role(session_user, r.oid, 'member')) as passes_over,
        exists (select from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
            where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
            and pg_has_role(session_user, c.relowner, 'member')) as owns,
        exists (select from pg_roles r
            where r.rolname = $1 and pg_has_role(session_user, r.oid, 'member')) as member";
    let row = Connection::Postgres(connection).fetch_first(sql, vec![APP.into()]).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound)?;
    Ok(Login {
        name: row.text("name")?,
        passes_over: row.flag("passes_over")?,
        owns: row.flag("owns")?,
        member: row.flag("member")?,
    })
}

/// How the schema differs from what `migrations` make; none when it does not.
pub(super) async fn difference(
    connection: &mut PgConnection,
    migrations: &Migrator,
) -> Result<Option<String>, sqlx::Error> {
    let mut known = migrations.iter();
    for (version, checksum) in done(connection).await? {
        let Some(ours) = known.next() else {
            return Ok(Some(format!("has migration {version} of a newer program")));
        };
        if ours.version != version {
            return Ok(Some(format!("lacks migration {}", ours.version)));
        }
        if ours.checksum.as_ref() != checksum {
            return Ok(Some(format!("was made by another migration {version}")));
        }
    }
    Ok(known.next().map(|ours| format!("lacks migration {}", ours.version)))
}

/// The migrations that were made, in order. None when the table is not there or not ours to read.
async fn done(connection: &mut PgConnection) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error> {
    let mut connection = Connection::Postgres(connection);
    let sql = "select coalesce(has_table_privilege(to_regclass('_sqlx_migrations'), 'select'), false) as readable";
    let row = connection.fetch_first(sql, Vec::new()).await?;
    if !row.map_or(Ok(false), |row| row.flag("readable"))? {
        return Ok(Vec::new());
    }
    let sql = "select version, checksum from _sqlx_migrations where success order by version";
    let rows = connection.fetch(sql, Vec::new()).await?;
    rows.iter().map(|row| Ok((row.int("version")?, row.blob("checksum")?))).collect()
}
