-- What reports read: the legs of each queue, counted by local day, and the hours that must be counted again.
--
-- A trigger marks the hour of every leg that is written, so no writer can forget it; a leg that ends again marks the
-- hour it was in as well. The token is new with each mark: whoever counts takes away only the mark that it has seen.
create table rollup_due (
    tenant_id uuid not null,
    queue_id uuid not null,
    hour_at bigint not null,
    token uuid not null,
    primary key (tenant_id, queue_id, hour_at)
);

create table rollups (
    tenant_id uuid not null,
    part text not null,
    day bigint not null,
    queue_id uuid not null,
    item text not null,
    site_id uuid not null,
    service_id uuid not null,
    legs bigint not null,
    served bigint not null,
    transferred bigint not null,
    no_show bigint not null,
    walked_out bigint not null,
    cancelled bigint not null,
    removed bigint not null,
    expired bigint not null,
    called bigint not null,
    left_uncalled bigint not null,
    out_of_order bigint not null,
    overtaken bigint not null,
    overtakes bigint not null,
    overtakes_max bigint not null,
    wait_count bigint not null,
    wait_sum bigint not null,
    wait_min bigint,
    wait_max bigint,
    wait_spread bytea,
    last_wait_count bigint not null,
    last_wait_sum bigint not null,
    last_wait_min bigint,
    last_wait_max bigint,
    last_wait_spread bytea,
    walk_count bigint not null,
    walk_sum bigint not null,
    walk_min bigint,
    walk_max bigint,
    walk_spread bytea,
    service_count bigint not null,
    service_sum bigint not null,
    service_min bigint,
    service_max bigint,
    service_spread bytea,
    hold_count bigint not null,
    hold_sum bigint not null,
    hold_min bigint,
    hold_max bigint,
    hold_spread bytea,
    stay_count bigint not null,
    stay_sum bigint not null,
    stay_min bigint,
    stay_max bigint,
    stay_spread bytea,
    leave_count bigint not null,
    leave_sum bigint not null,
    leave_min bigint,
    leave_max bigint,
    leave_spread bytea,
    primary key (tenant_id, part, day, queue_id, item)
);

-- Changes with every row of its day, so that what was read before can be told to be old.
create table rollup_days (
    tenant_id uuid not null,
    day bigint not null,
    stamp uuid not null,
    primary key (tenant_id, day)
);

create index legs_by_arrival on legs (tenant_id, queue_id, (coalesce(arrived_at, ended_at)));
create index legs_out_of_order on legs (tenant_id, ended_at) where out_of_order;

create function smartqueue_mark_new_legs() returns trigger language plpgsql as $$
begin
    insert into rollup_due (tenant_id, queue_id, hour_at, token)
    select tenant_id, queue_id, hour_at, gen_random_uuid() from (
        select distinct tenant_id, queue_id, coalesce(arrived_at, ended_at) / 3600000000 * 3600000000 as hour_at
        from fresh) as hours
    order by tenant_id, queue_id, hour_at
    on conflict (tenant_id, queue_id, hour_at) do update set token = excluded.token;
    return null;
end
$$;
create function smartqueue_mark_changed_legs() returns trigger language plpgsql as $$
begin
    insert into rollup_due (tenant_id, queue_id, hour_at, token)
    select tenant_id, queue_id, hour_at, gen_random_uuid() from (
        select tenant_id, queue_id, coalesce(arrived_at, ended_at) / 3600000000 * 3600000000 as hour_at from stale
        union
        select tenant_id, queue_id, coalesce(arrived_at, ended_at) / 3600000000 * 3600000000 as hour_at from fresh) as hours
    order by tenant_id, queue_id, hour_at
    on conflict (tenant_id, queue_id, hour_at) do update set token = excluded.token;
    return null;
end
$$;
create trigger mark_new after insert on legs referencing new table as fresh
    for each statement execute function smartqueue_mark_new_legs();
create trigger mark_changed after update on legs referencing old table as stale new table as fresh
    for each statement execute function smartqueue_mark_changed_legs();

-- Legs of before count as well. Row-level security would hide them, from their owner too; it is put back at once.
alter table legs no force row level security;
insert into rollup_due (tenant_id, queue_id, hour_at, token)
select tenant_id, queue_id, hour_at, gen_random_uuid() from (
    select distinct tenant_id, queue_id, coalesce(arrived_at, ended_at) / 3600000000 * 3600000000 as hour_at from legs) as hours;
alter table legs force row level security;

select smartqueue_protect('rollup_due');
select smartqueue_protect_batch('rollup_due');
select smartqueue_protect('rollups');
select smartqueue_protect('rollup_days');
