-- Who signs in, with what, and for how long. Secrets are kept as SHA-256, passwords as argon2id, second factors sealed.
create table accounts (
    tenant_id blob not null,
    account_id blob not null,
    email text not null,
    password_hash text,
    totp blob,
    totp_last_step integer not null,
    recovery_hashes text not null,
    verified_at integer,
    disabled_at integer,
    password_changed_at integer,
    language text,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, account_id)
) strict, without rowid;
create unique index accounts_by_email on accounts (tenant_id, email);

create table clients (
    tenant_id blob not null,
    client_id text not null,
    name text not null,
    secret_hash blob,
    redirect_uris text not null,
    grants text not null,
    scopes text not null,
    role text,
    first_party integer not null,
    disabled_at integer,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, client_id)
) strict, without rowid;

create table sessions (
    tenant_id blob not null,
    hash blob not null,
    account_id blob not null,
    auth_time integer not null,
    methods text not null,
    expires_at integer not null,
    created_at integer not null,
    primary key (tenant_id, hash)
) strict, without rowid;
create index sessions_by_account on sessions (tenant_id, account_id);

create table codes (
    tenant_id blob not null,
    hash blob not null,
    client_id text not null,
    account_id blob not null,
    redirect_uri text not null,
    challenge text not null,
    scope text not null,
    nonce text,
    auth_time integer not null,
    family blob not null,
    expires_at integer not null,
    used_at integer,
    primary key (tenant_id, hash)
) strict, without rowid;

create table refresh_tokens (
    tenant_id blob not null,
    hash blob not null,
    family blob not null,
    client_id text not null,
    account_id blob not null,
    scope text not null,
    auth_time integer not null,
    issued_at integer not null,
    expires_at integer not null,
    ends_at integer not null,
    used_at integer,
    revoked_at integer,
    successor blob,
    primary key (tenant_id, hash)
) strict, without rowid;
create index refresh_tokens_by_family on refresh_tokens (tenant_id, family);
create index refresh_tokens_by_account on refresh_tokens (tenant_id, account_id);

create table once (
    tenant_id blob not null,
    purpose text not null,
    hash blob not null,
    subject text not null,
    data text not null,
    tries_left integer not null,
    expires_at integer not null,
    primary key (tenant_id, purpose, hash)
) strict, without rowid;
create index once_by_subject on once (tenant_id, purpose, subject);
