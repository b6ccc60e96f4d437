-- Who signs in, with what, and for how long. Secrets are kept as SHA-256, passwords as argon2id, second factors sealed.
create table accounts (
    tenant_id uuid not null,
    account_id uuid not null,
    email text not null,
    password_hash text,
    totp bytea,
    totp_last_step bigint not null,
    recovery_hashes text not null,
    verified_at bigint,
    disabled_at bigint,
    password_changed_at bigint,
    language text,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, account_id)
);
create unique index accounts_by_email on accounts (tenant_id, email);

create table clients (
    tenant_id uuid not null,
    client_id text not null,
    name text not null,
    secret_hash bytea,
    redirect_uris text not null,
    grants text not null,
    scopes text not null,
    role text,
    first_party bigint not null,
    disabled_at bigint,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, client_id)
);

create table sessions (
    tenant_id uuid not null,
    hash bytea not null,
    account_id uuid not null,
    auth_time bigint not null,
    methods text not null,
    expires_at bigint not null,
    created_at bigint not null,
    primary key (tenant_id, hash)
);
create index sessions_by_account on sessions (tenant_id, account_id);

create table codes (
    tenant_id uuid not null,
    hash bytea not null,
    client_id text not null,
    account_id uuid not null,
    redirect_uri text not null,
    challenge text not null,
    scope text not null,
    nonce text,
    auth_time bigint not null,
    family uuid not null,
    expires_at bigint not null,
    used_at bigint,
    primary key (tenant_id, hash)
);

create table refresh_tokens (
    tenant_id uuid not null,
    hash bytea not null,
    family uuid not null,
    client_id text not null,
    account_id uuid not null,
    scope text not null,
    auth_time bigint not null,
    issued_at bigint not null,
    expires_at bigint not null,
    ends_at bigint not null,
    used_at bigint,
    revoked_at bigint,
    successor bytea,
    primary key (tenant_id, hash)
);
create index refresh_tokens_by_family on refresh_tokens (tenant_id, family);
create index refresh_tokens_by_account on refresh_tokens (tenant_id, account_id);

create table once (
    tenant_id uuid not null,
    purpose text not null,
    hash bytea not null,
    subject text not null,
    data text not null,
    tries_left bigint not null,
    expires_at bigint not null,
    primary key (tenant_id, purpose, hash)
);
create index once_by_subject on once (tenant_id, purpose, subject);
