-- The ledger: the only way to write an entry, and no way to change one.
-- What is hashed, and the patterns of values, are those of veche.ledger.entry and veche.ledger.values.

-- Texts as netstrings: they can be taken apart in one way only.
CREATE FUNCTION veche_netstrings(VARIADIC parts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT string_agg(octet_length(part) || ':' || part || ',', '' ORDER BY place)
FROM unnest(parts) WITH ORDINALITY AS one(part, place)
$$;

-- Facts as they are hashed: name, type and value, in the order of names.
CREATE FUNCTION veche_ledger_facts(facts jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT coalesce(string_agg(veche_netstrings(key,
    CASE jsonb_typeof(value) WHEN 'string' THEN 's:' WHEN 'number' THEN 'i:' ELSE 'b:' END || (value #>> '{}')
), '' ORDER BY key COLLATE "C"), '')
FROM jsonb_each(facts)
$$;

-- Whether a text is an id, a code, a number, a version, a time or a hash, and nothing that somebody wrote.
CREATE FUNCTION veche_ledger_takes(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT length(value) <= 200 AND value ~ ('^(([A-Za-z][A-Za-z0-9]*([._/:-][A-Za-z0-9]+)*)'
    '|([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})|([0-9a-f]{32,128})|([0-9]{1,12}-[0-9])'
    '|([0-9]{1,8}(\.[0-9]{1,8}){1,2})'
    '|([0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z)?))?$')
$$;

CREATE FUNCTION veche_ledger_takes_facts(facts jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT jsonb_typeof(facts) = 'object' AND NOT EXISTS (
    SELECT FROM jsonb_each(CASE jsonb_typeof(facts) WHEN 'object' THEN facts ELSE '{}' END)
    WHERE key !~ '^[a-z][a-z0-9_]{0,39}$' OR NOT CASE jsonb_typeof(value)
        WHEN 'string' THEN veche_ledger_takes(value #>> '{}')
        WHEN 'number' THEN (value #>> '{}') ~ '^(0|-?[1-9][0-9]{0,9})$' AND abs(value::numeric) <= 2147483647
        WHEN 'boolean' THEN true
        ELSE false
    END
)
$$;

-- Whether this transaction may write into the chain of a tenant: the platform's is open to all who work here;
-- another tenant's only to those who act in it, or on an appeal that it lent to them.
CREATE FUNCTION veche_ledger_open(of_tenant uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT of_tenant = '00000000-0000-0000-0000-000000000000'
    OR of_tenant = ANY (veche_ids('veche.reads') || veche_ids('veche.partly') || veche_ids('veche.own'))
    OR pg_has_role(session_user, current_user, 'MEMBER')
    OR EXISTS (SELECT FROM inbox_appeal a WHERE a.tenant_id = of_tenant AND a.id = ANY (veche_ids('veche.lent')))
$$;

-- Appends entries in their order and returns the number and the hash of each. The chain of each tenant is
-- locked until the transaction ends, in the order of tenants, so that two never wait for each other; the
-- transaction has to be READ COMMITTED (another would not see what was appended while it waited).
CREATE FUNCTION veche_ledger_append(entries jsonb) RETURNS TABLE (new_seq bigint, new_hash text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    entry record;
    last_seq bigint;
    last_hash text;
    last_at timestamptz;
    in_tenant uuid;
    moment timestamptz;
    said text := coalesce(current_setting('veche.user', true), '');
BEGIN
    FOR in_tenant IN SELECT DISTINCT (e ->> 'tenant')::uuid FROM jsonb_array_elements(entries) AS e ORDER BY 1 LOOP
        IF veche_ledger_open(in_tenant) IS NOT TRUE THEN
            RAISE EXCEPTION 'this transaction does not act in the tenant of the entry'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('veche_ledger ' || in_tenant, 0));
    END LOOP;
    in_tenant := NULL;
    FOR entry IN
        SELECT (e ->> 'tenant')::uuid AS tenant, e ->> 'actor' AS actor, e ->> 'act' AS act,
            e ->> 'object' AS object, e ->> 'object_id' AS object_id, e -> 'facts' AS facts
        FROM jsonb_array_elements(entries) WITH ORDINALITY AS one(e, place) ORDER BY place
    LOOP
        IF (veche_ledger_takes(entry.actor) AND veche_ledger_takes(entry.act) AND veche_ledger_takes(entry.object)
            AND veche_ledger_takes(entry.object_id) AND veche_ledger_takes_facts(entry.facts)
            AND entry.actor <> '' AND entry.act <> '' AND entry.object <> '') IS NOT TRUE THEN
            RAISE EXCEPTION 'the ledger takes ids, codes, numbers and hashes only'
                USING ERRCODE = 'check_violation';
        END IF;
        IF said <> '' AND entry.actor LIKE 'user:%' AND entry.actor <> 'user:' || said THEN
            RAISE EXCEPTION 'the entry names another person than the transaction acts for'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF in_tenant IS DISTINCT FROM entry.tenant THEN
            in_tenant := entry.tenant;
            SELECT l.seq, l.hash, l.at INTO last_seq, last_hash, last_at FROM ledger_entry l
            WHERE l.tenant_id = in_tenant ORDER BY l.seq DESC LIMIT 1;
        END IF;
        new_seq := coalesce(last_seq, 0) + 1;
        moment := greatest(clock_timestamp(), last_at);
        new_hash := encode(sha256(convert_to(veche_netstrings(
            'veche-ledger-1', in_tenant::text, new_seq::text,
            to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            entry.actor, entry.act, entry.object, entry.object_id, veche_ledger_facts(entry.facts),
            coalesce(last_hash, repeat('0', 64))
        ), 'UTF8')), 'hex');
        INSERT INTO ledger_entry (tenant_id, seq, at, actor, act, object, object_id, facts, previous, hash)
        VALUES (in_tenant, new_seq, moment, entry.actor, entry.act, entry.object, entry.object_id, entry.facts,
            coalesce(last_hash, repeat('0', 64)), new_hash);
        last_seq := new_seq;
        last_hash := new_hash;
        last_at := moment;
        RETURN NEXT;
    END LOOP;
END $$;

-- Asks the sealer for the closing statement of an export, and wakes it.
CREATE FUNCTION veche_ledger_ask(of_tenant uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    asked uuid := gen_random_uuid();
BEGIN
    IF veche_ledger_open(of_tenant) IS NOT TRUE THEN
        RAISE EXCEPTION 'this transaction does not act in that tenant' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO ledger_statement (id, tenant_id, asked_at) VALUES (asked, of_tenant, clock_timestamp());
    PERFORM pg_notify('veche_ledger', '');
    RETURN asked;
END $$;

-- The last entry of each chain, found by jumping from chain to chain in the index.
CREATE FUNCTION veche_ledger_ends() RETURNS TABLE (tenant_id uuid, seq bigint, hash text)
LANGUAGE sql STABLE
AS $$
WITH RECURSIVE chain AS (
    (SELECT e.tenant_id FROM ledger_entry e ORDER BY e.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT e.tenant_id FROM ledger_entry e WHERE e.tenant_id > chain.tenant_id ORDER BY e.tenant_id LIMIT 1)
    FROM chain WHERE chain.tenant_id IS NOT NULL
)
SELECT chain.tenant_id, last.seq, last.hash FROM chain
CROSS JOIN LATERAL (
    SELECT e.seq, e.hash FROM ledger_entry e WHERE e.tenant_id = chain.tenant_id ORDER BY e.seq DESC LIMIT 1
) AS last
$$;

-- Refuses every change, the owner's too.
CREATE FUNCTION veche_ledger_stands() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'what stands in the ledger is neither changed nor removed'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER stands BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION veche_ledger_stands();
CREATE TRIGGER stands BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION veche_ledger_stands();

-- The application reads; the sealer reads all, adds heads and answers.
SELECT veche_protect(t, 'tenant') FROM unnest(ARRAY['ledger_entry', 'ledger_head', 'ledger_statement']::regclass[]) AS t;
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['ledger_entry', 'ledger_head', 'ledger_statement'] LOOP
        EXECUTE format('DROP POLICY added ON %I', t);
        EXECUTE format('DROP POLICY changed ON %I', t);
        EXECUTE format('DROP POLICY removed ON %I', t);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON %I FROM veche_app', t);
        EXECUTE format('CREATE POLICY sealer_sees ON %I FOR SELECT TO veche_sealer USING (true)', t);
    END LOOP;
END $$;
CREATE POLICY sealer_adds ON ledger_head FOR INSERT TO veche_sealer WITH CHECK (true);
CREATE POLICY sealer_answers ON ledger_statement FOR UPDATE TO veche_sealer USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA public TO veche_sealer;
GRANT SELECT ON ledger_entry, ledger_head, ledger_statement TO veche_sealer;
GRANT INSERT ON ledger_head TO veche_sealer;
GRANT UPDATE (line, refused_seq) ON ledger_statement TO veche_sealer;
REVOKE ALL ON FUNCTION veche_ledger_append(jsonb), veche_ledger_ask(uuid), veche_ledger_open(uuid),
    veche_ledger_ends() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_ledger_append(jsonb), veche_ledger_ask(uuid) TO veche_app;
GRANT EXECUTE ON FUNCTION veche_ledger_ends() TO veche_sealer;
