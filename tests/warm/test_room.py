"""A run takes as many kernels as descriptors, processes and threads allow, and says so."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading

import pytest

from techalign.errors import InputError
from techalign.warm import room


def _limit(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> list[tuple[int, int]]:
    raised: list[tuple[int, int]] = []
    none = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    files = resource.RLIMIT_NOFILE
    monkeypatch.setattr(resource, "getrlimit", lambda of: (soft, hard) if of == files else none)
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: raised.append(both))
    monkeypatch.setattr(room, "_open_now", lambda: 4)
    return raised


def test_with_room_for_all_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _limit(monkeypatch, 1024, 4096) == []
    assert room.kernels_at_once(8) == (8, "")


def test_the_limit_is_raised_as_far_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    raised = _limit(monkeypatch, 64, 4096)
    assert room.kernels_at_once(8) == (8, "")
    assert raised == [(80, 4096)]


@pytest.mark.parametrize(("files", "kernels"), [(31, 1), (37, 1), (38, 2), (64, 5)])
def test_fewer_at_once_are_said(monkeypatch: pytest.MonkeyPatch, files: int, kernels: int) -> None:
    _limit(monkeypatch, files, files)
    found, said = room.kernels_at_once(8)
    assert found == kernels
    assert said.endswith(f"at once instead of 8: only {files} open files are allowed (ulimit -n)")


def test_without_room_for_one_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _limit(monkeypatch, 30, 30)
    with pytest.raises(InputError, match=r"only 30 open files .* Allow more: ulimit -n 1024"):
        room.kernels_at_once(8)


@pytest.mark.parametrize(("threads", "kernels"), [(200, 8), (30, 4), (15, 1), (14, 0)])
def test_threads_are_tried(monkeypatch: pytest.MonkeyPatch, threads: int, kernels: int) -> None:
    _limit(monkeypatch, 4096, 4096)
    before = threading.active_count()
    start = threading.Thread.start

    def limited(thread: threading.Thread) -> None:
        if threading.active_count() >= before + threads:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    if kernels:
        found, said = room.kernels_at_once(8)
        assert found == kernels
        assert ("ulimit -u" in said) == (kernels < 8)
    else:
        with pytest.raises(InputError, match="ulimit -u 1000"):
            room.kernels_at_once(8)
    assert threading.active_count() == before


def test_a_limit_on_memory_is_not_called_one_on_processes() -> None:
    code = (
        "import resource, threading\nthreading.stack_size(8 << 20)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from techalign.warm.room import kernels_at_once\nprint(kernels_at_once(130)[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "at once instead of 130: only 2048 MB of memory are allowed" in done.stdout
