-- The walls: which rows a transaction sees and may change. A transaction says whom it acts for by calling
-- veche_enter or veche_enter_machine; one that does not sees no row of any tenant.

-- A list of ids from a setting of the transaction; empty where it was not set.
CREATE FUNCTION veche_ids(name text) RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(nullif(current_setting(name, true), ''), '{}')::uuid[] $$;

-- Whether a row of a tenant lies within a role that is narrowed to a territory or a body.
CREATE FUNCTION veche_within(of_tenant uuid, of_territory text, of_body text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT EXISTS (
    SELECT FROM jsonb_to_recordset(coalesce(nullif(current_setting('veche.narrow', true), ''), '[]')::jsonb)
        AS narrow(tenant uuid, territory text, body text)
    WHERE narrow.tenant = of_tenant
      AND (narrow.territory = '' OR of_territory = narrow.territory
           OR starts_with(of_territory, narrow.territory || '/'))
      AND (narrow.body = '' OR of_body = narrow.body)
)
$$;

-- Acts for a person: reads the roles that are valid now. Own tenants are written to, those below are seen.
CREATE FUNCTION veche_enter(who uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    own uuid[];
    seen uuid[];
    partly uuid[];
    written uuid[];
    lent uuid[];
    lent_writes uuid[];
    limits jsonb;
BEGIN
    WITH RECURSIVE valid AS (
        SELECT r.* FROM accounts_role r JOIN accounts_user u ON u.id = r.user_id AND u.is_active
        WHERE r.user_id = who AND r.valid_from <= now() AND (r.valid_to IS NULL OR r.valid_to > now())
    ), below AS (
        SELECT DISTINCT tenant_id AS id FROM valid WHERE territory = '' AND body = ''
        UNION
        SELECT t.id FROM accounts_tenant t JOIN below ON t.parent_id = below.id
    )
    SELECT
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid),
        (SELECT coalesce(array_agg(id), '{}') FROM below),
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid
          WHERE tenant_id NOT IN (SELECT id FROM below)),
        (SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') FROM valid
          WHERE role IN ('editor', 'official', 'controller', 'administrator')),
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'tenant', tenant_id, 'territory', territory, 'body', body)), '[]') FROM valid
          WHERE tenant_id NOT IN (SELECT id FROM below))
    INTO own, seen, partly, written, limits;
    SELECT coalesce(array_agg(DISTINCT d.appeal_id), '{}'),
        coalesce(array_agg(DISTINCT d.appeal_id) FILTER (WHERE d.to_tenant_id = ANY (written)), '{}')
    INTO lent, lent_writes FROM accounts_delegation d
    WHERE d.to_tenant_id = ANY (seen) AND d.to_tenant_id = ANY (own)
      AND d.valid_from <= now() AND (d.valid_to IS NULL OR d.valid_to > now());
    PERFORM set_config('veche.user', who::text, true), set_config('veche.own', own::text, true),
        set_config('veche.reads', seen::text, true), set_config('veche.partly', partly::text, true),
        set_config('veche.writes', written::text, true), set_config('veche.narrow', limits::text, true),
        set_config('veche.lent', lent::text, true), set_config('veche.lent_writes', lent_writes::text, true);
END $$;

-- Acts for a machine (intake, a worker, a job) in the tenants named, and in no other.
CREATE FUNCTION veche_enter_machine(tenants uuid[]) RETURNS void
LANGUAGE sql
AS $$
SELECT set_config('veche.user', '', true), set_config('veche.own', tenants::text, true),
    set_config('veche.reads', tenants::text, true), set_config('veche.partly', '{}', true),
    set_config('veche.writes', tenants::text, true), set_config('veche.narrow', '[]', true),
    set_config('veche.lent', '{}', true), set_config('veche.lent_writes', '{}', true)
$$;

-- Puts the walls around a table that has tenant_id. `kind` says what a row is:
--   'tenant'  something of the tenant itself: seen by all who work there
--   'scoped'  it has a territory and a body: seen by those whose role reaches them
--   'appeal'  the appeals themselves: scoped, and seen by those to whom one is lent
--   'part'    it has appeal_id: seen by those who see that appeal
CREATE FUNCTION veche_protect(of_table regclass, kind text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    whole constant text := 'tenant_id = ANY ((SELECT veche_ids(''veche.reads''))::uuid[])';
    partly constant text := 'tenant_id = ANY ((SELECT veche_ids(''veche.partly''))::uuid[])';
    written constant text := 'tenant_id = ANY ((SELECT veche_ids(''veche.writes''))::uuid[])';
    scoped constant text := format('(%s OR (%s AND veche_within(tenant_id, territory, body)))', whole, partly);
    lent text := '%s = ANY ((SELECT veche_ids(''veche.lent''))::uuid[])';
    lent_written text := '%s = ANY ((SELECT veche_ids(''veche.lent_writes''))::uuid[])';
    visible text;
    changed text;
    added text := written;
BEGIN
    CASE kind
        WHEN 'tenant' THEN
            visible := format('(%s OR %s)', whole, partly);
            changed := written;
        WHEN 'scoped' THEN
            visible := scoped;
            changed := format('(%s AND %s)', written, scoped);
        WHEN 'appeal' THEN
            lent := format(lent, 'id');
            visible := format('(%s OR %s)', scoped, lent);
            changed := format('((%s AND %s) OR %s)', written, scoped, format(lent_written, 'id'));
        WHEN 'part' THEN
            lent := format(lent, 'appeal_id');
            visible := format('(%s OR ((%s OR %s) AND EXISTS (SELECT FROM inbox_appeal a WHERE a.id = appeal_id)))',
                              whole, partly, lent);
            changed := format('((%s AND %s) OR %s)', written, visible, format(lent_written, 'appeal_id'));
            added := changed;
        ELSE RAISE EXCEPTION 'no such kind of table: %', kind;
    END CASE;
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

SELECT veche_protect('accounts_role', 'tenant');
SELECT veche_protect('accounts_delegation', 'tenant');
CREATE POLICY borrowed ON accounts_delegation FOR SELECT TO veche_app
    USING (to_tenant_id = ANY ((SELECT veche_ids('veche.own'))::uuid[]));

-- That an authority exists is no secret; it is changed by its own people and made by the owner.
ALTER TABLE accounts_tenant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON accounts_tenant TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY seen ON accounts_tenant FOR SELECT TO veche_app USING (true);
CREATE POLICY changed ON accounts_tenant FOR UPDATE TO veche_app
    USING (id = ANY ((SELECT veche_ids('veche.writes'))::uuid[]));
