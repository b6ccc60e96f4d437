-- The logins and roles of SmartQueue, made once by a superuser in the program's own database:
--   MIGRATE_PASSWORD=... SERVE_PASSWORD=... psql --dbname smartqueue --file deploy/postgres-roles.sql
-- smartqueue_migrate owns the database and its tables; smartqueue_serve reads and writes under row-level security.
-- The roles are those that the migrations would make, so that no login of the program needs CREATEROLE.
\set ON_ERROR_STOP on
\getenv migrate_password MIGRATE_PASSWORD
\getenv serve_password SERVE_PASSWORD

create role smartqueue_owner nologin;
create role smartqueue_app nologin;
create role smartqueue_maint nologin bypassrls;
create role smartqueue_migrate login password :'migrate_password' in role smartqueue_owner;
create role smartqueue_serve login password :'serve_password' in role smartqueue_app;
select format('alter database %I owner to smartqueue_migrate', current_database()) \gexec
