"""Uploads in parts through the SDK: the whole is what was sent, and nothing is left of what did not become a file."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import OpenAI
from openai.types import Upload

from local_server_fixture import RunningServer, chat_lines, running_server
from server_database import change_database


def begin(client: OpenAI, size: int, **options: Any) -> Upload:
    return client.uploads.create(
        **{"bytes": size, "filename": "train.jsonl", "mime_type": "text/jsonl", "purpose": "evals", **options}
    )


def left(server: RunningServer) -> list[Path]:
    """The bytes of parts on the disk."""
    folder = server.home / "data" / "local" / "uploads"
    return sorted(folder.iterdir()) if folder.is_dir() else []


@given(pieces=st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=5), data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_in_any_order_become_the_whole(
    client: OpenAI, server: RunningServer, pieces: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(pieces)
    upload = begin(client, len(whole))
    assert (upload.status, upload.file, upload.expires_at) == ("pending", None, upload.created_at + 3600)
    ids = [""] * len(pieces)
    for place in data.draw(st.permutations(range(len(pieces)))):
        part = client.uploads.parts.create(upload.id, data=pieces[place])
        assert (part.object, part.upload_id) == ("upload.part", upload.id)
        ids[place] = part.id
    done = client.uploads.complete(upload.id, part_ids=ids, md5=hashlib.md5(whole).hexdigest())
    assert done.status == "completed"
    assert done.file is not None
    assert (done.file.bytes, done.file.filename, done.file.purpose) == (len(whole), "train.jsonl", "evals")
    assert client.files.content(done.file.id).read() == whole
    assert left(server) == []


def test_the_helper_of_the_sdk_uploads_a_file_to_train_on(client: OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(chat_lines([("question", "answer")]) * 50)
    done = client.uploads.upload_file_chunked(file=path, mime_type="text/jsonl", purpose="fine-tune", part_size=1000)
    assert done.file is not None
    assert (done.file.status, done.file.bytes) == ("processed", path.stat().st_size)
    assert client.files.content(done.file.id).read() == path.read_bytes()


def test_a_whole_with_a_broken_line_says_so(client: OpenAI) -> None:
    done = client.uploads.upload_file_chunked(
        file=b'{"a": 1}\noops\n', filename="x.jsonl", bytes=14, mime_type="text/jsonl", purpose="fine-tune", part_size=7
    )
    assert done.file is not None
    assert done.file.status == "error"
    assert (done.file.status_details or "").startswith("Line 2: ")


def test_what_is_not_what_was_announced_becomes_no_file(client: OpenAI, server: RunningServer) -> None:
    upload = begin(client, 6)
    first = client.uploads.parts.create(upload.id, data=b"abc").id
    other = client.uploads.parts.create(begin(client, 9).id, data=b"x").id
    before = len(client.files.list().data)
    wrong: list[tuple[list[str], str | None, str]] = [
        ([first], None, "invalid_size"),
        ([], None, "invalid_size"),
        ([first, first], None, "invalid_part"),
        ([first, other], None, "invalid_part"),
        ([first, "../../token"], None, "invalid_part"),
    ]
    for part_ids, md5, code in wrong:
        with pytest.raises(openai.BadRequestError) as refused:
            client.uploads.complete(upload.id, part_ids=part_ids, md5=md5 or openai.omit)
        assert refused.value.code == code
    with pytest.raises(openai.BadRequestError) as refused:
        client.uploads.parts.create(upload.id, data=b"defg")
    assert refused.value.code == "invalid_size"
    second = client.uploads.parts.create(upload.id, data=b"def").id
    with pytest.raises(openai.BadRequestError) as refused:
        client.uploads.complete(upload.id, part_ids=[second, first], md5=hashlib.md5(b"abcdef").hexdigest())
    assert (refused.value.code, refused.value.param) == ("checksum_mismatch", "md5")
    assert len(client.files.list().data) == before
    folder = server.home / "data" / "local" / "files"
    assert len(list(folder.iterdir())) == before
    done = client.uploads.complete(upload.id, part_ids=[first, second])  # the right order is welcome yet
    assert done.file is not None
    assert client.files.content(done.file.id).read() == b"abcdef"


def test_what_is_over_takes_nothing_more(client: OpenAI, server: RunningServer) -> None:
    cancelled = begin(client, 3)
    cancelled_part = client.uploads.parts.create(cancelled.id, data=b"abc").id
    assert client.uploads.cancel(cancelled.id).status == "cancelled"
    expired = begin(client, 3)
    expired_part = client.uploads.parts.create(expired.id, data=b"abc").id
    change_database(server, "UPDATE uploads SET expires_at = ? WHERE id = ?", int(time.time()) - 1, expired.id)
    completed = begin(client, 3)
    completed_part = client.uploads.parts.create(completed.id, data=b"abc").id
    client.uploads.complete(completed.id, part_ids=[completed_part])
    for upload, part, status in (
        (cancelled, cancelled_part, "cancelled"),
        (expired, expired_part, "expired"),
        (completed, completed_part, "completed"),
    ):
        calls = [
            lambda upload=upload: client.uploads.parts.create(upload.id, data=b"x"),
            lambda upload=upload, part=part: client.uploads.complete(upload.id, part_ids=[part]),
            lambda upload=upload: client.uploads.cancel(upload.id),
        ]
        for call in calls:
            with pytest.raises(openai.BadRequestError, match=f"is {status} already") as refused:
                call()
            assert refused.value.code == "invalid_upload_status"
    client.uploads.cancel(begin(client, 1).id)  # whenever one ends, what expired goes along
    names = {path.name for path in left(server)}
    assert not names & {cancelled_part, expired_part, completed_part}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no bytes": ({"bytes": None}, "bytes"),
    "nothing": ({"bytes": 0}, "bytes"),
    "too much": ({"bytes": 8 * 2**30 + 1}, "bytes"),
    "a half": ({"bytes": 1.5}, "bytes"),
    "a list": ({"bytes": [1]}, "bytes"),
    "no name": ({"filename": ""}, "filename"),
    "a name that is a number": ({"filename": 7}, "filename"),
    "no kind": ({"mime_type": None}, "mime_type"),
    "purpose": ({"purpose": ["fine-tune"]}, "purpose"),
    "an end too soon": ({"expires_after": {"anchor": "created_at", "seconds": 1}}, "expires_after.seconds"),
    "an end that is a word": ({"expires_after": "soon"}, "expires_after"),
    "unknown": ({"extra_body": {"parts": 3}}, "parts"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_upload_names_its_parameter(client: OpenAI, name: str) -> None:
    options, param = WRONG[name]
    with pytest.raises(openai.BadRequestError) as refused:
        begin(client, 1, **options)
    assert refused.value.param == param


def test_wrong_ends_and_wrong_parts_name_their_parameter(client: OpenAI) -> None:
    upload = begin(client, 1)
    for part_ids, md5, param in (
        (None, None, "part_ids"),
        ("x", None, "part_ids"),
        ([7], None, "part_ids"),
        ([], "x", "md5"),
    ):
        with pytest.raises(openai.BadRequestError) as refused:
            client.post(f"/uploads/{upload.id}/complete", body={"part_ids": part_ids, "md5": md5}, cast_to=object)
        assert refused.value.param == param
    with pytest.raises(openai.BadRequestError) as refused:
        client.uploads.parts.create(upload.id, data=b"")
    assert refused.value.code == "empty_file"
    for call in (
        lambda: client.uploads.cancel("upload_nope"),
        lambda: client.uploads.complete("../files", part_ids=[]),
        lambda: client.uploads.parts.create("upload_nope", data=b"x"),
    ):
        with pytest.raises(openai.NotFoundError):
            call()


def test_the_file_of_an_upload_may_be_given_an_end(client: OpenAI) -> None:
    upload = begin(client, 1, expires_after={"anchor": "created_at", "seconds": 7200})
    part = client.uploads.parts.create(upload.id, data=b"x")
    done = client.uploads.complete(upload.id, part_ids=[part.id])
    assert done.file is not None
    assert done.file.expires_at == done.file.created_at + 7200


def test_an_upload_outlives_a_server_that_was_killed_but_half_a_part_does_not(weights: Path, tmp_path: Path) -> None:
    with running_server(weights, tmp_path) as first, first.client() as client:
        kept, expired = begin(client, 2), begin(client, 2)
        part = client.uploads.parts.create(kept.id, data=b"a")
        client.uploads.parts.create(expired.id, data=b"a")
        first.kill()
    change_database(first, "UPDATE uploads SET expires_at = 1 WHERE id = ?", expired.id)
    for name in (".part_half.0123.tmp", "part_" + "x" * 24):
        (tmp_path / "data" / "local" / "uploads" / name).write_bytes(b"half")
    with running_server(weights, tmp_path) as second, second.client() as client:
        another = client.uploads.parts.create(kept.id, data=b"b")
        assert {path.name for path in left(second)} == {part.id, another.id}
        done = client.uploads.complete(kept.id, part_ids=[part.id, another.id])
        assert done.file is not None
        assert client.files.content(done.file.id).read() == b"ab"
        assert left(second) == []
