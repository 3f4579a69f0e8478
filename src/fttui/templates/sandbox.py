"""The sandbox that chat templates run in. A template is a program from a stranger's file, run for each conversation.

Jinja's own sandbox keeps it from the rest of Python, but not from running for ever or filling the memory: two loops in
one another, or a text doubled forty times, are enough. Here a template has what chat templates use, and nothing else:
some statements, filters, tests, functions and methods, each of which is known to be paid for out of an allowance.
Rounds of loops and calls are paid for by their time, texts and lists by their length, before they are made where they
may be long; what is walked through in one go (compared, hashed, sorted) is looked at first. So no value is ever larger
than the allowance, and nothing takes much longer than a moment between two looks at the clock.
Templates that models really have use a thousandth of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes, pass_environment
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fttui.templates import operations
from fttui.templates.allowance import size, spend, step, walk, written
from fttui.templates.filters import FILTERS, TESTS

if TYPE_CHECKING:
    from jinja2.compiler import Frame
    from jinja2.environment import Environment
    from jinja2.parser import Parser
    from jinja2.runtime import Context

_STATEMENTS: Final = (
    nodes.Assign, nodes.AssignBlock, nodes.Break, nodes.CallBlock, nodes.Continue, nodes.FilterBlock, nodes.For,
    nodes.If, nodes.Macro, nodes.Output, nodes.Scope, nodes.With,
)  # fmt: skip
_LOOP: Final = frozenset((
    "cycle", "depth", "depth0", "first", "index", "index0", "last", "length", "nextitem", "previtem", "revindex",
    "revindex0",
))  # fmt: skip
"""What there is of ``loop``."""
_HIDDEN: Final = frozenset(("kwargs", "self", "varargs"))
"""Names that Jinja fills in by itself. Whatever is in them, nobody paid for."""


class _Generation(Extension):
    """``{% generation %}``, which marks what the model is to write; it is written as if there were no mark."""

    tags = {"generation"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True)).set_lineno(line)


class _Generator(CodeGenerator):
    """Generates templates that pay for what Jinja does without asking anybody: ``a ~ b``, ``==``, lists, slices."""

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        self.write("environment.compared(")
        self.visit(node.expr, frame)
        for operand in node.ops:
            self.write(f", {operand.op!r}, ")
            self.visit(operand.expr, frame)
        self.write(")")

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
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[loopcontrols, _Generation],
            optimized=False,  # nothing is computed while a template is compiled
            finalize=_written_out,
        )
        self.filters = dict(FILTERS)
        self.tests = dict(TESTS)
        self.globals = {
            "dict": operations.new_dict,
            "namespace": operations.TemplateNamespace,
            "raise_exception": operations.raise_exception,
            "range": operations.numbers,
            "strftime_now": operations.strftime_now,
        }

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        for node in parsed.find_all((nodes.Stmt, nodes.Name)):
            if isinstance(node, nodes.Stmt) and not isinstance(node, _STATEMENTS):
                raise TemplateError(f"it uses {{% {type(node).__name__.lower()} %}}, which chat templates do not")
            if isinstance(node, nodes.Name) and node.name in _HIDDEN:
                raise TemplateError(f"it uses '{node.name}', which chat templates do not")
        for call in parsed.find_all((nodes.Call, nodes.Filter, nodes.Test)):
            if isinstance(call, nodes.Call | nodes.Filter | nodes.Test) and call.dyn_args is not None:  # f(*values)
                call.dyn_args = nodes.Filter(call.dyn_args, "list", [], [], None, None, lineno=call.lineno)
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

    def compared(self, left: Any, *rest: Any) -> bool:
        """``left == right``, and chains of such."""
        result = True
        for name, right in zip(rest[::2], rest[1::2], strict=True):
            result = operations.compare(name, left, right)
            if not result:
                break
            left = right
        return result

    def getitem(self, obj: Any, argument: Any) -> Any:
        """``obj[argument]``."""
        walk(argument)
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only what templates need."""
        if isinstance(obj, operations.TemplateNamespace):
            return not attr.startswith("_")
        if isinstance(obj, LoopContext):
            return attr in _LOOP
        return any(isinstance(obj, kind) and attr in names for kind, names in operations.METHODS.items())

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
        """Pay for a call; for a method before it is made."""
        value = getattr(obj, "__self__", None)
        if isinstance(value, tuple(operations.METHODS)):
            args = operations.pay_for_method(value, getattr(obj, "__name__", ""), args, kwargs)
        spend(size(args))
        result = super().call(context, obj, *args, **kwargs)
        spend(size(result))
        return result


@pass_environment
def _written_out(environment: Environment, value: Any) -> Any:
    """Pay for a value that is written out as text."""
    if not isinstance(value, str):
        spend(written(value))
    return value
