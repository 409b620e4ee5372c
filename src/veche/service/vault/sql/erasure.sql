-- Looks belong to their appeals; erasures and what is to be made anew belong to the tenant.
SELECT veche_protect('vault_look', 'part');
SELECT veche_protect('vault_erasure', 'ruled'), veche_protect('vault_derived', 'tenant');

-- Who was lent an appeal may open it: the key of its author is seen with it.
CREATE POLICY lent ON vault_personkey FOR SELECT TO veche_app USING (EXISTS (
    SELECT FROM vault_sealed s
    WHERE s.person_id = vault_personkey.person_id
      AND s.appeal_id = ANY ((SELECT veche_ids('veche.lent'))::uuid[])
));

-- The sealer carries erasures into the journal outside the database: ids, times and hashes, no reason.
GRANT SELECT (id, tenant_id, person, at, ledger_seq, ledger_hash, journaled) ON vault_erasure TO veche_sealer;
GRANT UPDATE (journaled) ON vault_erasure TO veche_sealer;
CREATE POLICY journal_seen ON vault_erasure FOR SELECT TO veche_sealer USING (true);
CREATE POLICY journal_kept ON vault_erasure FOR UPDATE TO veche_sealer USING (true) WITH CHECK (journaled);

-- What was recorded of looks and erasures stays; only the words of a reason can go.
REVOKE DELETE, UPDATE ON vault_look FROM veche_app;
GRANT UPDATE (reason) ON vault_look TO veche_app;
REVOKE DELETE, UPDATE ON vault_erasure FROM veche_app;
