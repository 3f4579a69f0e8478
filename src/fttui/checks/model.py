"""The words of the checks: a rule, what a rule found, and an issue of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from fttui.formats.kinds import Kind

Severity: TypeAlias = Literal["error", "warning", "info"]
Scope: TypeAlias = Literal["line", "record", "file"]
FixKind: TypeAlias = Literal["necessary", "recommended"]
Path: TypeAlias = tuple[str | int, ...]
Target: TypeAlias = str

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: What it is called everywhere: ``role-unknown``.
        scope: What it looks at: the bytes of a line, a record, or the whole file.
        severity: How bad it is as a rule.
        severities: How bad it is for targets for which that differs.
        targets: For whom it is a rule at all; empty: for all.
        kinds: The kinds of files that it is for; empty: for all.
        title: A few words.
        why: What happens when it is not kept; for the person who asks.
        fix: Whether a fix is needed to train, or only good to have; None: there is no automatic one.
        fix_text: What the fix does; "" without one.
        failing: Lines that break it, and no other rule of the severity error.
        passing: Lines that keep it, and every other rule of the severity error.
    """

    id: str
    scope: Scope
    severity: Severity
    title: str
    why: str
    severities: Mapping[Target, Severity]
    targets: frozenset[Target]
    kinds: frozenset[Kind]
    fix: FixKind | None
    fix_text: str
    failing: tuple[str, ...]
    passing: tuple[str, ...]

    def severity_for(self, target: Target) -> Severity | None:
        """How bad it is for a target; None when it is no rule there."""
        if self.targets and target not in self.targets:
            return None
        return self.severities.get(target, self.severity)


class Found(NamedTuple):
    """A place where a rule is not kept.

    Attributes:
        message: What is wrong here, as a clause without a full stop, with what to do where that is not plain. It may
            quote data: whoever shows it makes it safe.
        path: Where in the record; () is the record itself.
        targets: For whom; None: for all for whom the rule is one.
        is_fixable: Whether the rule's fix can mend this place.
        column: Of a line that is no record: the character, from 1.
    """

    message: str
    path: Path = ()
    targets: tuple[Target, ...] | None = None
    is_fixable: bool = True
    column: int | None = None


class Issue(NamedTuple):
    """Something that is not right in a file, for somebody's targets.

    Attributes:
        line: From 1; None when it is about the file.
        rule: The id.
        severity: The worst for the targets that were asked about.
        message: As in `Found`.
        path: As in `Found`.
        is_fixable: Whether there is a fix for it.
        targets: Those of the targets that were asked about for whom it holds.
        column: As in `Found`.
    """

    line: int | None
    rule: str
    severity: Severity
    message: str
    path: Path
    is_fixable: bool
    targets: tuple[Target, ...]
    column: int | None = None


def show_path(path: Path) -> str:
    """``messages[2].role``; a key that is no name in brackets and quotes."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif key.isidentifier():
            parts.append(f".{key}" if parts else key)
        else:
            parts.append(f"[{key!r}]")
    return "".join(parts)


@dataclass(slots=True)
class Example:
    """A record as the rules of the scope ``record`` see it.

    Attributes:
        record: As `fttui.formats.lines.parse_line` reads it.
        kind: What it is meant to be: the kind of its file.
        size: Bytes of its line; 0 when there is none yet.
        model: The model whose limits count; None: the one that each target names.
        kept: What rules found out that others ask again, by a name.
    """

    record: dict[str, Any]
    kind: Kind
    size: int = 0
    model: str | None = None
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    # kept, because many rules ask in turn
    _messages: list[tuple[Path, dict[str, Any]]] | None = field(default=None, init=False, repr=False, compare=False)
    _parts: list[tuple[Path, dict[str, Any], Any]] | None = field(default=None, init=False, repr=False, compare=False)

    def conversations(self) -> list[tuple[Path, list[Any]]]:
        """The lists of messages in it, each with its path; what is no list is left out."""
        found: list[tuple[Path, Any]]
        if self.kind == "preference":
            found = [(("input", "messages"), _at(self.record.get("input"), "messages"))]
            found += [((key,), self.record.get(key)) for key in _SIDES if key in self.record]
        else:
            found = [(("messages",), self.record.get("messages"))]
        return [(path, messages) for path, messages in found if isinstance(messages, list)]

    def messages(self) -> list[tuple[Path, dict[str, Any]]]:
        """All messages in it that are objects, each with its path."""
        if self._messages is None:
            self._messages = [
                ((*path, number), message)
                for path, messages in self.conversations()
                for number, message in enumerate(messages)
                if isinstance(message, dict)
            ]
        return self._messages

    def parts(self) -> list[tuple[Path, dict[str, Any], Any]]:
        """All parts of contents that are lists: the path, the message, the part, which may be anything."""
        if self._parts is None:
            self._parts = [
                ((*path, "content", number), message, part)
                for path, message in self.messages()
                if isinstance(message.get("content"), list)
                for number, part in enumerate(message["content"])
            ]
        return self._parts


_SIDES: Final = ("preferred_output", "preferred_completion", "non_preferred_output", "non_preferred_completion")


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None
