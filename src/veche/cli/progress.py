"""Progress on the terminal: count, rate, remaining time. Quiet where there is no terminal."""

import contextlib
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from veche.core.formats import formats
from veche.core.i18n import _, language, ngettext
from veche.run.options import Quiet

#: Grain of the bar; the share of the input that is read is what moves it.
_WHOLE = 1000.0


class Bar:
    """Shows a bar per step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._names = {
            "understand": _("Reading and understanding"),
            "repeats": _("Finding copies"),
            "themes": _("Finding themes"),
            "appeals": _("Writing appeals and findings"),
            "decisions": _("Following what a person decided"),
            "picture": _("Counting"),
            "alerts": _("Looking for what comes more often"),
            "audit": _("Auditing the digest"),
            "report": _("Writing the report"),
            "labels": _("Reading the labels"),
            "judge": _("Judging by appeals held back"),
            "learn": _("Learning"),
        }
        self._task = None

    def step(self, name: str) -> None:
        """Close the bar of the last step and begin that of the next."""
        self._finish()
        total = _WHOLE if name == "understand" else None
        self._task = self._progress.add_task(self._names.get(name, name), total=total, appeals=0)

    def advance(self, appeals: int, fraction: float | None) -> None:
        """Move the bar."""
        if self._task is not None:
            done = None if fraction is None else fraction * _WHOLE
            self._progress.update(self._task, completed=done, appeals=appeals)

    def _finish(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, total=_WHOLE, completed=_WHOLE)


class _Count(ProgressColumn):
    """“12,288 appeals, 480 a second, 0:01:10 left”."""

    def render(self, task: Task) -> Text:
        appeals = task.fields.get("appeals", 0)
        elapsed = task.finished_time or task.elapsed or 0.0
        if not appeals or not elapsed:
            return Text("")
        number = formats(language()).number
        words = [ngettext("{count} appeal", "{count} appeals", appeals).format(count=number(appeals))]
        words.append(_("{rate} a second").format(rate=number(appeals / elapsed)))
        share = task.completed / _WHOLE
        if not task.finished and share > 0:
            left = elapsed * (1 - share) / share
            words.append(_("{time} left").format(time=f"{int(left // 60)}:{int(left % 60):02}"))
        return Text(", ".join(words))


@contextlib.contextmanager
def shown() -> Iterator[Bar | Quiet]:
    """Yield a progress that shows itself on a terminal and is quiet elsewhere."""
    if not sys.stderr.isatty():
        yield Quiet()
        return
    columns = (TextColumn("{task.description}"), BarColumn(30), TimeElapsedColumn(), _Count())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bar(progress)
