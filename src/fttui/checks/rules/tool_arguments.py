"""Rules about the arguments of a call: a text with a JSON object that matches the tool's schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fttui.checks.model import Example, Found, Path, show_path
from fttui.checks.table import check, fix
from fttui.checks.tools.arguments import Fault, read_arguments
from fttui.checks.tools.calls import tools_of
from fttui.checks.tools.schemas import LONGEST, schema_of
from fttui.checks.traits import ARGUMENTS, TOOLS
from fttui.checks.words import holder_of, quoted


@check("tool-arguments-type", needs=ARGUMENTS)
def type_of_arguments(example: Example) -> Iterator[Found]:
    return _faults(example, "type")


@check("tool-arguments-not-json", needs=ARGUMENTS)
def arguments_not_json(example: Example) -> Iterator[Found]:
    return _faults(example, "json")


@check("tool-arguments-doubly-encoded", needs=ARGUMENTS)
def doubly_encoded(example: Example) -> Iterator[Found]:
    return _faults(example, "encoded")


@check("tool-arguments-not-object", needs=ARGUMENTS)
def arguments_no_object(example: Example) -> Iterator[Found]:
    return _faults(example, "object")


@fix("tool-arguments-type")
@fix("tool-arguments-not-json")
@fix("tool-arguments-doubly-encoded")
@fix("tool-arguments-not-object")
def write_arguments(record: dict[str, Any], path: Path) -> None:
    function = holder_of(record, path)
    meant = read_arguments(function["arguments"]).meant
    if meant is not None:
        function["arguments"] = meant


@check("tool-arguments-schema", needs=TOOLS | ARGUMENTS)
def arguments_against_schema(example: Example) -> Iterator[Found]:
    found = tools_of(example)
    if found is None or not found.calls:
        return
    functions: dict[str, Any] = {}
    for _, function in found.definitions():
        name = function.get("name")
        if isinstance(name, str) and "parameters" in function:
            functions.setdefault(name, function["parameters"])
    for call, read in found.arguments():
        if read.value is None or read.length > LONGEST or call.name not in functions:
            continue
        mismatch = schema_of(functions[call.name]).mismatch(read.value)
        if mismatch is not None:
            where = show_path(("arguments", *mismatch.path))
            text = f"the call of {quoted(call.name)} does not match its schema: {where} {mismatch.reason}"
            yield Found(text, (*call.function_path, "arguments"))


def _faults(example: Example, fault: Fault) -> Iterator[Found]:
    found = tools_of(example)
    for call, read in found.arguments() if found is not None else ():
        if read.fault == fault:
            text = f"the arguments of {quoted(call.name)} {read.reason}"
            path: Path = (*call.function_path, "arguments")
            yield Found(text, path, is_fixable=read.meant is not None)
