"""The earlier run that a run follows: its themes keep their codes, and what a person decided holds here.

The folder of the earlier run is only read. A run that follows none remembers its themes all the same,
so that a later one can follow it.
"""

import datetime as dt
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from veche.core.errors import NoEarlierRun, NothingToFollow, OtherPack
from veche.packs.model import Pack
from veche.run import manifest as manifests
from veche.stages.vectors import encode
from veche.themes import Themes
from veche.themes.batches import blocks
from veche.themes.following import Memory, changes_between, remember, with_kept_codes
from veche.themes.following.memory import FILE
from veche.themes.signoff import Held, Signed, Tools, carry, held_in, read_held, sign

_SIGNED = "signed"


@dataclass(frozen=True)
class Earlier:
    """A finished run to be followed: what it remembers of its themes, under the names that were signed;
    `held` where a person signed them; `mark` is equal for equal states."""

    folder: Path
    memory: Memory
    held: Held | None
    mark: str


def read_earlier(folder: Path, *, pack: Pack) -> Earlier:
    """Read the run in `folder`, which must have been made with the same pack (any version of it).

    Raises:
        NoEarlierRun: the folder holds no finished run.
        OtherPack: the run was made with another pack.
        NothingToFollow: the run remembers no themes.
        UsageError: what it remembers cannot be read.
    """
    try:
        manifest = manifests.read(folder)
        code = manifest["pack"]["code"] if manifest else None
    except (OSError, ValueError, KeyError, TypeError):
        code = None
    if code is None:
        raise NoEarlierRun(path=folder)
    if code != pack.code:
        raise OtherPack(path=folder, earlier=code, pack=pack.code)
    memory = Memory.read(folder)
    if memory is None:
        raise NothingToFollow(path=folder)
    held = read_held(folder) if (folder / _SIGNED).is_dir() else None
    return Earlier(folder, _as_named(memory, held), held, _mark(folder))


def _as_named(memory: Memory, held: Held | None) -> Memory:
    given = _given_names(held)
    codes = [str(code) for code in memory.codes]
    names = [given.get(code, str(name)) for code, name in zip(codes, memory.names, strict=True)]
    return memory.renamed(codes, names, next_number=memory.next_number)


def _given_names(held: Held | None) -> dict[str, str]:
    """The names that a person gave, by code."""
    decided = held.last_decisions().themes if held else {}
    return {code: decision.name for code, decision in decided.items() if decision.name}


def _mark(folder: Path) -> str:
    sheets = sorted((folder / _SIGNED).glob("*.json"))
    read = b"".join(path.read_bytes() for path in (folder / FILE, *sheets))
    return hashlib.blake2b(read, digest_size=8).hexdigest()


def follow(themes: Themes, earlier: Earlier | None, *, work: Path, out: Path) -> Themes:
    """Return `themes`, found in the run at `work`, under the codes that they had in the earlier run.

    Writes `themes-state.npz` and, where there is an earlier run, `theme_changes.parquet`.
    """
    current = remember(work, themes)
    changes = changes_between(
        earlier.memory if earlier else None, current, named=_given_names(earlier.held if earlier else None)
    )
    if earlier:
        changes.write(out)
    else:
        changes.memory.write(out)
    return with_kept_codes(themes, changes)


def carry_over(earlier: Earlier | None, out: Path, *, pack: Pack, seed: int, threads: int) -> Signed | None:
    """Do in the run at `out` what a person decided about the earlier one; None where nothing was.

    It stays that person's decision: name and time are those of the earlier sign-off.
    """
    shutil.rmtree(out / _SIGNED, ignore_errors=True)  # of a run that was killed here
    if earlier is None or earlier.held is None or earlier.held.signed is None:
        return None
    sheet = earlier.held.signed
    later = held_in(out)
    with blocks(threads) as pool:
        tools = Tools(pack, lambda texts: encode(texts, threads=1), pool, seed)
        decisions = carry(earlier.held, later, tools)
        if not any(decisions.themes.values()):
            return None
        at = dt.datetime.fromisoformat(sheet["at"])
        return sign(later, decisions, tools, by=sheet["by"], at=at, pack_version=pack.version)
