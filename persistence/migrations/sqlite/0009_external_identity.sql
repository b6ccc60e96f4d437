-- With which outside providers people of a tenant sign in, and whom a provider's subject stands for. A client's secret is
-- sealed by the program. What is on its way is in `once`.
create table identity_providers (
    tenant_id blob not null,
    provider_id blob not null,
    slug text not null,
    name text not null,
    issuer text not null,
    client_id text not null,
    client_secret blob,
    scopes text not null,
    groups_claim text not null,
    roles text not null,
    default_role text,
    trust_email integer not null,
    link_existing integer not null,
    enabled integer not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, provider_id)
) strict, without rowid;
create unique index identity_providers_by_slug on identity_providers (tenant_id, slug);

create table external_subjects (
    tenant_id blob not null,
    issuer text not null,
    subject text not null,
    account_id blob not null,
    linked_at integer not null,
    primary key (tenant_id, issuer, subject)
) strict, without rowid;
create index external_subjects_by_account on external_subjects (tenant_id, account_id);
