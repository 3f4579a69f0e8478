"""A model's chat template: the Jinja program that turns messages into the text the model reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import FttuiError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_MOST_SOURCE: Final = 100_000
"""Characters; the longest templates in use have some 20,000."""
_MOST_REASON: Final = 300


class ChatTemplate:
    """A chat template, run in a sandbox as the transformers library runs it.

    Args:
        source: The Jinja text.
        bos: The text of the begin token.
        eos: The text of the end token.

    Raises:
        FttuiError: The text is no Jinja template, or does what no chat template has to.
    """

    def __init__(self, source: str, *, bos: str, eos: str) -> None:
        from fttui.templates.allowance import allowance

        self.source = source
        self.bos = bos
        self.eos = eos
        if len(source) > _MOST_SOURCE:
            raise FttuiError(f"The model's chat template is broken: it has {len(source):,} characters.")
        try:
            with allowance(len(source)):
                self._template: Template = _environment().from_string(source)
        except Exception as error:  # a template is a program: compiling it may fail in any way
            raise FttuiError(f"The model's chat template is broken: {_reason(error)}.") from error

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        add_generation_prompt: bool,
        tools: Sequence[Mapping[str, Any]] | None = None,
    ) -> str:
        """The conversation as text; with a generation prompt it ends where the assistant is to speak.

        Raises:
            FttuiError: The template refuses these messages, fails on them, or does more than a template has to.
        """
        from fttui.templates.allowance import allowance, size_of

        try:
            with allowance(size_of([*messages, *(tools or ())])):
                return self._template.render(
                    messages=[dict(message) for message in messages],
                    tools=[dict(tool) for tool in tools] if tools else None,
                    add_generation_prompt=add_generation_prompt,
                    bos_token=self.bos,
                    eos_token=self.eos,
                )
        except Exception as error:  # a template is a program: it may fail in any way
            raise FttuiError(f"The model's chat template does not take this conversation: {_reason(error)}.") from error

    def knows(self, word: str) -> bool:
        """Whether the template does something with e.g. ``tool_calls``."""
        return word in self.source


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    from fttui.templates.sandbox import BoundedEnvironment

    return BoundedEnvironment()


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return one_line(str(error), _MOST_REASON).rstrip(".") or type(error).__name__
