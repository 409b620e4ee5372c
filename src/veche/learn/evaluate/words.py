"""What the page says in words: verdicts, names of figures, and what a person can do."""

from collections.abc import Mapping
from typing import Any

from veche.core.formats import Formats
from veche.core.i18n import _, ngettext
from veche.learn.evaluate.classes import LOOK, MORE_EXAMPLES, RULE
from veche.learn.evaluate.drift import LOOK as MOVED
from veche.learn.evaluate.drift import RELEARN
from veche.learn.figures import TOP

#: From such a share of appeals on that the model learnt from, figures are not to be believed; below, people
#: may just have said the same.
_FLATTERED = 0.05

#: A mean error of chances up to here is what can be had.
_CALIBRATED = 0.03


def tells_first_three(said: Mapping[str, Any]) -> bool:
    """Return whether it says something that a label is among the first three: there are more."""
    return len(said["per_class"]) > TOP


def figure_names(said: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the figures by their names in the document: what they are called, and what they say."""
    first = (
        {"exact_match": (_("All labels right"), _("appeals whose labels are exactly those people gave"))}
        if said["multi"]
        else {"accuracy": (_("Right"), _("appeals that get the label people gave"))}
    )
    among = _("appeals whose label, or one of them, is among the three likeliest")
    top = {"top3_accuracy": (_("Among the first three"), among)} if tells_first_three(said) else {}
    return {
        **first,
        **top,
        "weighted_f1": (_("Weighted F1"), _("precision and recall together, each label by its appeals")),
        "macro_f1": (_("Macro F1"), _("the same, rare labels counting as much as frequent ones")),
        "micro_f1": (_("Micro F1"), _("the same over all decisions")),
        "coverage": (_("Decided alone"), _("appeals that need no person under the promise")),
        "precision": (_("Right of what is decided alone"), _("to be compared with the promise")),
    }


def verdict(said: Mapping[str, Any], f: Formats) -> str:
    """Return in a sentence or two how good the model of a facet is."""
    right = said["exact_match"] if said["multi"] else said["accuracy"]
    if said["multi"]:
        first = _("Of 100 appeals {right} get exactly the labels that people gave.")
    elif tells_first_three(said):
        first = _(
            "Of 100 appeals {right} get the label that people gave; for {top} it is among the first three."
        )
    else:
        first = _("Of 100 appeals {right} get the label that people gave.")
    top = f.number((said["top3_accuracy"] or 0) * 100)
    told = first.format(right=f.number(right * 100), top=top)
    if not said["decided_alone"]:
        more = _("{promise} of its decisions right cannot be promised yet: people decide everything.")
    else:
        more = _("At a promise of {promise} it decides {coverage} alone; {precision} of that was right.")
    promise, coverage = f.share(said["promise"]), f.share(said["coverage"])
    return f"{told} " + more.format(
        promise=promise, coverage=coverage, precision=f.share(said["precision"] or 0)
    )


def learnt_before(about: Mapping[str, Any], f: Formats) -> str:
    """Return what is to be said where appeals were tested that the model learnt from, else ""."""
    n = about.get("learnt_before")
    if not n:
        return ""
    line = ngettext(
        "{n} of the {rows} appeals has a text that the model learnt from.",
        "{n} of the {rows} appeals have texts that the model learnt from.",
        n,
    )
    told = line.format(n=f.number(n), rows=f.number(about["appeals"]))
    if n < _FLATTERED * about["appeals"]:
        return told
    return f"{_('Beware, the model was told the answers.')} {told} " + _(
        "The figures are too good: test it on appeals that it has not seen."
    )


def kept(said: Mapping[str, Any]) -> str:
    """Return whether the promise was kept on these appeals."""
    ends = said["intervals"]["precision"]
    if ends is None:
        return _("Nothing was decided alone.")
    if said["precision"] >= said["promise"]:
        return _("The promise was kept.")
    if ends[1] >= said["promise"]:
        return _("Fewer were right than promised, within what chance allows.")
    return _("The promise was broken: do not let this model decide alone.")


def believed(error: float, f: Formats) -> str:
    """Return whether chances can be believed, by their mean error."""
    mean = _("On average a chance is off by {error} percentage points.").format(
        error=f.number(error * 100, digits=1)
    )
    if error <= _CALIBRATED:
        return mean + " " + _("Chances can be taken at their word.")
    return mean + " " + _("Take chances as a hint, and rely on the promise.")


def remedy(pair: Mapping[str, Any]) -> str:
    """Return what a person can do about two labels that are mixed up."""
    rarer = "a" if pair["a_given"] <= pair["b_given"] else "b"
    text = {
        MORE_EXAMPLES: _("Label more appeals as “{rarer}”: it has {n}."),
        RULE: _("Write down what parts the two, or join them."),
        LOOK: _("Look through these appeals: the labels may be wrong, or “{b}” too wide."),
    }[pair["remedy"]]
    return text.format(rarer=pair[f"{rarer}_title"], n=pair[f"{rarer}_given"], b=pair["b_title"])


def moved(psi: float) -> str:
    """Return what a population stability index means."""
    if psi >= RELEARN:
        return _("changed much: learn anew")
    return _("changed: keep an eye on it") if psi >= MOVED else _("as before")


def trait(name: str) -> str:
    """Return what a trait is called."""
    names = {
        "language": _("Language"),
        "territory": _("Territory"),
        "channel": _("Channel"),
        "age": _("Age"),
        "sex": _("Sex"),
        "length": _("Length"),
        "words": _("Words"),
    }
    return names.get(name, name)


def grouping(name: str) -> str:
    """Return what it is called to decide groups once."""
    names = {
        "each": _("Each appeal by itself"),
        "copies": _("Copies decided once"),
        "themes": _("Copies and themes decided once"),
    }
    return names.get(name, name)
