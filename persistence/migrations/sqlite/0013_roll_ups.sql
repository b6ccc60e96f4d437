-- What reports read: the legs of each queue, counted by local day, and the hours that must be counted again.
--
-- A trigger marks the hour of every leg that is written, so no writer can forget it; a leg that ends again marks the
-- hour it was in as well. The token is new with each mark: whoever counts takes away only the mark that it has seen.
create table rollup_due (
    tenant_id blob not null,
    queue_id blob not null,
    hour_at integer not null,
    token blob not null,
    primary key (tenant_id, queue_id, hour_at)
) strict, without rowid;

create table rollups (
    tenant_id blob not null,
    part text not null,
    day integer not null,
    queue_id blob not null,
    item text not null,
    site_id blob not null,
    service_id blob not null,
    legs integer not null,
    served integer not null,
    transferred integer not null,
    no_show integer not null,
    walked_out integer not null,
    cancelled integer not null,
    removed integer not null,
    expired integer not null,
    called integer not null,
    left_uncalled integer not null,
    out_of_order integer not null,
    overtaken integer not null,
    overtakes integer not null,
    overtakes_max integer not null,
    wait_count integer not null,
    wait_sum integer not null,
    wait_min integer,
    wait_max integer,
    wait_spread blob,
    last_wait_count integer not null,
    last_wait_sum integer not null,
    last_wait_min integer,
    last_wait_max integer,
    last_wait_spread blob,
    walk_count integer not null,
    walk_sum integer not null,
    walk_min integer,
    walk_max integer,
    walk_spread blob,
    service_count integer not null,
    service_sum integer not null,
    service_min integer,
    service_max integer,
    service_spread blob,
    hold_count integer not null,
    hold_sum integer not null,
    hold_min integer,
    hold_max integer,
    hold_spread blob,
    stay_count integer not null,
    stay_sum integer not null,
    stay_min integer,
    stay_max integer,
    stay_spread blob,
    leave_count integer not null,
    leave_sum integer not null,
    leave_min integer,
    leave_max integer,
    leave_spread blob,
    primary key (tenant_id, part, day, queue_id, item)
) strict;

-- Changes with every row of its day, so that what was read before can be told to be old.
create table rollup_days (
    tenant_id blob not null,
    day integer not null,
    stamp blob not null,
    primary key (tenant_id, day)
) strict, without rowid;

create index legs_by_arrival on legs (tenant_id, queue_id, (coalesce(arrived_at, ended_at)));
create index legs_out_of_order on legs (tenant_id, ended_at) where out_of_order;

create trigger legs_mark_new after insert on legs begin
    insert into rollup_due (tenant_id, queue_id, hour_at, token)
    values (new.tenant_id, new.queue_id, coalesce(new.arrived_at, new.ended_at) / 3600000000 * 3600000000, randomblob(16))
    on conflict (tenant_id, queue_id, hour_at) do update set token = excluded.token;
end;

create trigger legs_mark_changed after update on legs begin
    insert into rollup_due (tenant_id, queue_id, hour_at, token)
    values (old.tenant_id, old.queue_id, coalesce(old.arrived_at, old.ended_at) / 3600000000 * 3600000000, randomblob(16))
    on conflict (tenant_id, queue_id, hour_at) do update set token = excluded.token;
    insert into rollup_due (tenant_id, queue_id, hour_at, token)
    values (new.tenant_id, new.queue_id, coalesce(new.arrived_at, new.ended_at) / 3600000000 * 3600000000, randomblob(16))
    on conflict (tenant_id, queue_id, hour_at) do update set token = excluded.token;
end;

-- Legs of before count as well.
insert into rollup_due (tenant_id, queue_id, hour_at, token)
select tenant_id, queue_id, hour_at, randomblob(16) from (
    select distinct tenant_id, queue_id, coalesce(arrived_at, ended_at) / 3600000000 * 3600000000 as hour_at from legs);
