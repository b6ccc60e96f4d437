-- What somebody had to look after: raised once, cleared once, acknowledged by whoever saw it first. Of one kind and subject
-- one alert is open at most. `facts` and `delivery` are JSON; while `to_deliver` is 1, somebody is still to be told.
create table alerts (
    tenant_id uuid not null,
    alert_id uuid not null,
    kind text not null,
    subject_id uuid not null,
    site_id uuid not null,
    raised_at bigint not null,
    cleared_at bigint,
    acknowledged_by text,
    acknowledged_at bigint,
    facts text not null,
    delivery text not null,
    to_deliver bigint not null,
    primary key (tenant_id, alert_id)
);
create unique index alerts_open on alerts (tenant_id, kind, subject_id) where cleared_at is null;
create index alerts_by_time on alerts (tenant_id, raised_at, alert_id);

select smartqueue_protect('alerts', 'select, insert, update');
