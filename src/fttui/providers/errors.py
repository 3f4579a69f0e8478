"""What a failed call becomes: a sentence that says what happened at which provider, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import FttuiError, ProviderError
from fttui.core.log import redact
from fttui.core.text import one_line

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from fttui.providers.profiles import Profile

_MOST: Final = 400
_WAIT: Final = "Wait a little and try again."


@dataclass(frozen=True, slots=True)
class _Rule:
    what: str  # {name}: the provider, {said}: what it said
    hint: str = ""
    retryable: bool = False


_BY_CODE: Final = {
    "insufficient_quota": _Rule("{name} says that the account has no credit left.", "Check the plan and its billing."),
    "model_not_found": _Rule(
        "{name} does not have that model, or not for this key: {said}", "A model that was just tuned may take minutes."
    ),
}
_BY_STATUS: Final = {
    400: _Rule("{name} refused the request: {said}"),
    401: _Rule("{name} did not accept the key: {said}", "Set a valid key in {key_env}."),
    403: _Rule(
        "{name} does not allow this: {said}",
        "OpenAI takes no fine-tuning jobs from organizations that are new to it; elsewhere the key may lack a right.",
    ),
    404: _Rule("{name} does not have it: {said}"),
    408: _Rule("{name} took too long to read the request.", _WAIT, retryable=True),
    409: _Rule("{name} is busy with the same thing: {said}", _WAIT, retryable=True),
    413: _Rule("{name} says that this is too large: {said}"),
    422: _Rule("{name} refused the request: {said}"),
    429: _Rule("{name} takes no more requests for now: {said}", _WAIT, retryable=True),
}
_BROKEN: Final = _Rule("{name} has a fault of its own (status {status}): {said}", _WAIT, retryable=True)
_REFUSED: Final = _Rule("{name} refused the request (status {status}): {said}")


def explain(error: Exception, profile: Profile | None = None) -> ProviderError:
    """The error of a call as a `ProviderError`.

    Args:
        error: What the SDK, or the transport below it, raised.
        profile: Whom the call went to; without it the host of the request is named.
    """
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, FttuiError):
        return ProviderError(error.message, hint=error.hint)
    import httpx2
    import openai

    name = _name_of(error, profile)
    if isinstance(error, openai.APIStatusError):
        return _explain_status(error, name, profile)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError):
        return ProviderError(f"{name} did not answer in time.", hint=_WAIT, retryable=True)
    if isinstance(error, openai.APIConnectionError | httpx2.TransportError | OSError):
        return ProviderError(f"{name} cannot be reached: {_cause(error)}.", hint=_reach_hint(profile), retryable=True)
    if isinstance(error, openai.APIError) and error.body is not None:  # an error object in the midst of a stream
        return ProviderError(f"{name} stopped: {_said(error)}", code=error.code, retryable=True)
    said = one_line(redact(str(error)), _MOST)
    return ProviderError(
        f"{name} did not answer as the OpenAI protocol has it ({type(error).__name__}: {said}).",
        hint=_address_hint(profile),
        retryable=True,
    )


def not_the_protocol(what: str, profile: Profile | None) -> ProviderError:
    """The error for an answer that has not the shape it should have."""
    name = _name_of(None, profile)
    message = f"{name} did not answer with {what} as the OpenAI protocol has it."
    return ProviderError(message, hint=_address_hint(profile), retryable=True)


@contextmanager
def explained(client: AsyncOpenAI) -> Iterator[None]:
    """Turn whatever a call in the block raises into a `ProviderError` that names the client's provider."""
    from fttui.providers.client import profile_of

    try:
        yield
    except FttuiError:
        raise
    except Exception as error:
        raise explain(error, profile_of(client)) from error


def _explain_status(error: Any, name: str, profile: Profile | None) -> ProviderError:
    status = int(error.status_code)
    rule = _BY_CODE.get(error.code or "") or _BY_STATUS.get(status) or (_BROKEN if status >= 500 else _REFUSED)
    key_env = profile.key_env if profile is not None and profile.key_env else "the environment"
    return ProviderError(
        rule.what.format(name=name, said=_said(error), status=status),
        hint=rule.hint.format(key_env=key_env),
        status=status,
        code=error.code,
        retryable=rule.retryable,
    )


def _name_of(error: Exception | None, profile: Profile | None) -> str:
    if profile is not None:
        return "The local server" if profile.is_local else f'Profile "{one_line(profile.name, 60)}"'
    try:
        host = getattr(getattr(error, "request", None), "url", None)
    except RuntimeError:  # httpx raises it for an error that has no request
        host = None
    return one_line(str(host.host), 100) if host is not None else "The provider"


def _said(error: Any) -> str:
    """The provider's own words, without the keys that some of them repeat."""
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    message = body.get("message") or (inner.get("message") if isinstance(inner, dict) else inner) or error.message
    said = one_line(redact(str(message)), _MOST)
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _cause(error: BaseException) -> str:
    """The innermost reason of a connection error: "Connection refused" says more than "Connection error."."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    said = str(error) or type(error).__name__
    return one_line(redact(str(said)), 200).rstrip(".")


def _reach_hint(profile: Profile | None) -> str:
    if profile is None:
        return ""
    return "`fttui local status` tells how it does." if profile.is_local else f"Its address is {profile.base_url}."


def _address_hint(profile: Profile | None) -> str:
    return f"Is {profile.base_url} the right address?" if profile is not None and profile.base_url else ""
