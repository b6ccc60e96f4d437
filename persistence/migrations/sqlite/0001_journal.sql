-- The journal: events, and snapshots to shorten reading them. Ids are 16 bytes, instants microseconds since the epoch.
-- Events stand in the order of their commits and the key is an index beside them: with many streams in one commit this
-- touches far fewer pages than keeping each stream's events together.
create table events (
    tenant_id blob not null,
    stream_id blob not null,
    version integer not null,
    kind text not null,
    format integer not null,
    at integer not null,
    actor text not null,
    cause text,
    payload text not null,
    prev_hash blob not null,
    hash blob not null,
    primary key (tenant_id, stream_id, version)
) strict;

create table snapshots (
    tenant_id blob not null,
    stream_id blob not null,
    version integer not null,
    format integer not null,
    at integer not null,
    state blob not null,
    checksum blob not null,
    primary key (tenant_id, stream_id, version)
) strict;
