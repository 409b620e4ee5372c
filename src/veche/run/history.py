"""An authority's labelled history becomes examples to learn from.

The same stages as in a run understand the texts, chunk by chunk in workers, and what is finished is kept in
a work folder, so that an interrupted reading goes on. The columns that hold labels feed no field of an
appeal: what is to be learnt must not stand among what it is learnt from.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from veche.core.appeal import APPEAL
from veche.core.errors import CannotResume, LearningError, NoLabels, OutputError, UsageError
from veche.core.i18n import _
from veche.core.keys import derive, key_path, load_key
from veche.core.library_words import reason
from veche.engine.local import Engine
from veche.engine.registry import make_engine
from veche.intake import Intake, Reject
from veche.intake.intake import PEEKED_SOURCES
from veche.learn.examples import Examples, Labels
from veche.learn.labels import check_learnable, find_labels, make_labels
from veche.learn.notes import FacetNotes, Notes
from veche.learn.wanted import Wanted, resolve, wanted_of
from veche.packs.model import Pack
from veche.run.gathered import assemble, examples_of
from veche.run.opened import plan_stages
from veche.run.options import Progress, Quiet
from veche.run.personal import are_personal
from veche.run.understand import Layout, Understand, chunk_digest, is_done, write_whole
from veche.stages.masks import Masker
from veche.themes.repeats import group_repeats

#: Rows of a chunk: a history of a few thousand appeals is work for several workers.
CHUNK_ROWS = 1024

#: What a learner is shown comes from these stages.
STAGES = ("masks", "tokens", "vectors", "language", "place", "repeats")

#: What a work folder was begun with.
_NOTE = "history.json"


def read_history(
    inputs: Sequence[str],
    *,
    pack: Pack,
    labels: Mapping[str, str],
    multi: Collection[str] = (),
    paths: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[str, str]] | None = None,
    mapping: Mapping[str, str] | None = None,
    limit: int | None = None,
    work: Path | None = None,
    resume: bool = False,
    to_learn: bool = True,
    workers: int = 0,
    engine: str = "local",
    seed: int = 7,
    progress: Progress | None = None,
) -> Examples:
    """Read a labelled history; what was noticed on the way stands in `notes` of the examples.

    `labels` goes from facet to the columns that hold its labels (`veche.learn.wanted` says how they are
    written), `multi` names the facets of which an appeal may have several, `paths` the separator of levels
    in a cell. `codes` goes from facet to a map from the `spelling.key` of a label to a code of the pack.
    `mapping` and `limit` are those of the intake; `workers` 0 is one per core. `work` is a folder for what
    is finished, left for the caller to remove: with `resume` the reading goes on where it stopped. Not
    `to_learn`: for a test, in which one label is enough.

    Raises:
        NoLabelColumn, NoLabels, OneClass, OwnLabels: there is nothing to learn.
        CannotResume: the work folder holds another history.
        UsageError, OutputError, WorkerLost: as in a run.
    """
    with _folder(work) as folder:
        reading = _Reading(
            inputs=tuple(inputs),
            pack=pack,
            wanted=wanted_of(labels, multi=multi, paths=paths),
            mapping=dict(mapping or {}),
            limit=limit,
            layout=Layout(folder),
            seed=seed,
        )
        reading.begin(resume=resume)
        local = make_engine(engine, workers=workers or os.cpu_count() or 1)
        return _read(reading, local, progress or Quiet(), codes or {}, to_learn=to_learn)


def remove_work(work: Path) -> None:
    """Remove what a reading left in its work folder, and the folder where nothing else lies in it."""
    for name in ("done", "labels", "map", "vectors"):
        shutil.rmtree(work / name, ignore_errors=True)
    with contextlib.suppress(OSError):
        (work / _NOTE).unlink(missing_ok=True)
        work.rmdir()


def _read(
    reading: "_Reading",
    engine: Engine,
    progress: Progress,
    codes: Mapping[str, Mapping[str, str]],
    *,
    to_learn: bool,
) -> Examples:
    try:
        parts = reading.understand(engine, progress)
        progress.step("repeats")
        inputs_read, ids, received = assemble(reading.layout, parts, timezone=reading.pack.timezone)
        near = group_repeats([reading.layout.part(n) for n in range(parts)])
        progress.step("labels")
        made = reading.labels(parts, codes)
        for facet, (labels, _notes) in made.items() if to_learn else ():
            check_learnable(facet, labels)
    except (UsageError, LearningError):
        # Another call is needed, which cannot go on from here.
        remove_work(reading.layout.work)
        raise
    return examples_of(inputs_read, ids, received, near, made, reading.notes())


def read_labels(
    inputs: Sequence[str],
    *,
    pack: Pack,
    labels: Mapping[str, str],
    multi: Collection[str] = (),
    paths: Mapping[str, str] | None = None,
    mapping: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> dict[str, Labels]:
    """Return the labels of a history alone, without understanding its texts. Raises as `read_history`."""
    reading = _Reading(
        inputs=tuple(inputs),
        pack=pack,
        wanted=wanted_of(labels, multi=multi, paths=paths),
        mapping=dict(mapping or {}),
        limit=limit,
        layout=Layout(Path()),
        seed=0,
    )
    tables = [_label_cells(chunk, reading.names) for chunk in reading.intake]
    made = reading.labels_of(pa.concat_tables(tables) if tables else None, {})
    return {facet: found for facet, (found, _notes) in made.items()}


@contextlib.contextmanager
def _folder(work: Path | None) -> Iterator[Path]:
    if work is not None:
        try:
            yield work
        except OSError as error:
            raise OutputError(path=error.filename or work, reason=reason(error)) from error
        return
    with tempfile.TemporaryDirectory(prefix="veche-") as folder:
        yield Path(folder)


@dataclass
class _Work:
    """What a worker does with a chunk: the labels aside, then understands the rest."""

    understand: Understand
    names: tuple[str, ...]

    def open(self) -> None:
        self.understand.open()

    def __call__(self, number: int, chunk: pa.Table) -> int:
        cells = _label_cells(chunk, self.names)
        path = _label_part(self.understand.layout, number)
        write_whole(path, lambda begun: pq.write_table(cells, begun, compression="zstd"))
        at = chunk.column_names.index("kept")
        bare = chunk.set_column(at, "kept", pa.nulls(len(chunk), APPEAL.field("kept").type))
        return self.understand(number, bare)


def _label_part(layout: Layout, number: int) -> Path:
    return layout.work / "labels" / f"part-{number:05}.parquet"


def _label_cells(chunk: pa.Table, names: Sequence[str]) -> pa.Table:
    kept = chunk["kept"].combine_chunks()
    columns = [pc.map_lookup(kept, query_key=pa.scalar(name), occurrence="first") for name in names]
    return pa.table(columns, schema=pa.schema([(f"{i}", pa.string()) for i in range(len(names))]))


class _Reading:
    """One history that is being read; holds what its steps share."""

    def __init__(
        self,
        *,
        inputs: tuple[str, ...],
        pack: Pack,
        wanted: Sequence[Wanted],
        mapping: dict[str, str],
        limit: int | None,
        layout: Layout,
        seed: int,
    ) -> None:
        self.inputs, self.pack, self.wanted, self.mapping = inputs, pack, wanted, mapping
        self.limit, self.layout, self.seed = limit, layout, seed
        self.plan = plan_stages(STAGES)
        self.reasons: Counter[str] = Counter()
        headers = list(islice(self._intake(reserved=()).headers(), PEEKED_SOURCES))
        self.columns = [resolve(one, headers) for one in wanted]
        self.names = tuple(dict.fromkeys(name for names in self.columns for name in names))
        self.intake = self._intake(reserved=self.names)

    def _intake(self, *, reserved: Sequence[str]) -> Intake:
        return Intake(
            self.inputs,
            mapping=self.mapping,
            timezone=self.pack.timezone,
            limit=self.limit,
            batch_rows=CHUNK_ROWS,
            keep_columns=(),
            reserved=reserved,
            on_reject=self._reject,
        )

    def _reject(self, reject: Reject) -> None:
        self.reasons[reject.message] += 1

    def begin(self, *, resume: bool) -> None:
        """Make the work folder anew, or see that it holds this very history."""
        asked, work = self._fingerprint(), self.layout.work
        note = work / _NOTE
        if resume and note.exists():
            try:
                held = json.loads(note.read_text("utf-8"))
            except (OSError, ValueError):
                held = None
            if held != asked:
                raise CannotResume(path=work, reason=_("it was begun with another history or other options"))
        else:
            for done in (work / "done").glob("part-*.json"):
                done.unlink()
        write_whole(note, lambda path: path.write_text(json.dumps(asked, ensure_ascii=False), "utf-8"))

    def _fingerprint(self) -> dict[str, Any]:
        return {
            "inputs": list(self.inputs),
            "mapping": self.mapping,
            "limit": self.limit,
            "labels": list(self.names),
            "pack": [self.pack.code, self.pack.version],
            "stages": [[s.name, s.version] for s in self.plan.stages],
            "seed": self.seed,
        }

    def understand(self, engine: Engine, progress: Progress) -> int:
        """Run the stages over the chunks that are not done yet; return how many chunks there are."""
        progress.step("understand")
        parts = done = 0

        def waiting() -> Iterator[tuple[int, pa.Table]]:
            nonlocal parts, done
            for table in self.intake:
                number, parts = parts, parts + 1
                if is_done(self.layout, number, chunk_digest(table)):
                    done += len(table)
                    progress.advance(done, self.intake.fraction_read())
                else:
                    yield number, table

        work = _Work(self._understand(), self.names)
        for rows in engine.map(work, waiting()):
            done += rows
            progress.advance(done, self.intake.fraction_read())
        if not parts:
            raise NoLabels(facet=self.wanted[0].facet, column=", ".join(self.names[:3]))
        return parts

    def _understand(self) -> Understand:
        return Understand(
            layout=self.layout,
            pack=str(self.pack.path),
            stages=STAGES,
            skip=(),
            seed=self.seed,
            threads=1,
            options={},
            author_key=derive(load_key(key_path()), "authors"),
            originals_key=None,
        )

    def labels(
        self, parts: int, codes: Mapping[str, Mapping[str, str]]
    ) -> dict[str, tuple[Labels, FacetNotes]]:
        """Return the labels of the rows of all parts, with what was noticed."""
        tables = [pq.read_table(_label_part(self.layout, number)) for number in range(parts)]
        return self.labels_of(pa.concat_tables(tables), codes)

    def labels_of(
        self, cells: pa.Table | None, codes: Mapping[str, Mapping[str, str]]
    ) -> dict[str, tuple[Labels, FacetNotes]]:
        """Return the labels that stand in the columns `self.names` of `cells`."""
        if cells is None:
            raise NoLabels(facet=self.wanted[0].facet, column=", ".join(self.names[:3]))
        masker = Masker(self.pack)
        made = {}
        for wanted, columns in zip(self.wanted, self.columns, strict=True):
            chosen = [cells[self.names.index(name)] for name in columns]
            made[wanted.facet] = make_labels(
                wanted,
                find_labels(wanted, chosen, columns),
                columns=columns,
                pack=self.pack,
                personal=partial(are_personal, masker=masker),
                mapping=codes.get(wanted.facet),
            )
        return made

    def notes(self) -> Notes:
        """Return where the history came from."""
        return Notes(
            read=self.intake.read,
            accepted=self.intake.accepted,
            rejected=self.intake.rejected,
            reasons=dict(self.reasons.most_common()),
            sources=tuple(Path(source.name).name for source in self.intake.sources),
            fields={
                Path(source.name).name: {field: one.column for field, one in source.mapping.items()}
                for source in self.intake.sources
            },
            pack=(self.pack.code, self.pack.version),
            stages={stage.name: stage.version for stage in self.plan.stages},
        )
