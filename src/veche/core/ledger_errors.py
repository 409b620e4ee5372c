"""What can go wrong with the ledger; part of the tree in `veche.core.errors`."""

from veche.core.error_base import N_
from veche.core.service_errors import ServiceError


class LedgerTampered(ServiceError):
    """An export is not what was written: something was changed, removed, inserted or cut off."""

    code = "VECHE-V101"
    message = N_("{file}, line {line}: {problem}")
    hint = N_("{advice}")
    exit_status = 3


class LedgerUnreadable(ServiceError):
    """A file that was named is no export, no public key or no file of heads, or cannot be read."""

    code = "VECHE-V102"
    message = N_("{path} cannot be used: {reason}.")
    hint = N_("Name the export, the public key and the heads as they were handed over.")
    exit_status = 2


class NotForTheLedger(ServiceError):
    """Something that is neither an id, a code, a number nor a hash was to be written into the ledger."""

    code = "VECHE-V103"
    message = N_("The ledger takes ids, codes, numbers and hashes; “{field}” is none of these.")
    hint = N_("Write the id of the thing instead of its words.")


class UnknownAct(ServiceError):
    """An act that the ledger has no words for."""

    code = "VECHE-V104"
    message = N_("The ledger knows no act “{act}”.")
    hint = N_("Acts and their meaning are listed in veche.ledger.acts.")


class SealerSilent(ServiceError):
    """The process that signs the ledger did not answer."""

    code = "VECHE-V105"
    message = N_("The ledger could not be signed within {seconds} seconds.")
    hint = N_("Check that the service runs (veche doctor) and try again.")
    retry = True


class LedgerContradicted(ServiceError):
    """A chain in the database is broken: the sealer does not sign it."""

    code = "VECHE-V106"
    message = N_("The ledger of {tenant} is not signed: it is broken at entry {seq}.")
    hint = N_("Somebody changed the database. Keep it as it is, and compare it with the last good backup.")
    exit_status = 3


class NoSuchTenant(ServiceError):
    """A tenant was named that does not exist."""

    code = "VECHE-V107"
    message = N_("There is no tenant “{tenant}”.")
    hint = N_("There are: {known}.")
    exit_status = 2
