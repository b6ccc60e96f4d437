-- What a tenant sets up, and the people it knows. Bodies are JSON texts; whoever writes them reads them.
create table tenants (
    tenant_id uuid not null,
    slug text not null,
    name text not null,
    version bigint not null,
    body text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id)
);
-- The one unique index that does not begin with the tenant: it says which tenant a name belongs to.
create unique index tenants_by_slug on tenants (slug);

create table resources (
    tenant_id uuid not null,
    kind text not null,
    id uuid not null,
    key text not null,
    version bigint not null,
    body text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, kind, id)
);
create unique index resources_by_key on resources (tenant_id, kind, key);

create table customers (
    tenant_id uuid not null,
    customer_id uuid not null,
    phone text,
    email text,
    name text,
    language text,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, customer_id)
);
create unique index customers_by_phone on customers (tenant_id, phone);
create unique index customers_by_email on customers (tenant_id, email);
