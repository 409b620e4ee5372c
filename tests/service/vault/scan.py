"""Looks for words in every column of every table, and in every file of the data folder."""

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

#: A row as text shows bytes in hexadecimal digits.
_FOUND = "SELECT count(*) FROM {} AS t WHERE t::text LIKE %(plain)s OR t::text LIKE %(hex)s"
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm')"


def tables_with(superuser, urls, word):
    """Return the names of the tables that hold `word` in any column."""
    name = conninfo_to_dict(urls.owner)["dbname"]
    given = {"plain": f"%{word}%", "hex": f"%{word.encode().hex()}%"}
    with psycopg.connect(make_conninfo(superuser, dbname=name)) as connection:
        tables = [row[0] for row in connection.execute(_TABLES)]
        found = (
            connection.execute(sql.SQL(_FOUND).format(sql.Identifier(t)), given).fetchone() for t in tables
        )
        return {table for table, (rows,) in zip(tables, list(found), strict=True) if rows}


def files_with(home, word):
    """Return the files that hold `word`, but for those of PostgreSQL itself, which are scanned as tables."""
    files = (p for p in home.path.rglob("*") if p.is_file() and home.postgres not in p.parents)
    return [path for path in files if word.encode() in path.read_bytes()]
