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
from techalign.errors import InputError
from techalign.storage import read_inside

__all__ = ["client_fingerprint", "code_fingerprint", "file_fingerprint", "job_key"]

_PLACES = {"clients_dir", "reports_dir"}
_CODE_ENDINGS = {".py", ".j2", ".css", ".js", ".toml", ".csv"}


def code_fingerprint() -> str:
    """Fingerprint of the package's code, its reference data and the installed libraries."""
    digest = hashlib.sha256(sys.version.encode())
    package = Path(techalign.__file__).parent
    reference = [package / "workbook" / "datasets", package.parent / "datasets"]
    for folder in (package, *(r / "reference" for r in reference)):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _CODE_ENDINGS and path.is_file():
                digest.update(f"{path.relative_to(folder)}\0".encode())
                digest.update(path.read_bytes())
    # a library's folder names its version; reading the metadata of each would take longer
    libraries = sorted(p.name for p in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    digest.update("\n".join(libraries).encode())
    return digest.hexdigest()


def client_fingerprint(folder: Path) -> str:
    """Fingerprint of a client's profile and tables and of what its practice has seen.

    It is "" if the folder cannot be read.
    """
    digest = hashlib.sha256(file_fingerprint(folder.parent / EXPERIENCE).encode())
    try:
        for path in sorted(folder.iterdir()):
            if path.name == "client.toml" or path.name.casefold().endswith(TABLE_ENDINGS):
                data = read_inside(path, folder)
                digest.update(f"{path.name}\0{len(data)}\0".encode())
                digest.update(data)
    except (OSError, InputError):
        return ""
    return digest.hexdigest()


def file_fingerprint(path: Path) -> str:
    """Checksum of one file; "" if it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def job_key(
    *,
    notebook: str,
    parameters: Mapping[str, object],
    client: str,
    code: str,
    history: str = "",
    show_code: bool = False,
) -> str:
    """Combine the fingerprints of a job.

    Parameters
    ----------
    notebook, client, code : str
        Fingerprints.
    parameters : mapping
        Checked values. Where tables and reports lie is left out: it changes no report.
    history : str
        Fingerprint of the kept records of earlier reviews.
    show_code : bool
        Whether the page holds code.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    values = {name: value for name, value in parameters.items() if name not in _PLACES}
    parts = [notebook, client, code, json.dumps(values, sort_keys=True, default=str)]
    parts += [history, "with code" if show_code else ""]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
