-- Whose access tokens were ended before their time, so that a restart does not make them good again. A row is of use for
-- as long as a token can live.
create table ended_tokens (
    tenant_id blob not null,
    holder text not null,
    ended_at integer not null,
    primary key (tenant_id, holder)
) strict, without rowid;
