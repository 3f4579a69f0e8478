"""A model's chat template: the Jinja program that turns messages into the text the model reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from fttui.core.errors import FttuiError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment


class ChatTemplate:
    """A chat template, run in a sandbox as the transformers library runs it.

    Args:
        source: The Jinja text.
        bos: The text of the begin token.
        eos: The text of the end token.

    Raises:
        FttuiError: The text is no Jinja template.
    """

    def __init__(self, source: str, *, bos: str, eos: str) -> None:
        from jinja2 import TemplateError

        self.source = source
        self.bos = bos
        self.eos = eos
        try:
            self._template: Template = _environment().from_string(source)
        except TemplateError as error:
            raise FttuiError(f"The model's chat template is broken: {error}.") from error

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        add_generation_prompt: bool,
        tools: Sequence[Mapping[str, Any]] | None = None,
    ) -> str:
        """The conversation as text; with a generation prompt it ends where the assistant is to speak.

        Raises:
            FttuiError: The template refuses these messages, or fails on them.
        """
        try:
            return self._template.render(
                messages=[dict(message) for message in messages],
                tools=[dict(tool) for tool in tools] if tools else None,
                add_generation_prompt=add_generation_prompt,
                bos_token=self.bos,
                eos_token=self.eos,
            )
        except Exception as error:  # a template is a program: it may fail in any way
            raise FttuiError(f"The model's chat template does not take this conversation: {error}.") from error

    def knows(self, word: str) -> bool:
        """Whether the template does something with e.g. ``tool_calls``."""
        return word in self.source


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    """Made like `transformers.utils.chat_template_utils._compile_jinja_template`, so that templates behave alike."""
    from jinja2.exceptions import TemplateError
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def raise_exception(message: str) -> NoReturn:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = lambda pattern: datetime.now().strftime(pattern)
    return environment


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Jinja's own filter escapes HTML; models were trained on plain JSON."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
