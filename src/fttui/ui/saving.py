"""Saving the open files, and leaving without losing anything: what is asked and in which order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

from fttui.core.text import one_line
from fttui.dataset.errors import FileChangedError
from fttui.ui.screens.dialogs import Answer, Question

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.ui.files_app import FilesApp
    from fttui.ui.open_files import OpenFile

_LOOK_S: Final = 0.2
"""Seconds between two looks whether a file is read to its end, or the wait for that was stopped."""


async def save_document(app: FilesApp, document: Document) -> bool:
    """Save in a thread; a file that another program changed in the meantime is asked about. Whether it was saved.

    What has no file of its own, or may not be written to, is saved under another name.

    Raises:
        InputError: It could not be written; the file on disk is as it was.
    """
    from fttui.ui.screens.save_as import save_as

    file = app.services.files.of(document)
    if file is not None and (file.needs_name or file.is_read_only):
        return await save_as(app, document, file.read_only_reason)
    if not await read_to_end(app, document):
        return False
    try:
        await _write(app, document, overwrite=False)
    except FileChangedError as error:
        answer = await app.push_screen_wait(_ask_about_other_file(error.message))
        if answer == "elsewhere":
            return await save_as(app, document)
        if answer == "reload" and file is not None:
            await app.reload(file)
        if answer != "overwrite":
            return False
        await _write(app, document, overwrite=True)
    after_save(app, document)
    app.notify(f"Saved {one_line(document.path.name, 60)}.", timeout=3, markup=False)
    return True


async def save_files(app: FilesApp, files: Sequence[OpenFile]) -> bool:
    """Save one file after the other, each on show; False as soon as one was not saved."""
    for file in files:
        if len(files) > 1:
            app.show_file(file)  # so that a question is about what one sees
        if not await save_document(app, file.document):
            return False
    return True


def after_save(app: FilesApp, document: Document) -> None:
    """A file was saved: numbers, screens and warnings follow."""
    file = app.services.files.of(document)
    if file is not None:
        app.works.warn(f"disk {id(file)}", "")
        app.works.warn(f"reading {id(file)}", one_line(file.problem, 300))  # what is open now is the new file
    app.say_whether_read_only()  # a copy under another name is not
    app.document_edited()


async def read_to_end(app: FilesApp, document: Document) -> bool:
    """Wait until all of a file is here, which only then can be saved: standard input may take its time.

    The wait is shown and can be stopped like any work.

    Returns:
        Whether all is here; False when the person stopped the wait.

    Raises:
        InputError: The disk failed.
    """
    if document.is_indexed:
        return True
    from fttui.ui.keys import BY_ID

    name, key = one_line(document.title, 60), app.keymap.label_of(BY_ID["app.cancel"])
    is_stopped = threading.Event()
    with app.works.running(f"Waiting for the end of {name}", cancel=is_stopped.set):
        reading = asyncio.ensure_future(asyncio.to_thread(document.build_index, cancel=is_stopped.is_set))
        is_said = False
        while not (await asyncio.wait({reading}, timeout=_LOOK_S))[0]:
            if is_stopped.is_set():  # another thread may be reading, so that ours only waits for its turn
                break
            if not is_said:
                is_said = True
                app.notify(f"{name} is still being read; then it is saved. {key} stops waiting.", markup=False)
        else:
            await reading
    if not document.is_indexed:
        app.notify(f"Not saved: {name} is still being read.", severity="warning", markup=False)
    return document.is_indexed


async def _write(app: FilesApp, document: Document, *, overwrite: bool) -> None:
    file = app.services.files.of(document)
    try:
        if file is not None:
            file.is_saving = True
        with app.works.running(f"Saving {document.path.name}"):
            await asyncio.to_thread(document.save, overwrite=overwrite)
    finally:
        if file is not None:
            file.is_saving = False


class ChangedDialog(Question[str]):
    """A question with four answers, side by side also on a small screen."""

    DEFAULT_CSS = "ChangedDialog Button { min-width: 8; }"


def _ask_about_other_file(sentence: str) -> ChangedDialog:
    """What to do about what somebody else wrote: "reload", "overwrite", "elsewhere", "back" or None."""
    return ChangedDialog(
        "The file changed on disk",
        sentence,
        "Reloading gives up the changes made here; overwriting gives up those made there.",
        answers=(
            Answer("yes", "Overwrite", "overwrite"),
            Answer("save", "Save elsewhere", "elsewhere"),
            Answer("discard", "Reload", "reload"),
            Answer("no", "Back", "back"),
        ),
        focus="no",
    )


def ask_about_unsaved(files: Sequence[OpenFile], then: Literal["quit", "close"] = "quit") -> Question[str]:
    """Save, discard or stay: the answer is "save", "discard", "stay" or None.

    Args:
        files: Those with unsaved changes.
        then: What happens afterwards.
    """
    sentences = []
    for file in files:
        changes = file.unsaved
        if not changes and file.has_unkept_marks:
            sentences.append(f"What was said about examples of {file.title} is kept only when it is saved as a file.")
            continue
        sentences.append(f"{file.title} has {changes:,} unsaved change{'' if changes == 1 else 's'}.")
    every = " all" if len(files) > 1 else ""
    return Question[str](
        "Unsaved changes",
        *sentences,
        answers=(
            Answer("save", f"Save{every} and {then}", "save"),
            Answer("discard", f"Discard{every} and {then}", "discard"),
            Answer("no", "Stay", "stay"),
        ),
    )
