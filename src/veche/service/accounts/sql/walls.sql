-- The walls: which rows a transaction sees and may change. A transaction says whom it acts for by calling
-- veche_enter or veche_enter_machine; one that does not sees no row of any tenant.

-- A list of ids from a setting of the transaction; empty where it was not set.
CREATE FUNCTION veche_ids(name text) RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting(name, true), ''), '{}')::uuid[] $$;

-- Whether a row of a tenant lies within a role that is narrowed to a territory or a body; for writing, within
-- one of those that write.
CREATE FUNCTION veche_within(of_tenant uuid, of_territory text, of_body text, writing boolean DEFAULT false)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT EXISTS (
    SELECT FROM jsonb_to_recordset(coalesce(nullif(current_setting('veche.narrow', true), ''), '[]')::jsonb)
        AS narrow(tenant uuid, territory text, body text, writes boolean)
    WHERE narrow.tenant = of_tenant AND (narrow.writes OR NOT writing)
      AND (narrow.territory = '' OR of_territory = narrow.territory
           OR starts_with(of_territory, narrow.territory || '/'))
      AND (narrow.body = '' OR of_body = narrow.body)
)
$$;

-- Acts for a person: reads the roles that are valid now. Own tenants are written to, those below are seen.
--   reads    tenants seen whole              partly         tenants seen as far as narrowed roles reach
--   writes   tenants written to whole        writes_partly  tenants written to as far as they reach
--   rules    tenants whose people, channels and tokens are changed, by their administrators
--   narrow   the narrowed roles              lent           appeals that other tenants lent
CREATE FUNCTION veche_enter(who uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own uuid[];
    whole uuid[];
    seen uuid[];
    partly uuid[];
    written uuid[];
    written_partly uuid[];
    ruled uuid[];
    limits jsonb;
    lent uuid[];
    lent_writes uuid[];
BEGIN
    WITH RECURSIVE valid AS (
        SELECT r.tenant_id, r.territory, r.body, r.role = 'administrator' AS rules,
            r.territory = '' AND r.body = '' AS whole,
            r.role IN ('editor', 'official', 'controller', 'administrator') AS writes
        FROM accounts_role r JOIN accounts_user u ON u.id = r.user_id AND u.is_active
        WHERE r.user_id = who AND r.valid_from <= now() AND (r.valid_to IS NULL OR r.valid_to > now())
    ), below AS (
        SELECT tenant_id AS id FROM valid WHERE valid.whole
        UNION
        SELECT t.id FROM accounts_tenant t JOIN below ON t.parent_id = below.id
    )
    SELECT
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid),
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid WHERE valid.whole),
        (SELECT coalesce(array_agg(id), '{}') FROM below),
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid
          WHERE NOT valid.whole AND tenant_id NOT IN (SELECT id FROM below)),
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid WHERE valid.whole AND writes),
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid WHERE NOT valid.whole AND writes),
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid WHERE valid.whole AND rules),
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'tenant', tenant_id, 'territory', territory, 'body', body, 'writes', writes)), '[]')
           FROM valid WHERE NOT valid.whole)
    INTO own, whole, seen, partly, written, written_partly, ruled, limits;
    SELECT coalesce(array_agg(DISTINCT d.appeal_id), '{}'),
        coalesce(array_agg(DISTINCT d.appeal_id) FILTER (WHERE d.to_tenant_id = ANY (written)), '{}')
    INTO lent, lent_writes FROM accounts_delegation d
    WHERE d.to_tenant_id = ANY (whole) AND d.valid_from <= now() AND (d.valid_to IS NULL OR d.valid_to > now());
    PERFORM set_config('veche.user', who::text, true), set_config('veche.own', own::text, true),
        set_config('veche.reads', seen::text, true), set_config('veche.partly', partly::text, true),
        set_config('veche.writes', written::text, true),
        set_config('veche.writes_partly', written_partly::text, true),
        set_config('veche.rules', ruled::text, true), set_config('veche.narrow', limits::text, true),
        set_config('veche.lent', lent::text, true), set_config('veche.lent_writes', lent_writes::text, true);
END $$;

-- Acts for a machine (intake, a worker, a job) in the tenants named, and in no other.
CREATE FUNCTION veche_enter_machine(tenants uuid[]) RETURNS void
LANGUAGE sql
AS $$
SELECT set_config('veche.user', '', true), set_config('veche.own', tenants::text, true),
    set_config('veche.reads', tenants::text, true), set_config('veche.partly', '{}', true),
    set_config('veche.writes', tenants::text, true), set_config('veche.writes_partly', '{}', true),
    set_config('veche.rules', tenants::text, true), set_config('veche.narrow', '[]', true),
    set_config('veche.lent', '{}', true), set_config('veche.lent_writes', '{}', true)
$$;

-- Puts the walls around a table that has tenant_id. `kind` says what a row is:
--   'tenant'  something of the tenant itself: seen by all who work there
--   'ruled'   the same, but changed by the tenant's administrators only
--   'scoped'  it has a territory and a body: seen by those whose role reaches them
--   'appeal'  the appeals themselves: scoped, and seen by those to whom one is lent
--   'part'    it has appeal_id: seen by those who see that appeal, and of the same tenant as that appeal
CREATE FUNCTION veche_protect(of_table regclass, kind text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    listed constant text := '%s = ANY ((SELECT veche_ids(''veche.%s''))::uuid[])';
    whole constant text := format(listed, 'tenant_id', 'reads');
    partly constant text := format(listed, 'tenant_id', 'partly');
    written constant text := format(listed, 'tenant_id', 'writes');
    written_partly constant text := format(listed, 'tenant_id', 'writes_partly');
    scoped constant text :=
        format('(%s OR (%s AND veche_within(tenant_id, territory, body, false)))', whole, partly);
    scoped_written constant text :=
        format('(%s OR (%s AND veche_within(tenant_id, territory, body, true)))', written, written_partly);
    of_appeal constant text := 'EXISTS (SELECT FROM inbox_appeal a WHERE a.id = appeal_id)';
    of_written_appeal constant text := 'EXISTS (SELECT FROM inbox_appeal a WHERE a.id = appeal_id'
        ' AND veche_within(a.tenant_id, a.territory, a.body, true))';
    visible text;
    changed text;
    added text;
BEGIN
    CASE kind
        WHEN 'tenant' THEN
            visible := format('(%s OR %s)', whole, partly);
            changed := format('(%s OR %s)', written, written_partly);
        WHEN 'ruled' THEN
            visible := format('(%s OR %s)', whole, partly);
            changed := format(listed, 'tenant_id', 'rules');
        WHEN 'scoped' THEN
            visible := scoped;
            changed := scoped_written;
        WHEN 'appeal' THEN
            visible := format('(%s OR %s)', scoped, format(listed, 'id', 'lent'));
            changed := format('(%s OR %s)', scoped_written, format(listed, 'id', 'lent_writes'));
            -- A new appeal has no place yet, so whoever writes to a part may hand one in.
            added := format('(%s OR %s)', written, written_partly);
            EXECUTE format('ALTER TABLE %s ADD UNIQUE (id, tenant_id)', of_table);
        WHEN 'part' THEN
            visible := format('(%s OR ((%s OR %s) AND %s))',
                              whole, partly, format(listed, 'appeal_id', 'lent'), of_appeal);
            changed := format('(%s OR (%s AND %s) OR %s)', written, written_partly, of_written_appeal,
                              format(listed, 'appeal_id', 'lent_writes'));
            IF NOT (SELECT relispartition FROM pg_class WHERE oid = of_table) THEN
                EXECUTE format('ALTER TABLE %s ADD FOREIGN KEY (appeal_id, tenant_id)'
                    ' REFERENCES inbox_appeal (id, tenant_id) DEFERRABLE INITIALLY DEFERRED', of_table);
            END IF;
        ELSE RAISE EXCEPTION 'no such kind of table: %', kind;
    END CASE;
    added := coalesce(added, changed);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', of_table);
    EXECUTE format('CREATE POLICY owner_all ON %s TO CURRENT_USER USING (true) WITH CHECK (true)', of_table);
    EXECUTE format('CREATE POLICY seen ON %s FOR SELECT TO veche_app USING (%s)', of_table, visible);
    EXECUTE format('CREATE POLICY added ON %s FOR INSERT TO veche_app WITH CHECK (%s)', of_table, added);
    EXECUTE format('CREATE POLICY changed ON %s FOR UPDATE TO veche_app USING (%s) WITH CHECK (%s)',
                   of_table, changed, changed);
    EXECUTE format('CREATE POLICY removed ON %s FOR DELETE TO veche_app USING (%s)', of_table, changed);
END $$;
REVOKE ALL ON FUNCTION veche_protect(regclass, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION veche_enter(uuid), veche_enter_machine(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_enter(uuid), veche_enter_machine(uuid[]) TO veche_app;

-- What the application may touch at all; the walls say which rows. Later tables are granted as they are made.
GRANT USAGE ON SCHEMA public TO veche_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO veche_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO veche_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO veche_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO veche_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM veche_app;

SELECT veche_protect('accounts_role', 'ruled');
SELECT veche_protect('accounts_delegation', 'tenant');
CREATE POLICY borrowed ON accounts_delegation FOR SELECT TO veche_app
    USING (to_tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]));

-- That an authority exists is no secret; it is changed by its own people and made by the owner.
ALTER TABLE accounts_tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON accounts_tenant TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY seen ON accounts_tenant FOR SELECT TO veche_app USING (true);
CREATE POLICY changed ON accounts_tenant FOR UPDATE TO veche_app
    USING (id = ANY ((SELECT veche_ids('veche.rules'))::uuid[]));

-- Whether a person has a role anywhere now. Asked while nobody is signed in yet.
CREATE FUNCTION veche_works(who uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT EXISTS (SELECT FROM accounts_role r JOIN accounts_user u ON u.id = r.user_id AND u.is_active
               WHERE r.user_id = who AND r.valid_from <= now() AND (r.valid_to IS NULL OR r.valid_to > now()))
$$;

-- Whether a person works only in tenants that the transaction's person administers, now and later: an
-- administrator may let in only those whom no other authority has let in too.
CREATE FUNCTION veche_works_only_here(who uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT NOT EXISTS (SELECT FROM accounts_role r WHERE r.user_id = who AND (r.valid_to IS NULL OR r.valid_to > now())
                   AND r.tenant_id <> ALL (veche_ids('veche.rules')))
   AND EXISTS (SELECT FROM accounts_role r WHERE r.user_id = who AND (r.valid_to IS NULL OR r.valid_to > now()))
$$;
REVOKE ALL ON FUNCTION veche_works(uuid), veche_works_only_here(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_works(uuid), veche_works_only_here(uuid) TO veche_app;
