"""The file in a multipart form. It arrives in a temporary file without a name: whatever happens, nothing is left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.requests import Request

from fttui.core.text import one_line
from fttui.local.errors import ApiError, bad_request, disk_refused
from fttui.local.parameters import refuse_unknown

_CHARSETS: Final = ("", "utf-8", "utf8", "us-ascii", "ascii")
"""Of the fields' names and values, as a form may announce them."""


@asynccontextmanager
async def form_with_file(
    request: Request, name: str, *, most: int, others: Sequence[str] = ()
) -> AsyncIterator[tuple[UploadFile, int, Mapping[str, Any]]]:
    """Receive a form whose field ``name`` is a file of 1 to ``most`` bytes.

    Yields:
        The file, its size in bytes, and the whole form; of ``others`` what was given.

    Raises:
        ApiError: 400, 413: the form is another one; 507: the disk is full.
    """
    _refuse_other_bodies(request)
    try:
        form = await request.form(max_files=1, max_fields=10)
    except OSError as error:  # the temporary file's disk
        raise disk_refused(error, "The file") from error
    try:
        refuse_unknown(form, (name, *others))
        file = form.get(name)
        if file is None:
            raise bad_request(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
        if not isinstance(file, UploadFile):
            raise bad_request(f"'{name}' must be a file: it came as a field without a file name.", name, "invalid_type")
        size = file.size or 0
        if not size:
            raise bad_request("The file is empty.", name, "empty_file")
        if size > most:
            raise ApiError(413, f"The file is larger than {most >> 20} MB.", param=name, code="file_too_large")
        yield file, size, form
    finally:
        await form.close()


def _refuse_other_bodies(request: Request) -> None:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind.lower() != b"multipart/form-data":
        raise bad_request("The body of the request must be a form of the type multipart/form-data.")
    charset = options.get(b"charset", b"").decode("latin-1")
    if charset.lower() not in _CHARSETS:
        raise bad_request(f"The form's charset must be utf-8, not {one_line(charset, 40)}.")
