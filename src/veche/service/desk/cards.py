"""What lists of cards and the page of a card show, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from veche.service.inbox.models import Appeal, AppealText


@dataclass(frozen=True)
class Wanted:
    """Which cards a person looks for; empty for any. `topic` and `territory` mean the node and all below.

    Of place and body it is enough that one of the appeals on a card has them.
    """

    tenant: str = ""
    facet: str = ""
    topic: str = ""
    territory: str = ""
    body: str = ""
    #: What holds the members together: `models.Kind`.
    kind: str = ""
    urgent: bool = False
    #: Only cards that were handed to this person, or that they have in hand.
    mine: bool = False
    #: Only cards for which somebody asked for a second opinion (of another than this person).
    second: bool = False


@dataclass(frozen=True)
class Choice:
    """A value that can be chosen."""

    value: str
    words: str
    #: Mean chance that it is right of a member, 0 to 1.
    confidence: float


@dataclass(frozen=True)
class Opinion:
    """What a person said without deciding."""

    by: str
    at: datetime
    #: "" where they could not say.
    value: str
    words: str
    mine: bool


@dataclass(frozen=True)
class CardLine:
    """A card in the queue, as this reader may know it."""

    id: UUID
    version: int
    state: str
    kind: str
    kind_words: str
    tenant: str
    tenant_name: str
    facet: str
    facet_words: str
    proposal: str
    proposal_words: str
    confidence: float
    best: tuple[Choice, ...]
    #: Open members that the reader sees.
    size: int
    #: 0 none, 1 a deadline, 2 danger to life.
    urgency: int
    #: Who has it in hand now, "" for nobody; and whether that is the reader.
    taken_by: str
    taken_by_me: bool
    handed_to: str
    handed_to_me: bool
    wants_second: bool
    #: The beginning of a typical member's masked text.
    glimpse: str
    #: Whether this reader may decide it: they may read more than they decide.
    may_decide: bool


@dataclass(frozen=True)
class MemberLine:
    """An appeal on a card."""

    appeal_id: UUID
    number: str
    #: Why it is shown first: "danger", "unlike", "place", "language"; "" for the others.
    exception: str
    exception_words: str
    likeness: float
    received_at: datetime
    place: str
    language: str
    urgency: str
    #: What the appeal shows of the card's facet now, in words.
    shows: str
    glimpse: str


@dataclass(frozen=True)
class CardShown:
    """All that the page of a card shows."""

    line: CardLine
    #: A typical member, whose text is shown with the words that speak for the proposal.
    sample: Appeal | None
    text: AppealText | None
    #: [[start, end], ...] in code points of the original of the sample; `desk.marks` finds them in the text.
    evidence: tuple[tuple[int, int], ...]
    #: Exceptions first, the least similar before the others; then the most typical.
    members: tuple[MemberLine, ...]
    #: Of all exceptions, and those of them that stand first in `members`.
    exceptions: int
    exceptions_shown: int
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True)
class Waiting:
    """How much waits for this person."""

    cards: int
    appeals: int
    urgent: int
    mine: int
    second: int
