-- What a person has let in. A browser in which they signed in says when it was last used, what it is and from where, so
-- that they know it again. A program of somebody else's has a row with what it was allowed, so that nobody is asked twice.
alter table sessions add column used_at integer not null default 0;
alter table sessions add column browser text;
alter table sessions add column address text;

create table consents (
    tenant_id blob not null,
    account_id blob not null,
    client_id text not null,
    scope text not null,
    given_at integer not null,
    updated_at integer not null,
    primary key (tenant_id, account_id, client_id)
) strict, without rowid;
create index consents_by_client on consents (tenant_id, client_id);
