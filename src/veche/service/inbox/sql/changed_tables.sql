-- Which appeals were changed since a snapshot, among those of the tenants that the transaction sees, whole or in
-- part, and those lent to it; up to `most`. So whoever keeps a copy learns too of what it may no longer see, and
-- drops it. `own` tells what the transaction itself has changed, which others do not see yet.
--
-- It runs as the owner because an index cannot be used through the walls. What a backup has brought with numbers
-- of transactions that are still to come is not new. The plan is settled: the index on `changed`, nothing else.
CREATE FUNCTION veche_changed(since pg_snapshot, most integer) RETURNS TABLE (appeal_id uuid, own boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
SELECT a.id, coalesce(a.changed = pg_current_xact_id_if_assigned(), false) FROM inbox_appeal a
WHERE a.changed >= pg_snapshot_xmin(since)
  AND a.changed <= greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned())
  AND (NOT pg_visible_in_snapshot(a.changed, since) OR a.changed = pg_current_xact_id_if_assigned())
  AND (a.tenant_id = ANY (veche_ids('veche.reads') || veche_ids('veche.partly'))
       OR a.id = ANY (veche_ids('veche.lent'))) IS TRUE
LIMIT most
$$;
REVOKE ALL ON FUNCTION veche_changed(pg_snapshot, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_changed(pg_snapshot, integer) TO veche_app;
