-- What somebody had to look after: raised once, cleared once, acknowledged by whoever saw it first. Of one kind and subject
-- one alert is open at most. `facts` and `delivery` are JSON; while `to_deliver` is 1, somebody is still to be told.
create table alerts (
    tenant_id blob not null,
    alert_id blob not null,
    kind text not null,
    subject_id blob not null,
    site_id blob not null,
    raised_at integer not null,
    cleared_at integer,
    acknowledged_by text,
    acknowledged_at integer,
    facts text not null,
    delivery text not null,
    to_deliver integer not null,
    primary key (tenant_id, alert_id)
) strict, without rowid;
create unique index alerts_open on alerts (tenant_id, kind, subject_id) where cleared_at is null;
create index alerts_by_time on alerts (tenant_id, raised_at, alert_id);
