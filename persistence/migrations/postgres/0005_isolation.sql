-- Row-level security: a connection sees and writes the rows of the tenant that its transaction names, and no others.
--
-- Settings that a transaction makes for itself, all empty by default, which means no rows:
--   app.tenant    one tenant: every read and every job.
--   app.tenants   a list of tenants with commas between: the journal writer's batches, on the tables a batch writes.
--   app.platform  'on': the tables of tenants themselves, to list and to make them. No other table has this policy.
--
-- Three roles, none of which signs in. They belong to the cluster, not to this database: several databases may be
-- migrated at once, so making one that another session makes at the same moment is no error.
--   smartqueue_owner  owns the tables; who migrates is a member.
--   smartqueue_app    reads and writes, under the policies; who serves is a member.
--   smartqueue_maint  reads everything for back-ups; passes the policies over if whoever made it may grant that.
do $$
declare
    name text;
begin
    foreach name in array array['smartqueue_owner', 'smartqueue_app', 'smartqueue_maint'] loop
        if not exists (select from pg_roles where rolname = name) then
            begin
                execute format('create role %I nologin', name);
            exception
                when duplicate_object or unique_violation then
                    null;
                when insufficient_privilege then
                    raise exception 'login % may not create the role %: have an administrator create it (nologin), or migrate with a login that has createrole',
                        current_user, name;
            end;
        end if;
    end loop;
    if not (select rolbypassrls from pg_roles where rolname = 'smartqueue_maint') then
        begin
            alter role smartqueue_maint bypassrls;
        exception when insufficient_privilege or internal_error then
            raise notice 'for back-ups, have a superuser run: alter role smartqueue_maint bypassrls';
        end;
    end if;
    if not pg_has_role(current_user, 'smartqueue_owner', 'member') then
        begin
            execute format('grant smartqueue_owner to %I', current_user);
        exception when unique_violation or internal_error then
            null;
        end;
    end if;
    execute format('grant usage, create on schema %I to smartqueue_owner', current_schema());
    execute format('grant usage on schema %I to smartqueue_app, smartqueue_maint', current_schema());
end
$$;

-- Makes a table with a tenant_id safe. Every later migration that makes such a table calls it once:
--   select smartqueue_protect('things');
--   select smartqueue_protect('things', 'select, insert');   -- what the program may do, if it needs less
create function smartqueue_protect(place regclass, privileges text default 'select, insert, update, delete')
    returns void language plpgsql set search_path = pg_catalog as $$
declare
    mine constant text := 'tenant_id = (select nullif(current_setting(''app.tenant'', true), '''')::uuid)';
begin
    execute format('alter table %s enable row level security', place);
    execute format('alter table %s force row level security', place);
    execute format('drop policy if exists tenant on %s', place);
    execute format('create policy tenant on %s using (%s) with check (%s)', place, mine, mine);
    execute format('revoke all on %s from public, smartqueue_app, smartqueue_maint', place);
    execute format('grant %s on %s to smartqueue_app', privileges, place);
    execute format('grant select on %s to smartqueue_maint', place);
    execute format('alter table %s owner to smartqueue_owner', place);
end
$$;

-- Lets the journal writer's batches, which mix tenants, into a table that is protected already.
create function smartqueue_protect_batch(place regclass)
    returns void language plpgsql set search_path = pg_catalog as $$
declare
    listed constant text := 'tenant_id = any (array(
        select unnest(string_to_array(nullif(current_setting(''app.tenants'', true), ''''), '',''))::uuid))';
begin
    execute format('drop policy if exists batch on %s', place);
    execute format('create policy batch on %s using (%s) with check (%s)', place, listed, listed);
end
$$;

revoke all on function smartqueue_protect(regclass, text), smartqueue_protect_batch(regclass) from public;

-- Older snapshots go when a newer one comes: the newest two of a stream are kept. A trigger, because a statement must
-- not read a table before the setting it is read under was made, and only the rows that are inserted come after it.
create function smartqueue_trim_snapshots() returns trigger language plpgsql as $$
begin
    delete from snapshots s
    where s.tenant_id = new.tenant_id and s.stream_id = new.stream_id and s.version < (
        select o.version from snapshots o
        where o.tenant_id = new.tenant_id and o.stream_id = new.stream_id
        order by o.version desc offset 1 limit 1);
    return null;
end
$$;
create trigger trim after insert on snapshots for each row execute function smartqueue_trim_snapshots();

-- Every table that there is by now. The journal is only added to.
do $$
declare
    held record;
begin
    for held in
        select c.oid::regclass as place, c.relname as name from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    loop
        perform smartqueue_protect(held.place, case held.name
            when 'events' then 'select, insert'
            when 'intents' then 'select, insert'
            when 'tickets' then 'select, insert, update'
            when 'legs' then 'select, insert, update'
            when 'ticket_private' then 'select, insert, update'
            when 'tenants' then 'select, insert, update'
            when 'customers' then 'select, insert'
            when 'idempotency_keys' then 'select, insert, delete'
            else 'select, insert, update, delete'
        end);
        if held.name in ('events', 'tickets', 'legs', 'ticket_private', 'intents', 'idempotency_keys', 'snapshots') then
            perform smartqueue_protect_batch(held.place);
        end if;
    end loop;
end
$$;

-- Which tenants there are is the one thing that must be known without knowing it already.
create policy platform on tenants
    using ((select current_setting('app.platform', true)) = 'on')
    with check ((select current_setting('app.platform', true)) = 'on');

-- The program compares the schema with its own before it serves.
do $$
begin
    if to_regclass('_sqlx_migrations') is not null then
        revoke all on _sqlx_migrations from public;
        grant select on _sqlx_migrations to smartqueue_app, smartqueue_maint;
        alter table _sqlx_migrations owner to smartqueue_owner;
    end if;
end
$$;
