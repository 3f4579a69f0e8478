"""Errors that a user reads: what happened, where, what to do now."""

from __future__ import annotations


class FttuiError(Exception):
    """A failure with a sentence for the person in front of the screen.

    Attributes:
        message: What happened, and where (file, line, column), as one sentence.
        hint: What to do about it; empty when there is nothing to do.
        exit_code: Exit status of the command line: 1 "the answer is no", 2 "could not do it".
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InputError(FttuiError):
    """A file or an argument that cannot be used."""


class SettingsError(FttuiError):
    """A settings, key or theme file with something wrong in it."""


class ProviderError(FttuiError):
    """A provider refused, failed or could not be reached.

    Attributes:
        status: HTTP status, or None when no answer came.
        code: The provider's own error code, when it gave one.
        retryable: Whether the same call may succeed later.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        code: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.retryable = retryable


class NotConfirmed(FttuiError):
    """Something that costs money was not confirmed."""
