-- A finding points to an appeal of its tenant by one key, (appeal_id, tenant_id). That one key says all that the
-- two others said, which were looked up for each of the twenty thousand findings of a decision about ten thousand.
ALTER TABLE inbox_finding
    DROP CONSTRAINT inbox_finding_tenant_id_fkey,
    DROP CONSTRAINT inbox_finding_appeal_id_fkey;
