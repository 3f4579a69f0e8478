"""What an example holds beside its messages: a card for each key, folded away until somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from fttui.core.text import one_line, safe
from fttui.formats.layout import lay_out
from fttui.formats.lines import parse_exact
from fttui.formats.slots import Path, value_at
from fttui.formats.style import dump_line
from fttui.ui.cards_model import LAID_OUT_LIMIT, Card

_LONGEST_VALUE: Final = 24


def key_cards(raw: bytes, paths: Sequence[Path], *, right: str = "", strings_as_text: bool = False) -> list[Card]:
    """A card for each path of the record in ``raw``, with its value as JSON, numbers as they are spelt."""
    if not paths:
        return []
    record = parse_exact(raw).value
    return [_key_card(record, path, right, strings_as_text) for path in paths]


def fold_of(record: Mapping[str, Any], raw: bytes, paths: Sequence[Path]) -> Card:
    """The fold that holds the cards of ``paths``; its title tells what is in it."""
    has_fractions = any(isinstance(value_at(record, path), float) for path in paths)
    spelt: Any = parse_exact(raw).value if has_fractions else record  # 1e3 is shown as it is spelt
    title = ", ".join(_summary(spelt, path) for path in paths)
    return Card("fold", title, "", inside=partial(key_cards, raw, paths))


def unfolded(cards: Iterable[Card], *, is_open: bool) -> list[Card]:
    """The cards that are seen: a fold with what it holds when it ``is_open``."""
    shown: list[Card] = []
    for card in cards:
        if card.inside is None:
            shown.append(card)
        else:
            shown.append(replace(card, title=f"{'▾' if is_open else '▸'} {card.title}"))
            shown += card.inside() if is_open else ()
    return shown


def _key_card(record: Any, path: Path, right: str, strings_as_text: bool) -> Card:
    title = one_line(".".join(map(str, path)), 80)
    value = value_at(record, path)
    if strings_as_text and isinstance(value, str):
        return Card("key", title, value, right=right, path=path)
    text = dump_line(value).decode("utf-8")
    body = lay_out(text) if len(text) <= LAID_OUT_LIMIT else text
    return Card("key", title, body, right=right, holds="json", path=path)


def _summary(record: Mapping[str, Any], path: Path) -> str:
    """``tools (2)``, ``id: 7``: how many there are in it, or a short value."""
    name = one_line(".".join(map(str, path)), 40)
    value = value_at(record, path)
    if isinstance(value, list | Mapping):
        return f"{name} ({len(value):,})"
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return name
    text = dump_line(value).decode("utf-8")
    return f"{name}: {safe(text)}" if len(text) <= _LONGEST_VALUE else name
