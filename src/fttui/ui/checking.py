"""The checks of the open files: begun in the background, followed by gutter, meter and strip, for one target."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fttui.core.errors import FttuiError, SettingsError
from fttui.ui.works import Work, Works

if TYPE_CHECKING:
    from fttui.checks.live.live import LiveChecks
    from fttui.checks.model import Target
    from fttui.dataset.document import Document
    from fttui.providers.profiles import Profile
    from fttui.ui.open_files import OpenFile
    from fttui.ui.services import Services

_PARTS: Final = 1000
"""Checking is shown in thousandths of the file."""
_HOSTS: Final = {
    "azure": "azure",
    "nebius": "nebius",
    "together": "together",
    "fireworks": "fireworks",
    "mistral": "mistral",
    "amazonaws": "bedrock",
    "googleapis": "gemini",
}
"""Parts of the names of hosts, and the target that each belongs to."""

Make = Callable[["Document", "Target"], "LiveChecks"]


def target_for(profile: Profile) -> Target:
    """For whom a file is checked when a profile is in use: where it trains; OpenAI when nobody knows."""
    from fttui.checks.targets import DEFAULT, targets

    if profile.is_local:
        return "local"
    if profile.name in targets():
        return profile.name
    try:
        host = urlsplit(profile.base_url or "").hostname or ""
    except ValueError:  # a bracket without its pair
        host = ""
    return next((target for part, target in _HOSTS.items() if part in host), DEFAULT)


def check_live(document: Document, target: Target) -> LiveChecks:
    """Begin to check a document."""
    from fttui.checks.live.live import LiveChecks
    from fttui.checks.run import Options

    return LiveChecks(document, Options(targets=(target,)))


class Checking:
    """Has the open files checked for the chosen target.

    Args:
        services: Whose files are checked; ``checks`` of each file is set here.
        works: Where checking shows how far it is.
        on_change: Called, from any thread, when there is something new.
        on_error: Called, from any thread, when a file cannot be checked.
        make: Begins the checks of a document.
    """

    def __init__(
        self,
        services: Services,
        works: Works,
        on_change: Callable[[], None],
        on_error: Callable[[Exception], None],
        make: Make = check_live,
    ) -> None:
        self._services = services
        self._works = works
        self._on_change = on_change
        self._on_error = on_error
        self.make = make
        self._target: Target | None = None
        self._chosen: str | None = None
        self._beginning = threading.Lock()
        self._is_stopped = False
        self._work: dict[int, Work] = {}
        self._given_up: set[int] = set()
        self._making: dict[int, object] = {}
        """Files whose checks are being made, each with a mark of that one making."""
        self._told: dict[int, Exception] = {}
        """What was said last about a file that cannot be checked."""

    @property
    def target(self) -> Target:
        """For whom the files are checked: who was chosen, or else where the profile trains."""
        if self._target is None:
            self._target = self.chosen or self.by_profile
        return self._target

    @property
    def by_profile(self) -> Target:
        """Where the profile in use trains."""
        return target_for(self._services.profile)

    @property
    def chosen(self) -> Target | None:
        """Who was chosen, now or in an earlier session."""
        if self._chosen is None:
            from fttui.checks.targets import problem_of

            self._chosen = self._services.settings.checks.target
            problem = problem_of(self._chosen)
            if problem:
                self._chosen = ""
                self._on_error(SettingsError(f"settings.toml: {problem}"))
        return self._chosen or None

    def was_given_up(self, file: OpenFile) -> bool:
        """Whether somebody stopped checking the file before its end."""
        return id(file) in self._given_up

    def begin(self, file: OpenFile) -> None:
        """Check a file in the background, unless that was begun; takes a moment to import, so in a thread.

        A file that cannot be read now is told of, and stays unchecked until somebody asks again.
        """
        mark = object()
        with self._beginning:
            if self._is_stopped or file.checks is not None or id(file) in self._making:
                return
            self._making[id(file)] = mark
        checks: LiveChecks | None = None
        error: FttuiError | None = None
        try:  # without the lock: it imports and reads, and the screen takes the lock too
            target = self.target
            checks = self.make(file.document, target)
        except FttuiError as reason:
            error = reason
        finally:
            is_ours = self._publish(file, checks, mark)
        if error is not None and is_ours:
            self._tell(file, error)
        if checks is None:
            return
        if not is_ours:
            checks.close()
            return
        if self.target != target:  # chosen meanwhile
            checks.aim((self.target,))
        checks.subscribe(partial(self._news, file))
        self._news(file)  # a small file may be done before anybody listened

    def _publish(self, file: OpenFile, checks: LiveChecks | None, mark: object) -> bool:
        """Give a file the checks that were made for it; False when it was let go of meanwhile, or all ends."""
        with self._beginning:
            if self._making.get(id(file)) is not mark:
                return False
            del self._making[id(file)]
            if self._is_stopped:
                return False
            if checks is not None:
                file.checks = checks
                if not checks.is_complete:
                    give_up = partial(self._give_up, file)
                    self._work[id(file)] = self._works.begin("Checking", total=_PARTS, cancel=give_up)
            return True

    def forget(self, file: OpenFile) -> None:
        """Stop checking a file, and let go of what was found: it is closed, or is to be checked anew."""
        with self._beginning:
            checks, file.checks = file.checks, None
            file.checks_news += 1
            self._given_up.discard(id(file))
            self._making.pop(id(file), None)
            self._told.pop(id(file), None)
            self._end_work(file)
        if checks is not None:
            checks.close()

    def why_not_mended_now(self, file: OpenFile) -> str:
        """Why no fix of the whole file can be looked at, as a sentence; "" when one can. Sees to it where it can."""
        checks = file.checks
        if file.is_read_only:
            return file.read_only_reason
        if checks is not None and checks.is_complete and checks.facts is not None:
            return ""
        if checks is not None and checks.is_stale:
            checks.check_again()
        if self.was_given_up(file):
            return "Checking was stopped: t in the list of issues starts it again."
        return "The file is still being checked: a moment."

    def choose(self, target: Target | None) -> None:
        """Tell of all open files what is wrong for another target, and remember it; in a thread.

        Nothing is checked for that, but files of which somebody stopped the check: `begin` them anew.

        Args:
            target: For whom; None: where the profile trains, as long as nobody chooses again.

        Raises:
            SettingsError: The choice cannot be written into the settings; it holds until the app ends.
        """
        from fttui.core.settings_edit import set_value

        with self._beginning:
            self._chosen = target or ""
            self._target = None
            known = [(file, file.checks) for file in self._services.files if file.checks is not None]
        for file, checks in known:
            if self.was_given_up(file):
                self.forget(file)
            else:
                checks.aim((self.target,))
        self._on_change()
        set_value("checks", "target", target)

    def stop(self) -> None:
        """End all checking; no process is left."""
        with self._beginning:
            self._is_stopped = True
        for file in self._services.files:
            if file.checks is not None:
                file.checks.close()
            self._end_work(file)

    def _give_up(self, file: OpenFile) -> None:
        """Stop checking; what was found stays."""
        self._given_up.add(id(file))
        if file.checks is not None:
            file.checks.close()
        self._end_work(file)

    def _end_work(self, file: OpenFile) -> None:
        work = self._work.pop(id(file), None)
        if work is not None:
            self._works.end(work)

    def _news(self, file: OpenFile) -> None:
        checks = file.checks
        file.checks_news += 1
        if checks is not None:
            work = self._work.get(id(file))
            error = checks.error
            if error is not None and not self._is_stopped and not self.was_given_up(file):
                self._tell(file, error)
            if checks.is_complete or error is not None:
                self._end_work(file)
            elif work is not None:
                work.advance(int(checks.progress * _PARTS))
        self._on_change()

    def _tell(self, file: OpenFile, error: Exception) -> None:
        """Say why a file cannot be checked, once: not again with all news, nor for each of its blocks."""
        with self._beginning:
            told = self._told.get(id(file))
            self._told[id(file)] = error
        if told is None or (told is not error and str(told) != str(error)):
            self._on_error(error)
