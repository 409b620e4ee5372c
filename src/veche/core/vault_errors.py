"""What can go wrong with the vault of the live service; part of the tree in `veche.core.errors`, from where
they are imported."""

from veche.core.error_base import N_, VecheError


class VaultError(VecheError):
    """Keys or originals cannot be used."""

    code = "VECHE-W001"
    message = N_("{problem}")
    hint = N_("{advice}")


class VaultKeyUnusable(VaultError):
    """The file with the master key cannot be used."""

    code = "VECHE-W002"
    message = N_("The key file of the vault {path} cannot be used: {reason}.")
    hint = N_("Put the file back from its recovery copy; without it no original can be read.")


class OtherVaultKey(VaultError):
    """A person's key was wrapped by a master key that is not in the file."""

    code = "VECHE-W003"
    message = N_("Keys of persons were locked with the master key {name}, which is not in the key file.")
    hint = N_("Put the key file back from its recovery copy, or name the right one in VECHE_VAULT_KEY_FILE.")


class OriginalGone(VaultError):
    """The original was erased, or the key of its author was."""

    code = "VECHE-W004"
    message = N_("The original of this appeal is no longer there.")
    hint = N_("It was erased; the ledger says when and by whom.")


class OriginalDamaged(VaultError):
    """Sealed bytes were changed, cut, or moved to another appeal."""

    code = "VECHE-W005"
    message = N_("What was sealed under {name} is damaged.")
    hint = N_("Restore it from a backup, and find out who changed the database or the file.")


class PersonErased(VaultError):
    """An appeal was to be sealed for a person who has been erased meanwhile."""

    code = "VECHE-W006"
    message = N_("This person has just been erased.")
    hint = N_("Send the appeal again; it is then taken as the first of a new person.")
    retry = True


class ReasonNeeded(VaultError):
    """Somebody wants to see an original, or to erase, without saying why."""

    code = "VECHE-W007"
    message = N_("A reason of at least {limit} characters is needed.")
    hint = N_("Say what it is needed for, for example the number of a complaint.")
    exit_status = 2


class NoSuchPerson(VaultError):
    """The person to be erased is not in these tenants, or is erased already."""

    code = "VECHE-W008"
    message = N_("There is no such person here, or the person was erased before.")
    hint = N_("Look for the number of one of their appeals.")
    exit_status = 2


class JournalDamaged(VaultError):
    """A line of the journal of erasures cannot be understood."""

    code = "VECHE-W009"
    message = N_("{path}, line {line} is not an entry of the journal of erasures.")
    hint = N_("Take the journal from another copy; until then restored data may hold what was erased.")


class KeyStillNeeded(VaultError):
    """An earlier master key cannot be dropped: it still locks keys of persons."""

    code = "VECHE-W010"
    message = N_("{count} keys of persons are still locked with an earlier master key.")
    hint = N_("Run veche vault rotate first; it goes on where it stopped.")
