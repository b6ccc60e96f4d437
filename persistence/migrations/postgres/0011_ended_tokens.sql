-- Whose access tokens were ended before their time, so that a restart does not make them good again. A row is of use for
-- as long as a token can live.
create table ended_tokens (
    tenant_id uuid not null,
    holder text not null,
    ended_at bigint not null,
    primary key (tenant_id, holder)
);

select smartqueue_protect('ended_tokens', 'select, insert, update, delete');
