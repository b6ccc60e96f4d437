-- How each queue stood, every half minute: for reports over days. After 90 days one sample an hour is left.
create table queue_samples (
    tenant_id uuid not null,
    queue_id uuid not null,
    at bigint not null,
    waiting bigint not null,
    longest_wait_seconds bigint not null,
    wait_p50_seconds bigint,
    wait_p90_seconds bigint,
    wait_p95_seconds bigint,
    agents_available bigint not null,
    agents_busy bigint not null,
    agents_on_break bigint not null,
    called_15m bigint not null,
    called_in_time_15m bigint not null,
    served_15m bigint not null,
    abandoned_15m bigint not null,
    health bigint,
    primary key (tenant_id, queue_id, at)
);
create index queue_samples_by_time on queue_samples (tenant_id, at);

select smartqueue_protect('queue_samples', 'select, insert, delete');
