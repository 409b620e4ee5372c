-- Open members of cards that the transaction sees (see tables.sql): of the exceptions (`odd`) who is in danger first,
-- then the least likely to belong; or the most typical of the others.
CREATE OR REPLACE FUNCTION veche_desk_members(of_cards uuid[], asked jsonb, odd boolean, most integer)
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
            ORDER BY m.exception <> 'danger', m.likeness LIMIT most
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
