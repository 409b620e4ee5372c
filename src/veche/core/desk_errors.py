"""What goes wrong at the desk; part of the tree in `veche.core.errors`, from where they are imported."""

from veche.core.error_base import N_
from veche.core.service_errors import ServiceError


class DeskError(ServiceError):
    """A decision that cannot be made as it was asked for; nothing was changed."""

    code = "VECHE-V600"
    message = N_("This cannot be decided so.")
    hint = N_("Look at the card again.")


class CardStale(DeskError):
    """The card is not as the person saw it: somebody else has acted on it, or new appeals have joined it."""

    code = "VECHE-V601"
    message = N_("The card has changed since you opened it; your decision was not applied.")
    hint = N_("Look at the card as it is now and decide again if that is still needed.")
    retry = True


class CardClosed(DeskError):
    """The card was decided, or it is there no more."""

    code = "VECHE-V602"
    message = N_("This card is no longer open; your decision was not applied.")
    hint = N_("Take the next card. What was decided stands under decisions.")


class ValueUnknown(DeskError):
    """The pack knows no such value of the facet."""

    code = "VECHE-V603"
    message = N_("There is no “{value}” to choose here.")
    hint = N_("Choose one of the values that the list offers.")


class FacetNotDecided(DeskError):
    """People decide other facets than this."""

    code = "VECHE-V604"
    message = N_("“{facet}” is not decided by people.")
    hint = N_("Topic, kind, body, place and urgency can be decided.")


class NothingChosen(DeskError):
    """The decision would reach no appeal."""

    code = "VECHE-V605"
    message = N_("No appeal was chosen.")
    hint = N_("Choose at least one appeal that is still open.")


class CannotUndo(DeskError):
    """It was undone already, or cards have moved on."""

    code = "VECHE-V606"
    message = N_("This can no longer be undone.")
    hint = N_("It was undone already, or the cards were changed since. Decide anew instead.")


class BulkChanged(DeskError):
    """What was previewed is not what would be done now."""

    code = "VECHE-V607"
    message = N_("The appeals have changed since the preview; nothing was applied.")
    hint = N_("Look at the new preview and confirm it.")
    retry = True


class TooManyAtOnce(DeskError):
    """More appeals than one decision may reach."""

    code = "VECHE-V608"
    message = N_("One decision reaches at most {limit} appeals.")
    hint = N_("Narrow the filter and decide in parts.")


class SeveralAuthorities(DeskError):
    """A decision belongs to one authority."""

    code = "VECHE-V609"
    message = N_("The appeals belong to several authorities.")
    hint = N_("Choose one authority in the filter.")


class NoSuchColleague(DeskError):
    """The card cannot be handed to this person."""

    code = "VECHE-V610"
    message = N_("This person cannot decide the card.")
    hint = N_("Choose a colleague who decides in this authority.")


class SecondIsAnother(DeskError):
    """A second opinion comes from somebody else."""

    code = "VECHE-V611"
    message = N_("You have already said what you think of this card.")
    hint = N_("Another person decides it now. You can undo your opinion.")


class CheckDone(DeskError):
    """Somebody has already checked it."""

    code = "VECHE-V612"
    message = N_("This has already been checked.")
    hint = N_("Take the next one.")


class AppealMoved(DeskError):
    """The appeal is not as the person saw it."""

    code = "VECHE-V613"
    message = N_("The appeal has been decided otherwise since you opened it; your decision was not applied.")
    hint = N_("Look at the appeal as it is now and decide again if that is still needed.")
    retry = True
