-- Findings, partitioned by month; the walls stand around the table and around each of its partitions,
-- because a partition that is read by its own name knows nothing of the walls of its parent.
CREATE TABLE inbox_finding (
    made_at timestamptz NOT NULL,
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES accounts_tenant,
    appeal_id uuid NOT NULL REFERENCES inbox_appeal ON DELETE CASCADE,
    matter smallint NOT NULL,
    facet text NOT NULL,
    rank smallint NOT NULL,
    value text,
    confidence double precision,
    evidence jsonb NOT NULL,
    maker_kind text NOT NULL CHECK (maker_kind IN ('stage', 'person')),
    maker text NOT NULL,
    maker_version text NOT NULL,
    pack_version text NOT NULL,
    PRIMARY KEY (made_at, id)
) PARTITION BY RANGE (made_at);
CREATE INDEX inbox_finding_appeal ON inbox_finding (appeal_id, facet);

-- Makes the partition of the month that a moment lies in, where there is none yet.
CREATE FUNCTION veche_finding_month(at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    month timestamptz := date_trunc('month', at, 'UTC');
    partition text := 'inbox_finding_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('veche_finding_month'));
    IF to_regclass(partition) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF inbox_finding FOR VALUES FROM (%L) TO (%L)',
                   partition, month, month + interval '1 month');
    PERFORM veche_protect(partition::regclass, 'part');
END $$;
REVOKE ALL ON FUNCTION veche_finding_month(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_finding_month(timestamptz) TO veche_app;

CREATE SEQUENCE inbox_appeal_number START 1000001;

SELECT veche_protect('inbox_appeal', 'appeal');
SELECT veche_protect('inbox_appealtext', 'part');
SELECT veche_protect('inbox_attachment', 'part');
SELECT veche_protect('inbox_finding', 'part');
SELECT veche_protect('inbox_pending', 'part');
SELECT veche_protect('inbox_tally', 'scoped');
SELECT veche_protect(t, 'ruled') FROM unnest(ARRAY['inbox_channel', 'inbox_token']::regclass[]) AS t;
SELECT veche_protect(t, 'tenant') FROM unnest(ARRAY['inbox_person', 'inbox_thread', 'inbox_idempotencykey',
    'inbox_fileimport', 'inbox_importreject']::regclass[]) AS t;
SELECT veche_finding_month(now()), veche_finding_month(now() + interval '1 month');

-- Only the owner of an appeal lends it.
ALTER TABLE accounts_delegation ADD FOREIGN KEY (appeal_id, tenant_id) REFERENCES inbox_appeal (id, tenant_id);

-- A worker sees what waits in every tenant: ids and times, nothing else.
CREATE POLICY waiting ON inbox_pending TO veche_worker USING (true) WITH CHECK (true);

-- Wakes the workers when something waits.
CREATE FUNCTION veche_pending_notify() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM pg_notify('veche_pending', ''); RETURN NULL; END $$;
CREATE TRIGGER wake AFTER INSERT ON inbox_pending FOR EACH STATEMENT EXECUTE FUNCTION veche_pending_notify();

-- The token behind a hash, before it is known whose it is.
CREATE FUNCTION veche_token(of_hash bytea)
RETURNS TABLE (id uuid, tenant_id uuid, channel_id uuid, per_minute integer, burst integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT t.id, t.tenant_id, t.channel_id, t.per_minute, t.burst
FROM inbox_token t JOIN inbox_channel c ON c.id = t.channel_id
WHERE t.hash = of_hash AND c.active AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
$$;
-- The tenant of the appeal behind a number and the hash of its tracking secret.
CREATE FUNCTION veche_tracked(of_number bigint, of_secret bytea) RETURNS TABLE (id uuid, tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT a.id, a.tenant_id FROM inbox_appeal a WHERE a.number = of_number AND a.secret_hash = of_secret $$;
REVOKE ALL ON FUNCTION veche_token(bytea), veche_tracked(bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_token(bytea), veche_tracked(bigint, bytea) TO veche_app;
