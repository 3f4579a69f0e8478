"""The text of an example as its model sees it, and which parts of it are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fttui.core.errors import FttuiError
from fttui.templates.chat_template import ChatTemplate
from fttui.templates.conversation import Conversation, conversation_of, is_plain_completion


@dataclass(frozen=True, slots=True)
class RenderedExample:
    """An example as text. ``spans`` are the trained parts, [start, end) in characters, in order, none overlapping."""

    text: str
    spans: list[tuple[int, int]]


def render_example(template: ChatTemplate, record: Mapping[str, Any]) -> RenderedExample:
    """Render a chat or prompt/completion record.

    What is trained on is what the assistant is to write: its text and the end token behind it, for each assistant
    message whose ``weight`` is not 0. A plain prompt and its completion are read as they stand, one behind the other,
    with nothing of the template but the end token: separators and stop texts are the file's own affair.

    Raises:
        FttuiError: The record is no example, the template refuses it, or it cannot be told where an answer lies in it.
    """
    if is_plain_completion(record):
        prompt, written = record["prompt"], record["completion"] + template.eos
        return RenderedExample(prompt + written, [(len(prompt), len(prompt) + len(written))])
    conversation = conversation_of(record, template)
    text = template.render(conversation.messages, add_generation_prompt=False, tools=conversation.tools)
    spans = _spans_by_turns(template, conversation, text)
    return RenderedExample(text, _spans_by_search(template, conversation, text) if spans is None else spans)


def _spans_by_turns(template: ChatTemplate, conversation: Conversation, text: str) -> list[tuple[int, int]] | None:
    """Spans as what each turn adds to the text; None when the template does not write one turn behind the other."""
    spans = []
    for position in sorted(conversation.trained):
        before = _render(template, conversation, position, prompt=True)
        after = _render(template, conversation, position + 1, prompt=False)
        if before is None or after is None or not text.startswith(after) or not after.startswith(before):
            return None
        spans.append((len(before), _end_of_turn(after, len(before), template.eos)))
    return spans


def _render(template: ChatTemplate, conversation: Conversation, count: int, *, prompt: bool) -> str | None:
    """The first ``count`` messages; None when the template does not take a conversation that stops there."""
    try:
        return template.render(conversation.messages[:count], add_generation_prompt=prompt, tools=conversation.tools)
    except FttuiError:
        return None


def _end_of_turn(text: str, start: int, eos: str) -> int:
    """Where a turn that runs to the end of ``text`` is over: behind its end token; what follows is never generated."""
    end = text.rfind(eos, start) if eos else -1
    return len(text) if end < 0 else end + len(eos)


def _spans_by_search(template: ChatTemplate, conversation: Conversation, text: str) -> list[tuple[int, int]]:
    """Spans by finding each message's text behind the one before it (templates that rewrite earlier turns)."""
    spans = []
    position = 0
    for index, message in enumerate(conversation.messages):
        content = message["content"].strip()
        start = text.find(content, position) if content else -1
        if start < 0:
            if index in conversation.trained:
                raise FttuiError("The model's chat template leaves out an answer, so it cannot be trained on.")
            continue
        position = start + len(content)
        if index in conversation.trained:
            is_ended = template.eos and text.startswith(template.eos, position)
            spans.append((start, position + len(template.eos) if is_ended else position))
    return spans
