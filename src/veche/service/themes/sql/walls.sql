-- The walls around themes, what new appeals leave for those who follow them, and what an erasure takes along.

SELECT veche_protect(t, 'tenant') FROM unnest(ARRAY['themes_theme', 'themes_act', 'themes_work',
    'themes_following']::regclass[]) AS t;
-- Members and quotations are seen by those who see the appeal.
SELECT veche_protect(t, 'part') FROM unnest(ARRAY['themes_member', 'themes_quotation', 'themes_moved']::regclass[])
    AS t;

-- Whoever sees a part of an authority sees the themes that an appeal of that part is in: the name of another may
-- be somebody's words.
DROP POLICY seen ON themes_theme;
CREATE POLICY seen ON themes_theme FOR SELECT TO veche_app USING (
    tenant_id = ANY ((SELECT veche_ids('veche.reads'))::uuid[])
    OR (tenant_id = ANY ((SELECT veche_ids('veche.partly'))::uuid[])
        AND EXISTS (SELECT FROM themes_member m WHERE m.theme_id = themes_theme.id))
);

-- Whoever works for the whole of an authority may ask for its themes and stop the search; who may do which is
-- asked of the policy before.
CREATE POLICY asked ON themes_work TO veche_app
    USING (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]))
    WITH CHECK (tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]));

-- Appeals that were understood and not followed yet; those that were `placed` are in the memory of the process
-- that follows, and leave when that is on disk.
CREATE TABLE themes_waiting (
    appeal_id uuid PRIMARY KEY REFERENCES inbox_appeal ON DELETE CASCADE,
    tenant_id uuid NOT NULL REFERENCES accounts_tenant,
    placed boolean NOT NULL DEFAULT false
);
CREATE INDEX themes_waiting_next ON themes_waiting (tenant_id, appeal_id) WHERE NOT placed;
CREATE INDEX themes_waiting_placed ON themes_waiting (tenant_id, appeal_id) WHERE placed;
SELECT veche_protect('themes_waiting', 'part');

-- Hashes of texts that were erased and that the memory has to forget.
CREATE TABLE themes_forgotten (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES accounts_tenant,
    text_hash bigint NOT NULL
);
CREATE INDEX themes_forgotten_next ON themes_forgotten (tenant_id);
SELECT veche_protect('themes_forgotten', 'tenant');

CREATE FUNCTION veche_wait_for_theme() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO themes_waiting (appeal_id, tenant_id) SELECT appeal_id, tenant_id FROM new_rows
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER wait_for_theme AFTER INSERT ON inbox_appealtext REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veche_wait_for_theme();

-- The authorities where something waits to be followed or forgotten: ids, nothing else.
CREATE FUNCTION veche_themes_waiting() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT t.id FROM accounts_tenant t
WHERE EXISTS (SELECT FROM themes_waiting w WHERE w.tenant_id = t.id AND NOT w.placed)
   OR EXISTS (SELECT FROM themes_forgotten f WHERE f.tenant_id = t.id)
ORDER BY t.id
$$;

-- Those where something of a theme has to be made anew.
CREATE FUNCTION veche_themes_to_renew() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT DISTINCT tenant_id FROM themes_theme WHERE renew AND into_id IS NULL AND gone_at IS NULL $$;

-- One at a time writes the themes of an authority: a search, whoever follows, a person, an erasure.
CREATE FUNCTION veche_lock_themes(of_tenant uuid) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('veche_themes ' || of_tenant, 0)) $$;

-- Takes appeals out of their themes: places, quotations, names that were theirs alone.
CREATE FUNCTION veche_leave_themes(gone uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    -- A name that a machine took from a quotation goes with it.
    UPDATE themes_theme t SET name = ''
    WHERE NOT t.named AND t.name <> '' AND EXISTS (
        SELECT FROM themes_quotation q WHERE q.theme_id = t.id AND q.appeal_id = ANY (gone)
          AND starts_with(lower(q.text), lower(rtrim(t.name, ' …'))));
    WITH quoted AS (DELETE FROM themes_quotation q WHERE q.appeal_id = ANY (gone) RETURNING q.theme_id),
    left_ AS (DELETE FROM themes_member m WHERE m.appeal_id = ANY (gone) RETURNING m.theme_id),
    fewer AS (
        SELECT theme_id, sum(n) AS n FROM (
            SELECT theme_id, 1 AS n FROM left_ UNION ALL SELECT theme_id, 0 FROM quoted) AS both_
        GROUP BY theme_id
    )
    UPDATE themes_theme t SET size = greatest(t.size - f.n, 0), renew = true, audit = '{}', version = t.version + 1
    FROM fewer f WHERE t.id = f.theme_id;
    UPDATE themes_theme t SET name = CASE WHEN t.named THEN t.name ELSE '' END, words = '{}', digest = '{}',
        positions = NULL
    WHERE t.size = 0 AND t.renew AND NOT EXISTS (SELECT FROM themes_member m WHERE m.theme_id = t.id);
    DELETE FROM themes_moved m WHERE m.appeal_id = ANY (gone);
    DELETE FROM themes_waiting w WHERE w.appeal_id = ANY (gone);
    UPDATE inbox_appeal a SET theme = NULL WHERE a.id = ANY (gone) AND a.theme IS NOT NULL;
END $$;

-- An appeal whose text goes leaves its theme. Its name makes this the first of the triggers on that table: the
-- next one forgets the hash of the text.
CREATE FUNCTION veche_erase_in_themes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM veche_lock_themes(t) FROM (SELECT DISTINCT tenant_id AS t FROM old_rows ORDER BY 1) AS one;
    INSERT INTO themes_forgotten (tenant_id, text_hash)
        SELECT s.tenant_id, s.text_hash FROM inbox_signature s JOIN old_rows o USING (appeal_id);
    PERFORM veche_leave_themes(ARRAY (SELECT appeal_id FROM old_rows));
    RETURN NULL;
END $$;
CREATE TRIGGER erase_in_themes AFTER DELETE ON inbox_appealtext REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veche_erase_in_themes();

-- One that is withdrawn is no longer counted, and no longer quoted.
CREATE FUNCTION veche_withdraw_from_themes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM veche_lock_themes(NEW.tenant_id);
    PERFORM veche_leave_themes(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER withdraw_from_themes AFTER UPDATE ON inbox_appeal FOR EACH ROW
    WHEN (NEW.state = 'withdrawn' AND OLD.state <> 'withdrawn') EXECUTE FUNCTION veche_withdraw_from_themes();

REVOKE ALL ON FUNCTION veche_wait_for_theme(), veche_themes_waiting(), veche_themes_to_renew(),
    veche_leave_themes(uuid[]), veche_erase_in_themes(), veche_withdraw_from_themes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_themes_waiting(), veche_themes_to_renew() TO veche_app;
