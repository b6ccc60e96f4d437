//! Twelve attacks by direct SQL, each on every table, and each without a foreign row to show for it.
//!
//! The attacker has the program's login and runs any statement, but the transaction names the own tenant, or none: what
//! is proven is that a statement which forgets the tenant, or was injected, does not cross over.
//! Always true: an attack either fails or touches no foreign row, and the superuser finds every foreign row as it was.

use futures_util::TryStreamExt as _;
use sqlx::{Connection, PgConnection};

use super::two::{Two, number, run};

/// Foreign rows that a query of one number finds; an error is none.
async fn foreign(connection: &mut PgConnection, sql: String) -> i64 {
    run(connection, "savepoint attack").await.unwrap();
    match sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *connection).await {
        Ok(found) => found,
        Err(_) => {
            run(connection, "rollback to savepoint attack").await.unwrap();
            0
        }
    }
}

/// Rows that a statement changed; an error is none.
async fn changed(connection: &mut PgConnection, sql: String) -> u64 {
    run(connection, "savepoint attack").await.unwrap();
    let changed = run(connection, sql).await;
    if changed.is_err() {
        run(connection, "rollback to savepoint attack").await.unwrap();
    }
    changed.unwrap_or(0)
}

/// What the superuser sees of their rows, for a comparison of before and after.
async fn theirs(two: &Two) -> Vec<i64> {
    let mut admin = two.admin().await;
    let mut sums = Vec::new();
    for table in &two.tables {
        let theirs = two.theirs;
        let sql = format!(
            "select coalesce(sum(hashtextextended(t::text, 0) / 1000000), 0)::bigint + count(*) from {table} t where tenant_id = '{theirs}'"
        );
        sums.push(number(&mut admin, sql).await);
    }
    sums
}

#[tokio::test]
async fn twelve_attacks_find_and_change_no_foreign_row() {
    let Some(two) = Two::new().await else { return };
    let before = theirs(&two).await;
    for table in &two.tables {
        reads(&two, table).await;
        writes(&two, table).await;
        unset(&two, table).await;
    }
    assert_eq!(theirs(&two).await, before);
}

/// 1 select, 2 union, 3 subselect, 4 a view of its own, 5 a function of its own, 6 copy out.
async fn reads(two: &Two, table: &str) {
    let (mut within, theirs) = (two.within().await, two.theirs);
    let seen = foreign(&mut within, format!("select count(*) from {table}")).await;
    assert_eq!(seen, 1, "our own row of {table} is there");
    let attacks = [
        format!("select count(*) from {table} where tenant_id = '{theirs}'"),
        format!("select count(*) from {table} where tenant_id <> '{}' or 1 = 1", two.ours),
        format!(
            "select count(*) from (select tenant_id from {table} union all select tenant_id from {table}) u where tenant_id = '{theirs}'"
        ),
        format!(
            "select (select count(*) from {table} t where t.tenant_id = x) from (values ('{theirs}'::uuid)) v (x)"
        ),
    ];
    for (place, sql) in attacks.into_iter().enumerate() {
        let allowed = i64::from(place == 1);
        assert_eq!(foreign(&mut within, sql.clone()).await, allowed, "{sql}");
    }
    for sql in [
        format!("create view loot as select * from {table}"),
        format!("create temporary view loot as select * from {table}"),
        format!(
            "create function pg_temp.loot() returns bigint language sql as 'select count(*) from {table}'"
        ),
        format!(
            "create function loot() returns bigint language sql security definer as 'select count(*) from {table}'"
        ),
    ] {
        changed(&mut within, sql).await;
    }
    for sql in [
        format!("select count(*) from loot where tenant_id = '{theirs}'"),
        "select loot() - 1".to_owned(),
        "select pg_temp.loot() - 1".to_owned(),
    ] {
        assert_eq!(foreign(&mut within, sql.clone()).await, 0, "{table}: {sql}");
    }
    assert!(copied(&mut within, table, &theirs.to_string()).await.is_none(), "copy of {table}");
    assert!(copied(&mut within, table, &two.ours.to_string()).await.is_some(), "copy of {table}");
}

/// The copied text, if it holds `needle`.
async fn copied(connection: &mut PgConnection, table: &str, needle: &str) -> Option<String> {
    let mut text = Vec::new();
    let mut stream = connection.copy_out_raw(&format!("copy {table} to stdout")).await.ok()?;
    while let Ok(Some(bytes)) = stream.try_next().await {
        text.extend_from_slice(&bytes);
    }
    String::from_utf8(text).ok().filter(|text| text.contains(needle))
}

/// 7 update and moving a row over, 8 delete, 9 insert for another tenant, 10 returning, 11 on conflict, 12 truncate.
async fn writes(two: &Two, table: &str) {
    let (mut within, ours, theirs) = (two.within().await, two.ours, two.theirs);
    let attacks = [
        format!("update {table} set tenant_id = tenant_id where tenant_id = '{theirs}'"),
        format!("update {table} set tenant_id = '{theirs}'"),
        format!("update {table} set tenant_id = '{ours}' where tenant_id <> '{ours}'"),
        format!("delete from {table} where tenant_id = '{theirs}'"),
        format!("delete from {table} where tenant_id = '{theirs}' returning *"),
        format!("insert into {table} select * from {table} where tenant_id = '{theirs}'"),
        format!(
            "update {table} set tenant_id = tenant_id where tenant_id = '{theirs}' returning *"
        ),
        format!("truncate {table}"),
        format!("truncate {table} cascade"),
        format!("alter table {table} disable row level security"),
        format!("alter table {table} no force row level security"),
        format!("drop policy tenant on {table}"),
        format!("create policy open on {table} using (true)"),
        format!("drop table {table}"),
        format!(
            "lock table {table} in access exclusive mode; set row_security = off; update {table} set tenant_id = tenant_id"
        ),
        "select smartqueue_protect('events', 'truncate')".to_owned(),
    ];
    for sql in attacks {
        assert_eq!(changed(&mut within, sql.clone()).await, 0, "{sql}");
    }
    let copy = copy_of_theirs(two, table).await;
    for sql in [copy.clone(), format!("{copy} on conflict do nothing")] {
        assert_eq!(changed(&mut within, sql.clone()).await, 0, "{sql}");
    }
    let over = format!(
        "{copy} on conflict ({}) do update set tenant_id = '{ours}'",
        primary_key(two, table).await
    );
    assert_eq!(changed(&mut within, over.clone()).await, 0, "{over}");
    // Committed, so that the superuser would find what got through.
    run(&mut within, "commit").await.unwrap();
}

/// An insert of their row as it stands, so that every unique key is hit.
async fn copy_of_theirs(two: &Two, table: &str) -> String {
    let sql = format!(
        "select 'insert into {table} select * from jsonb_populate_record(null::{table}, ' || quote_literal(to_jsonb(t)::text) || '::jsonb)'
        from {table} t where tenant_id = '{}'",
        two.theirs
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut two.admin().await).await.unwrap()
}

async fn primary_key(two: &Two, table: &str) -> String {
    let sql = format!(
        "select string_agg(a.attname, ', ') from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indisprimary and i.indrelid = '{table}'::regclass"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut two.admin().await).await.unwrap()
}

/// The setting was never made, is empty, or was made and ended with its transaction: no rows at all.
async fn unset(two: &Two, table: &str) {
    let all = format!("select count(*) from {table}");
    let mut silent = two.app().await;
    assert_eq!(number(&mut silent, &all).await, 0, "{table} without the setting");
    run(&mut silent, "begin; select set_config('app.tenant', '', true)").await.unwrap();
    assert_eq!(number(&mut silent, &all).await, 0, "{table} with an empty setting");
    run(&mut silent, "commit").await.unwrap();
    let mut ended = two.within().await;
    assert_eq!(number(&mut ended, &all).await, 1);
    run(&mut ended, "commit").await.unwrap();
    assert_eq!(number(&mut ended, &all).await, 0, "{table} after its transaction");
    let setting: String = sqlx::query_scalar("select current_setting('app.tenant', true)")
        .fetch_one(&mut ended)
        .await
        .unwrap();
    assert_eq!(setting, "", "the setting is empty then, not null");
    run(&mut ended, "begin; select set_config('app.tenant', 'not a uuid', true)").await.unwrap();
    assert_eq!(foreign(&mut ended, all).await, 0);
}

#[tokio::test]
async fn what_a_session_was_set_to_is_overruled_by_the_next_transaction() {
    let Some(two) = Two::new().await else { return };
    let store = two.database.open().await;
    // A session SET outlives its transaction on that connection; the program's own never leaves one behind.
    let mut leaky = two.app().await;
    run(&mut leaky, format!("set app.tenant = '{}'", two.theirs)).await.unwrap();
    let begin = format!("begin; select set_config('app.tenant', '{}', true)", two.ours);
    run(&mut leaky, begin).await.unwrap();
    let sql = format!("select count(*) from resources where tenant_id = '{}'", two.theirs);
    assert_eq!(number(&mut leaky, sql).await, 0);
    leaky.close().await.unwrap();
    let rows = store.load_resources(domain::TenantId(two.ours)).await.unwrap();
    assert!(rows.len() == 1 && rows[0].tenant.0 == two.ours, "{rows:?}");
}

#[tokio::test]
async fn the_platform_sees_which_tenants_there_are_and_nothing_of_theirs() {
    let Some(two) = Two::new().await else { return };
    for table in &two.tables {
        let mut platform = two.app().await;
        run(&mut platform, "begin; select set_config('app.platform', 'on', true)").await.unwrap();
        let seen = number(&mut platform, format!("select count(*) from {table}")).await;
        assert_eq!(seen, if table == "tenants" { 2 } else { 0 }, "{table}");
    }
}

#[tokio::test]
async fn a_batch_sees_and_writes_the_tenants_it_names_and_no_others() {
    let Some(two) = Two::new().await else { return };
    let batched = [
        "events",
        "tickets",
        "legs",
        "rollup_due",
        "ticket_private",
        "intents",
        "idempotency_keys",
        "snapshots",
    ];
    for table in &two.tables {
        let mut batch = two.app().await;
        let begin = format!("begin; select set_config('app.tenants', '{}', true)", two.ours);
        run(&mut batch, begin).await.unwrap();
        let seen = number(&mut batch, format!("select count(*) from {table}")).await;
        assert_eq!(seen, i64::from(batched.contains(&table.as_str())), "{table}");
        let copy = copy_of_theirs(&two, table).await;
        assert_eq!(changed(&mut batch, copy.clone()).await, 0, "{copy}");
    }
}

/// The control: the superuser passes every policy over, so the attacks above would have found what they looked for.
#[tokio::test]
async fn without_row_security_the_same_attacks_succeed() {
    let Some(two) = Two::new().await else { return };
    let mut admin = two.admin().await;
    run(&mut admin, format!("begin; select set_config('app.tenant', '{}', true)", two.ours))
        .await
        .unwrap();
    for table in &two.tables {
        let sql = format!("select count(*) from {table} where tenant_id = '{}'", two.theirs);
        assert_eq!(foreign(&mut admin, sql).await, 1, "{table}");
        let update =
            format!("update {table} set tenant_id = tenant_id where tenant_id = '{}'", two.theirs);
        assert_eq!(changed(&mut admin, update).await, 1, "{table}");
        assert!(copied(&mut admin, table, &two.theirs.to_string()).await.is_some(), "{table}");
    }
}
