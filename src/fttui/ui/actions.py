"""What a person can do: entries of the registry that bindings, footer, palette, help and README are made from."""

from __future__ import annotations

from dataclasses import dataclass

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done, with its default keys.

    Attributes:
        id: Dotted and unique, as keys.toml names it: ``row.delete``.
        keys: Default keys in Textual's names (``ctrl+s``, ``question_mark``); characters such as ``?`` are fine too.
        label: One or two words for the footer.
        help: One line for the palette, the help screen and README; it begins with a verb and has no full stop.
        where: The place it applies to: ``global`` or the ``WHERE`` of a screen or widget.
        method: Textual action string, run on the node whose ``WHERE`` is `where`: ``delete_row`` runs
            ``action_delete_row``; ``app.quit`` names another node.
        in_footer: Whether the footer shows it, room permitting (at most eight, in the registry's order).
        priority: Whether the key wins over the focused widget; never for a key that types a character.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: str
    method: str
    in_footer: bool = True
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place that actions apply to: the app, a screen, or a kind of widget inside one.

    Attributes:
        name: As `Action.where` says it.
        title: For headings in the help and in README.
        inside: The place around it; a key here hides the same key there.
    """

    name: str
    title: str
    inside: str = GLOBAL
