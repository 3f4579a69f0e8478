"""Kernel locks: one holder, a note for the others, freed by any death."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fttui.core.locks import KernelLock
from unprivileged import let_others_in, without_root

HOLD = """
import sys
from pathlib import Path
from fttui.core.locks import KernelLock
lock = KernelLock.take(Path(sys.argv[1]), "held by a child")
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_one_holder_at_a_time_and_its_note_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.lock"
    lock = KernelLock.take(path, "pid 7")
    assert lock is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert KernelLock.take(path, "another") is None
    assert KernelLock.note_at(path) == "pid 7"
    lock.release()
    lock.release()
    assert not path.exists()
    assert KernelLock.note_at(path) == ""
    again = KernelLock.take(path, "another")
    assert again is not None
    assert KernelLock.note_at(path) == "another"
    again.release()


def test_the_death_of_the_holder_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with holder(path) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert KernelLock.take(path) is None
        assert KernelLock.note_at(path) == "held by a child"
        child.send_signal(signal.SIGKILL)
        child.wait()
        lock = KernelLock.take(path)
        assert lock is not None
        with holder(path) as second:
            assert second.stdout is not None
            assert second.stdout.readline() == "refused\n"
            second.kill()
        lock.release()


def test_a_file_removed_between_opening_and_locking_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fttui.core import locks

    path = tmp_path / "a.lock"
    flock = locks._flock
    removed = []

    def slow(fd: int) -> bool:
        if not removed:
            removed.append(fd)
            path.unlink()  # as a holder does that lets go just now
        return flock(fd)

    monkeypatch.setattr(locks, "_flock", slow)
    lock = KernelLock.take(path)
    assert lock is not None
    assert path.exists()
    assert KernelLock.take(path) is None
    lock.release()


def test_a_folder_without_permission_is_an_os_error(tmp_path: Path) -> None:
    let_others_in(tmp_path)
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    with without_root(), pytest.raises(PermissionError):
        KernelLock.take(folder / "a.lock")
