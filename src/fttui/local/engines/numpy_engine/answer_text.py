"""From the tokens of an answer to its text, and to the tokens that belong to each piece of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fttui.local.engines.numpy_engine.stop_texts import StopTexts
from fttui.local.engines.numpy_engine.tokenizer import StreamDecoder, Tokenizer
from fttui.local.engines.protocol import ChosenToken, Fresh


@dataclass(slots=True)
class _Waiting:
    """A token whose text was not given out yet; begin and end are characters from the start of the answer."""

    token: ChosenToken
    begin: int
    end: int | None
    """None while its last character is not whole."""


class AnswerText:
    """Takes tokens and gives out text; half a character waits, and so does what may become a stop text.

    Args:
        stops: Texts that end the answer and are no part of it.
    """

    def __init__(self, tokenizer: Tokenizer, stops: Sequence[str]) -> None:
        self._decoder = StreamDecoder(tokenizer)
        self._stops = StopTexts(stops)
        self._waiting: list[_Waiting] = []
        self._decoded = 0
        self._given = 0

    @property
    def is_stopped(self) -> bool:
        """A stop text has come: nothing may follow."""
        return self._stops.is_reached

    def add(self, token: int, chosen: ChosenToken | None) -> Fresh:
        """The next token, and what is known of it when its log-probability is wanted."""
        if chosen is not None:
            self._waiting.append(_Waiting(chosen, self._decoded, None))
        decoded = self._decoder.add(token)
        self._decoded += len(decoded)
        if self._decoder.is_between_characters:
            self._end_tokens()
        return self._give(self._stops.add(decoded))

    def finish(self) -> Fresh:
        """What was held back, when no more tokens come."""
        decoded = self._decoder.finish()
        self._decoded += len(decoded)
        self._end_tokens()
        text = self._stops.add(decoded)
        return self._give(text if self._stops.is_reached else text + self._stops.finish())

    def _end_tokens(self) -> None:
        """The last character is whole, so every token's text is."""
        for waiting in self._waiting:
            if waiting.end is None:
                waiting.end = self._decoded

    def _give(self, text: str) -> Fresh:
        """The text, with the tokens it completes; at a stop text with those too that it cuts."""
        self._given += len(text)
        ready = 0
        for waiting in self._waiting:
            is_whole = waiting.end is not None and waiting.end <= self._given
            if not is_whole and not (self.is_stopped and waiting.begin < self._given):
                break
            ready += 1
        tokens = tuple(waiting.token for waiting in self._waiting[:ready])
        del self._waiting[:ready]
        return Fresh(text, tokens)
