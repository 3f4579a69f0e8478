"""The chat templates of some families of models, short: without what they do with tools or add by themselves.

They show about what such a model reads; tools are told of as `tool_text` does.
The local backend trains with the template in the model's own file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fttui.templates.chat_template import ChatTemplate


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """A family's template.

    Attributes:
        name: What the form is called.
        source: The Jinja text.
        bos: The text of the begin token.
        eos: The text of the token that ends a turn.
        marks: Finds the texts that are one token each.
    """

    name: str
    source: str
    bos: str
    eos: str
    marks: re.Pattern[str]

    def template(self) -> ChatTemplate:
        """Ready to render."""
        return _compiled(self.source, self.bos, self.eos)


@lru_cache(maxsize=8)
def _compiled(source: str, bos: str, eos: str) -> ChatTemplate:
    return ChatTemplate(source, bos=bos, eos=eos)


_CHATML: Final = KnownTemplate(
    "ChatML",
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "",
    "<|im_end|>",
    re.compile(r"<\|im_(?:start|end)\|>"),
)
_LLAMA: Final = KnownTemplate(
    "Llama 3",
    "{{ bos_token }}{% for m in messages %}"
    "{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\n\n' + m.content | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "<|begin_of_text|>",
    "<|eot_id|>",
    re.compile(r"<\|(?:begin_of_text|start_header_id|end_header_id|eot_id)\|>"),
)
_MISTRAL: Final = KnownTemplate(
    "Mistral",
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}{{ m.content + eos_token }}"
    "{% elif m.role == 'system' %}{{ '[SYSTEM_PROMPT]' + m.content + '[/SYSTEM_PROMPT]' }}"
    "{% elif m.role == 'tool' %}{{ '[TOOL_RESULTS]' + m.content + '[/TOOL_RESULTS]' }}"
    "{% else %}{{ '[INST]' + m.content + '[/INST]' }}{% endif %}{% endfor %}",
    "<s>",
    "</s>",
    re.compile(r"</?s>|\[/?(?:INST|SYSTEM_PROMPT|TOOL_RESULTS)\]"),
)
_GEMMA: Final = KnownTemplate(
    "Gemma",
    "{{ bos_token }}{% for m in messages %}"
    "{{ '<start_of_turn>' + ('model' if m.role == 'assistant' else m.role) + '\n' + m.content | trim }}"
    "{{ '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}",
    "<bos>",
    "<end_of_turn>",
    re.compile(r"<bos>|<(?:start|end)_of_turn>"),
)
_FAMILIES: Final = {"Llama": _LLAMA, "Mistral": _MISTRAL, "Gemma": _GEMMA, "Gemini": _GEMMA}


def template_of(maker: str) -> KnownTemplate:
    """The form that the maker's models read; ChatML, which most others use, when nothing else is known."""
    return _FAMILIES.get(maker, _CHATML)
