-- The report of each site's day, made once when the site closes. A JSON text; who made it reads it.
create table daily_reports (
    tenant_id uuid not null,
    site_id uuid not null,
    day bigint not null,
    made_at bigint not null,
    body text not null,
    primary key (tenant_id, site_id, day)
);

select smartqueue_protect('daily_reports', 'select, insert');
