-- What is planned from: who came to a site, and when. A leg is written about once, so one more index costs little; a
-- queue belongs to one site and filters the site's rows.
create index legs_of_site on legs (tenant_id, site_id, arrived_at);
