"""The parts of other libraries that warm kernels use and nobody has promised to keep.

Their versions are capped in pyproject.toml. When one is raised and a part has gone, or takes other
parameters, a test here says which; without it kernels would hang, or answer differently.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import platform
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = sorted((ROOT / "techalign" / "warm").glob("*.py"))


@dataclass(frozen=True)
class Part:
    """A part of a library: where it is, its parameters if it is called or overridden.

    `made_in` is the method that makes an attribute which objects have and their class has not.
    """

    library: str
    place: str
    name: str
    parameters: str | None = None
    made_in: str = ""

    def __str__(self) -> str:
        return f"{self.library}-{self.place.partition(':')[2]}.{self.name}".replace("-.", "-")


def _parts(library: str, place: str, *names: str, made_in: str = "") -> Iterator[Part]:
    """One part for each of ``name``, which is looked at, or ``name(parameters)``."""
    for text in names:
        name, called, rest = text.partition("(")
        yield Part(library, place, name, rest.rstrip(")") if called else None, made_in)


PARTS = [
    # kernel.py: a kernel built before the fork and connected after it, serving without queues
    *_parts(
        "ipykernel",
        "ipykernel.kernelbase:Kernel",
        "_supports_kernel_subshells",
        "_execute_sleep",
        "_abort_queues(subshell_id)",
        "_progressively_terminate_all_children()",
        "_signal_children(signum)",
        "_at_shutdown()",
        "_topic(topic)",
        "execute_request(stream, ident, parent)",
        "shell_main(subshell_id, msg)",
    ),
    *_parts("ipykernel", "ipykernel.kernelbase:Kernel", "_stdout", "_stderr", made_in="__init__"),
    *_parts(
        "ipykernel",
        "ipykernel.ipkernel:IPythonKernel",
        "debugger_class",
        "start()",
        "do_shutdown(restart)",
    ),
    # kernel.py: the steps of an application's start, some done before the fork, some left out
    *_parts(
        "ipykernel",
        "ipykernel.kernelapp:IPKernelApp",
        "control_thread",
        "displayhook_class",
        "outstream_class",
        "parent_handle",
        "init_code()",
        "init_connection_file()",
        "init_extensions()",
        "init_heartbeat()",
        "init_kernel()",
        "init_pdb()",
        "init_sockets()",
        "load_connection_file(connection_file)",
        "write_connection_file(kwargs)",
    ),
    # cells.py: found out once for all kernels
    *_parts("ipykernel", "ipykernel.compiler:", "murmur2_x86(data, seed)", "get_tmp_hash_seed()"),
    # wire.py: what is published at once, and drained when it is flushed
    *_parts("ipykernel", "ipykernel.iostream:IOPubThread", "schedule(f)"),
    *_parts("ipykernel", "ipykernel.iostream:IOPubThread", "io_loop", "background_socket",
            made_in="__init__"),
    *_parts("ipykernel", "ipykernel.iostream:OutStream", "_is_master_process()",
            "_watch_pipe_fd()", "flush()"),
    *_parts("ipykernel", "ipykernel.iostream:OutStream", "_buffer_lock", "_fid", "_should_watch",
            made_in="__init__"),
    *_parts("ipykernel", "ipykernel.iostream:OutStream", "_original_stdstream_copy",
            made_in="_setup_stream_redirects"),
    # cells.py: what IPython finds out from a cell's text
    *_parts("ipython", "IPython.core.interactiveshell:", "_should_be_async(cell)"),
    *_parts("ipython", "IPython.core.displayhook:DisplayHook",
            "semicolon_at_end_of_expression(expression)"),
    *_parts("ipython", "IPython.core.inputtransformer2:TransformerManager",
            "transform_cell(cell)"),
    *_parts("ipython", "IPython.core.inputtransformer2:TransformerManager",
            "cleanup_transforms", "line_transforms", "token_transformers", made_in="__init__"),
    *_parts("ipython", "IPython.core.interactiveshell:InteractiveShell", "ast_transformers"),
    *_parts("ipython", "IPython.core.interactiveshell:InteractiveShell", "compile",
            made_in="init_instance_attrs"),
    *_parts("ipython", "IPython.core.compilerop:CachingCompiler",
            "ast_parse(source, filename, symbol)"),
    # kernel.py: where startup files may be, and steps that a child must not take again
    *_parts("ipython", "IPython.core.application:", "ENV_CONFIG_DIRS", "SYSTEM_CONFIG_DIRS"),
    *_parts("ipython", "IPython.core.application:BaseIPythonApplication",
            "init_config_files()", "init_profile_dir()", "load_config_file(suppress_errors)"),
    *_parts("ipython", "IPython.core.history:HistoryManager", "enabled", "dir_hist"),
    # client.py and wire.py: a manager that is told instead of looking
    *_parts("jupyter_client", "jupyter_client.manager:AsyncKernelManager",
            "_async_wait(pollinterval)", "_connect_control_socket()", "_kill_kernel(restart)",
            "_launch_kernel(kernel_cmd, kw)"),
    *_parts("jupyter_client", "jupyter_client.manager:KernelManager",
            "_attempted_start", "_ready", made_in="__init__"),
    *_parts("jupyter_client", "jupyter_client.session:", "json_packer(obj)", "json_unpacker(s)"),
    # client.py: a notebook client that is told instead of looking
    *_parts(
        "nbclient",
        "nbclient.client:NotebookClient",
        "_async_check_alive()",
        "_async_cleanup_kernel()",
        "_async_poll_kernel_alive()",
        "_cleanup_kernel",
        "async_wait_for_reply(msg_id, cell)",
        "output(outs, msg, display_id, cell_index)",
        "process_message(msg, cell, cell_index)",
        "reset_execution_trackers()",
    ),
    *_parts("nbclient", "nbclient.client:NotebookClient", "output_hook_stack",
            "task_poll_for_reply", made_in="reset_execution_trackers"),
    *_parts("nbclient", "nbclient.client:NotebookClient", "clear_before_next_output",
            made_in="async_execute_cell"),
    # client.py, engine.py and run.py: papermill's run, saved less often
    *_parts("papermill", "papermill.engines:NotebookExecutionManager",
            "save(kwargs)", "cell_complete(cell, cell_index, kwargs)"),
    *_parts("papermill", "papermill.engines:NotebookExecutionManager",
            "autosave_cell_every", "last_save_time", made_in="__init__"),
    *_parts("papermill", "papermill.clientwrap:PapermillNotebookClient",
            "__init__(nb_man, km, raise_on_iopub_timeout, kw)", "papermill_execute_cells()"),
    *_parts("papermill", "papermill.execute:",
            "raise_for_execution_errors(nb, output_path)", "remove_error_markers(nb)"),
    *_parts("papermill", "papermill.utils:", "merge_kwargs(caller_args, callee_args)",
            "remove_args(args, kwargs)"),
    # kernel.py: how an interpreter ends
    *_parts("Python", "threading:", "_shutdown()"),
    *_parts("Python", "atexit:", "_run_exitfuncs()"),
]  # fmt: skip
LIBRARIES = sorted({part.library for part in PARTS} - {"Python"})


def _version(library: str) -> str:
    return platform.python_version() if library == "Python" else metadata.version(library)


def _owner(place: str) -> Any:
    module, _, name = place.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name) if name else found


def _names_in(function: Any) -> set[str]:
    """Attributes that a function touches."""
    code = inspect.unwrap(function).__code__
    return {*code.co_names, *(name for inner in code.co_consts for name in _inner(inner))}


def _inner(constant: object) -> set[str]:
    return set(constant.co_names) if isinstance(constant, types.CodeType) else set()


def departure(part: Part) -> str:
    """What is not as the engine expects it; empty if all is."""
    where = f"{part.library} {_version(part.library)}: {part.place}.{part.name}".replace(":.", ".")
    try:
        owner = _owner(part.place)
    except (ImportError, AttributeError) as error:
        return f"{where} cannot be there: {error}"
    if part.made_in:
        maker = getattr(owner, part.made_in, None)
        made = maker is not None and part.name in _names_in(maker)
        return "" if made else f"{where} is no longer made by {part.made_in}()"
    if not hasattr(owner, part.name):
        return f"{where} is gone"
    if part.parameters is None:
        return ""
    try:
        signature = inspect.signature(getattr(owner, part.name))
    except ValueError:  # written in C
        return ""
    takes = ", ".join(name for name in signature.parameters if name not in {"self", "cls"})
    return "" if takes == part.parameters else f"{where} takes ({takes}), not ({part.parameters})"


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_a_part_is_as_the_engine_expects_it(part: Part) -> None:
    if found := departure(part):
        pytest.fail(f"{found}; see what uses it in techalign/warm before raising the cap")


def test_a_part_that_has_changed_is_named() -> None:
    place = "ipykernel.kernelbase:Kernel"
    version = f"ipykernel {metadata.version('ipykernel')}: {place}"
    assert departure(Part("ipykernel", place, "_gone")) == f"{version}._gone is gone"
    made = Part("ipykernel", place, "_gone", made_in="__init__")
    assert departure(made) == f"{version}._gone is no longer made by __init__()"
    other = Part("ipykernel", place, "_topic", "subject")
    assert departure(other) == f"{version}._topic takes (topic), not (subject)"
    assert "No module named" in departure(Part("ipykernel", "ipykernel.moved:", "x"))


@pytest.mark.parametrize("library", LIBRARIES)
def test_its_version_is_capped_for_a_reason(library: str) -> None:
    name = library.replace("_", "-")
    text = (ROOT / "pyproject.toml").read_text()
    line = re.search(rf'^ *"{name}>=[^"]*<[^"]*",(.*)$', text, re.MULTILINE)
    assert line, f"pyproject.toml does not cap {name}"
    named = [part.name for part in PARTS if part.library == library and part.name in line[1]]
    assert named, f"no part of {name} is named beside its cap"


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _defined(tree: ast.Module) -> set[str]:
    """Private names that a module of the engine makes itself."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
    return found


def test_every_private_part_that_is_used_is_listed() -> None:
    trees = [ast.parse(path.read_text()) for path in ENGINE]
    used = {n.attr for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    own = set().union(*map(_defined, trees)) | {"_exit"}  # os._exit is documented
    listed = {part.name for part in PARTS}
    assert {name for name in used if _private(name)} - own - listed == set()


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.stem)
def test_every_private_part_that_is_overridden_is_listed(path: Path) -> None:
    module = importlib.import_module(f"techalign.warm.{path.stem}")
    listed = {part.name for part in PARTS}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            bases = [
                base
                for base in getattr(module, node.name).__mro__
                if base.__module__.partition(".")[0]
                in {"ipykernel", "IPython", "jupyter_client", "nbclient", "papermill"}
            ]
            theirs = {name for base in bases for name in vars(base)}
            for base in bases:
                functions = filter(inspect.isfunction, vars(base).values())
                theirs |= {name for function in functions for name in _names_in(function)}
            ours = {name for name in _defined(ast.Module([node], [])) if _private(name)}
            assert ours & theirs - listed == set(), node.name
