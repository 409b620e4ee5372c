-- How much of its allowance a token has left: a bucket that fills evenly and is drawn from by every web process.
-- It is not written to the log: after a crash every bucket is full, which harms nobody.
CREATE UNLOGGED TABLE inbox_allowance (
    token_id uuid PRIMARY KEY REFERENCES inbox_token ON DELETE CASCADE,
    level double precision NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);
REVOKE ALL ON inbox_allowance FROM veche_app;

-- Draws from a token's bucket: 0 where there was enough, else the seconds until there will be. What costs more
-- than the whole bucket costs the whole bucket. A clock that was set back fills nothing and blocks nothing.
CREATE FUNCTION veche_spend(of_token uuid, cost integer) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    moment constant timestamptz := clock_timestamp();
    per_second double precision;
    size double precision;
    needed double precision;
    missing double precision;
BEGIN
    SELECT t.per_minute / 60.0, t.burst INTO per_second, size FROM inbox_token t WHERE t.id = of_token;
    IF NOT FOUND THEN RETURN 0; END IF;
    needed := least(cost, size);
    INSERT INTO inbox_allowance VALUES (of_token, size, moment) ON CONFLICT (token_id) DO NOTHING;
    UPDATE inbox_allowance a
    SET at = moment,
        level = least(size, a.level + per_second * greatest(0, extract(epoch FROM moment - a.at))) - needed
    WHERE a.token_id = of_token
      AND least(size, a.level + per_second * greatest(0, extract(epoch FROM moment - a.at))) >= needed;
    IF FOUND THEN RETURN 0; END IF;
    SELECT needed - least(size, a.level + per_second * greatest(0, extract(epoch FROM moment - a.at)))
    INTO missing FROM inbox_allowance a WHERE a.token_id = of_token;
    RETURN CASE WHEN per_second > 0 THEN missing / per_second ELSE 3600 END;
END $$;

-- How many appeals of all tenants wait to be understood, counted no further than `up_to`.
CREATE FUNCTION veche_waiting(up_to integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT count(*) FROM (SELECT FROM inbox_pending LIMIT up_to) AS counted $$;

REVOKE ALL ON FUNCTION veche_spend(uuid, integer), veche_waiting(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_spend(uuid, integer), veche_waiting(integer) TO veche_app;

ALTER TABLE inbox_appeal ALTER COLUMN number SET DEFAULT nextval('inbox_appeal_number');
