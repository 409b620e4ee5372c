-- How the service stands, over all tenants: numbers, nothing else.
-- The count of appeals is the planner's estimate where there are many; a scan at each scrape would cost more.
CREATE FUNCTION veche_standing()
RETURNS TABLE (appeals double precision, pending double precision, oldest_seconds double precision,
               aside double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT
    (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'inbox_appeal'::regclass),
    (SELECT count(*) FROM inbox_pending),
    (SELECT coalesce(extract(epoch FROM now() - min(since)), 0) FROM inbox_pending),
    (SELECT count(*) FROM inbox_appeal WHERE state = 'aside')
$$;
CREATE INDEX inbox_appeal_aside ON inbox_appeal (tenant_id) WHERE state = 'aside';
REVOKE ALL ON FUNCTION veche_standing() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_standing() TO veche_app;
