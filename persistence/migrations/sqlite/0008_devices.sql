-- What paired devices hold, when devices were last heard, what people said of their visit, and API keys.
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

create table api_keys (
    tenant_id blob not null,
    key_id blob not null,
    name text not null,
    hash blob not null,
    hint text not null,
    role text not null,
    scopes text not null,
    created_by text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer,
    primary key (tenant_id, key_id)
) strict, without rowid;
create unique index api_keys_by_hash on api_keys (tenant_id, hash);
