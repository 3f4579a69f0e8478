"""Rules about the calls of tools, and about the results that answer them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix
from fttui.checks.tools.calls import Call, Thread, Turn, new_id, tools_in, tools_of
from fttui.checks.traits import CALLS, LONG_IDS, TOOLS
from fttui.checks.words import holder_of, meant_by, quoted, type_name
from fttui.formats.lines import parse_value

_MISTRAL_ID: Final = re.compile(r"[A-Za-z0-9]{9}")


@check("tool-calls-not-list", needs=CALLS)
def calls_not_list(example: Example) -> Iterator[Found]:
    for path, message in _messages(example):
        calls = message.get("tool_calls")
        if calls is not None and not isinstance(calls, list):
            yield Found(
                f"tool_calls must be a list, but is {type_name(calls)}",
                (*path, "tool_calls"),
                is_fixable=_call_list(calls) is not None,
            )


@fix("tool-calls-not-list")
def make_call_list(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    calls = _call_list(holder[path[-1]])
    if calls is not None:
        holder[path[-1]] = calls


def _call_list(calls: Any) -> list[Any] | None:
    """The list that was meant: JSON of it, or a single call."""
    if isinstance(calls, str):
        calls = parse_value(calls.encode("utf-8", "replace")).value if calls.lstrip()[:1] in ("[", "{") else None
    if isinstance(calls, dict):
        return [calls] if "function" in calls or "name" in calls else None
    return calls if isinstance(calls, list) else None


@check("tool-calls-empty", needs=CALLS)
def empty_calls(example: Example) -> Iterator[Found]:
    for path, message in _messages(example):
        if "tool_calls" in message and message["tool_calls"] in (None, []):
            what = "null" if message["tool_calls"] is None else "an empty list"
            yield Found(f"tool_calls is {what}; leave the key out where nothing is called", (*path, "tool_calls"))


@fix("tool-calls-empty")
def delete_empty_calls(record: dict[str, Any], path: Path) -> None:
    del holder_of(record, path)[path[-1]]


@check("tool-calls-role", needs=CALLS)
def calls_of_another(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    for _, _, turn in found.turns if found is not None else ():
        if turn.calls and turn.role in ("system", "developer", "user", "tool", "function"):
            yield Found(f"only the assistant calls tools, not {quoted(turn.role)}", turn.calls[0].path)


@check("tool-call-malformed", needs=CALLS)
def malformed_call(example: Example) -> Iterator[Found]:
    for call in _new_calls(example):
        if not isinstance(call.value, dict):
            yield Found(f"a call must be an object, but is {type_name(call.value)}", call.path, is_fixable=False)
        elif call.value.get("type", "function") != "function":
            continue
        elif call.function is None:
            is_fixable = _whole_call(call.value) is not None
            at_top = "; its keys stand beside it" if is_fixable else ""
            yield Found(
                f"a call needs an object 'function' with the name and the arguments{at_top}",
                call.path,
                None,
                is_fixable,
            )
        elif not call.name:
            yield Found("a call needs the name of a function", call.function_path, is_fixable=False)
        elif "arguments" not in call.function:
            yield Found("a call needs arguments; for none, write '{}'", call.function_path)


@fix("tool-call-malformed")
def mend_call(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    if path[-1] == "function":
        holder["function"].setdefault("arguments", "{}")
        return
    whole = _whole_call(holder[path[-1]])
    if whole is not None:
        holder[path[-1]] = whole


def _whole_call(call: dict[str, Any]) -> dict[str, Any] | None:
    """The call as OpenAI writes it, of one whose name and arguments stand at the top; None: it is no such one."""
    if "function" in call or not isinstance(call.get("name"), str) or not call["name"]:
        return None
    function = {key: value for key, value in call.items() if key in ("name", "arguments")}
    function.setdefault("arguments", "{}")
    rest = {key: value for key, value in call.items() if key not in ("name", "arguments", "type")}
    return {**({"id": rest.pop("id")} if "id" in rest else {}), "type": "function", "function": function, **rest}


@check("tool-call-type", needs=CALLS)
def call_type(example: Example) -> Iterator[Found]:
    for call in _new_calls(example):
        if isinstance(call.value, dict) and call.function is not None and "type" not in call.value:
            yield Found('a call needs "type": "function"', call.path)
        elif isinstance(call.value, dict) and call.value.get("type", "function") != "function":
            kind = call.value["type"]
            shown = quoted(kind) if isinstance(kind, str) else type_name(kind)
            path = (*call.path, "type")
            yield Found(f"the type of a call must be 'function', but is {shown}", path, is_fixable=False)


@fix("tool-call-type")
def write_call_type(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    call = holder[path[-1]]
    start = {"id": call["id"]} if "id" in call else {}
    holder[path[-1]] = {**start, "type": "function", **call}


@check("tool-call-id-missing", needs=CALLS)
def missing_call_id(example: Example) -> Iterator[Found]:
    for call in _new_calls(example):
        if isinstance(call.value, dict) and not call.id:
            value = call.value.get("id")
            what = "has no id" if "id" not in call.value else f"has {_empty_or(value)} for an id"
            yield Found(f"the call of {quoted(call.name)} {what}, which its result refers to", call.path)


@fix("tool-call-id-missing")
def write_call_id(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    call = holder[path[-1]]
    name = _orphan_id(record, path) or new_id(record)
    holder[path[-1]] = {"id": name, **{key: value for key, value in call.items() if key != "id"}}


def _orphan_id(record: dict[str, Any], path: Path) -> str:
    """The id that a result after the call has, and no call: it is this one's, where results come in order. Or ""."""
    for thread in tools_in(record, path).threads:
        for index, turn in enumerate(thread.turns):
            if any(call.path == path for call in turn.calls):
                known = {call.id for call in turn.calls}
                orphans = (result.answers for result in thread.results_after(index))
                found = next((name for name in orphans if name and name not in known), "")
                if found:
                    return found
    return ""


@check("tool-call-id-duplicate", needs=CALLS)
def duplicate_call_id(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    for _, _, turn in found.turns if found is not None else ():
        if len(turn.calls) < 2:
            continue
        seen: set[str] = set()
        for call in turn.calls:
            if call.id in seen:
                yield Found(f"two calls of the message have the id {quoted(call.id)}", (*call.path, "id"))
            elif call.id:
                seen.add(call.id)


@fix("tool-call-id-duplicate")
def rename_call_id(record: dict[str, Any], path: Path) -> None:
    """Give the call a new id, and with it the result of the same rank among those that have the old one."""
    call = holder_of(record, path)
    old, new = call["id"], new_id(record)
    for thread in tools_in(record, path).threads:
        for index, turn in enumerate(thread.turns):
            same = [other.path for other in turn.calls if other.id == old]
            if path[:-1] in same:
                rank = same.index(path[:-1])
                results = [result for result in thread.results_after(index) if result.answers == old]
                if rank < len(results):
                    results[rank].message["tool_call_id"] = new
    call["id"] = new


@check("tool-call-id-shape", needs=LONG_IDS)
def shape_of_call_id(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        calls = message.get("tool_calls")
        for number, call in enumerate(calls) if isinstance(calls, list) else ():
            id_ = call.get("id") if isinstance(call, dict) else None
            if isinstance(id_, str) and id_ and not _MISTRAL_ID.fullmatch(id_):
                yield Found(f"the id {quoted(id_)} is not nine letters and digits", (*path, "tool_calls", number, "id"))


@fix("tool-call-id-shape")
def write_short_id(record: dict[str, Any], path: Path) -> None:
    """Give the call a new id, and all calls and results of the record that share the old one."""
    old, new = holder_of(record, path)["id"], new_id(record)
    holder_of(record, path)["id"] = new
    for _, _, turn in tools_in(record, path).turns:
        message = turn.message
        if message.get("tool_call_id") == old:
            message["tool_call_id"] = new
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict) and call.get("id") == old:
                call["id"] = new


@check("tool-call-unpaired", needs=CALLS)
def call_without_result(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    for thread, index, turn in found.turns if found is not None else ():
        is_last = index == len(thread.turns) - 1
        if not turn.calls or is_last or turn.role in ("system", "developer", "user"):
            continue
        results = thread.results_after(index)
        answered = {result.answers for result in results}
        nameless = sum(not result.answers for result in results)
        for call in turn.calls:
            if call.is_legacy or not call.id or call.id in answered:
                continue
            if nameless:  # a result without an id may be its; the rule about those has a word on it
                nameless -= 1
                continue
            text = f"no message of the role 'tool' after it has the tool_call_id {quoted(call.id)}"
            yield Found(f"the call of {quoted(call.name)} has no result: {text}", call.path)


@check("tool-result-unpaired", needs=CALLS)
def result_without_call(example: Example) -> Iterator[Found]:
    for thread, index, turn in _results(example):
        owner = thread.owner_of(index)
        calls = thread.turns[owner].calls if owner is not None else ()
        if not calls and (thread.is_answering_unread(index) or any(turn.calls for turn in thread.turns[:index])):
            continue  # what cannot be read, and what stands too far from its call, is for other rules
        if not calls:
            yield Found("no call before it is answered by this message of the role 'tool'", turn.path)
        elif turn.answers and turn.answers not in {call.id for call in calls} and all(call.id for call in calls):
            ids = ", ".join(quoted(call.id) for call in calls[:3])
            yield Found(
                f"the tool_call_id {quoted(turn.answers)} is none of the calls before it: {ids}",
                (*turn.path, "tool_call_id"),
            )


@check("tool-result-id-missing", needs=CALLS)
def result_without_id(example: Example) -> Iterator[Found]:
    for thread, index, turn in _results(example):
        if not turn.answers and thread.owner_of(index) is not None:
            what = (
                f"has {_empty_or(turn.message['tool_call_id'])} for one"
                if "tool_call_id" in turn.message
                else "has none"
            )
            yield Found(
                f"a message of the role 'tool' needs the tool_call_id of the call that it answers; this one {what}",
                turn.path,
                is_fixable=_open_call(thread, index) is not None,
            )


@fix("tool-result-id-missing")
def write_result_id(record: dict[str, Any], path: Path) -> None:
    for thread in tools_in(record, path).threads:
        for index, turn in enumerate(thread.turns):
            if turn.path == path:
                call = _open_call(thread, index)
                if call is not None:
                    turn.message["tool_call_id"] = call.value["id"] = call.id or new_id(record)
                return


def _open_call(thread: Thread, index: int) -> Call | None:
    """The call that the result at the index answers, which has no id: the calls left over are answered in order."""
    owner = thread.owner_of(index)
    if owner is None:
        return None
    results = thread.results_after(owner)
    taken = {result.answers for result in results}
    calls = [
        call for call in thread.turns[owner].calls if _can_be_named(call) and (not call.id or call.id not in taken)
    ]
    nameless = [result for result in results if not result.answers]
    for result in nameless:
        name = result.message.get("name")
        call = next((call for call in calls if call.name == name), calls[0] if calls else None)
        if result.path == thread.turns[index].path:
            return call
        if call is not None:
            calls.remove(call)
    return None


def _can_be_named(call: Call) -> bool:
    return not call.is_legacy and isinstance(call.value, dict)


@check("tool-unknown", needs=TOOLS | CALLS)
def unknown_tool(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is None or not found.calls:
        return
    known = _names(found.definitions())
    for call in found.calls if known else ():
        if call.name and call.name not in known:
            near = meant_by(call.name, known)
            ask = f"; did you mean {quoted(near)}?" if near else f"; defined are {_some(known)}"
            path = (*call.function_path, "name")
            is_fixable = near is not None and _is_slip(call.name, near)
            yield Found(f"{quoted(call.name)} is called, but no such tool is defined{ask}", path, None, is_fixable)


@fix("tool-unknown")
def write_known_tool(record: dict[str, Any], path: Path) -> None:
    function = holder_of(record, path)
    near = meant_by(function["name"], _names(tools_in(record, path).definitions()))
    if near is not None and _is_slip(function["name"], near):
        function["name"] = near


def _is_slip(name: str, known: str) -> bool:
    """Whether one was plainly typed for the other; ``get_user`` is none of ``set_user``, ``get_users``, ``get_user_2``.

    Other case or other separators, or a letter too few, too many or exchanged with its neighbour within a word.
    """
    if _letters(name) == _letters(known):
        return True
    short, long = sorted((name, known), key=len)
    if len(long) - len(short) == 1:
        at = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
        return short[at:] == long[at + 1 :] and long[at].isalpha() and _is_within_word(long, at)
    if len(long) != len(short) or sorted(short) != sorted(long):
        return False
    others = [at for at, letter in enumerate(short) if letter != long[at]]
    return len(others) == 2 and others[1] == others[0] + 1


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _is_within_word(name: str, at: int) -> bool:
    return 0 < at < len(name) - 1 and name[at - 1].isalpha() and name[at + 1].isalpha()


@check("tools-missing", needs=TOOLS | CALLS)
def missing_tools(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is not None and found.calls and not found.definitions() and not found.holder.get("tools"):
        called = dict.fromkeys(call.name for call in found.calls if call.name)
        if called:
            yield Found(f"{_some(called)} is called, but the example defines no tools", found.calls[0].path)


def _names(definitions: list[tuple[Path, dict[str, Any]]]) -> dict[str, None]:
    names = (function.get("name") for _, function in definitions)
    return dict.fromkeys(name for name in names if isinstance(name, str) and name)


def _some(names: dict[str, None]) -> str:
    shown = ", ".join(quoted(name) for name in list(names)[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown


def _empty_or(value: Any) -> str:
    return "an empty text" if value == "" else type_name(value)


def _messages(example: Example) -> list[tuple[Path, dict[str, Any]]]:
    found = tools_of(example)
    return [(turn.path, turn.message) for _, _, turn in found.turns] if found else []


def _new_calls(example: Example) -> list[Call]:
    """The calls in ``tool_calls``."""
    found = tools_of(example)
    return found.newer if found is not None else []


def _results(example: Example) -> Iterator[tuple[Thread, int, Turn]]:
    """The messages of the role ``tool``."""
    found = tools_of(example)
    return (place for place in (found.turns if found is not None else ()) if place[2].role == "tool")
