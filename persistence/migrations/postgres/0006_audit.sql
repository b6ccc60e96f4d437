-- The audit log: who did what to what. One chain per tenant; the nil tenant is the platform's own.
-- Rows are only ever added. The hash is keyed: whoever can write here cannot make one that fits.
create table audit_log (
    tenant_id uuid not null,
    seq bigint not null,
    at bigint not null,
    actor text not null,
    action text not null,
    object text not null,
    outcome text not null,
    address text,
    request_id text,
    before_change text,
    after_change text,
    prev_hash bytea not null,
    hash bytea not null,
    primary key (tenant_id, seq)
);
create index audit_log_by_time on audit_log (tenant_id, at, seq);

select smartqueue_protect('audit_log', 'select, insert');
