"""What stands around one appeal: its author's other messages, copies, likeness in meaning, files, times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.access import appeals_of
from veche.service.accounts.models import User
from veche.service.board.scopes import cube_of
from veche.service.desk import words
from veche.service.desk.history import PERSON, Matter
from veche.service.desk.rows import Line, lines
from veche.service.desk.values import COLUMN, TOPIC
from veche.service.inbox.models import Appeal, Attachment, State
from veche.service.search.meaning import alike

#: Appeals that are shown of each kind around one.
MOST = 10
#: Facets that a person decides on the page of an appeal; a place is chosen among thousands, at the desk.
CHOSEN = ("topic", "kind", "urgency", "body")


@dataclass(frozen=True)
class Step:
    """Something that happened to an appeal."""

    at: datetime
    words: str
    #: Who did it; "" for the machine.
    by: str = ""
    undone: bool = False


@dataclass(frozen=True)
class Choice:
    """A facet that can be decided here, by its name in a form: what it shows now and what else there is."""

    field: str
    words: str
    now: str
    #: What it shows now in words.
    shown: str
    options: Sequence[tuple[str, str]]

    @property
    def known(self) -> bool:
        """Whether what it shows now is one of the options."""
        return any(code == self.now for code, _words in self.options)


def thread_of(user: User, appeal: Appeal) -> list[Line]:
    """Return the other messages of the appeal's own conversation that a person may see, the latest first."""
    return _messages(appeals_of(user).filter(thread=appeal.thread_id), appeal)


def others_of(user: User, appeal: Appeal) -> list[Line]:
    """Return what the author wrote outside of that conversation, the latest first."""
    return _messages(appeals_of(user).exclude(thread=appeal.thread_id), appeal)


def _messages(among: QuerySet[Appeal], appeal: Appeal) -> list[Line]:
    said = among.filter(person=appeal.person_id, tenant=appeal.tenant_id).exclude(pk=appeal.pk)
    return lines(said.order_by("-received_at", "-pk")[:MOST])


def copies_of(user: User, appeal: Appeal) -> tuple[list[Line], int]:
    """Return appeals with the same text, the first of them first, and how many there are."""
    leader = appeal.copy_of_id or appeal.pk
    same = appeals_of(user).filter(Q(copy_of=leader) | Q(pk=leader)).exclude(pk=appeal.pk)
    shown = lines(same.order_by("received_at", "pk")[:MOST])
    return shown, len(shown) if len(shown) < MOST else same.count()


def alike_of(user: User, appeal: Appeal, *, without: Sequence[Line]) -> list[Line]:
    """Return appeals that are near in meaning, the nearest first, without those that are shown as copies."""
    known = {line.appeal.pk for line in without}
    near = alike(cube_of(user), appeal.pk, MOST + len(known))
    wanted = [one.appeal_id for one in near if one.appeal_id not in known][: MOST // 2]
    found = {a.pk: a for a in appeals_of(user).filter(pk__in=wanted)}
    return lines(found[key] for key in wanted if key in found)


def files_of(appeal: Appeal) -> list[Attachment]:
    """Return the files that came with an appeal, in the order in which they came."""
    return list(Attachment.objects.filter(appeal=appeal).order_by("pk"))


def steps_of(appeal: Appeal, matters: Sequence[Matter]) -> list[Step]:
    """Return what happened to an appeal, the latest last."""
    made = [Step(appeal.received_at, _("Handed in")), Step(appeal.taken_at, _("Taken in"))]
    if appeal.understood_at:
        made.append(Step(appeal.understood_at, _("Understood")))
    for matter in matters:
        for one in matter.decided:
            if one.finding.maker_kind == PERSON:
                of = f"{matter.title}: " if matter.number else ""
                said = f"{of}{one.facet}: {one.value}"
                made.append(Step(one.finding.made_at, said, one.maker, undone=one.undone_at is not None))
    return sorted(made, key=lambda step: step.at)


def choices_of(appeal: Appeal, pack: str, matters: Sequence[Matter]) -> list[Choice]:
    """Return what can be decided of an appeal that was understood, and the topics of its concerns."""
    if appeal.state != State.UNDERSTOOD:
        return []
    made = [
        _choice(facet, label("facet", facet), getattr(appeal, COLUMN[facet]), facet, pack) for facet in CHOSEN
    ]
    for matter in (one for one in matters if one.number):
        said = f"{matter.title}: {label('facet', TOPIC)}"
        field = field_of(TOPIC, matter.number)
        made += [_choice(field, said, now, TOPIC, pack) for now in matter.in_force(TOPIC)]
    return made


def field_of(facet: str, matter: int = 0) -> str:
    """Return the name in a form of a facet of an appeal, or of one of its concerns."""
    return f"{facet}-{matter}" if matter else facet


def _choice(field: str, said: str, now: str, facet: str, pack: str) -> Choice:
    language = reader.language()
    shown = words.value(pack, facet, now, language) if now else _("Not known")
    return Choice(field, said, now, shown, words.choices(pack, facet, language))
