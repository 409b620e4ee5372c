"""What a citizen is told at the public form and the tracking page; part of the tree in `veche.core.errors`,
from where they are imported."""

from veche.core.error_base import N_
from veche.core.service_errors import ServiceError


class PublicError(ServiceError):
    """Something that a citizen sent cannot be taken as it is; what was typed stays on the page."""

    code = "VECHE-V500"
    message = N_("This could not be sent.")
    hint = N_("Check what is marked and send it again.")


class TrapFilled(PublicError):
    """The field that people leave empty was filled in: most likely by a robot."""

    code = "VECHE-V501"
    message = N_("Leave the field “Website” empty: only robots fill it in.")
    hint = N_("Empty the field and send the form again.")


class FormStale(PublicError):
    """The form was not made by this service, or its hidden mark was lost."""

    code = "VECHE-V502"
    message = N_("The form could not be recognised. Nothing was sent yet.")
    hint = N_("Check what you wrote and send it again.")


class TooQuick(PublicError):
    """The form came back faster than anybody types."""

    code = "VECHE-V503"
    message = N_("The form was sent very quickly, as robots do. Nothing was sent yet.")
    hint = N_("If you are a person, just send it again.")


class FormReused(PublicError):
    """The same form came before with another text."""

    code = "VECHE-V504"
    message = N_("You already sent this form with another text; that one was taken.")
    hint = N_("To send this text as one more appeal, press the button again.")


class TooManyFromYou(PublicError):
    """More came from one address in the network than one person sends."""

    code = "VECHE-V505"
    message = N_("Too many requests came from your connection. Nothing was sent yet.")
    hint = N_("Wait a minute and try again. What you wrote is still here.")
    retry = True

    @property
    def seconds(self) -> int:
        """How long to wait."""
        return int(str(self.facts.get("seconds", 60)))


class ContactUnclear(PublicError):
    """A contact is neither an e-mail address nor a telephone number."""

    code = "VECHE-V506"
    message = N_(
        "Write an e-mail address such as anna@example.org or a telephone number, or leave this empty."
    )
    hint = N_("Without a contact you see the answer by the tracking link.")


class NotTracked(PublicError):
    """No appeal has this number together with this secret; which of the two is wrong is not told."""

    code = "VECHE-V507"
    message = N_("There is no appeal with this number and this code.")
    hint = N_("Check both. You got them when you sent the appeal.")


class FilesTooLarge(PublicError):
    """The files that came with one form are too large together."""

    code = "VECHE-V508"
    message = N_("The files are too large: together they may have up to {megabytes} MB.")
    hint = N_("Choose fewer or smaller files. What you wrote is still here.")
