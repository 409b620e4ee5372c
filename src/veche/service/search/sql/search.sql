-- What search needs beside the masked texts: ways to find them by their words inside the walls, sketches of
-- their vectors, and the searches that people keep.

-- Who asks which texts fit reads the rows alone; all that is long lies beside them. PostgreSQL puts nothing
-- beside a row that has less than 2 kB (TOAST_TUPLE_THRESHOLD), so a filler makes every row longer than that:
-- two thousand zeros, of which some thirty bytes are left. A row takes a seventh of what it took, and so does
-- looking for a word that very many texts have.
ALTER TABLE inbox_appealtext SET (toast_tuple_target = 128);
ALTER TABLE inbox_appealtext ALTER COLUMN vector SET STORAGE EXTERNAL;
ALTER TABLE inbox_appealtext ADD COLUMN filler bytea NOT NULL DEFAULT decode(repeat('00', 2048), 'hex');

-- The signs of a vector of half floats (IEEE 754 binary16, little-endian), one bit each, the first in the
-- highest bit of the first byte.
CREATE FUNCTION veche_sketch(vector bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT coalesce(decode(string_agg(lpad(to_hex(b.eight), 2, '0'), '' ORDER BY b.at), 'hex'), '')
FROM (
    SELECT i / 8 AS at, sum((get_byte(vector, 2 * i + 1) >> 7) << (7 - i % 8))::integer AS eight
    FROM generate_series(0, length(vector) / 2 - 1) AS i GROUP BY 1
) AS b
$$;
ALTER TABLE inbox_appealtext ADD COLUMN sketch bytea NOT NULL DEFAULT '';
ALTER TABLE inbox_appealtext ALTER COLUMN sketch SET STORAGE PLAIN;

-- Whoever writes a vector without its sketch gets one: a vector that has none would never be found.
CREATE FUNCTION veche_fill_sketch() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN NEW.sketch := veche_sketch(NEW.vector); RETURN NEW; END $$;
CREATE TRIGGER fill_sketch BEFORE INSERT ON inbox_appealtext FOR EACH ROW
    WHEN (length(NEW.sketch) = 0 AND length(NEW.vector) > 0) EXECUTE FUNCTION veche_fill_sketch();
CREATE TRIGGER renew_sketch BEFORE UPDATE OF vector ON inbox_appealtext FOR EACH ROW
    EXECUTE FUNCTION veche_fill_sketch();
UPDATE inbox_appealtext SET sketch = veche_sketch(vector) WHERE length(vector) > 0;

-- What somebody typed as a question to the index: words of both languages by their stems, "phrases", or, -not.
CREATE FUNCTION veche_asked(query text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT websearch_to_tsquery('pg_catalog.russian', translate(query, 'ёЁ', 'еЕ')) $$;

-- The ids (16 bytes each, one after another) of the texts that fit, among those that the transaction may see.
-- It runs as the owner, because an index on words cannot be used through the walls; so it holds to them
-- itself, word for word.
DROP FUNCTION veche_search(text);
CREATE FUNCTION veche_search(asked tsquery) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT coalesce(string_agg(uuid_send(t.appeal_id), ''), '') FROM inbox_appealtext t
WHERE t.search @@ asked
  AND (t.tenant_id = ANY ((SELECT veche_ids('veche.reads'))::uuid[])
       OR (t.tenant_id = ANY ((SELECT veche_ids('veche.partly'))::uuid[])
           AND EXISTS (SELECT FROM inbox_appeal a WHERE a.id = t.appeal_id
                       AND veche_within(a.tenant_id, a.territory, a.body, false)))
       OR t.appeal_id = ANY ((SELECT veche_ids('veche.lent'))::uuid[]))
$$;

-- Notes that masked texts of these authorities were taken out in a file, so that an erasure can say what to
-- make anew. Who may read may take out, and has no other right to write there.
CREATE FUNCTION veche_note_export(tenants uuid[], of_title text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
INSERT INTO vault_derived (id, tenant_id, kind, title, made_at)
SELECT gen_random_uuid(), t, 'export', of_title, now() FROM unnest(tenants) AS t
WHERE t = ANY (veche_ids('veche.reads') || veche_ids('veche.partly'))
   OR EXISTS (SELECT FROM inbox_appeal a WHERE a.tenant_id = t AND a.id = ANY (veche_ids('veche.lent')))
$$;

-- The person that the transaction acts for; nobody where a machine works.
CREATE FUNCTION veche_me() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('veche.user', true), '')::uuid $$;

-- A search that is kept is its owner's; a shared one is seen by all who work in the authority. When somebody
-- last looked at one is theirs alone.
ALTER TABLE search_saved ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON search_saved TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY seen ON search_saved FOR SELECT TO veche_app
    USING (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[])
           AND (shared OR owner_id = (SELECT veche_me())));
CREATE POLICY mine ON search_saved TO veche_app
    USING (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]) AND owner_id = (SELECT veche_me()))
    WITH CHECK (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]) AND owner_id = (SELECT veche_me()));
ALTER TABLE search_seen ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON search_seen TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY seen ON search_seen FOR SELECT TO veche_app
    USING (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]) AND user_id = (SELECT veche_me()));
CREATE POLICY mine ON search_seen TO veche_app
    USING (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]) AND user_id = (SELECT veche_me()))
    WITH CHECK (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]) AND user_id = (SELECT veche_me())
                AND EXISTS (SELECT FROM search_saved s WHERE s.id = saved_id AND s.tenant_id = search_seen.tenant_id));

REVOKE ALL ON FUNCTION veche_sketch(bytea), veche_fill_sketch(), veche_asked(text), veche_search(tsquery),
    veche_note_export(uuid[], text), veche_me() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_sketch(bytea), veche_asked(text), veche_search(tsquery),
    veche_note_export(uuid[], text), veche_me() TO veche_app;
