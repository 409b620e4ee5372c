"""Everything that can go wrong, with a stable code, a message and a hint.

    VecheError
    ├── UsageError          the command was called wrongly (exit status 2)
    │   ├── OutputNotEmpty
    │   ├── MissingColumn
    │   ├── UnknownStage
    │   ├── NoInput
    │   └── CannotResume
    ├── InputError          a source or a row that cannot be taken (a reject, exit status 3)
    ├── PackError           a pack that cannot be used
    │   ├── UnknownPack
    │   ├── BrokenPack
    │   ├── OversizedPack
    │   └── UnsafePack
    ├── StageError          a stage failed on a row (an error finding, the run goes on)
    ├── MissingLibrary      a stage needs a package that is not installed (exit status 1)
    ├── KeyUnusable         the owner's key cannot be used (exit status 1)
    ├── WorkerLost          a worker process ended by itself (exit status 1)
    └── OutputError         what was made cannot be written (exit status 1)

Messages name the thing and the place, hints say what to do; neither ever quotes an appeal.
The reference page of errors is generated from this module.
"""

from veche.core.i18n import _


class VecheError(Exception):
    """The base of all our errors.

    `code` is stable, `hint` says what to do, `retry` whether the same call can go through later.
    Texts are templates in English, translated when shown; `facts` fill them.
    """

    code = "VECHE-0000"
    message = "Something went wrong."
    hint = ""
    retry = False
    exit_status = 1

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.text())

    def text(self) -> str:
        """Return the message in the language in force."""
        return _(self.message).format(**self.facts)

    def advice(self) -> str:
        """Return the hint in the language in force, empty where there is none."""
        return _(self.hint).format(**self.facts) if self.hint else ""

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.facts))


def _rebuild(cls: type[VecheError], facts: dict[str, object]) -> VecheError:
    return cls(**facts)


def N_(message: str) -> str:
    """Mark a message for translation without translating it yet."""
    return message


class UsageError(VecheError):
    """The command was called with something that does not fit."""

    code = "VECHE-U001"
    message = N_("{problem}")
    exit_status = 2


class OutputNotEmpty(UsageError):
    """The output folder already holds something."""

    code = "VECHE-U002"
    message = N_("The output folder {path} is not empty.")
    hint = N_("Name another folder, or add --resume to go on with the run that it holds.")


class MissingColumn(UsageError):
    """A column that was named, or the text itself, is not in the input."""

    code = "VECHE-U003"
    message = N_("{source} has no column “{column}” for {field}. It has: {columns}.")
    hint = N_("Name the right one, for example: --map {field}=“column name”.")


class UnknownStage(UsageError):
    """A stage was named that does not exist."""

    code = "VECHE-U004"
    message = N_("There is no stage “{name}”. There are: {known}.")
    hint = N_("Check the spelling after --stages or --skip.")


class NoInput(UsageError):
    """No input was found where one was named."""

    code = "VECHE-U005"
    message = N_("{path}: there is no such file or folder.")
    hint = N_("Check the path; use - to read from standard input.")


class CannotResume(UsageError):
    """The folder holds no run, or another run than the one asked for."""

    code = "VECHE-U006"
    message = N_("{path} cannot be resumed: {reason}.")
    hint = N_("Repeat the command with the same inputs and options, or name an empty folder.")


class InputError(VecheError):
    """A source or a row that cannot be taken; it is counted and listed in rejects.csv."""

    code = "VECHE-I000"
    message = N_("The input cannot be read.")
    exit_status = 3


class PackError(VecheError):
    """A pack that cannot be used."""

    code = "VECHE-P001"
    message = N_("Pack {pack}: {problem}")
    hint = N_("Mend the file that is named and try again.")


class UnknownPack(PackError):
    """No pack of that name, and no folder either."""

    code = "VECHE-P002"
    message = N_("There is no pack “{pack}”.")
    hint = N_("The packs at hand are: {known}. A folder that holds a pack.toml can be named too.")


class BrokenPack(PackError):
    """A file of the pack says something that cannot be understood or does not hold together."""

    code = "VECHE-P003"
    message = N_("{file}, line {line}: {problem}")
    hint = N_("{advice}")


class OversizedPack(PackError):
    """A file of the pack is larger than any file of its kind can sensibly be."""

    code = "VECHE-P004"
    message = N_("{file} is larger than {limit} bytes.")
    hint = N_("A pack is text that people edit; take out what does not belong to it.")


class UnsafePack(PackError):
    """A file of the pack leads out of the pack's folder."""

    code = "VECHE-P005"
    message = N_("{file} leads out of the folder of the pack.")
    hint = N_("Put the file itself into the folder instead of a link.")


class StageError(VecheError):
    """A stage failed on a row; the row keeps its place without that stage's findings."""

    code = "VECHE-S001"
    message = N_("Stage {stage} failed on this appeal ({kind}).")
    hint = N_("Report it with the stage's name and version; the other appeals are not affected.")


class MissingLibrary(VecheError):
    """A stage needs a package, or a file inside it, that is not installed."""

    code = "VECHE-S002"
    message = N_("Stage {stage} needs {package}, which is not installed or not whole.")
    hint = N_("Install it with: pip install {install}")


class KeyUnusable(VecheError):
    """The owner's key cannot be used."""

    code = "VECHE-K001"
    message = N_("The key file {path} cannot be used: {reason}.")
    hint = N_("Name the right file in VECHE_KEY_FILE; where there is none, one is made there.")


class WorkerLost(VecheError):
    """A worker process ended by itself."""

    code = "VECHE-E001"
    message = N_("One of {workers} worker processes was ended from outside, perhaps for lack of memory.")
    hint = N_("Run the same command with --resume, with fewer --workers if memory is short.")
    retry = True


class OutputError(VecheError):
    """Something that was made cannot be written."""

    code = "VECHE-O001"
    message = N_("{path} cannot be written: {reason}.")
    hint = N_("Free some space or mend the rights, then run the same command with --resume.")
    retry = True
