"""Uploads in parts."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import openai
import pytest
from openai import OpenAI

from local_server_fixture import chat_lines

CONTENT = chat_lines([("Who?", "I.")] * 8)


def begin(client: OpenAI, size: int = len(CONTENT)) -> str:
    return client.uploads.create(
        bytes=size, filename="train.jsonl", mime_type="application/jsonl", purpose="fine-tune"
    ).id


def test_parts_become_a_file_in_the_order_told(client: OpenAI) -> None:
    upload = client.uploads.create(
        bytes=len(CONTENT), filename="train.jsonl", mime_type="application/jsonl", purpose="fine-tune"
    )
    assert upload.id.startswith("upload_")
    assert (upload.status, upload.bytes, upload.file) == ("pending", len(CONTENT), None)
    assert upload.expires_at == pytest.approx(time.time() + 3600, abs=60)
    second = client.uploads.parts.create(upload.id, data=CONTENT[100:])
    first = client.uploads.parts.create(upload.id, data=CONTENT[:100])
    assert first.id.startswith("part_")
    assert first.upload_id == upload.id
    done = client.uploads.complete(
        upload.id, part_ids=[first.id, second.id], md5=hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    )
    assert done.status == "completed"
    assert done.file is not None
    assert (done.file.filename, done.file.purpose, done.file.bytes) == ("train.jsonl", "fine-tune", len(CONTENT))
    assert client.files.content(done.file.id).read() == CONTENT
    assert client.files.retrieve(done.file.id).status in ("uploaded", "processed")


def test_the_helper_uploads_a_path_in_chunks(client: OpenAI, notes: Path) -> None:
    done = client.uploads.upload_file_chunked(
        file=notes,
        mime_type="application/jsonl",
        purpose="fine-tune",
        part_size=50,
        md5=hashlib.md5(notes.read_bytes(), usedforsecurity=False).hexdigest(),
    )
    assert done.status == "completed"
    assert done.file is not None
    assert client.files.content(done.file.id).read() == notes.read_bytes()


def test_the_helper_uploads_bytes_too(client: OpenAI) -> None:
    done = client.uploads.upload_file_chunked(
        file=CONTENT, filename="a.jsonl", bytes=len(CONTENT), mime_type="application/jsonl", purpose="fine-tune"
    )
    assert done.file is not None
    assert client.files.content(done.file.id).read() == CONTENT


def test_a_cancelled_upload_takes_nothing_more(client: OpenAI) -> None:
    upload_id = begin(client)
    part = client.uploads.parts.create(upload_id, data=CONTENT)
    assert client.uploads.cancel(upload_id).status == "cancelled"
    with pytest.raises(openai.BadRequestError):
        client.uploads.parts.create(upload_id, data=b"x")
    with pytest.raises(openai.BadRequestError):
        client.uploads.complete(upload_id, part_ids=[part.id])
    with pytest.raises(openai.BadRequestError):
        client.uploads.cancel(upload_id)


def test_what_does_not_add_up_is_refused_and_can_be_mended(client: OpenAI) -> None:
    upload_id = begin(client)
    part = client.uploads.parts.create(upload_id, data=CONTENT[:-1])
    rest = client.uploads.parts.create(upload_id, data=CONTENT[-1:])
    with pytest.raises(openai.BadRequestError):  # too few bytes
        client.uploads.complete(upload_id, part_ids=[part.id])
    with pytest.raises(openai.BadRequestError) as wrong_sum:
        client.uploads.complete(upload_id, part_ids=[part.id, rest.id], md5="0" * 32)
    assert wrong_sum.value.param == "md5"
    with pytest.raises(openai.BadRequestError) as unknown:
        client.uploads.complete(upload_id, part_ids=[part.id, "part_unknown"])
    assert unknown.value.param == "part_ids[1]"
    assert client.uploads.complete(upload_id, part_ids=[part.id, rest.id]).status == "completed"


def test_an_unknown_upload_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.uploads.parts.create("upload_unknown", data=b"x")
    for call in (client.uploads.cancel, lambda upload_id: client.uploads.complete(upload_id, part_ids=["part_x"])):
        with pytest.raises(openai.NotFoundError):
            call("upload_unknown")


def test_an_upload_has_bounds(client: OpenAI) -> None:
    for size in (0, (8 << 30) + 1):
        with pytest.raises(openai.BadRequestError) as refused:
            begin(client, size)
        assert refused.value.param == "bytes"
