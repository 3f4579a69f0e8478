"""Which file a new job trains on, and that it is on the disk as the person wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fttui.ui.saving import save_document
from fttui.ui.screens.dialogs import Answer, Confirm, Question

if TYPE_CHECKING:
    from fttui.ui.files_app import FilesApp
    from fttui.ui.open_files import OpenFile


async def file_to_train(app: FilesApp) -> OpenFile | None:
    """The open file for training as it is on disk; None when there is none, or when the person went back."""
    files = app.services.files
    file = files.by_role("training") or files.active
    if file is None:
        app.notify("No file is open: start fttui with a JSONL file to train on.", markup=False)
        return None
    if file.role in ("validation", "test") and not await _may_leak(app, file):
        return None
    document = file.document
    if file.needs_name:
        question = Confirm(
            "Save it first?",
            f"{file.title} is no JSONL file on the disk yet, and that is what gets trained.",
            yes="Save it as",
        )
        if not await app.push_screen_wait(question) or not await save_document(app, document):
            return None
    elif document.is_dirty:
        other = f"{file.title}: the" if file is not files.active else "The"
        question_about_changes = Question[str](
            "Unsaved changes",
            f"{other} file on disk is what gets trained, and it lacks your latest changes.",
            answers=(
                Answer("save", "Save first", "save"),
                Answer("discard", "Train as on disk", "disk"),
                Answer("no", "Back", "back"),
            ),
        )
        answer = await app.push_screen_wait(question_about_changes)
        if answer not in ("save", "disk"):
            return None
        if answer == "save" and not await save_document(app, document):
            return None
    return file


async def _may_leak(app: FilesApp, file: OpenFile) -> bool:
    """Ask before training on examples that are meant to judge the result."""
    use = "validates and compares" if file.role == "validation" else "evaluates"
    question = Confirm(
        f"Train on a {file.role} file?",
        f"{file.title} is for {file.role}. A model that has seen these examples answers them by heart, and what "
        f"{use} it with them says nothing any more.",
        yes="Train on it all the same",
        cautious=True,
    )
    is_agreed: bool | None = await app.push_screen_wait(question)
    return bool(is_agreed)
