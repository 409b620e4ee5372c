"""Topics: enough examples of each, and keywords that point to one topic."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from veche.core.i18n import _
from veche.packs.checks.ground import Ground
from veche.packs.tree import leaves, path_of

#: Sentences that a topic without subtopics should have in the pack's first language and in the others.
EXAMPLES_FIRST, EXAMPLES_OTHER = 8, 4


def check(ground: Ground) -> None:
    """Note topics with too few examples, and keywords that stand in several topics."""
    _examples(ground)
    _keywords(ground)


def _examples(ground: Ground) -> None:
    pack = ground.pack
    for code in leaves(pack.topics):
        examples = pack.topics[code].examples
        for i, tag in enumerate(pack.languages):
            wanted = EXAMPLES_OTHER if i else EXAMPLES_FIRST
            n = len(examples.get(tag, ()))
            if n < wanted:
                ground.gap(
                    "topic",
                    code,
                    _("“{code}” has {n} examples in “{language}”; {wanted} are needed.").format(
                        code=code, n=n, language=tag, wanted=wanted
                    ),
                    _("Write sentences as people would: angry, tired, formal, short."),
                )


def _keywords(ground: Ground) -> None:
    clashes = list(_clashes(ground))
    for number, (tag, word, codes) in enumerate(clashes, 1):
        ground.gap(
            "topic",
            codes[1],
            _(
                "The keyword “{word}” ({language}) stands in {n} topics: {codes}"
                " (clash {number} of {all} in this pack)."
            ).format(
                word=word, language=tag, n=len(codes), codes=", ".join(codes), number=number, all=len(clashes)
            ),
            _("Leave it where it is surest, or make it longer in each."),
        )


def _clashes(ground: Ground) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield (language, keyword, topics) of each keyword that stands in topics of different branches."""
    topics = ground.pack.topics
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, topic in topics.items():
        for tag, words in topic.keywords.items():
            for word in words:
                holders[tag, word].append(code)
    for (tag, word), codes in holders.items():
        if len(codes) > 1:
            above = {c for code in codes for c in path_of(topics[code].parent, topics)}
            strangers = [code for code in codes if code not in above]
            if len(strangers) > 1:
                yield tag, word, strangers
