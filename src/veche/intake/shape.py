"""Turns raw columns into appeals: one shaper per source, one call per chunk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.core.appeal import APPEAL
from veche.core.errors import EmptyText, RepeatedOtherContent, RepeatedSameContent, TextTooLong
from veche.core.ids import appeal_id
from veche.intake.dates import DateReader, find_month_first, has_day_and_month
from veche.intake.mapping import Plan, find_column, make_plan
from veche.intake.model import MAX_TEXT_CHARACTERS, Chunk, RowReject, Source
from veche.intake.seen import SeenIds, checksums, id_hashes, with_content
from veche.intake.values import (
    Read,
    as_strings,
    blank_as_null,
    join_filled,
    kept_column,
    read_ages,
    read_degrees,
    read_names,
    read_sexes,
    without_null_island,
)

#: Rows that decide which column is what.
_SAMPLE_ROWS = 1_000
_STRINGS = ("channel", "occupation", "thread", "address")


@dataclass(frozen=True)
class Rules:
    """What holds for every source of a run; see `Intake` for the meaning."""

    mapping: Mapping[str, str]
    timezone: str
    not_before: datetime | None = None
    not_after: datetime | None = None
    keep: Callable[[str], bool] = bool
    reserved: Sequence[str] = ()


class Shaper:
    """Makes appeals of a source's chunks.

    The plan (which column is what, which dates are whose) is made from the first chunk; raises
    `NoTextColumn` then. `channel` is for sources that have one by nature, such as "email".
    """

    def __init__(
        self, report: Source, rules: Rules, seen: SeenIds, *, member: str = "", channel: str = ""
    ) -> None:
        self._report = report
        self._rules = rules
        self._seen = seen
        self._own_seen = SeenIds()
        self._member = member
        self._channel = channel
        self._plan: Plan | None = None
        self._dates: DateReader | None = None

    def __call__(self, chunk: Chunk) -> tuple[pa.Table, list[RowReject]]:
        """Return the accepted rows in the `APPEAL` schema, and the rejected ones."""
        if not chunk.rows:
            return APPEAL.empty_table(), chunk.rejects
        plan = self._plan or self._open(chunk.table)
        raw = _Raw(chunk.table, self._report)
        kept: dict[str, pa.Array] = {}
        fields = self._fields(plan, raw, kept)
        rows = np.array(chunk.rows, np.int64)
        rejected: dict[int, RowReject] = {}
        self._check_texts(fields["text"], rows, rejected)
        for name in raw.names:
            if name not in plan.used() and self._rules.keep(name) and (column := raw.text(name)) is not None:
                kept[name] = column
        for name in self._rules.reserved:
            found = find_column(name, known=raw.names)
            if found is not None and (column := raw.text(found)) is not None:
                kept[name] = column
        self._check_ids(fields, rows, rejected)
        fields["kept"] = kept_column(kept, len(rows))
        fields |= self._identity(chunk, rows)
        appeals = pa.table([fields[f.name] for f in APPEAL], schema=APPEAL)
        if rejected:
            appeals = appeals.filter(pa.array([i not in rejected for i in range(len(rows))]))
        return appeals, sorted([*chunk.rejects, *rejected.values()], key=lambda r: r.row)

    def _open(self, sample: pa.Table) -> Plan:
        strings = {
            n: as_strings(sample[n]) if _is_text(sample[n].type) else sample[n] for n in sample.column_names
        }
        plan = make_plan(
            pa.table(strings), given=self._rules.mapping, report=self._report, reserved=self._rules.reserved
        )
        self._report.mapping = plan.shown()
        month_first = None
        for name in plan.columns.get("received_at", []):
            column = strings[name]
            if column is not None and pa.types.is_string(column.type):
                month_first = find_month_first(column)
                if month_first is None and has_day_and_month(column):
                    self._report.warn("day_first_assumed")
        self._dates = DateReader(
            timezone=self._rules.timezone,
            month_first=bool(month_first),
            not_before=self._rules.not_before,
            not_after=self._rules.not_after,
        )
        self._plan = plan
        return plan

    def _fields(self, plan: Plan, raw: "_Raw", kept: dict[str, pa.Array]) -> dict[str, pa.Array]:
        rows = raw.rows
        text, languages = _text(plan, raw)
        fields: dict[str, pa.Array] = {
            "text": text,
            "foreign_id": raw.first(plan.columns.get("id", [])),
            "declared_language": raw.first(plan.columns.get("language", [])),
            "declared_territory": raw.joined(plan.columns.get("territory", []), ", "),
            "author": raw.first(plan.columns.get("author", [])),
        }
        fields |= {name: raw.first(plan.columns.get(name, [])) for name in _STRINGS}
        if languages is not None:
            fields["declared_language"] = pc.coalesce(fields["declared_language"], languages)
        if self._channel:
            fields["channel"] = pc.fill_null(fields["channel"], self._channel)
        names = plan.columns.get("attachments", [])
        fields["attachments"] = (
            read_names(raw.first(names)) if names else pa.nulls(rows, pa.list_(pa.string()))
        )
        self._add_dates(fields, plan, raw, kept)
        self._add_people(fields, plan, raw, kept)
        self._add_position(fields, plan, raw, kept)
        return fields

    def _add_dates(self, fields: dict, plan: Plan, raw: "_Raw", kept: dict[str, pa.Array]) -> None:
        names = plan.columns.get("received_at", [])
        column = raw.typed(names[0]) if names else None
        if column is None or self._dates is None:
            fields["received_at"] = pa.nulls(raw.rows, pa.timestamp("us", "UTC"))
            fields["received_zone"] = pa.nulls(raw.rows, pa.string())
            return
        found = self._dates.read(column)
        fields["received_at"], fields["received_zone"] = found.at, found.zone
        self._report.warn("date_out_of_range", int(found.out_of_range.sum()))
        self._report.warn("date_unreadable", int((found.bad & ~found.out_of_range).sum()))
        _keep_raw(kept, names[0], raw, found.bad)

    def _add_people(self, fields: dict, plan: Plan, raw: "_Raw", kept: dict[str, pa.Array]) -> None:
        for name, read, kind in (("age", read_ages, pa.int16()), ("sex", read_sexes, pa.string())):
            columns = plan.columns.get(name, [])
            if not columns:
                fields[name] = pa.nulls(raw.rows, kind)
                continue
            found: Read = read(raw.first(columns))
            fields[name] = found.values
            self._report.warn(f"{name}_unreadable", int(found.bad.sum()))
            _keep_raw(kept, columns[0], raw, found.bad)

    def _add_position(self, fields: dict, plan: Plan, raw: "_Raw", kept: dict[str, pa.Array]) -> None:
        for name, limit in (("lat", 90.0), ("lon", 180.0)):
            columns = plan.columns.get(name, [])
            if not columns:
                fields[name] = pa.nulls(raw.rows, pa.float64())
                continue
            found = read_degrees(raw.typed(columns[0]), limit=limit)
            fields[name] = found.values
            self._report.warn("position_unreadable", int(found.bad.sum()))
            _keep_raw(kept, columns[0], raw, found.bad)
        fields["lat"], fields["lon"] = without_null_island(fields["lat"], fields["lon"])

    def _check_texts(self, texts: pa.Array, rows: np.ndarray, rejected: dict[int, RowReject]) -> None:
        lengths = pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False)
        for i in np.flatnonzero(lengths == 0):
            rejected[int(i)] = RowReject(int(rows[i]), EmptyText())
        for i in np.flatnonzero(lengths > MAX_TEXT_CHARACTERS):
            rejected[int(i)] = RowReject(int(rows[i]), TextTooLong(limit=MAX_TEXT_CHARACTERS))

    def _check_ids(self, fields: dict, rows: np.ndarray, rejected: dict[int, RowReject]) -> None:
        ids, channels = fields["foreign_id"], fields["channel"]
        given = ids.is_valid().to_numpy(zero_copy_only=False).copy()
        given[list(rejected)] = False
        wanted = np.flatnonzero(given)
        if not len(wanted):
            return
        keys = pc.binary_join_element_wise(pc.fill_null(channels, ""), ids, "\x00", null_handling="replace")
        hashes, sums = id_hashes(keys)[wanted], checksums(fields["text"])[wanted]
        nameless = channels.is_null().to_numpy(zero_copy_only=False)[wanted]
        for i, same in zip(wanted, self._repeated(hashes, sums, nameless), strict=True):
            if same is not None:
                error = RepeatedSameContent() if same else RepeatedOtherContent()
                rejected[int(i)] = RowReject(int(rows[i]), error)

    def _repeated(self, hashes: np.ndarray, sums: np.ndarray, nameless: np.ndarray) -> list[bool | None]:
        """For each id None where it is new, else whether it came with this content before.

        An id counts within its channel. Where no channel is given, files that number their rows from 1
        each must not push one another out: there, an id of another source counts only with its content.
        """
        own = self._own_seen.add(hashes, sums)
        fresh = np.array([o is None for o in own])
        wide = np.where(nameless, with_content(hashes, sums), hashes)
        result = list(own)
        for at, same in zip(np.flatnonzero(fresh), self._seen.add(wide[fresh], sums[fresh]), strict=True):
            result[at] = same
        return result

    def _identity(self, chunk: Chunk, rows: np.ndarray) -> dict[str, pa.Array]:
        digest, n = self._report.digest, len(rows)
        members = chunk.members or [self._member] * n
        ids = [appeal_id(digest, m, row) for m, row in zip(members, chunk.rows, strict=True)]
        return {
            "appeal_id": pa.array(ids),
            "source": pa.repeat(pa.scalar(self._report.name), n),
            "row": pa.array(rows),
        }


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)


def _keep_raw(kept: dict[str, pa.Array], name: str, raw: "_Raw", bad: np.ndarray) -> None:
    """What could not be read is kept as it was written, under its column's name."""
    column = raw.text(name) if bad.any() else None
    if column is not None:
        kept[name] = pc.if_else(pa.array(bad), column, pa.scalar(None, pa.string()))


def _text(plan: Plan, raw: "_Raw") -> tuple[pa.Array, pa.Array | None]:
    columns = plan.columns["text"]
    languages = None
    if plan.languages:
        parts = [raw.first([c]) for c in columns]
        text = pc.coalesce(*parts)
        tags = [
            pc.if_else(p.is_valid(), t, pa.scalar(None, pa.string()))
            for p, t in zip(parts, plan.languages, strict=True)
        ]
        languages = pc.coalesce(*tags)
    else:
        text = raw.joined(columns, "\n")
    if "title" in plan.columns:
        text = _with_titles(text, raw.joined(plan.columns["title"], "\n"))
    return text, languages


def _with_titles(texts: pa.Array, titles: pa.Array) -> pa.Array:
    joined = [
        text
        if not title or (text and text.startswith(title.rstrip(".… ")))
        else f"{title}\n{text}"
        if text
        else title
        for title, text in zip(titles.to_pylist(), texts.to_pylist(), strict=True)
    ]
    return pa.array(joined, pa.string())


class _Raw:
    """The columns of a chunk, cleaned once each."""

    def __init__(self, table: pa.Table, report: Source) -> None:
        self._table = table
        self._report = report
        self._texts: dict[str, pa.Array | None] = {}
        self.names = [n for n in table.column_names if not n.startswith("__index_level_")]
        self.rows = table.num_rows

    def typed(self, name: str) -> pa.Array | None:
        """Return a column in the type it came in, None where the chunk lacks it."""
        if name not in self._table.column_names:
            return pa.nulls(self.rows, pa.string())
        column = self._table[name]
        return self.text(name) if _is_text(column.type) else column.combine_chunks()

    def text(self, name: str) -> pa.Array | None:
        """Return a column as strings, None where it holds bytes."""
        if name not in self._texts:
            known = name in self._table.column_names
            column = as_strings(self._table[name]) if known else pa.nulls(self.rows, pa.string())
            if column is None:
                self._report.warn("columns_left_out")
            self._texts[name] = column
        return self._texts[name]

    def first(self, names: list[str]) -> pa.Array:
        """Return, row by row, the first filled cell of the columns, trimmed, null where there is none."""
        parts = [blank_as_null(c) for n in names if (c := self.text(n)) is not None]
        if not parts:
            return pa.nulls(self.rows, pa.string())
        return pc.coalesce(*parts) if len(parts) > 1 else parts[0]

    def joined(self, names: list[str], separator: str) -> pa.Array:
        """Return the filled cells of the columns joined, null where none is filled."""
        if len(names) < 2:
            return self.first(names)
        parts = [self.first([n]) for n in names]
        return join_filled(parts, separator)
