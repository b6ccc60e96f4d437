-- The report of each site's day, made once when the site closes. A JSON text; who made it reads it.
create table daily_reports (
    tenant_id blob not null,
    site_id blob not null,
    day integer not null,
    made_at integer not null,
    body text not null,
    primary key (tenant_id, site_id, day)
) strict, without rowid;
