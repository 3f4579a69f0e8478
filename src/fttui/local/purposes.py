"""What a file may be for, and how long it is kept: the same for whole files and for uploads in parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fttui.local.errors import bad_request
from fttui.local.file_store import FileStatus
from fttui.local.parameters import number, refuse_unknown

PURPOSES: Final = ("fine-tune", "assistants", "batch", "vision", "user_data", "evals")

_LEAST_S: Final = 3600
_MOST_S: Final = 30 * 24 * 3600


def purpose_of(value: object) -> str:
    """A purpose that a client may give.

    Raises:
        ApiError: 400: it is none.
    """
    if value is None:
        raise bad_request("Missing required parameter: 'purpose'.", "purpose", "missing_required_parameter")
    if not isinstance(value, str) or value not in PURPOSES:
        raise bad_request(f"'purpose' must be one of {', '.join(PURPOSES)}.", "purpose", "invalid_value")
    return value


def seconds_kept(expires_after: object, purpose: str) -> int | None:
    """After how many seconds a file goes by itself; None: never. Without a wish, files for batches stay 30 days.

    Args:
        expires_after: OpenAI's object: ``anchor`` "created_at" and ``seconds``, or None.
        purpose: What the file is for.

    Raises:
        ApiError: 400: it is no such object.
    """
    if expires_after is None:
        return _MOST_S if purpose == "batch" else None
    if not isinstance(expires_after, dict):
        message = "'expires_after' must be an object with 'anchor' and 'seconds'."
        raise bad_request(message, "expires_after", "invalid_type")
    refuse_unknown(expires_after, ("anchor", "seconds"), within="expires_after")
    if expires_after.get("anchor") != "created_at":
        raise bad_request("'expires_after.anchor' must be 'created_at'.", "expires_after.anchor", "invalid_value")
    label = "expires_after.seconds"
    seconds = number(expires_after, "seconds", least=_LEAST_S, most=_MOST_S, whole=True, label=label)
    if seconds is None:
        raise bad_request(f"Missing required parameter: '{label}'.", label, "missing_required_parameter")
    return int(seconds)


def expiry_of_form(form: Mapping[str, Any]) -> dict[str, Any] | None:
    """``expires_after[anchor]`` and ``expires_after[seconds]`` of a form as the object that JSON has for them."""
    given = {key: form[f"expires_after[{key}]"] for key in ("anchor", "seconds") if f"expires_after[{key}]" in form}
    seconds = given.get("seconds")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdecimal() and len(seconds) < 20:
        given["seconds"] = int(seconds)
    return given or None


def first_status(purpose: str) -> FileStatus:
    """Of a file that has just arrived: those to train on have their lines looked at."""
    return "uploaded" if purpose == "fine-tune" else "processed"
