"""The asynchronous client: the same, and several things at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer


def asking(server: RunningServer, text: str = "Hello", **options: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": server.model, "messages": messages, "max_tokens": 10, "temperature": 0, **options}


async def test_files_and_uploads(async_client: AsyncOpenAI, notes: Path) -> None:
    created = await async_client.files.create(file=notes, purpose="fine-tune")
    waited = await async_client.files.wait_for_processing(created.id, poll_interval=0.05, max_wait_seconds=30)
    assert waited.status == "processed"
    content = await async_client.files.content(created.id)
    assert content.read() == notes.read_bytes()
    upload = await async_client.uploads.upload_file_chunked(
        file=notes, mime_type="application/jsonl", purpose="fine-tune", part_size=64
    )
    assert upload.status == "completed"
    assert [file.id async for file in async_client.files.list(purpose="fine-tune", limit=1)][:1] == [
        upload.file.id if upload.file else None
    ]
    assert (await async_client.files.delete(created.id)).deleted


async def test_jobs_events_and_checkpoints(async_client: AsyncOpenAI, finished: FineTuningJob) -> None:
    jobs = async_client.fine_tuning.jobs
    assert (await jobs.retrieve(finished.id)).fine_tuned_model == finished.fine_tuned_model
    assert finished.id in [job.id async for job in jobs.list(limit=1)]
    assert len([event async for event in jobs.list_events(finished.id, limit=2)]) > 10
    assert [c.step_number async for c in jobs.checkpoints.list(finished.id, limit=1)] == [6, 4, 2]
    with pytest.raises(openai.BadRequestError):
        await jobs.cancel(finished.id)


async def test_many_questions_at_once_get_the_answers_that_each_gets_alone(
    async_client: AsyncOpenAI, server: RunningServer, tuned: str
) -> None:
    questions = [asking(server, f"Question {n}?", model=model) for n in range(6) for model in (server.model, tuned)]
    together = await asyncio.gather(*(async_client.chat.completions.create(**question) for question in questions))
    for question, answer in zip(questions, together, strict=True):
        alone = await async_client.chat.completions.create(**question)
        assert alone.choices[0].message.content == answer.choices[0].message.content


async def test_streams_and_the_helper(async_client: AsyncOpenAI, server: RunningServer) -> None:
    whole = await async_client.chat.completions.create(**asking(server))
    stream = await async_client.chat.completions.create(**asking(server), stream=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == whole.choices[0].message.content
    only_x = {str(3 + ord("x") - ord("!")): 100}  # the tiny vocabulary: three special tokens, then "!" and so on
    async with async_client.chat.completions.stream(**asking(server, logit_bias=only_x, stop="xxxxx")) as helper:
        events = [event async for event in helper]
        final = await helper.get_final_completion()
    assert (final.choices[0].message.content, final.choices[0].finish_reason) == ("", "stop")
    assert {event.type for event in events} >= {"chunk"}


async def test_a_completion(async_client: AsyncOpenAI, server: RunningServer) -> None:
    answer = await async_client.completions.create(model=server.model, prompt="Once", max_tokens=3)
    assert answer.usage is not None
    assert answer.usage.completion_tokens <= 3


async def test_a_cancelled_task_ends_its_answer(async_client: AsyncOpenAI, server: RunningServer) -> None:
    forever = asking(server, n=8, max_tokens=900, logit_bias={"0": -100, "2": -100})
    patient = async_client.with_options(max_retries=3)  # the server sees a moment later that a client has left
    for _ in range(6):  # of eight answers each: there is room for 32
        task = asyncio.ensure_future(patient.chat.completions.create(**forever))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.05)
    assert (await patient.chat.completions.create(**asking(server, max_tokens=1))).choices
