"""What can be wrong with a file, as one sentence each."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from fttui.core.errors import InputError
from fttui.core.text import one_line


class FileChangedError(InputError):
    """The file on disk is no longer the one that was opened: ask, then save with ``overwrite=True`` or elsewhere.

    Attributes:
        path: The file.
        choices: What can be done now: ``overwrite`` (`Document.save` with ``overwrite=True``) and ``save_as``.
    """

    choices: Final = ("overwrite", "save_as")

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{name_of(path)} was changed by another program since it was opened; nothing was saved.",
            hint="Overwrite it with what is open here, or save under another name.",
        )
        self.path = path


class FileDamagedError(InputError):
    """The opened file was rewritten in place, so that examples which were never edited cannot be read any more."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{name_of(path)} was rewritten in place by another program, and some examples that were not edited "
            "here are lost; nothing was saved.",
            hint="Open the file again.",
        )
        self.path = path


def name_of(path: Path) -> str:
    """A path fit for a sentence: file names come from strangers too."""
    return one_line(str(path), 300)


_READING: Final = {
    errno.ENOENT: ("There is no file {}.", ""),
    errno.ENOTDIR: ("There is no file {}.", ""),
    errno.EISDIR: ("{} is a directory, not a JSONL file.", ""),
    errno.EACCES: ("No permission to read {}.", ""),
    errno.EPERM: ("No permission to read {}.", ""),
    errno.ELOOP: ("{} is a symbolic link that leads back to itself.", ""),
}

_WRITING: Final = {
    errno.ENOSPC: ("The disk is full", "Free some space and save again, or save under another name."),
    errno.EDQUOT: ("Your disk quota is used up", "Free some space and save again, or save under another name."),
    errno.EACCES: ("No permission to write in its directory", "Save under another name."),
    errno.EPERM: ("No permission to write there", "Save under another name."),
    errno.EROFS: ("The disk is read-only", "Save under another name."),
    errno.ENOENT: ("Its directory is not there any more", "Save under another name."),
    errno.EISDIR: ("A directory has that name", "Save under another name."),
    errno.EFBIG: ("The disk does not take a file of that size", "Save under another name."),
}


def reading_failed(path: Path, error: OSError) -> InputError:
    """The sentence for a file that cannot be opened or read."""
    sentence, hint = _READING.get(error.errno or 0, ("{} cannot be read: " + _system_words(error) + ".", ""))
    return InputError(sentence.format(name_of(path)), hint=hint)


def saving_failed(path: Path, error: OSError) -> InputError:
    """The sentence for a save that failed; the file on disk is as it was."""
    reason, hint = _WRITING.get(error.errno or 0, (_system_words(error), ""))
    return InputError(f"{name_of(path)} was not saved and is unchanged on disk: {_lower(reason)}.", hint=hint)


def spooling_failed(error: OSError) -> InputError:
    """The sentence for an edit of many rows whose lines could not be kept; the rows are as they were."""
    reason, _ = _WRITING.get(error.errno or 0, (_system_words(error), ""))
    place = one_line(error.filename, 300) if isinstance(error.filename, str) else "the folder for edits"
    return InputError(
        f"The changed lines could not be kept in {place}: {_lower(reason)}; nothing was changed.",
        hint="Free some space, or edit fewer examples at once.",
    )


def _system_words(error: OSError) -> str:
    return one_line(error.strerror or str(error) or "unknown error")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
