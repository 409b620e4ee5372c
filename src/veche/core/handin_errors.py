"""What can go wrong when appeals are handed in; part of the tree in `veche.core.errors`."""

from veche.core.error_base import N_
from veche.core.service_errors import ServiceError


class HandInError(ServiceError):
    """Something that was handed in, or asked for, cannot be taken or given."""

    code = "VECHE-V200"
    message = N_("The request cannot be followed.")
    hint = N_("The address /api/v1/openapi.json describes what can be asked for.")


class NumberMistyped(HandInError):
    """The check digit of an appeal's number does not fit."""

    code = "VECHE-V201"
    message = N_("This is not the number of an appeal: its check digit does not fit.")
    hint = N_("Compare it with the number that was given, for example {example}; one digit is mistyped.")


class UnreadableCharacters(HandInError):
    """A field holds what is no text: a NUL character, or half of a pair."""

    code = "VECHE-V202"
    message = N_("The field “{field}” holds characters that are no text (NUL, or half of a surrogate pair).")
    hint = N_("Send the text in UTF-8 without them.")


class DateOutOfRange(HandInError):
    """A time of receipt that cannot be: before 1990, or in the future."""

    code = "VECHE-V203"
    message = N_("The date of receipt lies before {first} or more than a day ahead.")
    hint = N_("Check the clock and the time zone of the system that sends; leave the date out for “now”.")


class PositionOutOfRange(HandInError):
    """A latitude or longitude that is none, or one without the other."""

    code = "VECHE-V204"
    message = N_(
        "The position is none: latitude goes from -90 to 90, longitude from -180 to 180, both or neither."
    )
    hint = N_("Give both in degrees, or leave both out.")


class AgeOutOfRange(HandInError):
    """An age that no author has."""

    code = "VECHE-V205"
    message = N_("The age is no number of years from 0 to 120.")
    hint = N_("Leave it out where it is not known.")


class UnknownZone(HandInError):
    """A zone that is none."""

    code = "VECHE-V206"
    message = N_("The time zone is neither a name such as Europe/Moscow nor an offset such as +03:00.")
    hint = N_("Leave it out where it is not known.")


class UnknownSex(HandInError):
    """A value of sex that is none of ours."""

    code = "VECHE-V207"
    message = N_("The sex is one of: {known}.")
    hint = N_("Leave it out where it is not known.")


class RowsRefused(HandInError):
    """Some of the appeals that were handed in together cannot be taken, so none was."""

    code = "VECHE-V208"
    message = N_("Appeals that cannot be taken: {refused} of {handed}. None was taken.")
    hint = N_("Each is listed with its place and the reason. Mend them or leave them out, and send again.")


class WrongCount(HandInError):
    """A list without an appeal, or with too many."""

    code = "VECHE-V209"
    message = N_("A request holds from 1 to {limit} appeals.")
    hint = N_("Send more in several requests, each with an Idempotency-Key of its own.")


class TokenUnknown(HandInError):
    """No token, or one that is unknown, expired or revoked."""

    code = "VECHE-V210"
    message = N_("No valid token came with the request.")
    hint = N_(
        "Send the header “Authorization: Bearer TOKEN”; an administrator makes tokens "
        "with: veche manage make_token"
    )


class NoSuchAppeal(HandInError):
    """No appeal of this channel has the number."""

    code = "VECHE-V211"
    message = N_("This channel has no appeal of that number.")
    hint = N_("Check the number, and that the token belongs to the channel through which the appeal came.")


class UnknownAnswered(HandInError):
    """An earlier appeal was named that this authority does not have."""

    code = "VECHE-V228"
    message = N_("There is no earlier appeal of the number in “answers”.")
    hint = N_("Check the number, or leave it out to open a new thread.")


class BodyTooLarge(HandInError):
    """A request larger than any."""

    code = "VECHE-V212"
    message = N_("The request is larger than {limit} bytes.")
    hint = N_("Send fewer appeals at once, or fewer and smaller files.")


class WrongContentType(HandInError):
    """A body in a format that is not read."""

    code = "VECHE-V213"
    message = N_("The body is in a format that is not read.")
    hint = N_("Send application/json, or multipart/form-data with the parts “appeal” (JSON) and “files”.")


class MalformedBody(HandInError):
    """A body that is not what its type says."""

    code = "VECHE-V214"
    message = N_("The body cannot be read as {format}.")
    hint = N_("Check that it is whole and in UTF-8.")


class FieldsRefused(HandInError):
    """Fields that are unknown, missing, or of a wrong type or length."""

    code = "VECHE-V215"
    message = N_("Fields that do not fit: {refused}. Nothing was taken.")
    hint = N_("Each is listed with its place and the reason.")


class WrongParts(HandInError):
    """A multipart body with other parts than it should have."""

    code = "VECHE-V227"
    message = N_(
        "A multipart body has one part “{appeal}” with one appeal in JSON, files as “{files}”, and no more."
    )
    hint = N_("Send a list of appeals as application/json, without files.")


class LengthMissing(HandInError):
    """A body of unknown length."""

    code = "VECHE-V216"
    message = N_("The request does not say how long its body is.")
    hint = N_("Send the header Content-Length; chunked bodies are not read.")


class KeyReused(HandInError):
    """An idempotency key that came before with another request."""

    code = "VECHE-V217"
    message = N_("This Idempotency-Key came before with another request. Nothing was taken.")
    hint = N_("Make a new key for each new request, and keep it only when repeating the same one.")


class KeyBusy(HandInError):
    """An idempotency key whose first request is still being handled."""

    code = "VECHE-V218"
    message = N_("A request with this Idempotency-Key is still being handled.")
    hint = N_("Repeat the same request a little later; it will be answered as the first one.")
    retry = True


class KeyMalformed(HandInError):
    """An idempotency key that is none."""

    code = "VECHE-V219"
    message = N_("The Idempotency-Key is not a string of 1 to {limit} printable ASCII characters.")
    hint = N_("A random UUID in quotation marks serves well.")


class TooFast(HandInError):
    """A token was used faster than it may be."""

    code = "VECHE-V220"
    message = N_("This token has used up its allowance for now. Nothing was taken.")
    hint = N_("Repeat the same request after {seconds} s; an administrator can raise the limit of the token.")
    retry = True


class TooBusy(HandInError):
    """More is handed in than can be taken."""

    code = "VECHE-V221"
    message = N_("More appeals come in than can be taken. Nothing of this request was taken.")
    hint = N_("Repeat the same request after {seconds} s.")
    retry = True


class ServiceAway(HandInError):
    """The database does not answer."""

    code = "VECHE-V222"
    message = N_("The service cannot store anything at the moment. Nothing of this request was acknowledged.")
    hint = N_("Repeat the same request after {seconds} s, with the same Idempotency-Key or the same ids.")
    retry = True


class NothingToWithdraw(HandInError):
    """An appeal of an erased person was to be withdrawn."""

    code = "VECHE-V223"
    message = N_("What named a person in this appeal was erased; it cannot be withdrawn any more.")
    hint = N_("Nothing to do.")


class NoSuchAddress(HandInError):
    """Nothing lies at an address."""

    code = "VECHE-V224"
    message = N_("There is nothing at this address.")
    hint = N_("The address /api/v1/openapi.json describes what can be asked for.")


class WrongMethod(HandInError):
    """An address that is asked in a way it does not answer."""

    code = "VECHE-V225"
    message = N_("This address does not answer the method {method}.")
    hint = N_("The header Allow of this answer names the methods that it does.")


class ServiceFault(HandInError):
    """Something went wrong in the service itself."""

    code = "VECHE-V226"
    message = N_("Something went wrong in the service. Nothing of this request was acknowledged.")
    hint = N_("Repeat the same request later; if it fails again, tell the operator when that was.")
    retry = True


class TooManyFiles(HandInError):
    """More files than one appeal may have."""

    code = "VECHE-V230"
    message = N_("More than {limit} files came with the appeal.")
    hint = N_("Send the most telling ones.")


class FileTooLarge(HandInError):
    """A file larger than any that is kept."""

    code = "VECHE-V231"
    message = N_("File {number} is larger than {limit} bytes.")
    hint = N_("Make it smaller, or send a part of it.")


class FileKindRefused(HandInError):
    """A file of a kind that is not kept."""

    code = "VECHE-V232"
    message = N_("File {number} is, by its content, of a kind that is not kept.")
    hint = N_("Pictures, PDF, office documents, plain text and sound are kept.")


class FileDamaged(HandInError):
    """A file that is not what it begins as."""

    code = "VECHE-V233"
    message = N_("File {number} is empty or damaged.")
    hint = N_("Open it on your own device; if that works, save it anew and send that.")


class PictureTooLarge(HandInError):
    """A picture that unfolds to more than is safe."""

    code = "VECHE-V234"
    message = N_("Picture {number} has more than {limit} pixels.")
    hint = N_("Make it smaller and send it again.")


class NoSuchFile(HandInError):
    """No file of this channel has the id."""

    code = "VECHE-V240"
    message = N_("This channel has no file of that id.")
    hint = N_("Check the id, and that the token belongs to the channel through which the file came.")
