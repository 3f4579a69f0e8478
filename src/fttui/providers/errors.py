"""What a provider's failure means, in a sentence: the one place that knows the SDK's exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fttui.core.errors import FttuiError, ProviderError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.providers.profiles import Profile

WOUND_DOWN = (
    "OpenAI takes fine-tuning jobs from existing customers only, and none after 2027-01-06; "
    "the profile local trains on this machine."
)


def explain(error: Exception, profile: Profile | None = None) -> FttuiError:
    """``error`` as something a person can read; an `FttuiError` stays what it is.

    Args:
        error: What the SDK raised.
        profile: Whose provider it was; without it the address is named.
    """
    if isinstance(error, FttuiError):
        return error
    import openai

    name = _name(error, profile)
    if isinstance(error, openai.APITimeoutError):
        return ProviderError(f"{name} did not answer in time.", hint="Try again.", retryable=True)
    if isinstance(error, openai.APIConnectionError):
        cause = one_line(str(error.__cause__ or "no connection"), 200)
        return ProviderError(f"{name} cannot be reached: {cause}.", hint=_reach_hint(profile), retryable=True)
    if isinstance(error, openai.APIStatusError):
        return _status_error(error, name, profile)
    if isinstance(error, openai.OpenAIError | ValueError | OSError):
        return ProviderError(f"{name} sent an answer that makes no sense: {one_line(str(error), 300)}.")
    return ProviderError(f"{name}: {type(error).__name__}: {one_line(str(error), 300)}.")


def _name(error: Exception, profile: Profile | None) -> str:
    if profile is not None:
        return "The local server" if profile.is_local else f"The provider of profile {profile.name}"
    try:
        host = error.request.url.host  # type: ignore[attr-defined]
    except (AttributeError, RuntimeError):
        return "The provider"
    return "The local server" if host == "127.0.0.1" else str(host)


def _reach_hint(profile: Profile | None) -> str:
    if profile is None or profile.is_local:
        return "Try again: it is started anew."
    return "Check the network and the base URL."


def _status_error(error: Any, name: str, profile: Profile | None) -> ProviderError:
    """An answer with an HTTP error status; the provider's own message is part of the sentence."""
    status: int = error.status_code
    code = error.code if isinstance(error.code, str) else None
    said = one_line(_own_message(error), 500).rstrip(".")
    key = profile.key_env if profile is not None else "the key"
    hint, retryable = "", status == 408 or status >= 500
    if status == 401:
        hint = f"Check {key}."
    elif status == 403:
        hint = WOUND_DOWN
    elif status == 404:
        hint = "The id may be wrong, or a new model not ready yet."
    elif status == 429 and code == "insufficient_quota":
        hint = "The account has no credit left."
    elif status == 429:
        hint, retryable = "Too many requests: try again in a while.", True
    elif retryable:
        hint = "Try again in a while."
    return ProviderError(
        f"{name} refused ({status}): {said}.", hint=hint, status=status, code=code, retryable=retryable
    )


def _own_message(error: Any) -> str:
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    return str(error.message)
