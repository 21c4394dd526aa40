"""Plots drawn for kernels: the same pictures, less memory, and no dependence on who draws."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from techalign.batch.warm import NotebookRun, TemplateSettings
from techalign.batch.warm.drawing import DrawnElsewhere
from techalign.batch.warm.owner import shared
from techalign.batch.warm.protocol import frame

PLOT = (
    "import hashlib, lets_plot as lp\n"
    "from techalign.charts.svg import clean_svg  # for what lets-plot names at random\n"
    "def picture(points):\n"
    "    data = dict(x=list(range(points)), y=[(7 * i) % 11 / 3 for i in range(points)])\n"
    "    svg = clean_svg((lp.ggplot(data, lp.aes('x', 'y')) + lp.geom_line()).to_svg(), '')\n"
    "    return len(svg), hashlib.sha256(svg.encode()).hexdigest()\n"
)
OWN = "import lets_plot_kotlin_bridge as b; b.export_svg = b.export_svg._draw\n"
DIRTY = (
    "def dirty():\n"
    "    text = open('/proc/self/smaps_rollup').read()\n"
    "    return int(text.split('Private_Dirty:')[1].split()[0]) / 1024\n"
)

Run = Callable[..., NotebookRun]
Printed = Callable[[NotebookRun], str]


@pytest.fixture
def drawers(settings: TemplateSettings) -> Callable[[], set[int]]:
    """Return the children that the template has while no kernel runs."""

    def find() -> set[int]:
        template = shared().get(settings, os.environ).pid
        children = Path(f"/proc/{template}/task/{template}/children").read_text()
        return {int(pid) for pid in children.split()}

    return find


def test_a_picture_drawn_elsewhere_is_the_one_a_kernel_draws(run: Run, printed: Printed) -> None:
    done = printed(run(PLOT, "print(picture(50))", OWN, "print(picture(50))")).splitlines()
    assert done[0] == done[1]
    assert int(done[0].strip("(").split(",")[0]) > 2_000


def test_a_kernel_is_spared_the_memory_of_drawing(run: Run, printed: Printed) -> None:
    cells = (PLOT, DIRTY, "before = dirty()", "picture(50)", "print(dirty() - before)")
    spared = float(printed(run(*cells)))
    paid = float(printed(run(OWN, *cells)))
    assert spared < 5 < 12 < paid


def test_one_that_was_killed_is_replaced(
    run: Run, printed: Printed, drawers: Callable[[], set[int]]
) -> None:
    shape = printed(run(PLOT, "print(picture(20))"))
    before = drawers()
    time.sleep(1.1)  # one that lives shorter is given up
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert printed(run(PLOT, "print(picture(20))")) == shape
    after = drawers()
    assert len(after) == len(before)
    assert not after & before


def test_one_makes_room_for_another_before_it_grows_large(tmp_path: Path) -> None:
    script = (
        "import socket, sys, types\n"
        "from techalign.batch.warm import drawing\n"
        "bridge = types.SimpleNamespace(export_svg=lambda *given: f'{given}')\n"
        "sys.modules['lets_plot_kotlin_bridge'], drawing._PICTURES = bridge, 2\n"
        "listener = socket.socket(socket.AF_UNIX)\n"
        "listener.bind(sys.argv[1]); listener.listen(3)\n"
        "print('listening', flush=True)\n"
        "drawing.serve(listener)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "plots")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"
        there = DrawnElsewhere(tmp_path / "plots", lambda *_: "here")
        assert [there(n) for n in range(2)] == ["(0,)", "(1,)"]
        assert process.wait(20) == 0
    assert there(2) == "here"


def test_kernels_draw_when_nobody_else_does(
    run: Run, printed: Printed, drawers: Callable[[], set[int]]
) -> None:
    shape = printed(run(PLOT, "print(picture(21))"))
    gone = time.monotonic()
    while time.monotonic() < gone + 0.5:  # one that is killed at once is the last
        for pid in drawers():
            os.kill(pid, signal.SIGKILL)
            gone = time.monotonic()
        time.sleep(0.02)
    assert not drawers()
    assert printed(run(PLOT, "print(picture(21))")) == shape
    shared().close()  # the next test shall find a template that has some


def test_none_outlives_its_template(run: Run, drawers: Callable[[], set[int]]) -> None:
    run(PLOT)
    pids = drawers()
    assert pids
    shared().close()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_a_call_that_fails_does_so_in_its_cell(run: Run) -> None:
    done = run("import lets_plot_kotlin_bridge as b", "b.export_svg({})")
    assert done.failed_cell == 1
    assert "TypeError" in str(done.failure)


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Callable[[bytes | None], Path]]:
    """Start one that answers a single request as it is told; None: never."""
    listeners = []

    def start(answer: bytes | None) -> Path:
        listener = socket.socket(socket.AF_UNIX)
        listeners.append(listener)
        listener.bind(str(tmp_path / "plots"))
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                if answer is None:
                    time.sleep(1)
                else:
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return tmp_path / "plots"

    yield start
    for listener in listeners:
        listener.close()


def test_what_is_sent_comes_back(answering: Callable[[bytes | None], Path]) -> None:
    there = DrawnElsewhere(answering(frame(b"<svg>there</svg>")), lambda *_: "here")
    assert there({"a": 1.5}, -1.0) == "<svg>there</svg>"


@pytest.mark.parametrize(
    "answer",
    [frame(b""), frame(b"<svg>half")[:-2], b"", None],
    ids=["failed", "half", "gone", "silent"],
)
def test_a_kernel_does_itself_what_it_gets_no_picture_of(
    answer: bytes | None,
    answering: Callable[[bytes | None], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("techalign.batch.warm.drawing._SECONDS", 0.2)
    assert DrawnElsewhere(answering(answer), lambda *_: "here")({"a": 1}, -1.0) == "here"


@pytest.mark.parametrize(
    "plot",
    [{"a": float("nan")}, {"a": object()}, {"a": "x" * 2_000_001}],
    ids=["nan", "object", "long"],
)
def test_a_kernel_does_itself_what_is_no_short_json(plot: object, tmp_path: Path) -> None:
    seen = []
    draw = DrawnElsewhere(tmp_path / "nobody", lambda *given: str(seen.append(given)))
    assert draw(plot, -1.0) == "None"
    assert seen == [(plot, -1.0)]
