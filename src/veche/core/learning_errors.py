"""What can go wrong with labelled histories and with models; part of the tree in `veche.core.errors`,
from where they are imported."""

from veche.core.error_base import N_, VecheError


class LearningError(VecheError):
    """A history that nothing can be learnt from, or a model that cannot be used."""

    code = "VECHE-L000"
    message = N_("Nothing can be learnt from this.")


class NoLabelColumn(LearningError):
    """A column of labels was named that the history does not have."""

    code = "VECHE-L001"
    message = N_("{source} has no column “{column}” for the labels of “{facet}”. It has: {columns}.")
    hint = N_("Name the right one, for example: --label {facet}=“column name”.")
    exit_status = 2


class NoLabels(LearningError):
    """No appeal of the history has a label."""

    code = "VECHE-L002"
    message = N_("No appeal has a label of “{facet}”: the cells of “{column}” are empty.")
    hint = N_("Check the column, and that the history holds appeals that people have decided on.")
    exit_status = 2


class OneClass(LearningError):
    """All labelled appeals have the same label."""

    code = "VECHE-L003"
    message = N_("All labelled appeals have one label of “{facet}”, so there is nothing to tell apart.")
    hint = N_("Check the column, or add history with other labels.")
    exit_status = 2


class LabelsNotConfirmed(LearningError):
    """The file that maps labels to the pack was not yet looked at by a person."""

    code = "VECHE-L004"
    message = N_("{file}: nobody has confirmed how the labels are mapped.")
    hint = N_("Look through the file, mend what is wrong, and write confirmed = true at its top.")
    exit_status = 2


class LabelsFileBroken(LearningError):
    """The file that maps labels to the pack says something that cannot be followed."""

    code = "VECHE-L005"
    message = N_("{file}: {problem}")
    hint = N_("Mend the file, or remove it and run the command again to have it written anew.")
    exit_status = 2


class NotAModel(LearningError):
    """A file was named as a model that is none."""

    code = "VECHE-L006"
    message = N_("{path} is no model that veche train made.")
    hint = N_("Name the file that was given to veche train with --out.")
    exit_status = 2


class NoSuchModel(LearningError):
    """A model was named that is not there."""

    code = "VECHE-L017"
    message = N_("There is no model {path}: no such file.")
    hint = N_("Check the path. A model is made with: veche train HISTORY --label NAME=COLUMN --out MODEL")
    exit_status = 2


class ModelDamaged(LearningError):
    """A model file whose bytes are not those that were written."""

    code = "VECHE-L007"
    message = N_("The model {path} is damaged or was changed: {reason}.")
    hint = N_("Do not use it. Take it from where it came, go back with veche models, or train it again.")


class ModelNewer(LearningError):
    """A model of a later version of veche."""

    code = "VECHE-L008"
    message = N_("The model {path} has format {found}; this veche reads formats up to {known}.")
    hint = N_("Update veche, or train the model again with this version.")


class UnsafeLabel(LearningError):
    """A label that may not stand in a model file."""

    code = "VECHE-L009"
    message = N_("A label of “{facet}” is longer than {limit} characters: it looks like a text of an appeal.")
    hint = N_("Check that the column named after --label holds labels.")
    exit_status = 2


class NoSuchVersion(LearningError):
    """A version of a model was named that is not kept."""

    code = "VECHE-L010"
    message = N_("{path} has no version {version}. There are: {known}.")
    hint = N_("See the versions with: veche models list {path}")
    exit_status = 2


class NoEarlierVersion(LearningError):
    """There is no version to go back to."""

    code = "VECHE-L011"
    message = N_("{path} has no version before the one in use.")
    hint = N_("See the versions with: veche models list {path}")
    exit_status = 2


class UnknownFacet(LearningError):
    """Something was asked of a facet that the model does not have."""

    code = "VECHE-L012"
    message = N_("{path} has not learnt “{facet}”. It has learnt: {known}.")
    hint = N_("Name one of these.")
    exit_status = 2


class NoCorrections(LearningError):
    """A sheet of corrections from which nothing can be learnt."""

    code = "VECHE-L013"
    message = N_("No row of the corrections can be learnt from; {refused} refused. The first: {reason}")
    hint = N_(
        "A row needs appeal_id or foreign_id (with --run FOLDER) or text, facet, and what is right in value."
    )
    exit_status = 2


class NoRun(LearningError):
    """A folder was named as a run that holds none."""

    code = "VECHE-L014"
    message = N_("{path} holds no finished run with appeals.")
    hint = N_("Name the folder that was given to veche run with --out.")
    exit_status = 2


class OwnLabels(LearningError):
    """Hardly two appeals of the history share a label."""

    code = "VECHE-L015"
    message = N_("Of {labelled} labels of “{facet}” that were given, {lonely} were given to one appeal only.")
    hint = N_("Check that the column named after --label holds labels, and not texts, names or numbers.")
    exit_status = 2


class NothingToAsk(LearningError):
    """What was named to ask people about holds no appeal."""

    code = "VECHE-L016"
    message = N_("{source} holds no appeal to ask people about.")
    hint = N_("Name the folder of a run, or files with appeals, after --from.")
    exit_status = 2


class ModelOfOtherPack(LearningError):
    """A model that was made with another pack than the one it is to be used with."""

    code = "VECHE-L018"
    message = N_("The model {path} was made with the pack “{theirs}”, this run is made with “{pack}”.")
    hint = N_("Name the pack of the model: --pack {theirs}. Or train the model again with --pack {pack}.")
    exit_status = 2
