"""What can go wrong with a source or a row; part of the tree in `veche.core.errors`."""

from veche.core.error_base import N_, VecheError


class InputError(VecheError):
    """A source or a row that cannot be taken; it is counted and listed in rejects.csv."""

    code = "VECHE-I000"
    message = N_("The input cannot be read.")
    exit_status = 3


class SourceUnreadable(InputError):
    """A source that the system does not let us read."""

    code = "VECHE-I001"
    message = N_("{source} cannot be read: {reason}.")
    hint = N_("Check that the file exists and that you may read it.")


class SourceEmpty(InputError):
    """A source without a single row."""

    code = "VECHE-I002"
    message = N_("{source} holds no rows.")
    hint = N_("Check that the export finished; an empty file has nothing to read.")


class UnknownFormat(InputError):
    """A source in a format that we do not read."""

    code = "VECHE-I003"
    message = N_("{source} is in a format that is not read ({format}).")
    hint = N_("Save it as CSV, XLSX, JSON, JSON Lines, Parquet, mbox or EML.")


class BinarySource(InputError):
    """A file that is named as text and holds something else."""

    code = "VECHE-I004"
    message = N_("{source} is named as text but holds binary data.")
    hint = N_("Check what the file really is and give it its own ending.")


class EncryptedSource(InputError):
    """A workbook or an archive behind a password."""

    code = "VECHE-I005"
    message = N_("{source} is protected by a password.")
    hint = N_("Save a copy without a password and read that.")


class ArchiveTooLarge(InputError):
    """An archive that unpacks to far more than it should (a zip bomb), or nests too deep."""

    code = "VECHE-I006"
    message = N_("{source} was left: it unpacks to more than is safe ({reason}).")
    hint = N_("If you trust it, unpack it yourself and read the unpacked files.")


class SourceDamaged(InputError):
    """A source that breaks off or stops making sense; what stood before was taken."""

    code = "VECHE-I007"
    message = N_("{source} is damaged at row {row}; nothing after it could be read.")
    hint = N_("Export the file again; the rows before that place were taken.")


class LinkOutside(InputError):
    """A symbolic link that leads out of the folder that was named."""

    code = "VECHE-I008"
    message = N_("{source} is a link that leads out of the folder and was not followed.")
    hint = N_("Copy the file into the folder, or name it as an input of its own.")


class SameSource(InputError):
    """The same file given twice."""

    code = "VECHE-I009"
    message = N_("{source} has the same bytes as {other} and was not read again.")
    hint = N_("Leave one of the two out.")


class NoTextColumn(InputError):
    """A table in which no column holds the appeals' texts."""

    code = "VECHE-I010"
    message = N_("{source} has no column with texts. It has: {columns}.")
    hint = N_("Name it, for example: --map text=“column name”.")


class HeaderTooWide(InputError):
    """A table with more columns than is sane."""

    code = "VECHE-I011"
    message = N_("{source} has {columns} columns; at most {limit} are read.")
    hint = N_("Keep the columns that matter and export it again.")


class RowTooWide(InputError):
    """A row with more cells than the header has columns."""

    code = "VECHE-I012"
    message = N_("The row has {cells} cells, the header has {columns}.")
    hint = N_("Check the delimiter and the quotes around texts in this row.")


class RecordTooLong(InputError):
    """A line, cell or message too long to be one appeal."""

    code = "VECHE-I013"
    message = N_("The record is longer than {limit} bytes.")
    hint = N_("Check for a missing line break; split the record if it is real.")


class EmptyText(InputError):
    """A row without a text."""

    code = "VECHE-I014"
    message = N_("The text is empty.")
    hint = N_("Nothing to do where the person wrote nothing; else check the text column.")


class TextTooLong(InputError):
    """A text longer than any appeal."""

    code = "VECHE-I015"
    message = N_("The text is longer than {limit} characters.")
    hint = N_("Shorten it, or split it into several appeals.")


class UndecodableRow(InputError):
    """A row whose bytes are text in no encoding that fits."""

    code = "VECHE-I016"
    message = N_("The bytes of this row are not text in {encoding}.")
    hint = N_("Export the file again in UTF-8.")


class RowDamaged(InputError):
    """A row that is not what its format says."""

    code = "VECHE-I017"
    message = N_("The row cannot be read as {format}.")
    hint = N_("Mend the row in the file, or export it again.")


class UnclosedQuote(InputError):
    """A quotation mark that opens a cell and is never closed."""

    code = "VECHE-I018"
    message = N_("A quotation mark opens a cell in this row and is not closed.")
    hint = N_("Double the quotation mark, or close it; the rows after it were read.")


class RepeatedSameContent(InputError):
    """An id that came before, with the same text."""

    code = "VECHE-I019"
    message = N_("An appeal with this id and the same text was taken before.")
    hint = N_("Nothing to do: it was taken once.")


class RepeatedOtherContent(InputError):
    """An id that came before, with another text."""

    code = "VECHE-I020"
    message = N_("An appeal with this id but another text was taken before.")
    hint = N_("If ids are not unique here, leave the id out: --map id=")
