-- The walls around the desk, what keeps its counts, and the few steps that reach past the walls.

SELECT veche_protect(t, 'part')
FROM unnest(ARRAY['desk_member', 'desk_changed', 'desk_check', 'desk_urgent']::regclass[]) AS t;
SELECT veche_protect('desk_part', 'scoped');
SELECT veche_protect(t, 'tenant')
FROM unnest(ARRAY['desk_card', 'desk_decision', 'desk_promise']::regclass[]) AS t;

-- Who sees a part of an authority sees the cards that have a member there, and the decisions that reached
-- an appeal there, beside their own.
DROP POLICY seen ON desk_card;
CREATE POLICY seen ON desk_card FOR SELECT TO veche_app USING (
    tenant_id = ANY ((SELECT veche_ids('veche.reads'))::uuid[])
    OR (tenant_id = ANY ((SELECT veche_ids('veche.partly'))::uuid[])
        AND EXISTS (SELECT FROM desk_part p WHERE p.card_id = desk_card.id)));
DROP POLICY seen ON desk_decision;
CREATE POLICY seen ON desk_decision FOR SELECT TO veche_app USING (
    tenant_id = ANY ((SELECT veche_ids('veche.reads'))::uuid[])
    OR (tenant_id = ANY ((SELECT veche_ids('veche.partly'))::uuid[])
        AND (by_id = nullif(current_setting('veche.user', true), '')::uuid
             OR EXISTS (SELECT FROM desk_changed c WHERE c.decision_id = desk_decision.id))));
-- The counts are kept by the function below alone.
REVOKE INSERT, UPDATE, DELETE ON desk_part FROM veche_app;

CREATE INDEX desk_card_next ON desk_card (tenant_id, priority DESC, id) WHERE state = 'open';
CREATE INDEX desk_card_proposed ON desk_card (tenant_id, proposal text_pattern_ops) WHERE state = 'open';
CREATE INDEX desk_member_shown ON desk_member (card_id, (exception = ''), likeness) WHERE answer IS NULL;
CREATE INDEX desk_part_open ON desk_part (tenant_id) WHERE n > 0;

-- How far new and changed appeals were looked at for the queue: all that changed before that transaction.
CREATE TABLE desk_dealt (
    tenant_id uuid NOT NULL REFERENCES accounts_tenant ON DELETE CASCADE,
    facet text NOT NULL,
    reached xid8 NOT NULL,
    -- When the best of the queue was dealt anew last.
    best_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, facet)
);
SELECT veche_protect('desk_dealt', 'tenant');

-- How much a word about urgency weighs.
CREATE FUNCTION veche_urgency(of_urgency text) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE of_urgency WHEN 'life' THEN 2 WHEN 'deadline' THEN 1 ELSE 0 END::smallint $$;

-- What a decision buys: the root of the size as in veche.learn.cards; danger comes before all.
CREATE FUNCTION veche_desk_priority(of_size integer, of_confidence double precision, of_urgency smallint)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT sqrt(of_size) * (1 - of_confidence) * CASE WHEN of_urgency > 0 THEN 3 ELSE 1 END
    + CASE WHEN of_urgency > 1 THEN 1e6 ELSE 0 END
$$;

-- Of rows that a transaction has just written the planner knows next to nothing: what counts and writes many of
-- them is told to look them up by index.

-- Counts the members of cards anew, by place and body: their version grows, and one that has no open member left
-- is closed. It tells nobody anything, so whoever sees a part of an authority may have it done for the whole.
CREATE FUNCTION veche_desk_recount(of_cards uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
BEGIN
    DELETE FROM desk_part WHERE card_id = ANY (of_cards);
    INSERT INTO desk_part (card_id, tenant_id, territory, body, n, total, urgency)
    SELECT m.card_id, m.tenant_id, a.territory, a.body, count(*) FILTER (WHERE m.answer IS NULL), count(*),
        coalesce(max(veche_urgency(a.urgency)) FILTER (WHERE m.answer IS NULL), 0)
    FROM desk_member m JOIN inbox_appeal a ON a.id = m.appeal_id
    WHERE m.card_id = ANY (of_cards) GROUP BY 1, 2, 3, 4;
    PERFORM FROM desk_card WHERE id = ANY (of_cards) ORDER BY id FOR UPDATE;
    UPDATE desk_card c
    SET version = c.version + 1, size = coalesce(s.n, 0), urgency = coalesce(s.urgency, 0),
        priority = veche_desk_priority(coalesce(s.n, 0), c.confidence, coalesce(s.urgency, 0::smallint)),
        state = CASE WHEN s.n > 0 OR c.state <> 'open' THEN c.state
                     WHEN s.total > 0 THEN 'decided' ELSE 'gone' END,
        decided_at = CASE WHEN s.n > 0 OR c.state <> 'open' THEN c.decided_at ELSE clock_timestamp() END,
        centre = CASE WHEN s.n > 0 THEN c.centre ELSE '' END
    FROM unnest(of_cards) AS o (id) LEFT JOIN (
        SELECT p.card_id, sum(p.n)::integer AS n, sum(p.total) AS total, max(p.urgency) AS urgency
        FROM desk_part p WHERE p.card_id = ANY (of_cards) GROUP BY 1
    ) AS s ON s.card_id = o.id
    WHERE c.id = o.id;
END $$;

-- The narrowed roles among those asked about that the transaction really has.
CREATE FUNCTION veche_desk_roles(asked jsonb) RETURNS TABLE (tenant_id uuid, territory text, body text)
LANGUAGE sql STABLE
AS $$
SELECT DISTINCT a.tenant, a.territory, a.body
FROM jsonb_to_recordset(asked) AS a(tenant uuid, territory text, body text)
JOIN jsonb_to_recordset(coalesce(nullif(current_setting('veche.narrow', true), ''), '[]')::jsonb)
    AS n(tenant uuid, territory text, body text) USING (tenant, territory, body)
$$;

-- Open cards as narrowed roles see them: with the size and the urgency of what lies within. It runs as the
-- owner, because the walls ask row by row; so it holds to them itself.
CREATE FUNCTION veche_desk_partly(asked jsonb)
RETURNS TABLE (id uuid, size integer, urgency smallint, priority double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT c.id, s.n, s.urgency, veche_desk_priority(s.n, c.confidence, s.urgency)
FROM (
    SELECT p.card_id, sum(p.n)::integer AS n, max(p.urgency) AS urgency
    FROM (
        SELECT DISTINCT p.card_id, p.territory, p.body, p.n, p.urgency
        FROM veche_desk_roles(asked) AS r JOIN desk_part p ON p.tenant_id = r.tenant_id AND p.n > 0
         AND (r.territory = '' OR p.territory = r.territory OR starts_with(p.territory, r.territory || '/'))
         AND (r.body = '' OR p.body = r.body)
    ) AS p GROUP BY 1
) AS s JOIN desk_card c ON c.id = s.card_id
$$;

-- Open members of cards that the transaction sees: the least likely to belong of the exceptions first (`odd`),
-- or the most typical of the others. It runs as the owner as the one above, and for the same reason.
CREATE FUNCTION veche_desk_members(of_cards uuid[], asked jsonb, odd boolean, most integer)
RETURNS TABLE (card_id uuid, appeal_id uuid, exception varchar, likeness double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    whole constant uuid[] := veche_ids('veche.reads');
BEGIN
    IF odd THEN
        RETURN QUERY SELECT c.id, t.* FROM unnest(of_cards) AS c (id) CROSS JOIN LATERAL (
            SELECT m.appeal_id, m.exception, m.likeness
            FROM desk_member m JOIN inbox_appeal a ON a.id = m.appeal_id
            WHERE m.card_id = c.id AND m.answer IS NULL AND NOT (m.exception = '')
              AND (m.tenant_id = ANY (whole) OR EXISTS (
                SELECT FROM veche_desk_roles(asked) AS r WHERE r.tenant_id = a.tenant_id
                  AND (r.territory = '' OR a.territory = r.territory
                       OR starts_with(a.territory, r.territory || '/'))
                  AND (r.body = '' OR a.body = r.body)))
            ORDER BY m.likeness LIMIT most
        ) AS t;
    ELSE
        RETURN QUERY SELECT c.id, t.* FROM unnest(of_cards) AS c (id) CROSS JOIN LATERAL (
            SELECT m.appeal_id, m.exception, m.likeness
            FROM desk_member m JOIN inbox_appeal a ON a.id = m.appeal_id
            WHERE m.card_id = c.id AND m.answer IS NULL AND (m.exception = '')
              AND (m.tenant_id = ANY (whole) OR EXISTS (
                SELECT FROM veche_desk_roles(asked) AS r WHERE r.tenant_id = a.tenant_id
                  AND (r.territory = '' OR a.territory = r.territory
                       OR starts_with(a.territory, r.territory || '/'))
                  AND (r.body = '' OR a.body = r.body)))
            ORDER BY m.likeness DESC LIMIT most
        ) AS t;
    END IF;
END $$;

-- How many appeals decisions in force reached, of those within narrowed roles; as the owner, as those above.
CREATE FUNCTION veche_desk_reached(of_decisions uuid[], asked jsonb) RETURNS TABLE (id uuid, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
SELECT c.decision_id, count(DISTINCT c.appeal_id)
FROM desk_changed c JOIN inbox_appeal a ON a.id = c.appeal_id
JOIN veche_desk_roles(asked) AS r ON r.tenant_id = a.tenant_id
 AND (r.territory = '' OR a.territory = r.territory OR starts_with(a.territory, r.territory || '/'))
 AND (r.body = '' OR a.body = r.body)
WHERE c.decision_id = ANY (of_decisions) GROUP BY 1
$$;

-- Shows in the columns of appeals what a decision says of them. A decision may send an appeal out of the part
-- that its maker sees (another body, another place): so it runs as the owner, for rows that the maker could
-- add, and only for a decision of the person whom the transaction acts for.
CREATE FUNCTION veche_desk_apply(of_decision uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    reached integer;
BEGIN
    IF NOT EXISTS (
        SELECT FROM desk_decision d WHERE d.id = of_decision AND d.undone_at IS NULL
          AND d.by_id = nullif(current_setting('veche.user', true), '')::uuid
    ) THEN RETURN 0; END IF;
    WITH shown AS (
        SELECT c.appeal_id, max(c.after) FILTER (WHERE c.facet = 'topic') AS topic,
            max(c.after) FILTER (WHERE c.facet = 'kind') AS kind,
            max(c.after) FILTER (WHERE c.facet = 'body') AS body,
            max(c.after) FILTER (WHERE c.facet = 'place') AS territory,
            max(c.after) FILTER (WHERE c.facet = 'urgency') AS urgency
        FROM desk_changed c WHERE c.decision_id = of_decision GROUP BY 1
    )
    UPDATE inbox_appeal a
    SET topic = coalesce(s.topic, a.topic), kind = coalesce(s.kind, a.kind), body = coalesce(s.body, a.body),
        territory = coalesce(s.territory, a.territory), urgency = coalesce(s.urgency, a.urgency),
        topic_confidence = CASE WHEN s.topic IS NULL THEN a.topic_confidence ELSE 1 END
    FROM shown s WHERE a.id = s.appeal_id;
    GET DIAGNOSTICS reached = ROW_COUNT;
    RETURN reached;
END $$;

-- Takes a decision out of the chains of changes of these appeals. Where a later one is in force it stays, and
-- remembers now what was before the one that is taken out; else the column shows that again.
CREATE FUNCTION veche_desk_unlink(of_decision uuid, of_appeals uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    appeals uuid[];
    facets text[];
    befores text[];
    sures double precision[];
    nexts bigint[];
BEGIN
    SELECT array_agg(c.appeal_id), array_agg(c.facet), array_agg(c.before), array_agg(c.before_sure),
        array_agg(c.next)
    INTO appeals, facets, befores, sures, nexts
    FROM (
        SELECT d.*, lead(d.id) OVER (PARTITION BY d.appeal_id, d.facet ORDER BY d.id) AS next
        FROM desk_changed d WHERE d.appeal_id = ANY (of_appeals)
    ) AS c WHERE c.decision_id = of_decision;
    UPDATE desk_changed n SET before = m.before, before_sure = m.sure
    FROM unnest(nexts, befores, sures) AS m (next, before, sure) WHERE n.id = m.next;
    UPDATE inbox_appeal a
    SET topic = coalesce(s.topic, a.topic), kind = coalesce(s.kind, a.kind), body = coalesce(s.body, a.body),
        territory = coalesce(s.territory, a.territory), urgency = coalesce(s.urgency, a.urgency),
        topic_confidence = CASE WHEN s.topic IS NULL THEN a.topic_confidence ELSE s.sure END
    FROM (
        SELECT m.appeal, max(m.before) FILTER (WHERE m.facet = 'topic') AS topic,
            max(m.sure) FILTER (WHERE m.facet = 'topic') AS sure,
            max(m.before) FILTER (WHERE m.facet = 'kind') AS kind,
            max(m.before) FILTER (WHERE m.facet = 'body') AS body,
            max(m.before) FILTER (WHERE m.facet = 'place') AS territory,
            max(m.before) FILTER (WHERE m.facet = 'urgency') AS urgency
        FROM unnest(appeals, facets, befores, sures, nexts) AS m (appeal, facet, before, sure, next)
        WHERE m.next IS NULL GROUP BY 1
    ) AS s WHERE a.id = s.appeal;
    DELETE FROM desk_changed WHERE decision_id = of_decision;
END $$;

-- Takes back what a decision of the transaction's person changed.
CREATE FUNCTION veche_desk_undo(of_decision uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    maker constant uuid := nullif(current_setting('veche.user', true), '')::uuid;
    reached uuid[];
    cards uuid[];
BEGIN
    PERFORM FROM desk_card c
    WHERE c.id IN (SELECT m.card_id FROM desk_member m WHERE m.decision = of_decision) ORDER BY c.id FOR UPDATE;
    UPDATE desk_decision SET undone_at = clock_timestamp(), undone_by_id = maker
    WHERE id = of_decision AND by_id = maker AND undone_at IS NULL;
    IF NOT FOUND THEN RETURN 0; END IF;
    SELECT array_agg(DISTINCT c.appeal_id) INTO reached FROM desk_changed c WHERE c.decision_id = of_decision;
    IF reached IS NOT NULL THEN
        PERFORM FROM inbox_appeal a WHERE a.id = ANY (reached) ORDER BY a.id FOR NO KEY UPDATE;
        PERFORM veche_desk_unlink(of_decision, reached);
    END IF;
    -- What waits on another card meanwhile is not asked twice.
    DELETE FROM desk_member m WHERE m.decision = of_decision AND EXISTS (
        SELECT FROM desk_member o WHERE o.appeal_id = m.appeal_id AND o.facet = m.facet AND o.answer IS NULL);
    WITH opened AS (
        UPDATE desk_member SET answer = NULL, decision = NULL WHERE decision = of_decision RETURNING card_id
    ) SELECT array_agg(DISTINCT card_id) INTO cards FROM opened;
    UPDATE desk_card SET state = 'open', decided_at = NULL WHERE id = ANY (cards);
    -- Also where they only wait: their place, body or urgency may be another now.
    PERFORM veche_desk_recount(array_agg(DISTINCT m.card_id)) FROM desk_member m
    WHERE m.appeal_id = ANY (reached) AND m.answer IS NULL HAVING count(*) > 0;
    RETURN coalesce(cardinality(reached), 0);
END $$;

-- Whether a decision was undone: what it found is not in force then, whoever looks.
CREATE FUNCTION veche_undone(of_decision uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM desk_decision d WHERE d.id = of_decision AND d.undone_at IS NOT NULL) $$;

-- An appeal that tells of danger to life rings, whoever or whatever said so; one that does not any more is
-- silent, unless somebody has taken it. What was received long ago and comes in with a file does not ring.
CREATE FUNCTION veche_desk_ring() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    told uuid[];
    calmed uuid[];
BEGIN
    WITH rung AS (
        INSERT INTO desk_urgent (appeal_id, tenant_id, since)
        SELECT a.id, a.tenant_id, clock_timestamp() FROM after a
        WHERE a.urgency = 'life' AND a.state = 'understood' AND a.received_at > now() - interval '31 days'
        ORDER BY a.id ON CONFLICT DO NOTHING RETURNING tenant_id
    ) SELECT array_agg(DISTINCT tenant_id) INTO told FROM rung;
    WITH silent AS (
        DELETE FROM desk_urgent u USING before b JOIN after a ON a.id = b.id
        WHERE u.appeal_id = b.id AND b.urgency = 'life' AND b.state = 'understood'
          AND (a.urgency <> 'life' OR a.state <> 'understood') AND u.taken_at IS NULL RETURNING u.tenant_id
    ) SELECT array_agg(DISTINCT tenant_id) INTO calmed FROM silent;
    PERFORM pg_notify('veche_live', json_build_array(t, 'urgent', '')::text)
    FROM (SELECT unnest(told) UNION SELECT unnest(calmed)) AS both_of (t);
    RETURN NULL;
END $$;
CREATE TRIGGER desk_ring AFTER UPDATE ON inbox_appeal
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION veche_desk_ring();

-- Where a text goes, its vector goes out of the cards, and it is asked about no more.
CREATE FUNCTION veche_desk_forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    touched uuid[];
BEGIN
    UPDATE desk_card c SET centre = '' WHERE c.centre <> '' AND c.id IN (
        SELECT m.card_id FROM desk_member m JOIN old_rows o ON o.appeal_id = m.appeal_id);
    WITH gone AS (
        DELETE FROM desk_member m USING old_rows o WHERE m.appeal_id = o.appeal_id AND m.answer IS NULL
        RETURNING m.card_id
    ) SELECT array_agg(DISTINCT card_id) INTO touched FROM gone;
    IF touched IS NOT NULL THEN PERFORM veche_desk_recount(touched); END IF;
    DELETE FROM desk_check k USING old_rows o WHERE k.appeal_id = o.appeal_id AND k.right IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER desk_forget AFTER DELETE ON inbox_appealtext REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veche_desk_forget();

REVOKE ALL ON FUNCTION veche_desk_recount(uuid[]), veche_desk_roles(jsonb), veche_desk_partly(jsonb),
    veche_desk_members(uuid[], jsonb, boolean, integer), veche_desk_reached(uuid[], jsonb),
    veche_desk_apply(uuid), veche_desk_unlink(uuid, uuid[]), veche_desk_undo(uuid),
    veche_undone(uuid), veche_desk_ring(), veche_desk_forget() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_desk_recount(uuid[]), veche_desk_partly(jsonb),
    veche_desk_members(uuid[], jsonb, boolean, integer), veche_desk_reached(uuid[], jsonb),
    veche_desk_apply(uuid), veche_desk_undo(uuid),
    veche_undone(uuid) TO veche_app;
