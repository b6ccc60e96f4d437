//! Fresh PostgreSQL databases: a template is migrated once per cluster, each test gets a copy of it.
//!
//! The template's name holds a digest of the migrations, so a cluster that outlives a change gets a new one.
//! Invariant: a template that has its name is complete; it is made under another name and renamed at the end.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row};
use uuid::Uuid;

use super::cluster;

/// One test process makes the template, the others wait.
const TEMPLATE_KEY: i64 = 0x736d_6172_7471_0002;

/// The logins: one owns and migrates, one serves. The password is for clusters that ask for one.
const OWNER: &str = "smartqueue_test_owner";
const APP: &str = "smartqueue_test_app";
const PASSWORD: &str = "smartqueue";

/// The URLs of a new database that only the caller knows: to serve, to migrate, to do anything.
pub(super) async fn fresh_database() -> Result<[String; 3], String> {
    let server = server_url()?;
    make(&server).await.map_err(|error| format!("cannot make a database: {error}"))
}

/// The URL of a database in the cluster for the tests.
fn server_url() -> Result<String, String> {
    if let Ok(url) = std::env::var("SMARTQUEUE_TEST_POSTGRES") {
        return Ok(url);
    }
    let folder = cluster::socket_folder()?;
    Ok(format!("postgres://postgres@localhost/postgres?host={}", folder.display()))
}

async fn make(server: &str) -> Result<[String; 3], Box<dyn std::error::Error + Send + Sync>> {
    let options: PgConnectOptions = server.parse()?;
    let mut connection = options.connect().await?;
    let template = template_name();
    connection.execute(sqlx::query("select pg_advisory_lock($1)").bind(TEMPLATE_KEY)).await?;
    if !exists(&mut connection, &template).await? {
        make_template(server, &mut connection, &template).await?;
    }
    connection.execute(sqlx::query("select pg_advisory_unlock($1)").bind(TEMPLATE_KEY)).await?;
    let name = format!("test_{}", Uuid::now_v7().simple());
    run(&mut connection, format!("create database {name} template {template} owner {OWNER}"))
        .await?;
    connection.close().await?;
    let admin = with_database(server, &name);
    Ok([with_login(&admin, APP), with_login(&admin, OWNER), admin])
}

async fn make_template(
    server: &str,
    connection: &mut PgConnection,
    template: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let draft = format!("{template}_draft");
    run(connection, format!("drop database if exists {draft}")).await?;
    for (login, may) in [(OWNER, "createrole"), (APP, "")] {
        if !is_login(connection, login).await? {
            run(connection, format!("create role {login} login {may} password '{PASSWORD}'"))
                .await?;
        }
    }
    run(connection, format!("create database {draft} owner {OWNER}")).await?;
    crate::migrate(&with_login(&with_database(server, &draft), OWNER)).await?;
    run(connection, format!("grant smartqueue_app to {APP}")).await?;
    run(connection, format!("alter database {draft} rename to {template}")).await?;
    Ok(())
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(|_| ())
}

async fn exists(connection: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    let sql = "select exists (select 1 from pg_database where datname = $1)";
    sqlx::query(sql).bind(name).fetch_one(connection).await?.try_get(0)
}

async fn is_login(connection: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    let sql = "select exists (select 1 from pg_roles where rolname = $1)";
    sqlx::query(sql).bind(name).fetch_one(connection).await?.try_get(0)
}

fn template_name() -> String {
    let mut sha = Sha256::new();
    for migration in crate::postgres::MIGRATIONS.iter() {
        sha.update(&migration.checksum);
    }
    let mut name = String::from("smartqueue_template_");
    for byte in sha.finalize().iter().take(8) {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// The same server, another database.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) =
        server.split_once('?').map_or((server, None), |(a, p)| (a, Some(p)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let parameters = parameters.map_or(String::new(), |parameters| format!("?{parameters}"));
    format!("{}/{name}{parameters}", &address[..end])
}

/// The same database, another login.
fn with_login(url: &str, login: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    let host = url[start..end].rsplit_once('@').map_or(&url[start..end], |(_, host)| host);
    format!("{}{login}:{PASSWORD}@{host}{}", &url[..start], &url[end..])
}
