"""Keys that come faster than a field or a dialog opens: they are meant for what is being opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    from textual.app import App

    _Base = App[object]
else:
    _Base = object


_PATIENCE = 5
"""Refreshes to wait for a focus; a screen that has none by then gets the key itself."""


class TypeAhead(_Base):
    """Part of an app: over a slow line many keys come at once, as ``/password``.

    Textual gives each key to the widget that has the focus when the key comes in. When the slash moves the focus, the
    letters behind it have gone to the list already, and nobody wants them: they come back here, and go where the focus
    is by then.
    """

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not hasattr(event, "fttui_target"):
            event.fttui_target = self.focused  # type: ignore[attr-defined]
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """A key that no widget took, before it is looked up among the actions."""
        if self.focused is getattr(event, "fttui_target", self.focused):
            return
        if isinstance(self.focused, Input | TextArea):
            event.prevent_default()
            self._send_again(event)
        elif self.focused is None:
            event.prevent_default()
            self.call_after_refresh(self._wait_for_focus, event, _PATIENCE)

    def _wait_for_focus(self, event: events.Key, patience: int) -> None:
        """A dialog is being opened: its field has the focus in a moment."""
        if self.focused is None and patience > 0:
            self.call_after_refresh(self._wait_for_focus, event, patience - 1)
        else:
            self._send_again(event)

    def _send_again(self, event: events.Key) -> None:
        if not getattr(self.screen, "TAKES_EARLY_KEYS", True):  # a question is read before it is answered
            return
        again: Any = events.Key(event.key, event.character)
        again.fttui_target = self.focused
        (self.focused or self.screen)._forward_event(again)
