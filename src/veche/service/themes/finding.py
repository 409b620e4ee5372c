"""Finds the themes of an authority: what a run does over Parquet, over the appeals in its tables.

The appeals are laid out as a run lays them out (`material`), the same functions find, name and describe
themes (`veche.themes`), what people decided is held to (`settling`), the quotations are audited
(`auditing`), and what came out is written (`writing`). From then on new appeals are followed with what was
found (`remembering`). A search that was ended can be done again at any time.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from veche.core.i18n import LANGUAGES, speaking
from veche.packs import load_pack
from veche.packs.model import Pack
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.ledger.append import append
from veche.service.live import tell
from veche.service.themes import remembering, writing
from veche.service.themes.auditing import audits
from veche.service.themes.material import Laid, lay_out, workplace
from veche.service.themes.models import Theme, Work, WorkState
from veche.service.themes.settling import read_before, settle
from veche.themes import discover
from veche.themes.following import remember
from veche.themes.result import Themes

#: As a run has it without `--seed`.
SEED = 7
ACTOR = "themes.find"

#: How much of the whole is done when a step begins, roughly, on twenty thousand appeals.
STEPS = {"lay_out": 0.0, "discover": 0.02, "settle": 0.5, "audit": 0.52, "write": 0.9, "follow": 0.97}


class Cancelled(Exception):
    """A person asked to end the search."""


@dataclass(frozen=True)
class Found:
    """What a search came to: how many appeals it read and themes it found, how many of these are told as
    new, and how many appeals have another theme than before."""

    appeals: int
    themes: int
    new: int
    moved: int


def find(tenant_id: UUID) -> Found:
    """Search for the themes of an authority and write what is found.

    Raises:
        Cancelled: a person asked to end it; nothing was written.
        PackError: the pack of the authority cannot be used.
    """
    search = _Search(tenant_id)
    with workplace(tenant_id, "work") as folder, speaking(search.language):
        laid = lay_out(tenant_id, folder)
        search.step("discover")
        threads = os.cpu_count() or 1
        found = discover(folder, repeats=laid.repeats, pack=search.pack, seed=SEED, threads=threads)
        return search.write(laid, found)


class _Search:
    """One search, and how far it is."""

    def __init__(self, tenant_id: UUID) -> None:
        self.tenant_id = tenant_id
        self.pack: Pack = load_pack(Tenant.objects.get(pk=tenant_id).pack)
        tag = self.pack.languages[0][:2]
        self.language = tag if tag in LANGUAGES else "en"
        self.step("lay_out")

    def step(self, name: str, fraction: float = 0.0) -> None:
        """Say which step goes on and how much of it is done; end the search where that was asked for."""
        names = [*STEPS, ""]
        begin = STEPS[name]
        end = STEPS.get(names[names.index(name) + 1], 1.0)
        with working(self.tenant_id):
            work = Work.objects.select_for_update().get(pk=self.tenant_id)
            if work.cancel_asked and work.state != WorkState.WRITING:
                raise Cancelled
            work.step, work.fraction = name, begin + (end - begin) * min(1.0, fraction)
            work.save(update_fields=["step", "fraction"])
            tell(self.tenant_id, "theme")

    def write(self, laid: Laid, found: Themes) -> Found:
        """Hold to what people decided, audit, and write; once more where people decided something
        meanwhile."""
        while True:
            self.step("settle")
            with working(self.tenant_id):
                work = Work.objects.get(pk=self.tenant_id)
                before = read_before(self.tenant_id, laid, next_number=work.next_number, acts=work.acts)
            themes = settle(found, laid, before, pack=self.pack, seed=SEED, threads=os.cpu_count() or 1)
            self.step("audit")
            audited = dict(audits(laid, themes, pack=self.pack, seed=SEED))
            self.step("write")
            next_number = int(writing.numbers_in(themes).max()) + 1
            written = writing.write_themes(self.tenant_id, themes, audited, before, next_number=next_number)
            if written is not None:
                return self._members(laid, themes, *written)

    def _members(self, laid: Laid, themes: Themes, written: dict[str, Theme], new: list[Theme]) -> Found:
        moved = writing.write_members(
            self.tenant_id,
            laid,
            themes,
            written,
            pack_version=self.pack.version,
            told=lambda rows: self.step("write", rows / max(1, len(laid))),
        )
        self.step("follow")
        memory = remember(laid.folder, themes)
        with working(self.tenant_id):
            writing.lock(self.tenant_id)
            work = Work.objects.select_for_update().get(pk=self.tenant_id)
            writing.finish(self.tenant_id)
            writing.note_made(self.tenant_id)
            memory = memory.renamed(
                memory.codes.tolist(), memory.names.tolist(), next_number=work.next_number
            )
            remembering.begin_anew(self.tenant_id, memory, laid, _places(themes, written), self.pack)
            work.state, work.finished_at = WorkState.DONE, datetime.now(UTC)
            work.step, work.fraction, work.failure = "", 1.0, ""
            work.appeals, work.themes = len(laid), len(written)
            work.save()
            facts: dict[str, Any] = {
                "appeals": len(laid),
                "themes": len(written),
                "new": len(new),
                "moved": moved,
            }
            append(
                self.tenant_id, "themes.found", actor=ACTOR, object=f"tenant:{self.tenant_id}", facts=facts
            )
            writing.tell_new(new)
            tell(self.tenant_id, "theme")
        return Found(len(laid), len(written), len(new), moved)


def _places(themes: Themes, written: dict[str, Theme]) -> dict[str, UUID]:
    """The theme of each of the latest appeals, where it has one."""
    latest = themes.assignments.slice(max(0, len(themes.assignments) - remembering.LATELY)).to_pydict()
    pairs = zip(latest["appeal_id"], latest["theme"], strict=True)
    return {id: written[code].pk for id, code in pairs if code in written}
