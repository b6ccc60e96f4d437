-- How each queue stood, every half minute: for reports over days. After 90 days one sample an hour is left.
create table queue_samples (
    tenant_id blob not null,
    queue_id blob not null,
    at integer not null,
    waiting integer not null,
    longest_wait_seconds integer not null,
    wait_p50_seconds integer,
    wait_p90_seconds integer,
    wait_p95_seconds integer,
    agents_available integer not null,
    agents_busy integer not null,
    agents_on_break integer not null,
    called_15m integer not null,
    called_in_time_15m integer not null,
    served_15m integer not null,
    abandoned_15m integer not null,
    health integer,
    primary key (tenant_id, queue_id, at)
) strict, without rowid;
create index queue_samples_by_time on queue_samples (tenant_id, at);
