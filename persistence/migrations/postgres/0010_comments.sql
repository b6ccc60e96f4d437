-- The words of an opinion may be a person's own about themselves: an erasure takes them away, the marks stay.
grant update (comment) on feedback to smartqueue_app;
-- An index, so that the retention finds what is left to take away.
create index feedback_comments on feedback (tenant_id, ticket_id) where comment is not null;
