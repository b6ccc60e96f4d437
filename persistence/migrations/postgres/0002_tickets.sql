-- What follows from events and is written with them: tickets, legs, private data, intents, idempotency keys.
create table tickets (
    tenant_id uuid not null,
    ticket_id uuid not null,
    queue_id uuid not null,
    site_id uuid not null,
    service_id uuid not null,
    customer_id uuid,
    agent_id uuid,
    counter_id uuid,
    number text not null,
    class text not null,
    channel text not null,
    language text,
    state text not null,
    outcome text,
    leg bigint not null,
    calls bigint not null,
    requeues bigint not null,
    issued_at bigint not null,
    arrived_at bigint,
    first_called_at bigint,
    last_called_at bigint,
    started_at bigint,
    ended_at bigint,
    held_secs bigint not null,
    version bigint not null,
    tags text not null,
    primary key (tenant_id, ticket_id)
-- Room on the page: a ticket is written about five times, and no indexed column changes.
) with (fillfactor = 70);
-- Lists are ordered by time of issue. A list of one queue filters it: queues are few, and a second index costs each issue.
create index tickets_by_issue on tickets (tenant_id, issued_at, ticket_id);

create table legs (
    tenant_id uuid not null,
    ticket_id uuid not null,
    leg bigint not null,
    queue_id uuid not null,
    site_id uuid not null,
    service_id uuid not null,
    agent_id uuid,
    class text not null,
    channel text not null,
    outcome text not null,
    arrived_at bigint,
    first_called_at bigint,
    last_called_at bigint,
    started_at bigint,
    ended_at bigint not null,
    held_secs bigint not null,
    wait_secs bigint,
    walk_secs bigint,
    service_secs bigint,
    stay_secs bigint not null,
    reason text,
    out_of_order boolean not null,
    primary key (tenant_id, ticket_id, leg)
);

create table ticket_private (
    tenant_id uuid not null,
    ticket_id uuid not null,
    name text,
    phone text,
    email text,
    notes text not null,
    primary key (tenant_id, ticket_id)
);

create table intents (
    tenant_id uuid not null,
    intent_id uuid not null,
    ticket_id uuid not null,
    customer_id uuid,
    trigger_kind text not null,
    state text not null,
    due_at bigint not null,
    payload text not null,
    primary key (tenant_id, intent_id)
);
create index intents_by_ticket on intents (tenant_id, ticket_id);

-- Numbered by the one writer: rows are appended at the end, and no index on the hash has to be kept.
create table idempotency_keys (
    tenant_id uuid not null,
    seq bigint not null,
    key_hash bytea not null,
    fingerprint bytea not null,
    status bigint not null,
    body text not null,
    at bigint not null,
    primary key (tenant_id, seq)
);
