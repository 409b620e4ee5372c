-- Counts are made from the appeals themselves, in memory (`board.cube`), and no longer kept beside them.
DROP TRIGGER tally_changed ON inbox_appeal;
DROP TRIGGER tally_removed ON inbox_appeal;
DROP FUNCTION veche_keep_tally();
