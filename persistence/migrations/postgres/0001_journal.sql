-- The journal: events, and snapshots to shorten reading them. Instants are microseconds since the epoch.
create table events (
    tenant_id uuid not null,
    stream_id uuid not null,
    version bigint not null,
    kind text not null,
    format bigint not null,
    at bigint not null,
    actor text not null,
    cause text,
    payload text not null,
    prev_hash bytea not null,
    hash bytea not null,
    primary key (tenant_id, stream_id, version)
);

create table snapshots (
    tenant_id uuid not null,
    stream_id uuid not null,
    version bigint not null,
    format bigint not null,
    at bigint not null,
    state bytea not null,
    checksum bytea not null,
    primary key (tenant_id, stream_id, version)
);
-- MessagePack does not shrink enough to pay for compressing it at every snapshot.
alter table snapshots alter column state set storage external;
