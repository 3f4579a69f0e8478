"""The sandbox that chat templates run in. A template is a program from a stranger's file, run for each conversation.

Jinja's own sandbox keeps it from the rest of Python, but not from running for ever or filling the memory: two loops in
one another, or a text doubled forty times, are enough. Here all that a template does is paid for out of an allowance:
rounds of loops and calls by their time, texts and lists by their length, before they are made where they may be long.
Templates that models really have use a thousandth of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fttui.templates import operations
from fttui.templates.allowance import size, spend, step, written

if TYPE_CHECKING:
    from jinja2.compiler import Frame
    from jinja2.runtime import Context

_METHODS: Final[Mapping[type, frozenset[str]]] = {
    str: operations.STRETCHING
    | {
        "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii", "isdecimal",
        "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "lower", "lstrip", "partition",
        "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split",
        "splitlines", "startswith", "strip", "swapcase", "title", "upper",
    },
    dict: frozenset(("copy", "get", "items", "keys", "values")),
    list: frozenset(("copy", "count", "index")),
    tuple: frozenset(("count", "index")),
}  # fmt: skip
"""What templates may call of values. Other values of Python's own have nothing that they need."""
_TEXT_FILTERS: Final = frozenset((
    "capitalize", "e", "escape", "float", "forceescape", "indent", "int", "join", "lower", "replace", "round", "string",
    "striptags", "title", "tojson", "trim", "truncate", "upper", "urlencode", "wordcount",
))  # fmt: skip
"""They write their value as text first."""
_OTHER_FILTERS: Final = frozenset((
    "abs", "attr", "count", "d", "default", "dictsort", "first", "groupby", "items", "last", "length", "list", "map",
    "max", "min", "reject", "rejectattr", "reverse", "safe", "select", "selectattr", "sort", "sum", "unique",
))  # fmt: skip


class _Generator(CodeGenerator):
    """Generates templates that pay for what Jinja makes without asking anybody: ``a ~ b``, lists, slices."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:
        self._paid("made", super().visit_List, node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:
        self._paid("made", super().visit_Dict, node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:
        if node.ctx == "load":
            self._paid("made", super().visit_Tuple, node, frame)
        else:
            super().visit_Tuple(node, frame)

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        if isinstance(node.arg, nodes.Slice):
            self._paid("cut", super().visit_Getitem, node, frame)
        else:
            super().visit_Getitem(node, frame)

    def _paid(self, how: str, visit: Callable[[Any, Frame], None], node: nodes.Node, frame: Frame) -> None:
        self.write(f"environment.{how}(")
        visit(node, frame)
        self.write(")")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Made like `transformers.utils.chat_template_utils._compile_jinja_template`, so that templates behave alike.

    Templates are compiled and rendered within an `allowance.allowance`.
    """

    code_generator_class = _Generator
    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols], finalize=_written_out)
        known = {
            **self.filters,
            "indent": operations.indent,
            "join": operations.join,
            "replace": operations.replace,
            "tojson": operations.to_json,
        }
        self.filters = {
            name: operations.paid_filter(known[name], of_text=name in _TEXT_FILTERS)
            for name in _TEXT_FILTERS | _OTHER_FILTERS
        }
        del self.globals["lipsum"]
        self.globals |= {
            "range": operations.numbers,
            "raise_exception": operations.raise_exception,
            "strftime_now": operations.strftime_now,
        }

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        for loop in list(parsed.find_all(nodes.For)):
            pay = nodes.Call(nodes.EnvironmentAttribute("round"), [], [], None, None)
            loop.body.insert(0, nodes.ExprStmt(pay).set_lineno(loop.lineno))
        return parsed

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """Put texts together: what blocks, macros and the whole template wrote."""
        texts = list(parts)
        spend(sum(map(len, texts)))
        return "".join(texts)

    def round(self) -> None:
        """Pay for a round of a loop."""
        step()

    def joined(self, parts: Sequence[Any]) -> str:
        """``a ~ b``."""
        spend(sum(map(written, parts)))
        return "".join(map(str, parts))

    def made(self, value: Any) -> Any:
        """Pay for a list with all that is in it: lists of lists grow fast."""
        spend(written(value))
        return value

    def cut(self, value: Any) -> Any:
        """Pay for a slice."""
        spend(size(value))
        return value

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only what templates need of Python's own values."""
        kind = next((kind for kind in _METHODS if isinstance(obj, kind)), None)
        if kind is not None:
            return attr in _METHODS[kind]
        is_plain = isinstance(obj, int | float | complex | bytes | range)
        return not is_plain and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Pay for ``"…".format(…)``."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        def paid(*args: Any, **kwargs: Any) -> str:
            operations.pay_for_format(value.__self__, (*args, *kwargs.values()))
            return wrapped(*args, **kwargs)

        return paid

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Pay for the result before it is made."""
        operations.pay_for_operator(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Pay for a call; for a method that may make a long text before it does."""
        text = getattr(obj, "__self__", None)
        if isinstance(text, str):
            args = operations.pay_for_method(text, getattr(obj, "__name__", ""), args, kwargs)
        step()
        result = super().call(context, obj, *args, **kwargs)
        spend(written(result) if obj is dict else size(result))
        return result


def _written_out(value: Any) -> Any:
    """Pay for a value that is written out as text."""
    if not isinstance(value, str):
        spend(written(value))
    return value
