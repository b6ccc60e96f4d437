//! The gate: what the catalogue must say so that no table, view or grant leads around the policies.
//!
//! Each rule is a query whose rows are violations. Whoever adds a table learns here that it needs
//! `select smartqueue_protect('table')` in its migration.
//! Always true: beside each rule a planted violation proves that it would be caught.

use persistence::testing::TestDatabase;
use sqlx::{Connection, PgConnection, Row};

use super::two::run;

/// A rule, and what it finds.
const RULES: [(&str, &str); 9] = [
    (
        "row security is enabled and forced",
        "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
         and not (c.relrowsecurity and c.relforcerowsecurity)",
    ),
    (
        "the policy of the tenant has both expressions",
        "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not exists (
             select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant' and p.polcmd = '*'
             and p.polpermissive and pg_get_expr(p.polqual, c.oid) = pg_get_expr(p.polwithcheck, c.oid)
             and pg_get_expr(p.polqual, c.oid) ~ '^\\(tenant_id = \\( SELECT \\(NULLIF\\(current_setting\\(''app\\.tenant''::text, true\\), ''''::text\\)\\)::uuid')",
    ),
    (
        "the only other policies are a batch's and the platform's, where they belong",
        "select c.relname || '.' || p.polname from pg_policy p join pg_class c on c.oid = p.polrelid
         where not (p.polname = 'tenant'
             or (p.polname = 'platform' and c.relname = 'tenants'
                 and pg_get_expr(p.polqual, c.oid) like '%current_setting(''app.platform''::text, true)%= ''on''%')
             or (p.polname = 'batch' and pg_get_expr(p.polqual, c.oid) like '(tenant_id = ANY (%''app.tenants''%'
                 and c.relname in ('events', 'tickets', 'legs', 'ticket_private', 'intents', 'idempotency_keys', 'snapshots', 'rollup_due')))
         or pg_get_expr(p.polqual, c.oid) is distinct from pg_get_expr(p.polwithcheck, c.oid)",
    ),
    (
        "there is no materialised view, and every view asks as its caller",
        "select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace
         and (c.relkind = 'm' or (c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions), false)))",
    ),
    (
        "no function runs as its owner or is leakproof",
        "select p.proname::text from pg_proc p where p.pronamespace = 'public'::regnamespace
         and (p.prosecdef or p.proleakproof)",
    ),
    (
        "the program reaches partitions through their parent only",
        "select c.relname::text from pg_class c where c.relispartition and exists (
             select from aclexplode(c.relacl) g where g.grantee in (0, 'smartqueue_app'::regrole))",
    ),
    (
        "the program may not truncate, refer to, or attach triggers to a table, nor change the journal",
        "select c.relname || ' ' || g.privilege_type from pg_class c, aclexplode(c.relacl) g
         where c.relnamespace = 'public'::regnamespace and g.grantee in (0, 'smartqueue_app'::regrole) and (
             g.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') or g.is_grantable
             or (c.relname = 'events' and g.privilege_type not in ('SELECT', 'INSERT')))",
    ),
    (
        "the program owns nothing, and its role cannot sign in or pass policies over",
        "select c.relname::text from pg_class c where c.relowner = 'smartqueue_app'::regrole
         union all select rolname::text from pg_roles where rolname = 'smartqueue_app'
         and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)",
    ),
    (
        "every unique and foreign key begins with the tenant",
        "select x.conname from (
             select i.indexrelid::regclass::text as conname, i.indrelid as place, i.indkey[0] as first from pg_index i
             where i.indisunique and i.indrelid::regclass::text <> 'tenants' or i.indisunique and i.indexrelid::regclass::text <> 'tenants_by_slug'
             union all select k.conname, k.conrelid, k.conkey[1] from pg_constraint k where k.contype = 'f') x
         join pg_class c on c.oid = x.place and c.relnamespace = 'public'::regnamespace
         join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
         where x.first <> t.attnum",
    ),
];

/// For each rule by its place, something that it must find.
const PLANTED: [(usize, &str); 17] = [
    (0, "create table planted (tenant_id uuid primary key)"),
    (0, "alter table tickets no force row level security"),
    (0, "alter table tickets disable row level security"),
    (1, "drop policy tenant on tickets"),
    (1, "drop policy tenant on tickets; create policy tenant on tickets using (true)"),
    (1, "alter policy tenant on tickets with check (true)"),
    (
        1,
        "alter policy tenant on tickets using (tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid) or current_setting('app.tenant', true) is null)",
    ),
    (2, "create policy platform on tickets using (current_setting('app.platform', true) = 'on')"),
    (2, "create policy batch on customers using (true)"),
    (2, "create policy another on tickets for select using (true)"),
    (3, "create materialized view loot as select * from tickets"),
    (3, "create view loot as select * from tickets"),
    (
        4,
        "create function loot() returns bigint language sql security definer as 'select 1::bigint'",
    ),
    (
        5,
        "create table parts (tenant_id uuid not null) partition by list (tenant_id);
         create table part partition of parts default; grant select on part to smartqueue_app",
    ),
    (6, "grant truncate on tickets to smartqueue_app"),
    (6, "grant update on events to smartqueue_app"),
    (8, "create unique index planted on tickets (ticket_id)"),
];

async fn violations(connection: &mut PgConnection) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (place, (_, sql)) in RULES.iter().enumerate() {
        let rows = sqlx::query(*sql).fetch_all(&mut *connection).await.unwrap();
        found.extend(rows.iter().map(|row| (place, row.get::<String, _>(0))));
    }
    found
}

#[tokio::test]
async fn the_catalogue_leads_nobody_around_the_policies() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
    let found: Vec<String> = violations(&mut admin)
        .await
        .into_iter()
        .map(|(place, found)| format!("{}: {found}", RULES[place].0))
        .collect();
    assert!(found.is_empty(), "{}\n", found.join("\n"));
}

#[tokio::test]
async fn each_rule_of_the_gate_catches_what_breaks_it() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
    for (place, planted) in PLANTED {
        run(&mut admin, format!("begin; {planted}")).await.unwrap();
        let found = violations(&mut admin).await;
        assert!(found.iter().any(|(rule, _)| *rule == place), "{planted}: {found:?}");
        run(&mut admin, "rollback").await.unwrap();
    }
}

#[tokio::test]
async fn one_line_makes_a_new_table_safe() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let mut owner = PgConnection::connect(database.owner_url()).await.unwrap();
    let new = "create table things (tenant_id uuid not null, thing_id uuid not null, primary key (tenant_id, thing_id))";
    run(&mut owner, new).await.unwrap();
    let mut admin = PgConnection::connect(database.admin_url()).await.unwrap();
    assert!(!violations(&mut admin).await.is_empty());
    run(&mut owner, "select smartqueue_protect('things')").await.unwrap();
    assert_eq!(violations(&mut admin).await, []);
    // And again, for whoever repeats a migration by hand.
    run(&mut owner, "select smartqueue_protect('things', 'select')").await.unwrap();
    assert_eq!(violations(&mut admin).await, []);
    let mut app = PgConnection::connect(database.url()).await.unwrap();
    let refused = run(&mut app, "delete from things").await.unwrap_err().to_string();
    assert!(refused.contains("permission denied"), "{refused}");
}
