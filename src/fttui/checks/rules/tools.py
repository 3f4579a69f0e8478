"""Rules about the tools that an example defines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, file_check, fix
from fttui.checks.tools.calls import tools_of
from fttui.checks.tools.schemas import schema_of
from fttui.checks.tools.schemas_plain import mended
from fttui.checks.tools.toolbox import MOST_TOOLS, NAME
from fttui.checks.traits import CALLS, TOOLS
from fttui.checks.whole.facts import FileFacts
from fttui.checks.words import holder_of, names_of, quoted, takers_that, type_name
from fttui.formats.lines import parse_value

_SHOWN: Final = 6


@check("tools-not-list", needs=TOOLS)
def tools_not_list(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is None or "tools" not in found.holder:
        return
    tools = found.holder["tools"]
    if not isinstance(tools, list):
        is_fixable = tools is None or _tool_list(tools) is not None
        yield Found(f"tools must be a list, but is {type_name(tools)}", (*found.path, "tools"), is_fixable=is_fixable)


@fix("tools-not-list")
def make_tool_list(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    tools = _tool_list(holder["tools"])
    if holder["tools"] is None:
        del holder["tools"]
    elif tools is not None:
        holder["tools"] = tools


def _tool_list(tools: Any) -> list[Any] | None:
    """The list that was meant: JSON of it, as tables keep it, or a single tool."""
    if isinstance(tools, str):
        tools = parse_value(tools.encode("utf-8", "replace")).value if tools.lstrip()[:1] in ("[", "{") else None
    if isinstance(tools, dict):
        return [tools] if "function" in tools or "name" in tools else None
    return tools if isinstance(tools, list) else None


@check("tool-malformed", needs=TOOLS)
def malformed_tool(example: Example) -> Iterator[Found]:
    for path, tool in _tools(example):
        if not isinstance(tool, dict):
            yield Found(f"a tool must be an object, but is {type_name(tool)}", path, is_fixable=False)
            continue
        if tool.get("type", "function") != "function":
            continue
        function = tool.get("function")
        is_fixable = _whole_tool(tool) is not None
        if not isinstance(function, dict):
            at_top = "; its keys stand beside it" if isinstance(tool.get("name"), str) else ""
            yield Found(
                f"a tool needs an object 'function' with its name and parameters{at_top}", path, None, is_fixable
            )
        elif "type" not in tool:
            yield Found('a tool needs "type": "function"', path, None, is_fixable)
        elif not isinstance(function.get("name"), str) or not function["name"]:
            yield Found("a tool needs a name", (*path, "function"), is_fixable=False)


@fix("tool-malformed")
def mend_tool(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    whole = _whole_tool(holder[path[-1]])
    if whole is not None:
        holder[path[-1]] = whole


def _whole_tool(tool: dict[str, Any]) -> dict[str, Any] | None:
    """The tool as OpenAI writes it: of one whose keys stand at the top, or that has no type. None: nobody can tell."""
    if isinstance(tool.get("function"), dict):
        return {"type": "function", **tool} if "type" not in tool else None
    if "function" in tool or not isinstance(tool.get("name"), str):
        return None
    names = {"input_schema": "parameters", "inputSchema": "parameters"}  # as Anthropic and MCP call them
    function = {names.get(key, key): value for key, value in tool.items() if key != "type"}
    if len(function) < len(tool.keys() - {"type"}):
        return None  # two schemas: one of them would be lost
    return {"type": "function", "function": function}


@check("tool-type", needs=TOOLS)
def tool_type(example: Example) -> Iterator[Found]:
    for path, tool in _tools(example):
        if isinstance(tool, dict) and tool.get("type", "function") != "function":
            kind = tool["type"]
            shown = quoted(kind) if isinstance(kind, str) else type_name(kind)
            yield Found(f"the type of a tool must be 'function', but is {shown}", (*path, "type"))


@check("tool-name", needs=TOOLS | CALLS)
def tool_name(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is None:
        return
    for path, function in found.definitions():
        name = function.get("name")
        if isinstance(name, str) and name and not NAME.fullmatch(name):
            yield Found(_about_name(name), (*path, "name"))
    if not found.definitions():
        for call in found.calls:
            if call.name and not NAME.fullmatch(call.name):
                yield Found(_about_name(call.name), (*call.function_path, "name"))


def _about_name(name: str) -> str:
    if len(name) > 64:
        return f"the name {quoted(name)} of a tool is {len(name)} characters long; 64 are taken"
    return f"the name {quoted(name)} of a tool has characters other than letters, digits, _ and -"


@check("tool-duplicate", needs=TOOLS)
def duplicate_tool(example: Example) -> Iterator[Found]:
    seen: dict[str, tuple[Path, Any]] = {}
    for path, tool in _tools(example):
        function = tool.get("function") if isinstance(tool, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(name, str) or not name:
            continue
        if name in seen:
            first, other = seen[name]
            is_same = tool == other
            how = "the same" if is_same else "another one"
            yield Found(
                f"the tool {quoted(name)} is defined before, {how}, as number {int(first[-1]) + 1}", path, None, is_same
            )
        else:
            seen[name] = (path, tool)


@fix("tool-duplicate")
def delete_tool(record: dict[str, Any], path: Path) -> None:
    del holder_of(record, path)[path[-1]]


@check("tools-too-many", needs=TOOLS)
def too_many_tools(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    for key in ("tools", "functions") if found is not None else ():
        tools = found.holder.get(key) if found else None
        if isinstance(tools, list) and len(tools) > MOST_TOOLS:
            yield Found(f"{len(tools)} {key}; {MOST_TOOLS} are taken", (*found.path, key) if found else ())


@check("tool-schema-invalid", needs=TOOLS)
def invalid_schema(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    for path, function in found.definitions() if found is not None else ():
        if "parameters" not in function:
            continue
        fault = schema_of(function["parameters"]).fault
        if fault is not None:
            name = function.get("name")
            whose = f" of {quoted(name)}" if isinstance(name, str) else ""
            is_fixable = schema_of(_mended_parameters(function["parameters"])).fault is None
            yield Found(f"the parameters{whose}: {fault}", (*path, "parameters"), is_fixable=is_fixable)


@fix("tool-schema-invalid")
def mend_schema(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    holder["parameters"] = _mended_parameters(holder["parameters"])


def _mended_parameters(parameters: Any) -> Any:
    return {"type": "object", "properties": {}} if parameters is None else mended(parameters)


@check("tools-not-taken", needs=TOOLS | CALLS)
def tools_not_taken(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    without = takers_that(example.kind, lambda limits: not limits.tools)
    if found is not None and without and (found.calls or found.definitions()):
        where = (
            found.calls[0].path if found.calls else (*found.path, "tools" if "tools" in found.holder else "functions")
        )
        yield Found(f"{names_of(without)} documents tools for some of its models only", where, without)


@file_check("tool-never-called")
def never_called(facts: FileFacts) -> Iterator[tuple[int | None, Found]]:
    idle = facts.block.tools.never_called()
    if idle:
        shown = ", ".join(quoted(name) for name in list(idle)[:_SHOWN])
        more = f" and {len(idle) - _SHOWN} more" if len(idle) > _SHOWN else ""
        known = len(facts.block.tools.defined)
        yield min(idle.values()), Found(f"{len(idle)} of {known} tools are never called in the file: {shown}{more}")


@check("parallel-tool-calls-type", needs=TOOLS)
def parallel_type(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is not None and "parallel_tool_calls" in found.holder:
        value = found.holder["parallel_tool_calls"]
        if not isinstance(value, bool):
            yield Found(
                f"parallel_tool_calls must be true or false, but is {type_name(value)}",
                (*found.path, "parallel_tool_calls"),
                is_fixable=value is None or _truth(value) is not None,
            )


@fix("parallel-tool-calls-type")
def mend_parallel(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    value = holder[path[-1]]
    if value is None:
        del holder[path[-1]]
    elif (truth := _truth(value)) is not None:
        holder[path[-1]] = truth


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else None


@check("parallel-tool-calls-off", needs=CALLS)
def parallel_off(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is None or found.holder.get("parallel_tool_calls") is not False:
        return
    for _, _, turn in found.turns:
        if len(turn.calls) > 1:
            text = f"{len(turn.calls)} calls at once, but parallel_tool_calls is false"
            yield Found(text, (*turn.path, "tool_calls"))


def _tools(example: Example) -> list[tuple[Path, Any]]:
    """What stands in the list of tools, each with its path."""
    found = tools_of(example)
    tools = found.holder.get("tools") if found is not None else None
    if found is None or not isinstance(tools, list):
        return []
    return [((*found.path, "tools", number), tool) for number, tool in enumerate(tools)]
