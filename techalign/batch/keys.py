"""A job's key: a fingerprint of everything its report is made from.

Equal keys mean equal reports, so a report whose record has the job's key is not made again.
"""

from __future__ import annotations

import hashlib
import json
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import techalign
from techalign.client.experience import EXPERIENCE
from techalign.client.folder import TABLE_ENDINGS
from techalign.client.scenarios import FOLDER as SCENARIOS
from techalign.errors import InputError
from techalign.storage import read_inside, read_plain

__all__ = ["client_parts", "code_parts", "file_fingerprint", "job_parts", "key_of"]

_PLACES = {"clients_dir", "reports_dir"}
_CODE_ENDINGS = {".py", ".j2", ".css", ".js", ".toml", ".csv"}
_SHORT = 12  # digits of a fingerprint that is only kept to say what changed


def code_parts() -> dict[str, str]:
    """Fingerprints of the package with its reference data, and of the installed libraries."""
    digest = hashlib.sha256()
    package = Path(techalign.__file__).parent
    reference = [package / "workbook" / "datasets", package.parent / "datasets"]
    for folder in (package, *(r / "reference" for r in reference)):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _CODE_ENDINGS and path.is_file():
                digest.update(f"{path.relative_to(folder)}\0".encode())
                digest.update(path.read_bytes())
    # a library's folder names its version; reading the metadata of each would take longer
    libraries = sorted(p.name for p in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    installed = "\n".join([sys.version, *libraries])
    return {
        "techalign": digest.hexdigest(),
        "libraries": hashlib.sha256(installed.encode()).hexdigest(),
    }


def client_parts(folder: Path) -> dict[str, str]:
    """Fingerprints of a client's profile, tables, scenarios and of what its practice has seen.

    There are none if the folder cannot be read.
    """
    parts = {f"file {EXPERIENCE}": file_fingerprint(folder.parent / EXPERIENCE)}
    try:
        inside = sorted(folder.iterdir())
        names = {path.name for path in inside}
        kept = sorted((folder / SCENARIOS).iterdir()) if SCENARIOS in names else []
        for path in (*inside, *kept):
            wanted = path.name == "client.toml" or path.parent.name == SCENARIOS
            if wanted or path.name.casefold().endswith(TABLE_ENDINGS):
                data = read_inside(path, folder)
                parts[f"file {path.name}"] = hashlib.sha256(data).hexdigest()
    except (OSError, InputError):
        return {}
    return parts


def file_fingerprint(path: Path) -> str:
    """Checksum of one file; "" if it is not there."""
    try:
        return hashlib.sha256(read_plain(path)).hexdigest()
    except OSError:
        return ""


def job_parts(
    *,
    notebook: str,
    beside: str,
    parameters: Mapping[str, object],
    client: Mapping[str, str],
    code: Mapping[str, str],
    history: str = "",
    show_code: bool = False,
) -> dict[str, str]:
    """Put together all that a report is made from.

    Parameters
    ----------
    notebook, beside : str
        Fingerprints of the notebook and of the files beside it that it names.
    parameters : mapping
        Checked values. Where tables and reports lie is left out: it changes no report.
    client, code : mapping
        As :func:`client_parts` and :func:`code_parts` give them.
    history : str
        Fingerprint of the kept records of earlier reviews.
    show_code : bool
        Whether the page holds code.

    Returns
    -------
    dict
        Fingerprints by name; what is not there has none.
    """
    values = {
        f"parameter {name}": hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
        for name, value in parameters.items()
        if name not in _PLACES
    }
    parts = {"notebook": notebook, "beside": beside, "history": history}
    parts["show code"] = "yes" if show_code else ""
    return {name: part for name, part in {**parts, **client, **code, **values}.items() if part}


def key_of(parts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The key of all parts together, and each part short enough to be kept with a report.

    Examples
    --------
    >>> key_of({"notebook": "c" * 64})[1]
    {'notebook': 'cccccccccccc'}
    """
    whole = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return whole, {name: part[:_SHORT] for name, part in parts.items()}
