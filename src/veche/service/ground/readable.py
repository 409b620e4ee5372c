"""A Python that the accounts of the service can read.

As root, Python or the packages may lie where no other account can enter (below /root, or in a home that
is closed). The modes of people's folders are not ours to change, so what cannot be read is copied, once
for all services of the machine, and brought up to date at each start. See docs/decisions/0011-service.md.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import veche
from veche.core.errors import EnvironmentUnreadable
from veche.core.library_words import reason
from veche.service.ground import processes
from veche.service.ground.processes import Account

#: Where a service that runs as root keeps what its accounts must reach (Filesystem Hierarchy Standard 5.8).
PLACE = Path("/var/lib/veche")

#: Parts of the standard library that no service needs, and packages that are copied on their own.
_LEFT_OUT = frozenset({"test", "idlelib", "turtledemo", "site-packages", "dist-packages"})

_NEEDED = "import django, gunicorn, psycopg, veche.service"


@dataclass(frozen=True)
class Python:
    """How to run the service's Python: the program, and variables by which it finds its packages."""

    executable: Path
    variables: dict[str, str]
    #: Folders that were copied, by where they lay.
    copied: dict[Path, Path]

    def place(self, path: Path) -> Path:
        """Return where a file lies that may be in a folder that was copied."""
        for source, copy in self.copied.items():
            if path.is_relative_to(source):
                return copy / path.relative_to(source)
        return path


def own_python() -> Python:
    """Return the Python that runs now, as it is."""
    # Children start elsewhere, so a relative path would lead them nowhere.
    absolute = {
        name: os.pathsep.join(
            str(Path(path).absolute()) for path in os.environ[name].split(os.pathsep) if path
        )
        for name in ("PYTHONPATH", "LD_LIBRARY_PATH")
        if os.environ.get(name)
    }
    return Python(Path(sys.executable), absolute, {})


def readable_python(account: Account | None) -> Python:
    """Return a Python that `account` can run: ours if it can, else a copy.

    Raises:
        EnvironmentUnreadable: even the copy does not run.
    """
    ours = own_python()
    if account is None or not _trouble(ours, account):
        return ours
    try:
        copy = _copied(account)
    except OSError as error:
        raise EnvironmentUnreadable(
            account=account.name, python=sys.executable, reason=reason(error)
        ) from None
    if said := _trouble(copy, account):
        raise EnvironmentUnreadable(account=account.name, python=copy.executable, reason=said)
    return copy


def passes(account: Account, folder: Path) -> bool:
    """Return whether the account can go through a folder to what lies in it."""
    return _test(account, '[ -x "$1" ]', folder)


def _reads(account: Account, folder: Path) -> bool:
    return _test(account, '[ -r "$1" ] && [ -x "$1" ]', folder)


def _test(account: Account, question: str, folder: Path) -> bool:
    process = processes.start(
        ["/bin/sh", "-c", question, "sh", str(folder)],
        environment={"PATH": os.defpath},
        account=account,
        output=subprocess.DEVNULL,
    )
    return process.wait() == 0


def _trouble(python: Python, account: Account) -> str:
    """Return why the account cannot run Python with the service's packages; empty if it can."""
    try:
        process = processes.start(
            [str(python.executable), "-c", _NEEDED],
            environment={"PATH": os.defpath, **python.variables},
            account=account,
            output=subprocess.PIPE,
        )
    except OSError as error:
        return reason(error)
    said, _ = process.communicate()
    if process.returncode == 0:
        return ""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else str(process.returncode)


def _copied(account: Account) -> Python:
    base = Path(sys.base_prefix)
    library = Path(sysconfig.get_path("stdlib"))
    packages = _packages()
    name = hashlib.sha256("\n".join(map(str, [base, *packages])).encode()).hexdigest()[:12]
    root = PLACE / "python" / name
    root.mkdir(mode=0o755, parents=True, exist_ok=True)
    for folder in (PLACE, root.parent, root):
        folder.chmod(0o755)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        executable, variables = Path(os.path.realpath(sys.executable)), {"PYTHONNOUSERSITE": "1"}
        if not (_reads(account, base) and _reads(account, library)):
            executable = _copy_base(base, library, executable, root / "base")
            variables["LD_LIBRARY_PATH"] = str(root / "base" / "lib")
        copied = {}
        for number, path in enumerate(packages):
            if not _reads(account, path):
                copied[path] = root / str(number) / path.name
                reflect(path, copied[path])
                # A checkout keeps the packs beside its sources.
                if (path / "veche").is_dir() and (path.parent / "packs").is_dir():
                    reflect(path.parent / "packs", root / str(number) / "packs")
    variables["PYTHONPATH"] = os.pathsep.join(str(copied.get(path, path)) for path in packages)
    return Python(executable, variables, copied)


def _packages() -> list[Path]:
    """Return the folders on the path that hold installed packages, and the one that holds Veche."""
    ours = Path(veche.__file__).parent.parent
    paths = dict.fromkeys(Path(entry).resolve() for entry in sys.path if entry)
    named = ("site-packages", "dist-packages")
    return [path for path in paths if path.is_dir() and (path == ours.resolve() or path.name in named)]


def _copy_base(base: Path, library: Path, executable: Path, target: Path) -> Path:
    inner = library.relative_to(base)
    reflect(library, target / inner, left_out=_LEFT_OUT)
    (target / "bin").mkdir(mode=0o755, exist_ok=True)
    files = [(executable, target / "bin" / executable.name)]
    (target / "lib").mkdir(mode=0o755, exist_ok=True)
    files += [(found, target / "lib" / found.name) for found in (base / "lib").glob("libpython*.so*")]
    for source, copy in files:
        _copy_file(source, copy)
    return target / "bin" / executable.name


def reflect(source: Path, target: Path, *, left_out: frozenset[str] = frozenset()) -> None:
    """Make `target` hold what `source` holds, readable by all; only what differs is copied.

    Links inside become what they lead to; a link that leads nowhere is left out. Names in `left_out` are
    not copied from the top.
    """
    if not target.is_dir():
        target.unlink(missing_ok=True)
    target.mkdir(mode=0o755, parents=True, exist_ok=True)
    target.chmod(0o755)
    wanted = set()
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.name in left_out or _leads_up(entry):
                continue
            copy = target / entry.name
            if entry.is_dir():
                reflect(Path(entry.path), copy)
            elif entry.is_file():
                _copy_file(Path(entry.path), copy)
            else:
                continue
            wanted.add(entry.name)
    with os.scandir(target) as entries:
        extra = [entry for entry in entries if entry.name not in wanted]
    for entry in extra:
        _remove(Path(entry.path))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _leads_up(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() and Path(entry.path).is_relative_to(os.path.realpath(entry.path))


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file that differs in size or time, under its name in one move: what runs keeps its old one."""
    new = source.stat()
    try:
        old = target.stat()
    except FileNotFoundError:
        old = None
    if target.is_dir():
        _remove(target)
    elif old and (old.st_size, old.st_mtime_ns) == (new.st_size, new.st_mtime_ns):
        return
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.chmod(0o755 if new.st_mode & 0o100 else 0o644)
    os.utime(part, ns=(new.st_mtime_ns, new.st_mtime_ns))
    part.replace(target)
