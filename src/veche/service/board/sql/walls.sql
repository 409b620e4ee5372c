-- The walls around what people add to the picture. Analysts write here too, who write nothing else of a tenant;
-- which roles may do what is asked of the policy before.

SELECT veche_protect('board_annotation', 'tenant'), veche_protect('board_mailing', 'tenant'),
    veche_protect('board_sending', 'tenant');

DO $$
DECLARE
    of_table text;
    own constant text := 'tenant_id = ANY ((SELECT veche_ids(''veche.own''))::uuid[])';
BEGIN
    FOREACH of_table IN ARRAY ARRAY['board_annotation', 'board_mailing', 'board_sending'] LOOP
        EXECUTE format('CREATE POLICY who_works_here ON %I TO veche_app USING (%s) WITH CHECK (%s)',
                       of_table, own, own);
    END LOOP;
END $$;
