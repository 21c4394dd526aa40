"""Staleness, retirement and the provisioner on its own."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.asynchronous import AsyncKernelClient

from techalign.warm import ForkProvisioner, NotebookRun, TemplateError, TemplateSettings
from techalign.warm.fingerprint import fingerprint, own_packages
from techalign.warm.owner import Template, Templates, shared
from techalign.warm.protocol import ForkRequest, startup_environment


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "edited_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("answer = 1\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def test_an_edit_reaches_the_next_kernel(
    package: Path, run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str]
) -> None:
    settings = TemplateSettings(preload=("edited_package",))
    cell = "import edited_package; print(edited_package.answer)"
    assert printed(run(cell, settings=settings)) == "1\n"
    first = shared().get(settings, os.environ)
    assert shared().get(settings, os.environ) is first
    (package / "__init__.py").write_text("answer = 23\n")
    assert printed(run(cell, settings=settings)) == "23\n"
    assert not first.is_running()


def test_fingerprint_follows_sources_and_files(package: Path, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    states = [fingerprint(["edited_package"], [str(lock)])]
    for change in (
        lambda: lock.write_text("1"),
        lambda: (package / "sub").mkdir() or (package / "sub" / "a.py").write_text("1"),
        lambda: (package / "sub" / "a.py").rename(package / "sub" / "b.py"),
        lambda: os.utime(package / "sub" / "b.py", ns=(1, 1)),
        lambda: (package / "sub" / "b.py").unlink(),
    ):
        change()
        states.append(fingerprint(["edited_package"], [str(lock)]))
    assert len(set(states)) == 5
    assert states[-1] == states[1]  # the folder left empty holds no source
    (package / "notes.txt").write_text("not a source")
    assert fingerprint(["edited_package"], [str(lock)]) == states[-1]
    assert own_packages(["edited_package.x", "numpy.linalg", "json", "no_such"]) == (
        "edited_package",
    )


def test_a_retired_template_serves_its_kernels_to_the_end(tmp_path: Path) -> None:
    async def scene() -> None:
        template = Template(TemplateSettings(), startup_environment(os.environ), tmp_path / "t")
        template.wait_until_ready()
        lease = template.lease()
        connection = tmp_path / "k.json"
        manager = AsyncKernelManager(
            transport="ipc", connection_file=str(connection), kernel_name="python3"
        )
        manager.write_connection_file()
        request = ForkRequest(str(connection), ("x",), "/", dict(os.environ))
        await lease.fork(request, (1, 2))
        template.retire()
        assert lease.poll() is None
        assert not template.is_running()
        lease.signal(signal.SIGTERM)
        assert await lease.wait() == -signal.SIGTERM
        lease.close()
        manager.cleanup_connection_file()
        await manager.cleanup_resources()

    asyncio.run(scene())
    assert not (tmp_path / "t").exists()


def test_a_template_that_imported_more_serves_too() -> None:
    templates = Templates()
    try:
        fuller = templates.begin(TemplateSettings(("numpy", "pandas"), watch=()), {})
        assert templates.begin(TemplateSettings(("pandas",), watch=()), {}) is fuller
        assert templates.begin(TemplateSettings((), watch=()), {}) is fuller
        for other in (
            TemplateSettings(("scipy",), watch=()),
            TemplateSettings(("pandas",), watch=("techalign",)),
            TemplateSettings(("pandas",), watch=(), files=(__file__,)),
            TemplateSettings(("pandas",), watch=(), apart="this"),
        ):
            assert templates.begin(other, {}) is not fuller
        seeded = {"PYTHONHASHSEED": "1"}  # which only an interpreter's start can heed
        assert templates.begin(TemplateSettings(("pandas",), watch=()), seeded) is not fuller
    finally:
        templates.close()


def test_a_template_that_cannot_start_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly.py").write_text("import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    templates = Templates()
    with pytest.raises(TemplateError, match="ended while starting"):
        templates.get(TemplateSettings(preload=("deadly",)), os.environ)
    templates.close()


def test_missing_modules_are_skipped_and_named(tmp_path: Path) -> None:
    settings = TemplateSettings(preload=("no_such_module", "json"))
    template = Template(settings, startup_environment(os.environ), tmp_path / "t")
    template.wait_until_ready()
    template.close()
    assert template.skipped is not None
    assert list(template.skipped) == ["no_such_module"]
    assert "ModuleNotFoundError" in template.skipped["no_such_module"]


def test_the_directory_is_private() -> None:
    assert shared().directory.stat().st_mode & 0o077 == 0


def test_the_provisioner_serves_any_manager() -> None:
    """Over TCP, with a heartbeat, interrupts and a restart, as JupyterLab would use it."""

    async def ask(client: AsyncKernelClient, code: str) -> str:
        reply = await client.execute(code, reply=True, timeout=60)
        status: str = reply["content"]["status"]
        return status

    async def scene() -> None:
        manager = AsyncKernelManager(kernel_name="python3")
        manager.kernel_id = "0" * 36
        manager.provisioner = ForkProvisioner(
            kernel_id=manager.kernel_id,
            kernel_spec=manager.kernel_spec,
            parent=manager,
            preload=["numpy", "pandas"],
            watch=[],
        )
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        assert await ask(client, "import sys; assert 'pandas' in sys.modules; x = 1") == "ok"
        assert client.hb_channel.is_beating()
        waiting = asyncio.ensure_future(ask(client, "import time; time.sleep(60)"))
        await asyncio.sleep(0.3)
        await manager.interrupt_kernel()
        assert await waiting == "error"
        pid = manager.provisioner.pid
        await manager.restart_kernel()
        await client.wait_for_ready(timeout=60)
        assert manager.provisioner.pid != pid
        assert await ask(client, "x") == "error"
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        assert not await manager.is_alive()

    asyncio.run(scene())
