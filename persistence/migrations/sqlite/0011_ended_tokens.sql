-- Whose access tokens were ended before their time, so that a restart does not make them good again. Until none of them
-- can live any more, a row is of use.
create table ended_tokens (
    tenant_id blob not null,
    holder text not null,
    ended_at integer not null,
    until integer not null,
    primary key (tenant_id, holder)
) strict, without rowid;
