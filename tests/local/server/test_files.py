"""Files through the SDK: bytes come back as they were sent, and names are data."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI

import hostile
from local_server_fixture import RunningServer, upload


def test_bytes_come_back_as_they_were_sent(client: OpenAI) -> None:
    stored = client.files.create(file=("train.jsonl", hostile.FILE), purpose="fine-tune")
    assert stored.bytes == len(hostile.FILE)
    assert stored.status == "processed"
    assert client.files.content(stored.id).read() == hostile.FILE
    assert client.files.wait_for_processing(stored.id).filename == "train.jsonl"


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "日本語.jsonl", "[/red].jsonl", "a" * 300, "..", "C:\\x"]
)
def test_a_name_is_never_a_path(client: OpenAI, server: RunningServer, name: str) -> None:
    stored = client.files.create(file=(name, b"{}"), purpose="fine-tune")
    assert client.files.content(stored.id).read() == b"{}"
    assert (server.home / "data" / "local" / "files" / stored.id).read_bytes() == b"{}"


def test_files_are_listed_by_purpose_and_page(client: OpenAI) -> None:
    ids = [client.files.create(file=(f"{n}.jsonl", b"{}"), purpose="evals").id for n in range(3)]
    assert [f.id for f in client.files.list(purpose="evals")] == ids[::-1]
    assert [f.id for f in client.files.list(purpose="evals", order="asc").data] == ids
    page = client.files.list(purpose="evals", limit=2)
    assert (page.has_more, [f.id for f in page.data]) == (True, [ids[2], ids[1]])
    assert [f.id for f in client.files.list(purpose="evals", after=ids[1]).data] == [ids[0]]


def test_a_deleted_file_is_gone(client: OpenAI, server: RunningServer) -> None:
    file_id = upload(client, b"{}")
    assert client.files.delete(file_id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file_id)
    assert not (server.home / "data" / "local" / "files" / file_id).exists()


def test_an_empty_file_and_an_unknown_purpose_are_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        upload(client, b"")
    assert refused.value.code == "empty_file"
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=b"x", purpose="world domination")  # type: ignore[arg-type]
    assert refused.value.param == "purpose"


def test_a_file_for_another_purpose_does_not_train(client: OpenAI, server: RunningServer) -> None:
    other = client.files.create(file=b"{}", purpose="batch").id
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.create(model=server.model, training_file=other)
    assert refused.value.code == "invalid_file_purpose"
