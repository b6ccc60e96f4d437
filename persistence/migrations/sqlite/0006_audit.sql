-- The audit log: who did what to what. One chain per tenant; the nil tenant is the platform's own.
-- Rows are only ever added. The hash is keyed: whoever can write here cannot make one that fits.
create table audit_log (
    tenant_id blob not null,
    seq integer not null,
    at integer not null,
    actor text not null,
    action text not null,
    object text not null,
    outcome text not null,
    address text,
    request_id text,
    before_change text,
    after_change text,
    prev_hash blob not null,
    hash blob not null,
    primary key (tenant_id, seq)
) strict, without rowid;
create index audit_log_by_time on audit_log (tenant_id, at, seq);
