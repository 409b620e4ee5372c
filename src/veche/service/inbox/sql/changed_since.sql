-- Which appeals were changed since a snapshot (see changed_tables.sql): by transactions that had not begun then, and
-- by those that were under way. Asked in these two parts the index finds them alone; asked as what is invisible
-- in the snapshot, all was looked through that was ever changed beside a transaction that stayed open.
CREATE OR REPLACE FUNCTION veche_changed(since pg_snapshot, most integer)
RETURNS TABLE (appeal_id uuid, own boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
SELECT a.id, coalesce(a.changed = pg_current_xact_id_if_assigned(), false)
FROM (
    SELECT l.id, l.tenant_id, l.changed FROM inbox_appeal l
    WHERE l.changed >= pg_snapshot_xmax(since)
      AND l.changed <= greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned())
    UNION ALL
    SELECT u.id, u.tenant_id, u.changed FROM inbox_appeal u
    WHERE u.changed = ANY (ARRAY(
        SELECT x FROM (SELECT pg_snapshot_xip(since) UNION SELECT pg_current_xact_id_if_assigned()) AS t (x)
        WHERE x < pg_snapshot_xmax(since)))
) AS a
WHERE (a.tenant_id = ANY (veche_ids('veche.reads') || veche_ids('veche.partly'))
       OR a.id = ANY (veche_ids('veche.lent'))) IS TRUE
LIMIT most
$$;
