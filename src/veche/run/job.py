"""Leads a run: what it was asked, its steps in order, and what it leaves behind.

Read and understand (spread over workers, chunk by chunk), then the steps that need all appeals at
once (repeats, themes), then the files that people and programs read. The work folder `.work` inside
the output holds what a later `--resume` needs; a finished run leaves none.
"""

import contextlib
import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from veche.core.errors import CannotResume, OutputError, OutputNotEmpty, UsageError
from veche.core.i18n import _
from veche.core.keys import derive, key_path, load_key
from veche.core.library_words import reason
from veche.engine.local import Engine
from veche.engine.pipeline import Plan
from veche.engine.registry import available, make, make_engine
from veche.intake import Intake, Source
from veche.packs import load_pack
from veche.packs.model import Pack
from veche.picture import build_cube, write_report
from veche.run import manifest as manifests
from veche.run.alerts import write_alerts
from veche.run.audited import audit_run
from veche.run.earlier import carry_over, follow, read_earlier
from veche.run.finish import REPEAT, THEME, write_appeals
from veche.run.learnt import fingerprint, told, use_model
from veche.run.opened import makers_of, plan_stages
from veche.run.options import Options, Progress
from veche.run.rejects import Rejects
from veche.run.understand import Layout, Understand, chunk_digest, is_done
from veche.themes import THEMES_VERSION, Themes, discover
from veche.themes.repeats import REPEATS_VERSION, group_repeats

#: Rows of a chunk: large enough for the native libraries, small enough to lose little when killed.
CHUNK_ROWS = 4096

_WORK = ".work"


@dataclass(frozen=True)
class Outcome:
    """What a run came to: its manifest, where the report lies, and the pack that it was made with."""

    manifest: dict[str, Any]
    report: Path
    pack: Pack

    @property
    def rejected(self) -> int:
        """How many rows were not taken."""
        return self.manifest["counts"]["rejected"]


def run(options: Options, *, progress: Progress, now: Callable[[], dt.datetime]) -> Outcome:
    """Run the main job.

    Raises:
        UsageError: what was asked for does not fit (an output that holds something else ...).
        OutputError: the output cannot be written.
        VecheError: anything else that ends a run; nothing that was finished is lost.
    """
    with _writing(options.out):
        return _Run(options, progress, now).go()


@contextlib.contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(path=error.filename or out, reason=reason(error)) from error


class _Run:
    """One run in progress; holds what its steps share."""

    def __init__(self, options: Options, progress: Progress, now: Callable[[], dt.datetime]) -> None:
        self.options = options
        self.progress = progress
        self.now = now
        self.began = now()
        self.out = options.out
        self.layout = Layout(options.out / _WORK)
        self.workers = options.workers or os.cpu_count() or 1
        self.engine: Engine = make_engine(options.engine, workers=self.workers)
        self.pack: Pack = load_pack(options.pack)
        names = options.stages or tuple(available())
        make(options.skip)  # a name that no stage has is refused here
        self.model = use_model(options.model, options.precision, pack=self.pack)
        self.plan: Plan = plan_stages(names, model=self.model, skip=options.skip)
        self.stages = names
        if "masks" not in {stage.name for stage in self.plan.stages}:
            raise UsageError(problem=_("The masks stage cannot be left out: nothing is written unmasked."))
        if options.guided and "topic" not in {field.name for s in self.plan.stages for field in s.adds}:
            raise UsageError(problem=_("--guided needs the topics of the appeals: do not skip that stage."))
        after = options.after
        self.earlier = None if after is None else read_earlier(after, pack=self.pack)
        self.rejects = Rejects(self.out)
        self.intake = Intake(
            options.inputs,
            mapping=options.mapping,
            timezone=self.pack.timezone,
            limit=options.limit,
            batch_rows=CHUNK_ROWS,
            not_after=self.began + dt.timedelta(days=1),
            on_reject=self.rejects.add,
            on_source=lambda source: self.sources.append(source),
        )
        self.seconds: dict[str, float] = {}
        self.sources: list[Source] = []

    def go(self) -> Outcome:
        finished = self._prepare()
        if finished is not None:
            return Outcome(finished, self.out / "report.html", self.pack)
        parts, counts = self._understand()
        repeats = self._step("repeats", self._group_repeats, parts)
        themes = self._step("themes", self._discover, repeats)
        self._step("appeals", self._write_appeals, parts, repeats, themes)
        signed = self._step("decisions", self._carry_over)
        self._step("picture", self._count)
        self._step("alerts", self._look_for_alerts)
        audit = self._step("audit", self._audit)
        manifest = self._manifest(parts, counts, repeats) | {"audit": audit} | signed
        manifest |= told(self.out, self.model)
        report = self._step("report", self._report, manifest)
        manifest["steps"] = {name: round(seconds, 3) for name, seconds in self.seconds.items()}
        self._keep_originals(parts)
        manifest["files"] = manifests.files(self.out)
        manifests.write(self.out, manifest)
        shutil.rmtree(self.layout.work)
        return Outcome(manifest, report, self.pack)

    def _step(self, name: str, do: Callable[..., Any], *args: Any) -> Any:
        self.progress.step(name)
        began = time.perf_counter()
        result = do(*args)
        self.seconds[name] = time.perf_counter() - began
        return result

    def _prepare(self) -> dict[str, Any] | None:
        """Make the work folder, or find it; return the manifest of a run that is already finished."""
        out, asked = self.out, self._fingerprint()
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            if not self.options.resume:
                raise OutputNotEmpty(path=out)
            finished = manifests.read(out)
            if finished is not None:
                self._same_run(finished.get("asked"), asked)
                return finished
            self._same_run(_read_json(self.layout.work / "run.json"), asked)
        self.layout.work.mkdir(parents=True, exist_ok=True)
        (self.layout.work / "run.json").write_text(json.dumps(asked, ensure_ascii=False))
        return None

    def _same_run(self, held: Any, asked: dict[str, Any]) -> None:
        if not isinstance(held, dict):
            raise CannotResume(path=self.out, reason=_("it holds no run"))
        changed = sorted(name for name in asked if held.get(name) != asked[name])
        if changed:
            other = _("it was begun with other {names}").format(names=", ".join(changed))
            raise CannotResume(path=self.out, reason=other)

    def _fingerprint(self) -> dict[str, Any]:
        """Return all that decides what the files will hold."""
        o = self.options
        return {
            "inputs": list(o.inputs),
            "mapping": dict(o.mapping),
            "limit": o.limit,
            "pack": [self.pack.code, self.pack.version],
            "stages": [[s.name, s.version] for s in self.plan.stages],
            "masks": "thorough" if o.thorough_masks else "fast",
            "themes": o.n_themes,
            "guided": o.guided,
            "seed": o.seed,
            "keep_original": o.keep_original,
            "after": [str(o.after), self.earlier.mark] if self.earlier else None,
            "model": fingerprint(self.model),
        }

    def _understand(self) -> tuple[int, dict[str, int]]:
        """Read the inputs and run the stages; return the number of parts and the counts."""
        self.progress.step("understand")
        began = time.perf_counter()
        with self.rejects:
            try:
                parts = self._map()
            except UsageError:
                self._leave_no_trace()
                raise
        self.seconds["understand"] = time.perf_counter() - began
        intake = self.intake
        return parts, {"read": intake.read, "accepted": intake.accepted, "rejected": intake.rejected}

    def _leave_no_trace(self) -> None:
        """Empty the output folder of a run that was called wrongly, so that the mended call goes through.

        Where a part is finished, all stays for --resume.
        """
        if self.layout.done(0).parent.exists():
            return
        shutil.rmtree(self.layout.work)
        self.rejects.path.unlink()

    def _map(self) -> int:
        """Run the stages over the chunks that are not done yet; return how many chunks there are."""
        intake = self.intake
        parts = done = 0

        def waiting() -> Iterator[tuple[int, pa.Table]]:
            nonlocal parts, done
            for table in intake:
                number, parts = parts, parts + 1
                if is_done(self.layout, number, chunk_digest(table)):
                    done += len(table)
                    self.progress.advance(done, intake.fraction_read())
                else:
                    yield number, table

        for rows in self.engine.map(self._work(), waiting()):
            done += rows
            self.progress.advance(done, intake.fraction_read())
        return parts

    def _work(self) -> Understand:
        key = load_key(key_path())
        # One thread a worker: then the bytes do not depend on how many workers there are.
        return Understand(
            layout=self.layout,
            pack=str(self.pack.path),
            stages=tuple(self.stages),
            skip=self.options.skip,
            model=self.model,
            seed=self.options.seed,
            threads=1,
            options={"masks.thorough": "yes"} if self.options.thorough_masks else {},
            author_key=derive(key, "authors"),
            originals_key=derive(key, "originals") if self.options.keep_original else None,
        )

    def _group_repeats(self, parts: int) -> pa.Table:
        return group_repeats([self.layout.part(number) for number in range(parts)])

    def _discover(self, repeats: pa.Table) -> Themes:
        themes = discover(
            self.layout.work,
            repeats=repeats,
            pack=self.pack,
            seed=self.options.seed,
            n_themes=self.options.n_themes,
            guided=self.options.guided,
            threads=os.cpu_count() or 1,
        )
        themes = follow(themes, self.earlier, work=self.layout.work, out=self.out)
        themes.write(self.out)
        return themes

    def _write_appeals(self, parts: int, repeats: pa.Table, themes: Themes) -> None:
        write_appeals(
            self.out,
            layout=self.layout,
            parts=parts,
            repeats=repeats,
            assignments=themes.assignments,
            makers=self._makers(),
            pack_version=self.pack.version,
        )

    def _makers(self) -> dict[str, tuple[str, str]]:
        makers = makers_of(self.plan)
        makers[REPEAT] = ("repeats", REPEATS_VERSION)
        makers[THEME] = ("themes", THEMES_VERSION)
        return makers

    def _carry_over(self) -> dict[str, Any]:
        """Do what a person decided about the earlier run; return what the manifest says of it."""
        seed, threads = self.options.seed, os.cpu_count() or 1
        signed = carry_over(self.earlier, self.out, pack=self.pack, seed=seed, threads=threads)
        return {"signed": {"number": signed.number, "carried": True}} if signed else {}

    def _count(self) -> None:
        build_cube(self.out, pack=self.pack)

    def _look_for_alerts(self) -> None:
        write_alerts(self.out, pack=self.pack)

    def _audit(self) -> dict[str, Any]:
        return audit_run(self.out, pack=self.pack, seed=self.options.seed)

    def _report(self, manifest: dict[str, Any]) -> Path:
        return write_report(self.out, pack=self.pack, manifest=manifest, language=self.options.language)

    def _manifest(self, parts: int, counts: dict[str, int], repeats: pa.Table) -> dict[str, Any]:
        copies = len(repeats) - repeats["copy_of"].null_count
        manifest = manifests.build(
            pack=self.pack,
            plan=self.plan,
            sources=self.sources,
            counts={**counts, "copies": copies},
            reject_reasons=self.rejects.reasons,
            stage_seconds=manifests.stage_seconds(self.layout, parts),
            step_seconds=self.seconds,
            versions={"repeats": REPEATS_VERSION, "themes": THEMES_VERSION},
            seed=self.options.seed,
            workers=self.workers,
            began=self.began,
            ended=self.now(),
        )
        manifest["asked"] = self._fingerprint()
        return manifest

    def _keep_originals(self, parts: int) -> None:
        if not self.options.keep_original:
            return
        folder = self.out / "originals"
        folder.mkdir(exist_ok=True)
        for number in range(parts):
            sealed = self.layout.originals(number)
            if sealed.exists():  # a run that was killed here has moved some of them
                sealed.replace(folder / sealed.name)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
