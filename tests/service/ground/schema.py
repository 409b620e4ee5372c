"""All that a schema consists of, with who owns what and who may do what, to compare two databases by."""

import psycopg

#: MAINTAIN came with version 17; here it is the owner's alone.
_RIGHTS = """
ARRAY(SELECT concat_ws(' ', grantee::regrole, privilege_type, is_grantable) FROM aclexplode({acl})
      WHERE privilege_type <> 'MAINTAIN' ORDER BY 1)
"""
_OURS = "'public'::regnamespace"
_KIND = "CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\""

_QUERIES = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2""",
    "tables": f"""
        SELECT relname, relkind, relrowsecurity, relforcerowsecurity, relispartition, relowner::regrole::text
        FROM pg_class WHERE relnamespace = {_OURS} ORDER BY 1""",
    "rights on tables": f"""
        SELECT relname, {_RIGHTS.format(acl=f"coalesce(relacl, acldefault({_KIND}, relowner))")}
        FROM pg_class WHERE relnamespace = {_OURS} AND relkind IN ('r', 'p', 'S') ORDER BY 1""",
    "rights on columns": f"""
        SELECT attrelid::regclass::text, attname, {_RIGHTS.format(acl="attacl")}
        FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid > 16383 ORDER BY 1, 2""",
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies
        ORDER BY 1, 2""",
    "functions": f"""
        SELECT p.oid::regprocedure::text, proowner::regrole::text, prosecdef, prosrc, proconfig,
            {_RIGHTS.format(acl="coalesce(proacl, acldefault('f', proowner))")}
        FROM pg_proc p WHERE pronamespace = {_OURS} ORDER BY 1""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY 1, 2""",
    # A server that reads its own list of texts again writes the casts around each of them.
    "indexes": r"""
        SELECT indexname, regexp_replace(indexdef, '::(character varying|text)(\[\])?|[()]', '', 'g')
        FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1""",
    # What may not be null is a constraint since version 18; columns tell it for all versions.
    "constraints": f"""
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = {_OURS} AND contype <> 'n' ORDER BY 1, 2""",
    "partitions": """
        SELECT inhrelid::regclass::text, inhparent::regclass::text, pg_get_expr(relpartbound, c.oid)
        FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid ORDER BY 1""",
    "default rights": f"""
        SELECT defaclrole::regrole::text, defaclobjtype, {_RIGHTS.format(acl="defaclacl")}
        FROM pg_default_acl ORDER BY 2""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, last_value FROM pg_sequences
        WHERE schemaname = 'public' ORDER BY 1""",
}


def schema(url):
    """Return it as rows of text, by kind of thing."""
    with psycopg.connect(url) as connection:
        return {kind: connection.execute(query).fetchall() for kind, query in _QUERIES.items()}
