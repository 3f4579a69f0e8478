"""Files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from local_server_fixture import chat_lines

LINES = chat_lines([("Who?", "I.")])


def test_a_file_is_created_retrieved_read_and_deleted(client: OpenAI, notes: Path) -> None:
    with notes.open("rb") as handle:
        created = client.files.create(file=handle, purpose="fine-tune")
    assert created.id.startswith("file-")
    assert (created.filename, created.bytes, created.purpose) == (notes.name, notes.stat().st_size, "fine-tune")
    assert abs(created.created_at - time.time()) < 60
    assert created.expires_at is None
    assert client.files.retrieve(created.id).model_dump() == created.model_dump()
    content = client.files.content(created.id)
    assert content.read() == notes.read_bytes()
    assert content.text == notes.read_text("utf-8")
    deleted = client.files.delete(created.id)
    assert (deleted.id, deleted.deleted) == (created.id, True)
    for call in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError) as missing:
            call(created.id)
        assert f"No such File object: {created.id}" in missing.value.message
        assert missing.value.param == "id"


def test_content_can_be_streamed_to_the_disk(client: OpenAI, tmp_path: Path) -> None:
    content = b'{"n": 1}\n' * 100_000
    file_id = client.files.create(file=("many.jsonl", content), purpose="fine-tune").id
    target = tmp_path / "copy"
    with client.files.with_streaming_response.content(file_id) as response:
        response.stream_to_file(target)
    assert target.read_bytes() == content


@pytest.mark.parametrize("purpose", ["assistants", "batch", "vision", "user_data", "evals"])
def test_files_have_purposes(client: OpenAI, purpose: str) -> None:
    created = client.files.create(file=("notes.txt", b"Hello"), purpose=purpose)  # type: ignore[arg-type]
    assert (created.purpose, created.status) == (purpose, "processed")
    assert created.id in [file.id for file in client.files.list(purpose=purpose)]
    assert created.id not in [file.id for file in client.files.list(purpose="fine-tune")]


def test_a_file_expires_when_it_is_told_to(client: OpenAI) -> None:
    created = client.files.create(
        file=("a.jsonl", LINES), purpose="fine-tune", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    assert created.expires_at == created.created_at + 3600


def test_waiting_for_a_file_ends(client: OpenAI) -> None:
    good = client.files.create(file=("good.jsonl", LINES), purpose="fine-tune")
    assert client.files.wait_for_processing(good.id, poll_interval=0.05, max_wait_seconds=30).status == "processed"
    bad = client.files.create(file=("bad.jsonl", LINES + b"[1, 2]\n"), purpose="fine-tune")
    found = client.files.wait_for_processing(bad.id, poll_interval=0.05, max_wait_seconds=30)
    assert found.status == "error"
    assert found.status_details is not None
    assert "ine 2" in found.status_details


def test_lists_come_in_both_orders_and_in_pages(client: OpenAI) -> None:
    made = [client.files.create(file=(f"{n}.txt", b"x"), purpose="user_data").id for n in range(5)]
    newest = [file.id for file in client.files.list(purpose="user_data", limit=5)]
    assert newest[:5] == made[::-1]
    page = client.files.list(purpose="user_data", order="asc", after=made[0], limit=2)
    assert [file.id for file in page.data] == made[1:3]
    assert page.has_more
    assert [file.id for file in page] == made[1:]  # the iterator asks for the pages behind it
    with pytest.raises(openai.NotFoundError):
        client.files.list(after="file-unknown")


REFUSED: Any = {
    "purpose": (("a.jsonl", LINES), {"purpose": "fun"}, "purpose"),
    "empty": (("a.jsonl", b""), {"purpose": "fine-tune"}, "file"),
    "anchor": (("a.jsonl", LINES), {"expires_after": {"anchor": "never", "seconds": 3600}}, "expires_after.anchor"),
    "short life": (
        ("a.jsonl", LINES),
        {"expires_after": {"anchor": "created_at", "seconds": 60}},
        "expires_after.seconds",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_file_is_refused(client: OpenAI, name: str) -> None:
    file, options, param = REFUSED[name]
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(**{"file": file, "purpose": "fine-tune", **options})
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"


def test_limits_of_a_page_are_named(client: OpenAI) -> None:
    for limit in (0, 10_001):
        with pytest.raises(openai.BadRequestError) as refused:
            client.files.list(limit=limit)
        assert refused.value.param == "limit"
