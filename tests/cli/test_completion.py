"""Completion in the real shells: installed by the command, asked for as a person does."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign
from tests.command import techalign as techalign_here
from tests.example_client import example_client

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the command on its path, two clients and two notebooks in a folder ``wb``."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    command = bin_ / "techalign"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m techalign "$@"\n')
    command.chmod(0o755)
    work = tmp_path / "wb"
    for name in ("acme", "oak-street"):
        example_client(work / "clients", name, name=name, currency="USD")
    (work / "notebooks").mkdir()
    for name in ("spending", "vendor_risk"):
        (work / "notebooks" / f"{name}.ipynb").write_text("{}")
    (work / "techalign.toml").write_text('clients_dir = "clients"\n')
    return tmp_path


def _environment(home: Path) -> dict[str, str]:
    """What a new shell of this person's has; nothing of the one the tests run in."""
    path = f"{home / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    return {"HOME": str(home), "PATH": path, "PYTHONPATH": str(ROOT), "TERM": "dumb"}


def _call(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(home / "bin" / "techalign"), *words],
        cwd=home / "wb",
        env={**_environment(home), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def _in_bash(home: Path, line: str) -> list[str]:
    """What a new interactive bash offers for a line, with the cursor at its end."""
    words = " ".join(f"'{word}'" for word in line.split(" "))
    code = (
        # a package of the system loads it when it is first asked for; here nobody has asked
        "declare -F _completion_loader >/dev/null && _completion_loader techalign\n"
        f"COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))\n"
        f"COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}\n"
        "function=$(complete -p techalign | sed -E 's/.*-F ([^ ]+).*/\\1/')\n"
        '"$function" techalign "${COMP_WORDS[COMP_CWORD]}" ""\n'
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")
    file = home / "ask.bash"
    file.write_text(f". ~/.bashrc 2>/dev/null\n{code}")
    done = subprocess.run(
        [bash, "--norc", "-i", str(file)],
        cwd=home / "wb",
        env=_environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def _installed_for_bash(home: Path) -> None:
    done = _call(home, "completion", "install", "bash")
    assert done.returncode == 0, done.stderr
    bashrc = home / ".bashrc"
    system = Path("/usr/share/bash-completion/bash_completion")
    if system.exists():  # a start file as distributions write it
        assert not bashrc.exists()
        bashrc.write_text(f". {system}\n")


OFFERED = {
    "techalign ru": ["run"],
    "techalign run ": ["acme", "oak-street"],
    "techalign run acme ": ["oak-street"],
    "techalign run --notebook ven": ["vendor_risk"],
    "techalign run --dry": ["--dry-run"],
    "techalign share oak": ["oak-street"],
    "techalign import x.csv --format xero-p": ["xero-payables"],
    "techalign completion install z": ["zsh"],
}


def test_bash_completes(home: Path) -> None:
    _installed_for_bash(home)
    assert {line: _in_bash(home, line) for line in OFFERED} == OFFERED


def test_a_settings_file_that_is_wrong_completes_nothing_and_says_nothing(home: Path) -> None:
    _installed_for_bash(home)
    (home / "wb" / "techalign.toml").write_text("nonsense = 1\n")
    assert _in_bash(home, "techalign run ") == []


def test_a_shell_without_the_systems_package_reads_it_from_its_start_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from techalign.cli import completion_command

    monkeypatch.setattr(completion_command, "_READS_ITSELF", ())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    bashrc = tmp_path / ".bashrc"
    bashrc.write_text("alias ll='ls -l'")
    for _ in range(2):
        done = CliRunner().invoke(techalign, ["completion", "install", "bash"])
        assert done.exit_code == 0, done.output
    text = bashrc.read_text()
    assert text.startswith("alias ll='ls -l'\n# completion of techalign\n")
    assert text.count("# completion of techalign") == 1
    done = subprocess.run(
        ["bash", "--norc", "-c", f". {bashrc}; complete -p techalign"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "-F _techalign_completion techalign" in done.stdout


def test_zsh_reads_it_from_its_start_file(home: Path) -> None:
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("no zsh on this machine")
    assert _call(home, "completion", "install", SHELL="/usr/bin/zsh").returncode == 0
    # its own completion needs a terminal; the function that was loaded does not
    code = "source ~/.zshrc; print $_comps[techalign]; print ${+functions[_techalign_completion]}"
    done = subprocess.run(
        [zsh, "-f", "-c", code],
        env=_environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["_techalign_completion", "1"]


def test_fish_completes(home: Path) -> None:
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("no fish on this machine")
    assert _call(home, "completion", "install", "fish").returncode == 0
    done = subprocess.run(
        [fish, "-c", "complete -C 'techalign run o'"],
        cwd=home / "wb",
        env=_environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["oak-street"]


def test_without_a_known_shell_one_is_to_be_named(home: Path) -> None:
    done = _call(home, "completion", "install", SHELL="/bin/dash")
    assert done.returncode == 2
    assert "Name one: techalign completion install bash|zsh|fish." in done.stderr
    assert "_TECHALIGN_COMPLETE=bash_complete" in _call(home, "completion", "show", "bash").stdout


def test_the_list_says_how_reports_stand(home: Path) -> None:
    work = home / "wb"
    command = partial(techalign_here, env=_environment(home), cwd=work)
    for name in ("spending", "review"):
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", work / "notebooks")
    (work / "notebooks" / "vendor_risk.ipynb").unlink()
    assert "never run" in command(["list", "clients"]).stdout
    assert command(["run", "acme"]).returncode == 0
    found = json.loads(command(["list", "--json"]).stdout)
    acme, oak = found["clients"]
    assert (acme["client"], acme["reports"]) == ("acme", {"up to date": 2})
    assert acme["last_run"]
    assert (oak["reports"], oak["last_run"]) == ({"never made": 2}, None)
    assert [row["notebook"] for row in found["notebooks"]] == ["review", "spending"]
    assert {"CSV", "xero", "quickbooks"} <= {row["format"] for row in found["formats"]}
    ledger = work / "clients" / "acme" / "ledger.csv"
    ledger.write_text(ledger.read_text() + "\n")
    assert "2 out of date" in command(["list", "clients"]).stdout
    assert command(["list", "formats"]).stdout.count("import --format") > 20
