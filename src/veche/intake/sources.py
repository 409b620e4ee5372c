"""From the files that were found to sources that are open: archives looked into, formats told apart."""

import zipfile
from collections.abc import Iterator, Sequence

from veche.core.errors import (
    ArchiveTooLarge,
    EncryptedSource,
    InputError,
    SameSource,
    SourceDamaged,
    SourceEmpty,
)
from veche.core.i18n import _
from veche.core.ids import file_digest
from veche.intake.files import (
    DAMAGE,
    Bytes,
    FileBytes,
    Found,
    GzipBytes,
    MemberBytes,
    SpooledBytes,
    members,
    standard_input,
    unreadable,
)
from veche.intake.formats import find_format
from veche.intake.mail import maildir_digest, maildir_messages
from veche.intake.model import Source
from veche.intake.opened import MaildirOpened, Opened

Result = tuple[Source, Opened | InputError]


class Sources:
    """The sources behind `found`, each opened when its turn comes.

    `total_bytes` is what they weigh on disk together; standard input counts once it was read.
    """

    def __init__(self, found: Sequence[Found]) -> None:
        self._found = found
        self._kept: dict[int, SpooledBytes] = {}
        self.total_bytes = sum(f.path.stat().st_size for f in found if f.kind == "file" and not f.error)

    def open(self, *, digests: bool = True) -> Iterator[Result]:
        """Yield each source with its bytes, or with the error why it cannot be read.

        Without `digests`, files are not read through beforehand and repeated ones are not noticed.
        """
        seen: dict[str, str] = {}
        for number, found in enumerate(self._found):
            report = Source(found.name)
            if found.error is not None:
                yield report, found.error
                continue
            try:
                data = self._bytes(number, found, report, digests=digests)
            except OSError as e:
                yield report, unreadable(found.name, e)
                continue
            digest = report.digest
            other = seen.get(digest)
            if isinstance(data, InputError):
                yield report, data
            elif other is not None:
                yield report, SameSource(source=found.name, other=other)
            elif isinstance(data, Opened):
                yield report, data
            else:
                yield from _expand(data, report, name=found.path.name, named=found.named)
            if digests:
                seen.setdefault(digest, found.name)

    def close(self) -> None:
        """Forget standard input."""
        for data in self._kept.values():
            data.close()

    def _bytes(
        self, number: int, found: Found, report: Source, *, digests: bool
    ) -> Bytes | Opened | InputError:
        if found.kind == "maildir":
            messages = maildir_messages(found.path)
            report.format = "maildir"
            report.digest = maildir_digest(messages)
            report.size_bytes = sum(p.stat().st_size for p in messages)
            opened = MaildirOpened(report, messages)
            return opened if messages else SourceEmpty(source=found.name)
        if found.kind == "stdin":
            spooled = self._spool(number, found)
            report.digest, report.size_bytes = spooled.digest, spooled.size
            return spooled
        data = FileBytes(found.path)
        report.size_bytes = data.size
        if digests:
            report.digest = file_digest(found.path)
        return data

    def _spool(self, number: int, found: Found) -> SpooledBytes:
        if number not in self._kept:
            if found.name == "-":
                self._kept[number] = SpooledBytes(standard_input())
            else:
                with found.path.open("rb") as stream:
                    self._kept[number] = SpooledBytes(stream)
            self.total_bytes += self._kept[number].size
        return self._kept[number]


def _expand(
    data: Bytes, report: Source, *, name: str, named: bool, member: str = "", depth: int = 0
) -> Iterator[Result]:
    opened = Opened(report, data, name=name, member=member)
    try:
        head = opened.head()
        if opened.damaged and not head:
            raise SourceDamaged(source=report.name, row=0)
        report.format = find_format(head, name=name, shown=report.name, named=named)
    except InputError as e:
        yield report, e
    except OSError as e:
        yield report, unreadable(report.name, e)
    except DAMAGE:
        yield report, SourceDamaged(source=report.name, row=0)
    else:
        if report.format == "zip" and depth == 0:
            yield from _members(opened, report)
        elif report.format == "gzip" and depth < 2:
            inner = GzipBytes(data, shown=report.name)
            bare = name[:-3] if name.lower().endswith(".gz") else name
            yield from _expand(inner, report, name=bare, named=named, member=member, depth=depth + 1)
        elif report.format in ("zip", "gzip"):
            yield report, ArchiveTooLarge(source=report.name, reason=_("an archive inside an archive"))
        else:
            yield report, opened
    finally:
        opened.close()


def _members(opened: Opened, report: Source) -> Iterator[Result]:
    try:
        archive = zipfile.ZipFile(opened.seekable())
        infos = members(archive, shown=report.name)
    except InputError as e:
        yield report, e
        return
    except (OSError, *DAMAGE):
        yield report, SourceDamaged(source=report.name, row=0)
        return
    if not infos:
        yield report, SourceEmpty(source=report.name)
    with archive:
        for info in infos:
            shown = f"{report.name}/{info.filename}"
            inner = Source(shown, digest=report.digest, size_bytes=info.compress_size)
            if info.flag_bits & 1:
                yield inner, EncryptedSource(source=shown)
                continue
            data = MemberBytes(archive, info, shown=shown)
            yield from _expand(data, inner, name=info.filename, named=False, member=info.filename, depth=1)
