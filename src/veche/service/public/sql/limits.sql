-- How much each source (a keyed hash of an address in the network) may still send: a bucket that fills evenly and
-- that every web process draws from. It is not written to the log: after a crash every bucket is full, which harms
-- nobody. Buckets that have been full for an hour are forgotten, some at each turn.
CREATE UNLOGGED TABLE public_allowance (
    key bytea PRIMARY KEY CHECK (length(key) = 32),
    level double precision NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX public_allowance_at ON public_allowance (at);
REVOKE ALL ON public_allowance FROM veche_app;

-- Draws one from a bucket: 0 where there was enough, else the seconds until there will be.
CREATE FUNCTION veche_public_spend(of_key bytea, per_minute double precision, burst double precision)
RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    moment constant timestamptz := clock_timestamp();
    per_second constant double precision := per_minute / 60.0;
    missing double precision;
BEGIN
    DELETE FROM public_allowance WHERE key IN (
        SELECT key FROM public_allowance WHERE at < moment - interval '1 hour' AND key <> of_key
        ORDER BY at LIMIT 20 FOR UPDATE SKIP LOCKED);
    INSERT INTO public_allowance VALUES (of_key, burst, moment) ON CONFLICT (key) DO NOTHING;
    UPDATE public_allowance a
    SET at = moment,
        level = least(burst, a.level + per_second * greatest(0, extract(epoch FROM moment - a.at))) - 1
    WHERE a.key = of_key
      AND least(burst, a.level + per_second * greatest(0, extract(epoch FROM moment - a.at))) >= 1;
    IF FOUND THEN RETURN 0; END IF;
    SELECT 1 - least(burst, a.level + per_second * greatest(0, extract(epoch FROM moment - a.at)))
    INTO missing FROM public_allowance a WHERE a.key = of_key;
    RETURN coalesce(missing, 1) / per_second;
END $$;
REVOKE ALL ON FUNCTION veche_public_spend(bytea, double precision, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION veche_public_spend(bytea, double precision, double precision) TO veche_app;
