-- Personal data is sealed: one blob a row (key id, nonce, AES-256-GCM) and blind indexes to look people up by.
-- The plain columns stay for rows of older databases: the first start with a vault seals those and empties them.
alter table customers add column sealed bytea;
alter table customers add column phone_index bytea;
alter table customers add column email_index bytea;
alter table customers add column version bigint not null default 1;
drop index customers_by_phone;
drop index customers_by_email;
create unique index customers_by_phone on customers (tenant_id, phone_index);
create unique index customers_by_email on customers (tenant_id, email_index);
alter table ticket_private add column sealed bytea;
-- By the id of the key, to find what is plain, what an older key sealed, and which keys are needed.
create index customers_by_key on customers (tenant_id, substr(sealed, 1, 4));
create index ticket_private_by_key on ticket_private (tenant_id, substr(sealed, 1, 4));

-- The keys that seal, themselves sealed by the master key. They belong to no tenant: the tenant is the nil id.
create table vault_keys (
    tenant_id uuid not null,
    key_id bigint not null,
    wrapped bytea not null,
    primary key (tenant_id, key_id)
);

-- What was erased on request: ids and blind indexes, nothing that was erased.
create table erasures (
    tenant_id uuid not null,
    erasure_id uuid not null,
    customer_id uuid,
    phone_index bytea,
    email_index bytea,
    at bigint not null,
    tickets bigint not null,
    hash bytea not null,
    primary key (tenant_id, erasure_id)
);

select smartqueue_protect('vault_keys', 'select, insert, delete');
select smartqueue_protect('erasures', 'select, insert');

-- Personal data may be changed and deleted; of an intent only what it says.
grant update, delete on customers to smartqueue_app;
grant delete on ticket_private to smartqueue_app;
grant update (payload) on intents to smartqueue_app;
