"""Everything that can go wrong, with a stable code, a message and a hint.

    VecheError
    ├── UsageError          the command was called wrongly (exit status 2)
    │   ├── OutputNotEmpty
    │   ├── MissingColumn
    │   ├── UnknownStage
    │   ├── UnknownEngine
    │   ├── NoInput
    │   ├── CannotResume
    │   ├── NothingReadable
    │   ├── UnknownTimezone
    │   └── NoEarlierRun, OtherPack, NothingToFollow
    ├── InputError          a source or a row that cannot be taken (a reject, exit status 3)
    │   ├── SourceUnreadable, SourceEmpty, UnknownFormat, BinarySource, EncryptedSource,
    │   │   ArchiveTooLarge, SourceDamaged, LinkOutside, SameSource, NoTextColumn, HeaderTooWide
    │   │                   a whole source
    │   └── RowTooWide, RecordTooLong, EmptyText, TextTooLong, UndecodableRow, RowDamaged,
    │       UnclosedQuote, RepeatedSameContent, RepeatedOtherContent
    │                       one row
    ├── PackError           a pack that cannot be used
    │   ├── UnknownPack
    │   ├── BrokenPack
    │   ├── OversizedPack
    │   └── UnsafePack
    ├── SignoffError        what a person decided about themes cannot be followed (exit status 2)
    │   └── NoThemes, UnknownTheme, MergeInCircle, SplitWithoutEffect, NameTaken, OtherRun
    ├── LearningError       a history that nothing can be learnt from, or a model that cannot be used
    │   ├── NoLabelColumn, NoLabels, OneClass, OwnLabels, LabelsNotConfirmed, LabelsFileBroken,
    │   │   NoCorrections, NoRun, NothingToAsk
    │   │                   the history and its labels (exit status 2)
    │   └── NoSuchModel, NotAModel, ModelDamaged, ModelNewer, UnsafeLabel, NoSuchVersion,
    │       NoEarlierVersion, UnknownFacet, ModelOfOtherPack
    │                       the model file and its versions
    ├── ServiceError        the live service cannot be started or used
    │   ├── ServiceNotInstalled, NoPostgres, PostgresVersion, OtherPostgres, PostgresFailed,
    │   │   DatabaseUnreachable, MayNotMakeRoles, DatabaseNotOurs, RoleTooStrong, PortTaken,
    │   │   AlreadyRunning, NoAccount, FolderOfAnother, FolderUnusable, NoService, OwnDatabase,
    │   │   NotPrepared, NotReady, EnvironmentUnreadable
    │   ├── HandInError, NumberMistyped, UnreadableCharacters, DateOutOfRange, PositionOutOfRange,
    │   │   AgeOutOfRange, UnknownZone, UnknownSex, RowsRefused, WrongCount, TokenUnknown, NoSuchAppeal,
    │   │   UnknownAnswered, BodyTooLarge, WrongContentType, MalformedBody, FieldsRefused, LengthMissing,
    │   │   KeyReused, KeyBusy, KeyMalformed, TooFast, TooBusy, ServiceAway, NothingToWithdraw,
    │   │   NoSuchAddress, WrongMethod, WrongParts, ServiceFault, TooManyFiles, FileTooLarge,
    │   │   FileKindRefused, FileDamaged, PictureTooLarge, NoSuchFile
    │   │                   handing appeals in
    │   ├── LedgerTampered, LedgerUnreadable, NotForTheLedger, UnknownAct, SealerSilent,
    │   │   LedgerContradicted, NoSuchTenant
    │   │                   the ledger
    │   ├── NotYours        what a person may not reach
    │   ├── DeskError, CardStale, CardClosed, ValueUnknown, FacetNotDecided, NothingChosen, CannotUndo,
    │   │   BulkChanged, TooManyAtOnce, SeveralAuthorities, NoSuchColleague, SecondIsAnother, CheckDone,
    │   │   AppealMoved
    │   │                   decisions at the desk
    │   ├── PublicError, TrapFilled, FormStale, TooQuick, FormReused, TooManyFromYou, ContactUnclear,
    │   │   NotTracked, FilesTooLarge
    │   │                   what a citizen sends by the public form
    │   ├── ThemesError, ThemeChanged, ThemesBeingWritten, NameWanted, NameOfAnother, NoPlaceToMerge,
    │   │   SplitNeedsExamples, SplitTakesAll, TooLargeToSplit, CannotTakeBack
    │   │                   themes at the desk
    │   └── BackupNotMade, NotABackup, BackupDamaged, BackupDiffers, BackupNewer, TargetNotEmpty,
    │       NoTools, ToolFailed, RowsHidden, OldPostgresGone, UpgradeUnsound, StepFailed
    │                       backups, restoring, upgrades
    ├── VaultError          keys or originals of the live service cannot be used
    │   └── VaultKeyUnusable, OtherVaultKey, OriginalGone, OriginalDamaged, PersonErased, ReasonNeeded,
    │       NoSuchPerson, JournalDamaged, KeyStillNeeded
    ├── StageError          a stage failed on a row (an error finding, the run goes on)
    ├── MissingLibrary      a stage needs a package that is not installed (exit status 1)
    ├── KeyUnusable         the owner's key cannot be used (exit status 1)
    ├── WorkerLost          a worker process ended by itself (exit status 1)
    └── OutputError         what was made cannot be written (exit status 1)

Messages name the thing and the place, hints say what to do; neither ever quotes an appeal.
The reference page of errors is generated from this module.
"""

from veche.core.access_errors import (  # noqa: F401 - a family that lies in a file of its own
    NotYours,
)
from veche.core.desk_errors import (  # noqa: F401 - a family that lies in a file of its own
    AppealMoved,
    BulkChanged,
    CannotUndo,
    CardClosed,
    CardStale,
    CheckDone,
    DeskError,
    FacetNotDecided,
    NoSuchColleague,
    NothingChosen,
    SecondIsAnother,
    SeveralAuthorities,
    TooManyAtOnce,
    ValueUnknown,
)
from veche.core.error_base import N_, UsageError, VecheError
from veche.core.handin_errors import (  # noqa: F401 - a family that lies in a file of its own
    AgeOutOfRange,
    BodyTooLarge,
    DateOutOfRange,
    FieldsRefused,
    FileDamaged,
    FileKindRefused,
    FileTooLarge,
    HandInError,
    KeyBusy,
    KeyMalformed,
    KeyReused,
    LengthMissing,
    MalformedBody,
    NoSuchAddress,
    NoSuchAppeal,
    NoSuchFile,
    NothingToWithdraw,
    NumberMistyped,
    PictureTooLarge,
    PositionOutOfRange,
    RowsRefused,
    ServiceAway,
    ServiceFault,
    TokenUnknown,
    TooBusy,
    TooFast,
    TooManyFiles,
    UnknownAnswered,
    UnknownSex,
    UnknownZone,
    UnreadableCharacters,
    WrongContentType,
    WrongCount,
    WrongMethod,
    WrongParts,
)
from veche.core.input_errors import (  # noqa: F401 - a family that lies in a file of its own
    ArchiveTooLarge,
    BinarySource,
    EmptyText,
    EncryptedSource,
    HeaderTooWide,
    InputError,
    LinkOutside,
    NoTextColumn,
    RecordTooLong,
    RepeatedOtherContent,
    RepeatedSameContent,
    RowDamaged,
    RowTooWide,
    SameSource,
    SourceDamaged,
    SourceEmpty,
    SourceUnreadable,
    TextTooLong,
    UnclosedQuote,
    UndecodableRow,
    UnknownFormat,
)
from veche.core.learning_errors import (  # noqa: F401 - a family that lies in a file of its own
    LabelsFileBroken,
    LabelsNotConfirmed,
    LearningError,
    ModelDamaged,
    ModelNewer,
    ModelOfOtherPack,
    NoCorrections,
    NoEarlierVersion,
    NoLabelColumn,
    NoLabels,
    NoRun,
    NoSuchModel,
    NoSuchVersion,
    NotAModel,
    NothingToAsk,
    OneClass,
    OwnLabels,
    UnknownFacet,
    UnsafeLabel,
)
from veche.core.ledger_errors import (  # noqa: F401 - a family that lies in a file of its own
    LedgerContradicted,
    LedgerTampered,
    LedgerUnreadable,
    NoSuchTenant,
    NotForTheLedger,
    SealerSilent,
    UnknownAct,
)
from veche.core.public_errors import (  # noqa: F401 - a family that lies in a file of its own
    ContactUnclear,
    FilesTooLarge,
    FormReused,
    FormStale,
    NotTracked,
    PublicError,
    TooManyFromYou,
    TooQuick,
    TrapFilled,
)
from veche.core.service_errors import (  # noqa: F401 - a family that lies in a file of its own
    AlreadyRunning,
    DatabaseNotOurs,
    DatabaseUnreachable,
    EnvironmentUnreadable,
    FolderOfAnother,
    FolderUnusable,
    MayNotMakeRoles,
    NoAccount,
    NoPostgres,
    NoService,
    NotPrepared,
    NotReady,
    OtherPostgres,
    OwnDatabase,
    PortTaken,
    PostgresFailed,
    PostgresVersion,
    RoleTooStrong,
    ServiceError,
    ServiceNotInstalled,
)
from veche.core.themes_errors import (  # noqa: F401 - a family that lies in a file of its own
    CannotTakeBack,
    NameOfAnother,
    NameWanted,
    NoPlaceToMerge,
    SplitNeedsExamples,
    SplitTakesAll,
    ThemeChanged,
    ThemesBeingWritten,
    ThemesError,
    TooLargeToSplit,
)
from veche.core.upkeep_errors import (  # noqa: F401 - a family that lies in a file of its own
    BackupDamaged,
    BackupDiffers,
    BackupNewer,
    BackupNotMade,
    NotABackup,
    NoTools,
    OldPostgresGone,
    RowsHidden,
    StepFailed,
    TargetNotEmpty,
    ToolFailed,
    UpgradeUnsound,
)
from veche.core.vault_errors import (  # noqa: F401 - a family that lies in a file of its own
    JournalDamaged,
    KeyStillNeeded,
    NoSuchPerson,
    OriginalDamaged,
    OriginalGone,
    OtherVaultKey,
    PersonErased,
    ReasonNeeded,
    VaultError,
    VaultKeyUnusable,
)


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


class UnknownEngine(UsageError):
    """An engine was named that is not installed."""

    code = "VECHE-U009"
    message = N_("The engine “{name}” is not installed. There are: {known}.")
    hint = N_("Leave --engine out to use the processes of this machine.")


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


class NothingReadable(UsageError):
    """A folder or an archive was named that holds no file we read."""

    code = "VECHE-U007"
    message = N_("{path} holds no file that can be read.")
    hint = N_("Put CSV, XLSX, JSON, Parquet or mail files there, or name another folder.")


class UnknownTimezone(UsageError):
    """The time zone for dates without one does not exist."""

    code = "VECHE-U008"
    message = N_("There is no time zone “{name}”.")
    hint = N_("Name it as in Europe/Moscow or UTC.")


class NoEarlierRun(UsageError):
    """The folder to be followed holds no finished run."""

    code = "VECHE-U010"
    message = N_("{path} holds no finished run that could be followed.")
    hint = N_("Name after --after the folder that was given to an earlier veche run with --out.")


class OtherPack(UsageError):
    """The run to be followed was made with another pack."""

    code = "VECHE-U011"
    message = N_("{path} was made with the pack “{earlier}”, this run is made with “{pack}”.")
    hint = N_("Name the same --pack, or leave --after out.")


class NothingToFollow(UsageError):
    """The run to be followed remembers no themes."""

    code = "VECHE-U012"
    message = N_("{path} holds a run that remembers no themes: there is no themes-state.npz.")
    hint = N_("An older version made it, or the file was removed. Run its input again, then follow that.")


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


class SignoffError(VecheError):
    """The file of a person's decisions about themes says something that cannot be followed."""

    code = "VECHE-T001"
    message = N_("{file}, line {line}: {problem}")
    hint = N_("{advice}")
    exit_status = 2


class NoThemes(SignoffError):
    """The folder holds no finished run with themes."""

    code = "VECHE-T002"
    message = N_("{path} holds no finished run with themes.")
    hint = N_("Name the folder that was given to veche run with --out.")


class UnknownTheme(SignoffError):
    """A theme was named that the run does not have."""

    code = "VECHE-T003"
    message = N_("{file}, line {line}: there is no theme “{theme}” in this run.")
    hint = N_("Perhaps you mean: {near}. All themes: veche themes list {path}")


class MergeInCircle(SignoffError):
    """Themes were merged into one another, or one into itself."""

    code = "VECHE-T004"
    message = N_("{file}, line {line}: the themes are merged in a circle: {circle}.")
    hint = N_("Leave “into” empty for the one theme that the others join.")


class SplitWithoutEffect(SignoffError):
    """An example parts nothing from its theme, or all of it."""

    code = "VECHE-T005"
    message = N_("{file}, line {line}: example {number} does not split theme “{theme}”.")
    hint = N_("{advice}")


class NameTaken(SignoffError):
    """Two themes would have one name."""

    code = "VECHE-T006"
    message = N_("{file}, line {line}: themes “{theme}” and “{other}” would have the same name.")
    hint = N_("Give one of them another name, or merge them with “into”.")


class OtherRun(SignoffError):
    """The decisions were made about the themes of another run."""

    code = "VECHE-T007"
    message = N_("{file}, line {line}: it was written for another run than the one in {path}.")
    hint = N_("Put it elsewhere and write a new one with: veche themes edit {path}")


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
