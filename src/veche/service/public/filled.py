"""A form as it came back: what was typed, the files that came with it now and before, and what is wrong."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict

from veche.core.errors import (
    FormReused,
    FormStale,
    TooManyFiles,
    TooManyFromYou,
    TooQuick,
    TrapFilled,
    VecheError,
)
from veche.service.inbox.attachments import MAX_FILES, clean
from veche.service.inbox.incoming import AttachedFile
from veche.service.public.forms import MessageForm
from veche.service.public.held import held, hold, let_go
from veche.service.public.once import Mark, new_mark, read_mark
from veche.service.public.sources import spend
from veche.service.public.uploads import InMemory

#: Seconds within which nobody reads a form, writes and sends it.
LEAST_SECONDS = 2.0
#: What the browser is told: something is wrong with what was typed, too many came, not now.
_WRONG, _TOO_MANY, _AWAY = 422, 429, 503


@dataclass
class Filled:
    """A form on its way in. Where `form` has errors, it goes back; else it is taken."""

    form: MessageForm
    tenant_id: UUID
    mark: Mark
    #: Checked and cleaned.
    files: list[AttachedFile] = field(default_factory=list)
    #: Whether files were chosen that must be chosen again.
    lost: bool = False
    status: int = _WRONG
    #: Seconds after which it can go through.
    wait: int = 0

    def refuse(self, error: VecheError, name: str | None = None) -> None:
        """Let the form go back because of an error, at a field or as a whole."""
        self.form.add_error(name, " ".join(filter(None, [error.text(), error.advice()])))
        self.wait = max(self.wait, int(str(error.facts.get("seconds", 0))))
        if isinstance(error, TooManyFromYou):
            self.status = _TOO_MANY
        elif error.retry:
            self.status = _AWAY
        if isinstance(error, FormReused):
            self._renew(self.mark.at)

    def hold(self) -> None:
        """Let the files wait until the form comes again."""
        data = _data(self.form)
        try:
            data["held"] = hold(self.files, tenant_id=self.tenant_id, mark=self.mark)
        except OSError:
            data["held"], self.files, self.lost = "", [], True

    def let_go(self) -> None:
        """Remove what waited; the appeal has its own copies."""
        let_go(self.files, tenant_id=self.tenant_id)

    def _renew(self, at: float) -> None:
        given = new_mark(at)
        _data(self.form)["mark"] = given
        self.mark = read_mark(given)


def read(request: HttpRequest, kind: type[MessageForm], tenant_id: UUID, handler: InMemory) -> Filled:
    """Return a form as it was sent to an authority; the files of one that is complete are cleaned."""
    data = request.POST.copy()
    form = kind(data, request.FILES)
    form.too_large = handler.over
    mark, stale = _mark(data)
    filled = Filled(form, tenant_id, mark)
    chosen = [file for file in request.FILES.getlist("attached") if file.name]
    form.full_clean()
    if error := _robot(request, mark, stale=stale):
        filled.refuse(error, "website" if isinstance(error, TrapFilled) else None)
        # What waits sealed goes on waiting; what was just chosen is not looked at.
        filled.lost = bool(chosen)
        chosen = []
    dropped = set(data.getlist("drop"))
    before = held(data.get("held", ""), tenant_id=tenant_id, mark=mark)
    let_go([f for f in before if str(f.id) in dropped], tenant_id=tenant_id)
    filled.files = [f for f in before if str(f.id) not in dropped]
    _add(filled, [(str(file.name), file.read()) for file in chosen])
    return filled


def _add(filled: Filled, chosen: Sequence[tuple[str, bytes]]) -> None:
    """Take what was chosen, all or none."""
    if not chosen:
        filled.lost = filled.lost or filled.form.too_large
        return
    try:
        if len(filled.files) + len(chosen) > MAX_FILES:
            raise TooManyFiles(limit=MAX_FILES)
        filled.files += clean(chosen)
    except VecheError as error:
        filled.refuse(error, "attached")
        filled.lost = True


def _robot(request: HttpRequest, mark: Mark, *, stale: bool) -> VecheError | None:
    """Return what speaks against a person having sent this now."""
    try:
        spend(request, "send")
    except TooManyFromYou as error:
        return error
    if request.POST.get("website"):
        return TrapFilled()
    if stale:
        return FormStale()
    return TooQuick() if time.time() - mark.at < LEAST_SECONDS else None


def _mark(data: QueryDict) -> tuple[Mark, bool]:
    """Return the mark of a form, or a new one; and whether it is new."""
    try:
        return read_mark(data.get("mark", "")), False
    except FormStale:
        data["mark"] = new_mark(time.time())
        return read_mark(data["mark"]), True


def _data(form: MessageForm) -> QueryDict:
    data: Any = form.data
    return data
