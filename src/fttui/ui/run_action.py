"""From an action of the registry to the node on the screen that can do it now."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen

from fttui.ui.actions import GLOBAL, Action


def node_for(action: Action, screen: Screen[Any]) -> DOMNode | None:
    """The node that ``action`` would run on: the app, the screen, or the nearest widget of its place to the focus.

    None when its place is not on the screen, or when the action is not possible there now.
    """
    node = _place_on(action.where, screen)
    if node is None:
        return None
    return node if _is_possible(action, node, screen.app) else None


def _place_on(where: str, screen: Screen[Any]) -> DOMNode | None:
    if where == GLOBAL:
        return screen.app
    if getattr(screen, "WHERE", "") == where:
        return screen
    focused = screen.focused
    if focused is not None:
        for node in focused.ancestors_with_self:
            if getattr(node, "WHERE", "") == where:
                return node
    if where in ("text", "field"):  # these work on a cursor: without the focus there is none
        return None
    return next((node for node in screen.query("*") if getattr(node, "WHERE", "") == where and node.display), None)


def _is_possible(action: Action, node: DOMNode, app: App[Any]) -> bool:
    name = action.method.partition("(")[0]
    if name.startswith("app."):
        target: DOMNode = app
    elif name.startswith("screen."):
        target = app.screen
    else:
        target = node
    parameters = _parameters(action.method)
    return bool(target.check_action(name.rpartition(".")[2], parameters))


def _parameters(method: str) -> tuple[object, ...]:
    from textual.actions import parse

    return parse(method)[2]
