"""The app with several files open as `fttui A B` opens them: with their sessions, for the tests of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from fttui.core.settings import Settings
from fttui.providers.profiles import Profile
from fttui.ui.open_files import OpenFile, OpenFiles
from fttui.ui.services import Services
from fttui.ui.theming import load_themes
from ui.shell import EXAMPLE, ShellApp


def workspace_app(*paths: Path, counts: bool = False, profile: Profile | None = None) -> ShellApp:
    """The shell on these files, the first on show."""
    files = OpenFiles()
    for path in paths:
        files.open(path)
    services = Services(Settings(), profile or Profile("local", is_local=True), files=files)
    app = ShellApp(services, themes=load_themes())
    if not counts:
        app.counting.count = lambda: None  # type: ignore[method-assign]
    app.checking.begin = lambda file: None  # type: ignore[method-assign]
    return app


def examples_file(path: Path, examples: int = 3) -> Path:
    path.write_text(EXAMPLE * examples, encoding="utf-8")
    return path


def shown(app: ShellApp) -> OpenFile:
    """The file that is shown."""
    file = app.services.files.active
    assert file is not None
    return file


async def at_rest(pilot: Pilot[Any], app: ShellApp) -> None:
    """Wait for what was begun."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
