-- What live screens are kept in step by, and what ties a person's findings together.

ALTER TABLE inbox_finding ADD COLUMN decision uuid;
CREATE INDEX inbox_finding_decision ON inbox_finding (decision) WHERE decision IS NOT NULL;

-- The transaction that changed an appeal last: whoever keeps a copy asks for what changed since its snapshot.
ALTER TABLE inbox_appeal ADD COLUMN changed xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX inbox_appeal_changed ON inbox_appeal (changed);
CREATE FUNCTION veche_note_change() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN NEW.changed := pg_current_xact_id(); RETURN NEW; END $$;
CREATE TRIGGER note_change BEFORE UPDATE ON inbox_appeal FOR EACH ROW EXECUTE FUNCTION veche_note_change();
REVOKE ALL ON FUNCTION veche_note_change() FROM PUBLIC;
