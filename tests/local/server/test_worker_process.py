"""How many processors a training process is given."""

from __future__ import annotations

import pytest

from fttui.local.engines.threads import automatic_threads
from fttui.local.worker_process import BLAS_VARIABLES, thread_environment


@pytest.fixture(autouse=True)
def no_choice_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BLAS_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_zero_is_chosen_from_the_machine_and_by_the_work() -> None:
    assert set(thread_environment(0, "training").values()) == {str(automatic_threads("training"))}
    assert set(thread_environment(0, "answers").values()) == {str(automatic_threads("answers"))}


def test_the_setting_beats_the_machine_and_the_environment_beats_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert thread_environment(3, "training") == dict.fromkeys(BLAS_VARIABLES, "3")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert "OMP_NUM_THREADS" not in thread_environment(3, "training")
