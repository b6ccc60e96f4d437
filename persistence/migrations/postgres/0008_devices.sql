-- What paired devices hold, when devices were last heard, what people said of their visit, and API keys.
create table device_credentials (
    tenant_id uuid not null,
    device_id uuid not null,
    hash bytea not null,
    paired_at bigint not null,
    paired_by text not null,
    revoked_at bigint,
    primary key (tenant_id, device_id)
);

create table device_sightings (
    tenant_id uuid not null,
    device_id uuid not null,
    last_seen_at bigint not null,
    primary key (tenant_id, device_id)
);

create table feedback (
    tenant_id uuid not null,
    ticket_id uuid not null,
    site_id uuid not null,
    queue_id uuid not null,
    service_id uuid not null,
    agent_id uuid,
    csat bigint,
    nps bigint,
    comment text,
    at bigint not null,
    primary key (tenant_id, ticket_id)
);
create index feedback_by_time on feedback (tenant_id, at, ticket_id);

create table api_keys (
    tenant_id uuid not null,
    key_id uuid not null,
    name text not null,
    hash bytea not null,
    hint text not null,
    role text not null,
    scopes text not null,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint,
    primary key (tenant_id, key_id)
);
create unique index api_keys_by_hash on api_keys (tenant_id, hash);

select smartqueue_protect('device_credentials', 'select, insert, update');
select smartqueue_protect('device_sightings', 'select, insert, update');
select smartqueue_protect('feedback', 'select, insert');
select smartqueue_protect('api_keys', 'select, insert, update');
