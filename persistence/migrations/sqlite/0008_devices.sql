-- What paired devices hold, when devices were last heard, and what people said of their visit.
create table device_credentials (
    tenant_id blob not null,
    device_id blob not null,
    hash blob not null,
    paired_at integer not null,
    paired_by text not null,
    revoked_at integer,
    primary key (tenant_id, device_id)
) strict, without rowid;

create table device_sightings (
    tenant_id blob not null,
    device_id blob not null,
    last_seen_at integer not null,
    primary key (tenant_id, device_id)
) strict, without rowid;

create table feedback (
    tenant_id blob not null,
    ticket_id blob not null,
    site_id blob not null,
    queue_id blob not null,
    service_id blob not null,
    agent_id blob,
    csat integer,
    nps integer,
    comment text,
    at integer not null,
    primary key (tenant_id, ticket_id)
) strict, without rowid;
create index feedback_by_time on feedback (tenant_id, at, ticket_id);
