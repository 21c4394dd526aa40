"""Cells looked at before the fork run as if nobody had."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from types import SimpleNamespace

import ipykernel.compiler
import pytest
from IPython.core import interactiveshell
from IPython.core.displayhook import DisplayHook
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from techalign.warm import NotebookRun, TemplateSettings
from techalign.warm.cells import foresee
from techalign.warm.owner import shared

CELLS = (
    "x = 1\nx + 1",
    "%time y = 2\n!echo shell",
    "import asyncio\nawait asyncio.sleep(0)",
    "x;",
    "\n\n    indented = 1\n",
    "x?",
    "'''\n%not_magic\n'''",
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the questions that reach IPython itself; undo what `foresee` puts in its place."""
    asked: list[str] = []
    monkeypatch.setattr(inspect, "getmodule", inspect.getmodule)

    def counted(name: str, function: Callable[..., object]) -> Callable[..., object]:
        return lambda *arguments: asked.append(name) or function(*arguments)

    places = {
        "awaits": (interactiveshell, "_should_be_async"),
        "ends": (DisplayHook, "semicolon_at_end_of_expression"),
        "name": (ipykernel.compiler, "murmur2_x86"),
    }
    for name, (place, attribute) in places.items():
        function = counted(name, getattr(place, attribute))
        monkeypatch.setattr(
            place, attribute, staticmethod(function) if place is DisplayHook else function
        )
    return asked


def answers(manager: TransformerManager, cell: str) -> tuple[str, bool, bool | None, str]:
    text = manager.transform_cell(cell)
    return (
        text,
        interactiveshell._should_be_async(text),
        DisplayHook.semicolon_at_end_of_expression(text.rstrip("\n")),
        ipykernel.compiler.get_file_name(cell),
    )


@pytest.mark.parametrize("cell", CELLS)
def test_answers_are_ipythons_and_found_once(cell: str, asked: list[str]) -> None:
    expected = answers(TransformerManager(), cell)
    manager = TransformerManager()
    look = foresee(SimpleNamespace(input_transformer_manager=manager, ast_transformers=[]))
    look([cell])
    assert sorted(asked) == ["awaits", "awaits", "ends", "ends", "name", "name"]
    for _ in range(2):
        look([cell])
        assert answers(manager, cell) == expected
    assert len(asked) == 6


def test_a_shell_asks_as_foreseen(asked: list[str]) -> None:
    shell = InteractiveShell()
    look = foresee(shell)
    cells = [cell for cell in CELLS if "await" not in cell and "%time" not in cell]  # it asks, too
    look(cells)
    del asked[:]
    with capture_output():
        for cell in cells:
            shell.run_cell(cell, store_history=True)
    assert "ends" not in asked
    assert "awaits" not in asked


@pytest.mark.parametrize(
    ("preloaded", "cell"),
    [
        ("json", "from scipy import stats as st"),
        ("json.decoder", "if 1:\n    import numpy, scipy.stats"),
    ],
)
def test_a_large_library_is_imported_for_all_once_a_cell_does(
    preloaded: str,
    cell: str,
    run: Callable[..., NotebookRun],
    printed: Callable[[NotebookRun], str],
) -> None:
    settings = TemplateSettings((preloaded,), watch=())  # its own template
    seen = "import sys; print('scipy.stats' in sys.modules)"
    assert printed(run(seen, "stats = 'scipy'", settings=settings)) == "False\n"
    assert printed(run(seen, cell, settings=settings)) == "True\n"
    assert printed(run(seen, settings=settings)) == "True\n"


def test_what_has_something_to_say_is_left_to_say_it(asked: list[str]) -> None:
    shell = SimpleNamespace(input_transformer_manager=TransformerManager(), ast_transformers=[])
    look = foresee(shell)
    look(["1 is 1", "'\\d'", "f(", "(" * 5_000, "-" * 9_000 + "1", "x = '''", "y = 1  #" * 2_000])
    assert asked == []


def test_a_warning_of_the_compiler_is_seen_as_often_as_ever(
    run: Callable[..., NotebookRun],
) -> None:
    done = run("1 is 1")
    done.raise_for_failure()
    text = "".join(output.get("text", "") for output in done.notebook.cells[0].outputs)
    assert text.count("SyntaxWarning") == 3  # twice for whether it awaits, once to run it


def test_a_notebooks_own_transformer_is_heeded(
    run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str]
) -> None:
    shout = (
        "from IPython.core.inputtransformer2 import TokenTransformBase\n"
        "class Shout(TokenTransformBase):\n"
        "    @classmethod\n"
        "    def find(cls, lines):\n"
        "        starts = (t for line in lines for t in line if t.string == 'quiet')\n"
        "        return next((cls(t.start) for t in starts), None)\n"
        "    def transform(self, lines):\n"
        "        return [line.replace('quiet', 'LOUD') for line in lines]\n"
    )
    add = "get_ipython().input_transformer_manager.token_transformers.append(Shout)"
    say = "quiet = LOUD = 'LOUD'; print('quiet' + quiet)"
    assert printed(run(say, shout, add, say)) == "quietLOUD\nLOUDLOUD\n"


COMPILATIONS = """
import builtins, sys
told, compile_of_python = [], compile
def counted(source, filename, *rest, **options):
    if "ipykernel_" in filename:
        told.append(sys._getframe(1).f_code.co_name)
    return compile_of_python(source, filename, *rest, **options)
builtins.compile = counted
"""


def test_a_cell_is_compiled_before_the_fork_and_again_where_it_must_be(
    run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str]
) -> None:
    once = "x = 1\ny = 2\nlen(told)"
    transformer = "import ast; get_ipython().ast_transformers.append(ast.NodeTransformer())"
    done = run(
        COMPILATIONS, once, once, "from __future__ import annotations", "len(told)",
        transformer, "'of another kind'; print(len(told))",
    )  # fmt: skip
    done.raise_for_failure()
    values = [
        o.data["text/plain"] for cell in done.notebook.cells for o in cell.outputs if "data" in o
    ]
    # the same again is parsed and compiled, three statements; what has to do with __future__, too;
    # after that, statements of cells are compiled under another flag
    assert values == ["0", "4", "7"]
    assert printed(done) == "11\n"


def test_what_a_magic_compiles_is_compiled_by_it(
    run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str]
) -> None:
    done = run("%time print('timed', sum(range(9)))", "%%time\nprint('all of it')")
    done.raise_for_failure()
    assert "timed 36\n" in printed(done)
    assert "all of it\n" in printed(done)


def test_code_compiled_before_the_fork_bears_the_names_of_its_own_kernel(
    run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str]
) -> None:
    done = run(
        "import inspect, os\n"
        "f = lambda: [inspect.currentframe() for _ in '1'][0]\n"
        "names = {inspect.currentframe().f_code.co_filename, f().f_code.co_filename}\n"
        "print(len(names), f'ipykernel_{os.getpid()}{os.sep}' in names.pop())\n"
        "print(inspect.getsource(f), end='')"
    )
    assert printed(done) == "1 True\nf = lambda: [inspect.currentframe() for _ in '1'][0]\n"


def test_the_template_survives_what_no_parser_can_take(
    run: Callable[..., NotebookRun], settings: TemplateSettings
) -> None:
    run("1")
    template = shared().get(settings, os.environ)
    deep = ("(" * 9_000, "-" * 9_999 + "1", "a" + ".a" * 4_900, "[" * 150 + "]" * 150)
    assert not run(*deep).succeeded
    assert shared().get(settings, os.environ) is template


def test_a_recursion_without_an_end_does_not_search_all_modules_for_each_frame(
    run: Callable[..., NotebookRun],
) -> None:
    done = run(
        "import inspect\n"
        "here = inspect.currentframe()\n"
        "print(inspect.getmodule(here), inspect.getmodule(inspect).__name__)\n"
        "searched = []\n"
        "kept, inspect.ismodule = inspect.ismodule, lambda m: searched.append(m) or kept(m)",
        "def f(): f()\nf()",
        "print(len(searched) < 20_000)",
        allow_errors=True,
    )
    outputs = [cell.outputs[-1] for cell in done.notebook.cells]
    assert outputs[0].text == "None inspect\n"
    assert outputs[1].ename == "RecursionError"
    assert outputs[2].text == "True\n"
