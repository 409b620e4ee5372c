"""What a person is told who decides about themes at the desk; part of the tree in `veche.core.errors`,
from where they are imported."""

from veche.core.error_base import N_
from veche.core.service_errors import ServiceError


class ThemesError(ServiceError):
    """What a person wanted to do with a theme cannot be done as it is."""

    code = "VECHE-V650"
    message = N_("This cannot be done with the theme.")
    hint = N_("Open the theme again and look at it.")


class ThemeChanged(ThemesError):
    """Somebody else changed the theme meanwhile."""

    code = "VECHE-V651"
    message = N_("The theme was changed meanwhile, by another person or by a search for themes.")
    hint = N_("Look at it as it is now, and decide again.")
    retry = True


class ThemesBeingWritten(ThemesError):
    """A search for themes is writing what it found."""

    code = "VECHE-V652"
    message = N_("New themes are just being written.")
    hint = N_("Try again in a moment.")
    retry = True


class NameWanted(ThemesError):
    """A name is empty or too long."""

    code = "VECHE-V653"
    message = N_("A theme needs a name of 1 to {longest} characters.")
    hint = N_("Write a few words that say what the appeals are about.")


class NameOfAnother(ThemesError):
    """Another theme has that name."""

    code = "VECHE-V654"
    message = N_("Another theme is called “{name}”.")
    hint = N_("Give this one another name, or merge the two.")


class NoPlaceToMerge(ThemesError):
    """A theme cannot be merged into that one."""

    code = "VECHE-V655"
    message = N_("A theme can be merged into another theme that is shown, not into itself or a dropped one.")
    hint = N_("Choose another theme.")


class SplitNeedsExamples(ThemesError):
    """Nothing was picked, or something that is not in the theme."""

    code = "VECHE-V656"
    message = N_("Nothing was picked that lies in this theme.")
    hint = N_("Pick one appeal or more that belong in a theme of their own.")


class SplitTakesAll(ThemesError):
    """All appeals would leave."""

    code = "VECHE-V657"
    message = N_("All appeals of the theme are near the ones that you picked: nothing would be left.")
    hint = N_("Pick some that stay as well, or rename the theme instead.")


class TooLargeToSplit(ThemesError):
    """The theme has more appeals than are compared while a person waits."""

    code = "VECHE-V658"
    message = N_("The theme has {size} appeals; at most {limit} are compared with an example.")
    hint = N_("Search for themes again: a theme this large usually falls into several.")


class CannotTakeBack(ThemesError):
    """The decision was taken back already, or another one came after it."""

    code = "VECHE-V659"
    message = N_("This decision cannot be taken back: it was already, or another one came after it.")
    hint = N_("Take back the latest decision about the theme first.")
