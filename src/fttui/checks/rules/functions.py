"""Functions as they were called before there were tools: ``functions``, ``function_call`` and the role ``function``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix
from fttui.checks.tools.calls import Thread, new_id, tools_in, tools_of
from fttui.checks.traits import ODD
from fttui.checks.words import holder_of


@check("functions-legacy", needs=ODD)
def legacy_functions(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is None:
        return
    if "functions" in found.holder or "function_call" in found.holder:
        key = "functions" if "functions" in found.holder else "function_call"
        is_fixable = _has_plain_functions(found.holder) and all(map(_is_mendable, found.threads))
        yield Found(f"{key} is the older way to give tools", (*found.path, key), is_fixable=is_fixable)
        return
    for _, _, turn in found.turns:
        if "function_call" in turn.message or turn.role == "function":
            path = (*turn.path, "function_call" if "function_call" in turn.message else "role")
            what = "function_call is" if "function_call" in turn.message else "the role 'function' is"
            is_fixable = all(map(_is_mendable, found.threads))
            yield Found(f"{what} the older way to call tools", path, is_fixable=is_fixable)
            return


@fix("functions-legacy")
def write_tools(record: dict[str, Any], path: Path) -> None:
    """Mend the whole record: definitions, calls and results belong together."""
    found = tools_in(record, path)
    holder = holder_of(record, (*found.path, "tools"))
    for thread in found.threads:
        _mend_thread(record, thread)
    items = []
    for key, value in holder.items():
        if key == "functions" and isinstance(value, list):
            items.append(("tools", _tools(holder)))
        elif key == "function_call":
            items.append(("tool_choice", _choice(value)))
        elif key != "tools" or "functions" not in holder:
            items.append((key, value))
    holder.clear()
    holder.update((key, value) for key, value in items if value is not None)


def _has_plain_functions(holder: Any) -> bool:
    functions, choice = holder.get("functions", []), holder.get("function_call")
    if not isinstance(functions, list) or not isinstance(holder.get("tools") or [], list) or "tool_choice" in holder:
        return False
    return choice is None or isinstance(choice, str | dict)  # a list may be somebody's answer under a wrong name


def _tools(holder: dict[str, Any]) -> list[Any]:
    tools = [{"type": "function", "function": function} for function in holder["functions"]]
    return [*(holder.get("tools") or []), *tools]


def _choice(value: Any) -> Any:
    if isinstance(value, dict):
        return {"type": "function", "function": {"name": value.get("name")}}
    return value if value in ("none", "auto") else None


def _is_mendable(thread: Thread) -> bool:
    """Whether each old result follows an old call, and no message calls in both ways."""
    for index, turn in enumerate(thread.turns):
        before = thread.turns[index - 1].message if index else {}
        if turn.role == "function" and not isinstance(before.get("function_call"), dict):
            return False
        call = turn.message.get("function_call")
        if call is not None and (not isinstance(call, dict) or turn.message.get("tool_calls")):
            return False
    return True


def _mend_thread(record: dict[str, Any], thread: Thread) -> None:
    last_id = ""
    for turn in thread.turns[thread.start :]:
        message = turn.message
        if turn.role == "function" and last_id:
            message["role"] = "tool"
            message.pop("name", None)  # the id says whose result it is
            message["tool_call_id"] = last_id
        last_id = ""
        if "function_call" not in message:
            continue
        call = message["function_call"]
        if call is None:
            del message["function_call"]
            continue
        last_id = new_id(record)
        items = [
            ("tool_calls", [{"id": last_id, "type": "function", "function": call}]) if key == "function_call" else pair
            for pair in message.items()
            if (key := pair[0]) != "tool_calls"
        ]
        message.clear()
        message.update(items)
