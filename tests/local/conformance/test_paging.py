"""How long pages are unless it is said, and what the SDK makes of pages."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from local_server_fixture import RunningServer, chat_lines, upload, wait_for


@pytest.fixture(scope="module")
def long_job(server: RunningServer) -> FineTuningJob:
    """Twelve epochs of a step each, and so as many checkpoints, with no metadata."""
    with server.client() as client:
        job = client.fine_tuning.jobs.create(
            model=server.model,
            training_file=upload(client, chat_lines([("Who?", "I.")] * 2)),
            hyperparameters={"n_epochs": 12, "batch_size": 2},
        )
        done = wait_for(client, job.id)
    assert done.status == "succeeded", done.error
    return done


def test_pages_have_openais_lengths(client: OpenAI, long_job: FineTuningJob) -> None:
    events = client.fine_tuning.jobs.list_events(long_job.id)
    assert len(events.data) == 20
    assert events.has_more
    checkpoints = client.fine_tuning.jobs.checkpoints.list(long_job.id)
    assert [checkpoint.step_number for checkpoint in checkpoints.data] == list(range(12, 2, -1))
    assert checkpoints.has_more
    rest = checkpoints.get_next_page()
    assert [checkpoint.step_number for checkpoint in rest.data] == [2, 1]
    assert not rest.has_more
    assert not rest.has_next_page()


def test_iterating_gives_each_once_however_short_the_pages(client: OpenAI, long_job: FineTuningJob) -> None:
    everything = client.fine_tuning.jobs.list_events(long_job.id, limit=1000).data
    for limit in (1, 7, len(everything), len(everything) + 1):
        assert list(client.fine_tuning.jobs.list_events(long_job.id, limit=limit)) == everything
    jobs = [job.id for job in client.fine_tuning.jobs.list(limit=100)]
    assert [job.id for job in client.fine_tuning.jobs.list(limit=1)] == jobs
    assert len(set(jobs)) == len(jobs)


def test_jobs_without_metadata_are_found_too(client: OpenAI, finished: FineTuningJob, long_job: FineTuningJob) -> None:
    found = [job.id for job in client.fine_tuning.jobs.list(limit=100, extra_query={"metadata": "null"})]
    assert long_job.id in found
    assert finished.id not in found


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "many"}, {"limit": "-1"}])
def test_a_page_of_no_length_is_refused(client: OpenAI, long_job: FineTuningJob, query: dict[str, object]) -> None:
    jobs = client.fine_tuning.jobs
    for call in (
        lambda: jobs.list(extra_query=query),
        lambda: jobs.list_events(long_job.id, extra_query=query),
        lambda: jobs.checkpoints.list(long_job.id, extra_query=query),
    ):
        with pytest.raises(openai.BadRequestError) as refused:
            call()
        assert refused.value.param == "limit"


def test_a_page_behind_nothing_known_is_not_found(client: OpenAI, long_job: FineTuningJob) -> None:
    jobs = client.fine_tuning.jobs
    for call in (
        lambda: jobs.list(after="ftjob-unknown"),
        lambda: jobs.list_events(long_job.id, after="ftevent-unknown"),
        lambda: jobs.checkpoints.list(long_job.id, after="ftckpt_unknown"),
    ):
        with pytest.raises(openai.NotFoundError) as missing:
            call()
        assert missing.value.param == "after"
