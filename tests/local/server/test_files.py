"""Files through the SDK: bytes come back as they were sent, names are data, lines are looked at, time takes away."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from openai import OpenAI

import hostile
from local_server_fixture import RunningServer, chat_lines, running_server, upload
from server_database import add_job, change_database


def files_folder(server: RunningServer) -> Path:
    return server.home / "data" / "local" / "files"


def test_bytes_come_back_as_they_were_sent(client: OpenAI) -> None:
    stored = client.files.create(file=("train.jsonl", hostile.FILE), purpose="evals")
    assert stored.bytes == len(hostile.FILE)
    assert (stored.status, stored.status_details, stored.expires_at) == ("processed", None, None)
    assert client.files.content(stored.id).read() == hostile.FILE
    assert client.files.wait_for_processing(stored.id).filename == "train.jsonl"


@pytest.mark.parametrize(
    "name",
    [
        *("../../../etc/passwd", "/etc/passwd", "日本語.jsonl", "[/red].jsonl", "a" * 4000, "..", "C:\\x"),
        *("a\x00b", "\x1b]0;x\x07"),
    ],
    ids=lambda name: repr(name[:12]),
)
def test_a_name_is_never_a_path(client: OpenAI, server: RunningServer, name: str) -> None:
    stored = client.files.create(file=(name, b"{}"), purpose="fine-tune")
    assert client.files.content(stored.id).read() == b"{}"
    assert (files_folder(server) / stored.id).read_bytes() == b"{}"


def test_a_name_has_an_end(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="4096 characters") as refused:
        client.files.create(file=("a" * 4097, b"{}"), purpose="fine-tune")
    assert refused.value.param == "file"


def test_files_are_listed_by_purpose_and_page(client: OpenAI) -> None:
    ids = [client.files.create(file=(f"{n}.jsonl", b"{}"), purpose="evals").id for n in range(3)]
    assert [f.id for f in client.files.list(purpose="evals", limit=3).data] == ids[::-1]
    assert [f.id for f in client.files.list(purpose="evals", order="asc").data][-3:] == ids
    page = client.files.list(purpose="evals", limit=2)
    assert (page.has_more, [f.id for f in page.data]) == (True, [ids[2], ids[1]])
    assert client.files.list(purpose="evals", after=ids[1]).data[0].id == ids[0]
    with pytest.raises(openai.NotFoundError) as refused:
        client.files.list(after="file-nope")
    assert refused.value.param == "after"


def test_who_deletes_what_is_being_paged_through_reaches_the_end(client: OpenAI) -> None:
    for number in range(5):
        client.files.create(file=(f"{number}.txt", b"x"), purpose="vision")
    for file in client.files.list(purpose="vision", limit=2):
        client.files.delete(file.id)
    assert client.files.list(purpose="vision").data == []


def test_a_deleted_file_is_gone(client: OpenAI, server: RunningServer) -> None:
    file_id = upload(client, b"{}")
    assert client.files.delete(file_id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file_id)
    assert not (files_folder(server) / file_id).exists()


def test_a_deleted_file_stays_on_the_disk_while_a_job_needs_it(client: OpenAI, server: RunningServer) -> None:
    file_id = upload(client, b"{}")
    add_job(server, "ftjob-paused", status="paused", model=server.model, training_file=file_id)
    client.files.delete(file_id)
    with pytest.raises(openai.NotFoundError):
        client.files.content(file_id)
    assert (files_folder(server) / file_id).exists()
    change_database(server, "DELETE FROM jobs WHERE id = ?", "ftjob-paused")
    client.files.delete(upload(client, b"{}"))  # whenever one goes, what nobody needs any more goes along
    assert not (files_folder(server) / file_id).exists()


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


def test_bytes_that_somebody_removed_from_the_disk_are_told_to_be_missing(
    client: OpenAI, server: RunningServer
) -> None:
    file_id = upload(client, b"{}")
    (files_folder(server) / file_id).unlink()
    with pytest.raises(openai.NotFoundError) as refused:
        client.files.content(file_id)
    assert refused.value.code == "content_missing"


# --- the lines of files to train on
@pytest.mark.parametrize("line", sorted(hostile.LINES))
def test_a_file_of_strange_lines_is_processed_or_says_which_line_is_wrong(client: OpenAI, line: str) -> None:
    stored = client.files.create(file=("train.jsonl", b"{}\n" + hostile.LINES[line]), purpose="fine-tune")
    stored = client.files.wait_for_processing(stored.id, poll_interval=0.02)
    if stored.status == "error":
        assert stored.status_details is not None
        assert stored.status_details.startswith("Line 2: ")
    else:
        assert (stored.status, stored.status_details) == ("processed", None)


def test_a_broken_line_is_told_at_once_and_in_the_list(client: OpenAI) -> None:
    stored = client.files.create(file=("train.jsonl", b'{"a": 1}\n\n[1]\n'), purpose="fine-tune")
    assert stored.status == "error"
    assert stored.status_details == "Line 3: a line must be a JSON object in braces; this is a list."
    assert client.files.list(limit=1).data[0].status_details == stored.status_details
    assert client.files.content(stored.id).read() == b'{"a": 1}\n\n[1]\n'


def test_a_large_file_is_looked_at_in_the_background(client: OpenAI) -> None:
    many = chat_lines([("question", "answer" * 200)]) * 1500
    good, bad = (
        client.files.create(file=("train.jsonl", content), purpose="fine-tune") for content in (many, many + b"oops\n")
    )
    assert good.bytes > 1_500_000
    assert client.files.wait_for_processing(good.id, poll_interval=0.02).status == "processed"
    bad = client.files.wait_for_processing(bad.id, poll_interval=0.02)
    assert bad.status == "error"
    assert (bad.status_details or "").startswith("Line 1501: ")


def test_who_leaves_in_the_middle_of_a_file_leaves_nothing_behind(client: OpenAI, server: RunningServer) -> None:
    before = client.files.list().data
    url = urlsplit(server.base_url)
    head = (
        f"POST /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    )
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        connection.sendall(head.encode() + b"x" * 500_000)
    assert client.files.list().data == before
    assert {path.name for path in files_folder(server).iterdir()} <= {file.id for file in before}
    assert "Traceback" not in (server.home / "state" / "fttui.log").read_text("utf-8")


# --- time
def test_a_file_may_be_given_an_end(client: OpenAI, server: RunningServer) -> None:
    kept = client.files.create(file=b"x", purpose="evals", expires_after={"anchor": "created_at", "seconds": 3600})
    assert kept.expires_at == kept.created_at + 3600
    batch = client.files.create(file=b"x", purpose="batch")
    assert batch.expires_at == batch.created_at + 30 * 24 * 3600
    change_database(server, "UPDATE files SET expires_at = ? WHERE id = ?", int(time.time()) - 1, kept.id)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(kept.id)
    assert kept.id not in [file.id for file in client.files.list()]


@pytest.mark.parametrize(
    ("value", "param"),
    [
        ({"anchor": "last_active_at", "seconds": 3600}, "expires_after.anchor"),
        ({"seconds": 3600}, "expires_after.anchor"),
        ({"anchor": "created_at", "seconds": 3599}, "expires_after.seconds"),
        ({"anchor": "created_at", "seconds": 2_592_001}, "expires_after.seconds"),
        ({"anchor": "created_at", "seconds": "soon"}, "expires_after.seconds"),
        ({"anchor": "created_at", "seconds": "9" * 5000}, "expires_after.seconds"),
        ({"anchor": "created_at"}, "expires_after.seconds"),
    ],
)
def test_a_strange_end_is_refused(client: OpenAI, value: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=b"x", purpose="evals", expires_after=value)
    assert refused.value.param == param


def test_a_server_that_was_killed_leaves_nothing_of_what_it_was_storing(weights: Path, tmp_path: Path) -> None:
    lines = chat_lines([("question", "answer")])
    with running_server(weights, tmp_path) as first, first.client() as client:
        kept, expired, unseen = (upload(client, lines) for _ in range(3))
        first.kill()
    change_database(first, "UPDATE files SET expires_at = 1 WHERE id = ?", expired)
    change_database(first, "UPDATE files SET status = 'uploaded' WHERE id = ?", unseen)
    folder = files_folder(first)
    for left in (".file-half.0123.tmp", "file-" + "x" * 24):
        (folder / left).write_bytes(b"half")
    with running_server(weights, tmp_path) as second, second.client() as client:
        assert client.files.wait_for_processing(unseen, poll_interval=0.02).status == "processed"
        assert {path.name for path in folder.iterdir()} == {kept, unseen}
