"""Topics: enough examples of each, and keywords that point to one topic."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from veche.core.i18n import _
from veche.packs.checks.ground import Ground
from veche.packs.tree import leaves, path_of

#: Sentences that a topic without subtopics should have in the pack's first language and in the others.
EXAMPLES_FIRST, EXAMPLES_OTHER = 8, 4


def check(ground: Ground) -> None:
    """Note topics with too few examples, and keywords that point to several topics."""
    _examples(ground)
    _keywords(ground)
    _swallowed(ground)


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


def _swallowed(ground: Ground) -> None:
    """Note keywords with any ending that find single words of other branches: “grave*” finds “gravel”."""
    topics = ground.pack.topics
    words = [
        (code, tag, w) for code, topic in topics.items() for tag, ws in topic.keywords.items() for w in ws
    ]
    open_ended: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, tag, word in words:
        if word.endswith("*"):
            open_ended[tag, word[:-1]].append(code)
    for code, tag, word in words:
        # A longer phrase is surer than the word that it begins with, and so is a word with a hyphen.
        if " " in word:
            continue
        for stem in (word[:n] for n in range(1, len(word.rstrip("*")) + 1)):
            for other in open_ended.get((tag, stem), ()):
                if word != f"{stem}*" and word[len(stem) :][:1] != "-" and _strangers(ground, code, other):
                    _swallows(ground, other, f"{stem}*", code, word)


def _strangers(ground: Ground, one: str, other: str) -> bool:
    topics = ground.pack.topics
    return one not in path_of(other, topics) and other not in path_of(one, topics)


def _swallows(ground: Ground, code: str, keyword: str, other: str, word: str) -> None:
    ground.gap(
        "topic",
        code,
        _("The keyword “{keyword}” of “{code}” finds “{word}” of “{other}” as well.").format(
            keyword=keyword, code=code, word=word, other=other
        ),
        _("Make it longer, or write its endings out."),
    )
