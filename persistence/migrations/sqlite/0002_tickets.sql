-- What follows from events and is written with them: tickets, legs, private data, intents, idempotency keys.
create table tickets (
    tenant_id blob not null,
    ticket_id blob not null,
    queue_id blob not null,
    site_id blob not null,
    service_id blob not null,
    customer_id blob,
    agent_id blob,
    counter_id blob,
    number text not null,
    class text not null,
    channel text not null,
    language text,
    state text not null,
    outcome text,
    leg integer not null,
    calls integer not null,
    requeues integer not null,
    issued_at integer not null,
    arrived_at integer,
    first_called_at integer,
    last_called_at integer,
    started_at integer,
    ended_at integer,
    held_secs integer not null,
    version integer not null,
    tags text not null,
    primary key (tenant_id, ticket_id)
) strict, without rowid;
-- Lists are ordered by time of issue. A list of one queue filters it: queues are few, and a second index costs each issue.
create index tickets_by_issue on tickets (tenant_id, issued_at, ticket_id);

create table legs (
    tenant_id blob not null,
    ticket_id blob not null,
    leg integer not null,
    queue_id blob not null,
    site_id blob not null,
    service_id blob not null,
    agent_id blob,
    class text not null,
    channel text not null,
    outcome text not null,
    arrived_at integer,
    first_called_at integer,
    last_called_at integer,
    started_at integer,
    ended_at integer not null,
    held_secs integer not null,
    wait_secs integer,
    walk_secs integer,
    service_secs integer,
    stay_secs integer not null,
    reason text,
    out_of_order integer not null,
    primary key (tenant_id, ticket_id, leg)
) strict, without rowid;

create table ticket_private (
    tenant_id blob not null,
    ticket_id blob not null,
    name text,
    phone text,
    email text,
    notes text not null,
    primary key (tenant_id, ticket_id)
) strict, without rowid;

create table intents (
    tenant_id blob not null,
    intent_id blob not null,
    ticket_id blob not null,
    customer_id blob,
    trigger_kind text not null,
    state text not null,
    due_at integer not null,
    payload text not null,
    primary key (tenant_id, intent_id)
) strict, without rowid;
create index intents_by_ticket on intents (tenant_id, ticket_id);

-- Numbered by the one writer: rows are appended at the end, and no index on the hash has to be kept. The replies are
-- large, so they do not stand in the key's own tree: five to a page it would grow deep.
create table idempotency_keys (
    tenant_id blob not null,
    seq integer not null,
    key_hash blob not null,
    fingerprint blob not null,
    status integer not null,
    body text not null,
    at integer not null,
    primary key (tenant_id, seq)
) strict;
