-- SQLite has no row-level security: the program alone opens the file, and every statement names the tenant (a test reads
-- them all). The number stands here so that both databases count alike.
select 1;
