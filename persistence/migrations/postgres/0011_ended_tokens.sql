-- Whose access tokens were ended before their time, so that a restart does not make them good again. Until none of them
-- can live any more, a row is of use.
create table ended_tokens (
    tenant_id uuid not null,
    holder text not null,
    ended_at bigint not null,
    until bigint not null,
    primary key (tenant_id, holder)
);

select smartqueue_protect('ended_tokens', 'select, insert, update, delete');
