"""Starting the app on files: what is read before the screen opens, and what is left behind at the end."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.settings import LoadedSettings, load_settings
from fttui.ui.app import FttuiApp
from fttui.ui.keymap import load_keymap
from fttui.ui.open_files import OpenFiles
from fttui.ui.services import Services
from fttui.ui.theming import load_themes

if TYPE_CHECKING:
    from fttui.dataset.document import Document


def collect_again() -> None:
    """Look for garbage from now on, but never at what was made for the start, and seldom at what has become old.

    A look at all that is old takes as long as three frames. There is hardly anything in it: what is done with goes by
    itself, but for the rings of objects that closed dialogs leave.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 1_000)
    gc.enable()


def run(
    paths: Sequence[Path | Document],
    profile_name: str | None = None,
    *,
    loaded: LoadedSettings | None = None,
    notices: Sequence[str] = (),
) -> int:
    """Open the app on ``paths``, the first of them on show, or on nothing, and stay until the person leaves.

    Args:
        paths: JSONL files; or documents that are open already, such as standard input.
        profile_name: The provider's profile; None: that of the settings.
        loaded: The settings; None: read here.
        notices: Sentences to show when the app is open.

    Returns:
        Exit status: 0, or 1 when a fault of ours ended the app.

    Raises:
        InputError: A file cannot be opened, or there is no such profile; nothing was shown.
    """
    from fttui.core.log import start_logging
    from fttui.providers.profiles import resolve_profile

    loaded = loaded or load_settings()
    profile = resolve_profile(profile_name, loaded.settings)
    files = OpenFiles()
    for path in paths:
        if isinstance(path, Path):
            files.open(path)
        else:
            files.add(path)
    start_logging()
    app = FttuiApp(
        Services(loaded.settings, profile, files=files),
        keymap=load_keymap(),
        themes=load_themes(),
        problems=loaded.problems,
        notices=tuple(notices),
        on_started=collect_again,
    )
    gc.disable()  # until the first paint: looking for garbage while all is new costs a tenth of the start
    try:
        app.run()
    finally:
        app.counting.stop()  # whatever happened: no process is left
    return app.return_code or 0
