-- What understanding an appeal leaves beside its findings: counts that are always in step, what tells near
-- copies, and the way to search inside the walls.

-- An appeal that is withdrawn is no longer counted, whatever becomes of it later; one that was erased still is.
CREATE FUNCTION veche_uncount() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN NEW.day := NULL; RETURN NEW; END $$;
CREATE TRIGGER uncount BEFORE UPDATE ON inbox_appeal FOR EACH ROW
    WHEN (NEW.state = 'withdrawn') EXECUTE FUNCTION veche_uncount();

-- Whether an appeal is among those that are counted.
CREATE FUNCTION veche_counted(of_state text, of_day date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT of_day IS NOT NULL AND of_state IN ('understood', 'erased') $$;

-- Keeps the counts in step with the appeals, whoever changes them. However many appeals a statement changes,
-- each cell changes once, in one order, so that two statements do not wait for each other in a circle.
CREATE FUNCTION veche_keep_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    emptied bigint[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        WITH changed AS (
            SELECT before.*, -1 AS step FROM before WHERE veche_counted(state, day)
            UNION ALL SELECT after.*, 1 FROM after WHERE veche_counted(state, day)
        ), cell AS (
            SELECT c.tenant_id, c.day, h.code, c.language, c.kind, c.topic, c.body, c.territory, c.urgency,
                sum(c.step)::integer AS n
            FROM changed c JOIN inbox_channel h ON h.id = c.channel_id
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(c.step) <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        ), kept AS (
            INSERT INTO inbox_tally AS t
                (tenant_id, day, channel, language, kind, topic, body, territory, urgency, n)
            SELECT * FROM cell
            ON CONFLICT ON CONSTRAINT one_tally_per_cell DO UPDATE SET n = t.n + excluded.n
            RETURNING t.id, t.n
        )
        SELECT array_agg(id) INTO emptied FROM kept WHERE n = 0;
    ELSE
        WITH cell AS (
            SELECT c.tenant_id, c.day, h.code, c.language, c.kind, c.topic, c.body, c.territory, c.urgency,
                -count(*)::integer AS n
            FROM before c JOIN inbox_channel h ON h.id = c.channel_id
            WHERE veche_counted(c.state, c.day)
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        ), kept AS (
            INSERT INTO inbox_tally AS t
                (tenant_id, day, channel, language, kind, topic, body, territory, urgency, n)
            SELECT * FROM cell
            ON CONFLICT ON CONSTRAINT one_tally_per_cell DO UPDATE SET n = t.n + excluded.n
            RETURNING t.id, t.n
        )
        SELECT array_agg(id) INTO emptied FROM kept WHERE n = 0;
    END IF;
    IF emptied IS NOT NULL THEN DELETE FROM inbox_tally WHERE id = ANY (emptied) AND n = 0; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_changed AFTER UPDATE ON inbox_appeal
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION veche_keep_tally();
CREATE TRIGGER tally_removed AFTER DELETE ON inbox_appeal
    REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION veche_keep_tally();

-- What an appeal's text is compared by. `text_leader` is the first appeal of its text or of the one that it is
-- nearly, with the `likeness` to that; `leader` is the appeal that it repeats, itself where it repeats none.
-- `own` counts its own words, without those of forms: few of them say little. `bands` has the first of a text.
CREATE TABLE inbox_signature (
    appeal_id uuid PRIMARY KEY REFERENCES inbox_appeal ON DELETE CASCADE,
    tenant_id uuid NOT NULL REFERENCES accounts_tenant,
    text_hash bigint NOT NULL,
    text_leader uuid NOT NULL,
    leader uuid NOT NULL,
    followed boolean NOT NULL DEFAULT false,
    own smallint NOT NULL,
    likeness real NOT NULL,
    lat double precision,
    lon double precision,
    bands integer[]
);
CREATE INDEX inbox_signature_text ON inbox_signature (tenant_id, text_hash, appeal_id);
CREATE INDEX inbox_signature_firsts ON inbox_signature (tenant_id, appeal_id) WHERE bands IS NOT NULL;
CREATE INDEX inbox_signature_heads ON inbox_signature (tenant_id, text_leader, lat) WHERE leader = appeal_id;

-- Where to look for texts that may be near copies: those that share a band.
CREATE TABLE inbox_band (
    tenant_id uuid NOT NULL,
    band integer NOT NULL,
    appeal_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, band, appeal_id)
);
SELECT veche_protect('inbox_signature', 'part');
-- Nobody reads it but through the function below: it would tell who sees a part of a tenant of all appeals.
SELECT veche_protect('inbox_band', 'tenant');
REVOKE ALL ON inbox_band FROM veche_app;

-- The earliest appeals of a tenant that the transaction works in, up to `most` for each band.
CREATE FUNCTION veche_sharing_bands(of_tenant uuid, of_bands integer[], most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT DISTINCT m.appeal_id FROM unnest(of_bands) AS k (band)
CROSS JOIN LATERAL (
    SELECT b.appeal_id FROM inbox_band b WHERE b.tenant_id = of_tenant AND b.band = k.band
    ORDER BY b.appeal_id LIMIT most
) AS m
WHERE of_tenant = ANY (veche_ids('veche.writes'))
$$;

CREATE FUNCTION veche_add_bands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO inbox_band SELECT n.tenant_id, band, n.appeal_id FROM new_rows n, unnest(n.bands) AS band
    ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER add_bands AFTER INSERT ON inbox_signature REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veche_add_bands();

CREATE FUNCTION veche_remove_bands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM inbox_band b USING old_rows o, unnest(o.bands) AS gone (band)
    WHERE b.tenant_id = o.tenant_id AND b.band = gone.band AND b.appeal_id = o.appeal_id;
    RETURN NULL;
END $$;
CREATE TRIGGER remove_bands AFTER DELETE ON inbox_signature REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veche_remove_bands();

-- Where the text goes, what it was compared by goes with it.
CREATE FUNCTION veche_forget_signature() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM inbox_signature s USING old_rows o WHERE s.appeal_id = o.appeal_id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_signature AFTER DELETE ON inbox_appealtext REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veche_forget_signature();

-- The appeals that a search finds among those that the transaction may see. It runs as the owner, because an
-- index on words cannot be used through the walls; so it holds to them itself, word for word.
CREATE FUNCTION veche_search(query text) RETURNS TABLE (appeal_id uuid, rank real)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT t.appeal_id, ts_rank(t.search, q)
FROM websearch_to_tsquery('russian', query) AS q, inbox_appealtext t JOIN inbox_appeal a ON a.id = t.appeal_id
WHERE t.search @@ q
  AND (a.tenant_id = ANY ((SELECT veche_ids('veche.reads'))::uuid[])
       OR (a.tenant_id = ANY ((SELECT veche_ids('veche.partly'))::uuid[])
           AND veche_within(a.tenant_id, a.territory, a.body, false))
       OR a.id = ANY ((SELECT veche_ids('veche.lent'))::uuid[]))
$$;
REVOKE ALL ON FUNCTION veche_uncount(), veche_keep_tally(), veche_add_bands(), veche_remove_bands(),
    veche_forget_signature(), veche_sharing_bands(uuid, integer[], integer), veche_search(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_sharing_bands(uuid, integer[], integer), veche_search(text) TO veche_app;

SELECT veche_protect('inbox_break', 'tenant');

-- Workers that are alive say so every few seconds. After a crash of the server nobody misses these rows.
CREATE UNLOGGED TABLE inbox_worker (
    id uuid PRIMARY KEY,
    pid integer NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now(),
    understood bigint NOT NULL DEFAULT 0
);
GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_worker TO veche_app;
