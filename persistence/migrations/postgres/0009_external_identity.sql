-- With which outside providers people of a tenant sign in, and whom a provider's subject stands for. A client's secret is
-- sealed by the program. What is on its way is in `once`.
create table identity_providers (
    tenant_id uuid not null,
    provider_id uuid not null,
    slug text not null,
    name text not null,
    issuer text not null,
    client_id text not null,
    client_secret bytea,
    scopes text not null,
    groups_claim text not null,
    roles text not null,
    default_role text,
    trust_email bigint not null,
    link_existing bigint not null,
    enabled bigint not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, provider_id)
);
create unique index identity_providers_by_slug on identity_providers (tenant_id, slug);

create table external_subjects (
    tenant_id uuid not null,
    issuer text not null,
    subject text not null,
    account_id uuid not null,
    linked_at bigint not null,
    primary key (tenant_id, issuer, subject)
);
create index external_subjects_by_account on external_subjects (tenant_id, account_id);

select smartqueue_protect('identity_providers', 'select, insert, update, delete');
select smartqueue_protect('external_subjects', 'select, insert');
