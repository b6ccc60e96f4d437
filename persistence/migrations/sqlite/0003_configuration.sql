-- What a tenant sets up, and the people it knows. Bodies are JSON texts; whoever writes them reads them.
create table tenants (
    tenant_id blob not null,
    slug text not null,
    name text not null,
    version integer not null,
    body text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id)
) strict, without rowid;
-- The one unique index that does not begin with the tenant: it says which tenant a name belongs to.
create unique index tenants_by_slug on tenants (slug);

create table resources (
    tenant_id blob not null,
    kind text not null,
    id blob not null,
    key text not null,
    version integer not null,
    body text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, kind, id)
) strict, without rowid;
create unique index resources_by_key on resources (tenant_id, kind, key);

create table customers (
    tenant_id blob not null,
    customer_id blob not null,
    phone text,
    email text,
    name text,
    language text,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, customer_id)
) strict, without rowid;
create unique index customers_by_phone on customers (tenant_id, phone);
create unique index customers_by_email on customers (tenant_id, email);
