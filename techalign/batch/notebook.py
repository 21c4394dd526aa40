"""A notebook's file as people bring it: of any format, with or without a language or a kernel.

What Jupyter itself would take is taken: older formats are converted, and what says no language is
Python unless its kernel's name says otherwise. A notebook in Python runs here, in the environment
of this program, whatever its kernel was called where it was written. One in another language runs
in its own kernel, if there is one.
"""

from __future__ import annotations

import base64
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from techalign.errors import ParameterError

__all__ = [
    "OF_A_CLIENT",
    "PYTHON_KERNEL",
    "REVIEW",
    "find_notebooks",
    "kernel_of",
    "language_of",
    "notebook_node",
    "notebook_title",
    "read_notebook",
    "tags_of",
    "with_review",
]

OF_A_CLIENT = frozenset({"client", "clients_dir", "as_of"})
"""Parameters which a run itself gives, each a text."""

REVIEW = "review"
"""The notebook whose page is a client's front page: it runs when the others have ended."""

PYTHON_KERNEL = "python3"
"""The kernel that runs notebooks in Python."""

_FORMAT = 4
_IS_PYTHON = re.compile(r"(i?python|pyspark|sagemath|xpython)[\d.]*")

_KERNELS = {
    "bash": ("bash", "pip install bash_kernel && python -m bash_kernel.install"),
    "ir": ("r", "R -e 'install.packages(\"IRkernel\"); IRkernel::installspec()'"),
    "julia": ("julia", "julia -e 'using Pkg; Pkg.add(\"IJulia\")'"),
    "deno": ("typescript", "deno jupyter --install"),
    "octave": ("octave", "pip install octave_kernel"),
    "sas": ("sas", "pip install sas_kernel"),
    "scala": ("scala", ""),
    ".net-csharp": ("c#", "dotnet tool install -g Microsoft.dotnet-interactive"),
    ".net-fsharp": ("f#", "dotnet tool install -g Microsoft.dotnet-interactive"),
    "javascript": ("javascript", ""),
    "xcpp": ("c++", ""),
    "spylon-kernel": ("scala", ""),
}
"""How a kernel's name begins, to its language and the command that installs it."""


_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}
_PICTURES |= {"webp": "image/webp", "svg": "image/svg+xml"}
_PICTURE = re.compile(
    r"!\[(?P<alt>[^\]]*)\]\(<?(?P<name>[^():<>]+\.(?P<kind>png|jpe?g|gif|webp|svg))>?"
    r"(?:\s+\"[^\"]*\")?\)",
    re.IGNORECASE,
)
_LARGEST_PICTURE = 2_000_000  # bytes
_NAME_IT = "Run it in the workbook's folder, or name the notebooks' with --notebooks-dir."


def find_notebooks(notebooks_dir: Path, names: Sequence[str] = ()) -> list[Path]:
    """Find notebooks by name; all of the folder's by default, sorted.

    Raises
    ------
    ParameterError
        If the folder or a named notebook is not there.
    """
    if not notebooks_dir.is_dir():
        raise ParameterError("is not a folder", where=str(notebooks_dir), remedy=_NAME_IT)
    present = {p.stem: p for p in sorted(notebooks_dir.glob("*.ipynb"))}
    if not present:
        raise ParameterError("holds no notebook", where=str(notebooks_dir), remedy=_NAME_IT)
    for name in names:
        if name not in present:
            raise ParameterError(
                "is not a notebook here",
                where="--notebook",
                value=name,
                remedy=f"There are {', '.join(present)}.",
            )
    return [present[name] for name in names] if names else list(present.values())


def with_review(notebooks: Sequence[Path], notebooks_dir: Path) -> list[Path]:
    """Notebooks, and the folder's review, which follows any of them."""
    review = notebooks_dir / f"{REVIEW}.ipynb"
    return [*notebooks, *([review] if review not in notebooks and review.is_file() else [])]


def read_notebook(path: Path) -> dict[str, Any]:
    """Read a notebook's file, converted to format 4 if it is of an older one.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        The notebook as it stands in the file; ``cells`` is a list, ``metadata`` a mapping.

    Raises
    ------
    ParameterError
        If the file cannot be read, is no notebook or not a whole one.
    """
    if path.exists() and not path.is_file():  # a folder, or a pipe that nobody writes to
        raise ParameterError("is not a file", where=str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
        loaded = json.loads(text)
        notebook: dict[str, Any] = _converted(text) if _is_older(loaded) else loaded
        notebook["cells"] = list(notebook["cells"])
    except OSError as error:
        raise ParameterError(
            f"cannot be read: {error.strerror or error}", where=str(path), remedy="Check the path."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ParameterError(
            "cannot be read as a notebook",
            where=path.name,
            remedy="Open it in JupyterLab and save it, or take it out of the folder.",
        ) from error
    if notebook.get("nbformat") != _FORMAT or not all(map(_is_cell, notebook["cells"])):
        raise ParameterError(
            f"is not a whole notebook of format {_FORMAT}",
            where=path.name,
            remedy="Open it in JupyterLab and save it.",
        )
    if not isinstance(notebook.get("metadata"), dict):
        notebook["metadata"] = {}
    return notebook


def notebook_node(path: Path) -> Any:
    """A notebook's file as what runs notebooks takes it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    NotebookNode
        Of format 4.

    Raises
    ------
    ParameterError
        As :func:`read_notebook` raises it.
    """
    import nbformat

    notebook = read_notebook(path)
    for part in ("kernelspec", "language_info"):
        if not _part(notebook, part):
            notebook["metadata"].pop(part, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ids that are missing or repeated, which harms nothing
        read = nbformat.reads(json.dumps(notebook), as_version=_FORMAT)
    for cell in read.cells:
        cell.metadata["tags"] = tags_of(cell)
        if cell.cell_type == "markdown":
            _attach_pictures(cell, path.parent)
    return read


def _attach_pictures(cell: Any, folder: Path) -> None:
    """Put pictures that a text shows from beside its notebook into it, as an attachment is."""

    def attached(match: re.Match[str]) -> str:
        file, kind = folder / match["name"], _PICTURES[match["kind"].casefold()]
        try:
            is_beside = file.resolve().is_relative_to(folder.resolve())
            if not is_beside or file.stat().st_size > _LARGEST_PICTURE:
                return match[0]
            data = base64.b64encode(file.read_bytes()).decode("ascii")
        except OSError:
            return match[0]
        name = f"{len(cell.get('attachments', {}))}-{file.name}".replace(" ", "-")
        cell.setdefault("attachments", {})[name] = {kind: data}
        return f"![{match['alt']}](attachment:{name})"

    cell["source"] = _PICTURE.sub(attached, cell["source"])


def notebook_title(path: Path) -> str:
    """The first level-one heading of a notebook; its file's name if there is none."""
    for cell in read_notebook(path)["cells"]:
        if cell["cell_type"] == "markdown":
            for line in "".join(cell["source"]).splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return path.stem.replace("_", " ").capitalize()


def tags_of(cell: Mapping[str, Any]) -> list[str]:
    """A cell's tags; none where there are none or what stands there is no list."""
    tags = cell["metadata"].get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def language_of(notebook: Mapping[str, Any]) -> str:
    """The language a notebook is written in, in small letters.

    Parameters
    ----------
    notebook : mapping
        Of format 4; what its metadata say of the language comes before its kernel's name.

    Returns
    -------
    str

    Examples
    --------
    >>> language_of({"metadata": {"kernelspec": {"name": "python3"}}})
    'python'
    >>> language_of({"metadata": {"kernelspec": {"name": "ir"}}})
    'r'
    """
    spec, info = (_part(notebook, part) for part in ("kernelspec", "language_info"))
    # at the top in format 3
    oldest = notebook["metadata"].get("language")
    named = str(info.get("name") or spec.get("language") or oldest or "").casefold()
    if named:
        return "python" if _IS_PYTHON.fullmatch(named) else named
    kernel = _by_name(str(spec.get("name", "")))
    return kernel[0] if kernel else "python"


def kernel_of(notebook: Mapping[str, Any]) -> str:
    """The kernel a notebook runs in here.

    Parameters
    ----------
    notebook : mapping
        Of format 4.

    Returns
    -------
    str
        The name of an installed kernel.

    Raises
    ------
    ParameterError
        If it is of another language than Python and no kernel of that language is installed.
    """
    language = language_of(notebook)
    if language == "python":
        return PYTHON_KERNEL
    # a second to import, which is not spent for notebooks in Python
    from jupyter_client.kernelspec import KernelSpecManager

    name = str(_part(notebook, "kernelspec").get("name", ""))
    installed: dict[str, Any] = KernelSpecManager().get_all_specs()
    if name in installed:
        return name
    for other, known in sorted(installed.items()):
        if str(known["spec"].get("language", "")).casefold() == language:
            return other
    raise ParameterError(
        f"it is written in {language}, and no kernel for that is installed here",
        where=f"kernel '{name}'" if name else "",
        remedy=_remedy(name, language),
    )


def _remedy(name: str, language: str) -> str:
    found = _by_name(name) or next((k for k in _KERNELS.values() if k[0] == language), None)
    if found and found[1]:
        return f"Install one: {found[1]}."
    return "Install one (jupyter kernelspec list shows those there are), or write it in Python."


def _by_name(name: str) -> tuple[str, str] | None:
    begins = [known for known in _KERNELS if name.casefold().split("-1.")[0] == known]
    return _KERNELS[begins[0]] if begins else None


def _part(notebook: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = notebook["metadata"].get(name)
    return part if isinstance(part, Mapping) else {}


def _is_older(loaded: Any) -> bool:
    return "worksheets" in loaded and loaded.get("nbformat", 2) in {2, 3}


def _converted(text: str) -> dict[str, Any]:
    """The notebook in the present format; ValueError if it has not the parts of the older one."""
    import nbformat

    try:
        converted: dict[str, Any] = nbformat.reads(text, as_version=_FORMAT)
    except Exception as error:  # each format has a reader of its own, and errors of its own
        raise ValueError(str(error)) from error
    return converted


def _is_cell(cell: Any) -> bool:
    needed = {"cell_type", "metadata", "source"}
    if isinstance(cell, dict) and cell.get("cell_type") == "code":
        needed |= {"outputs", "execution_count"}
    whole = isinstance(cell, dict) and needed <= cell.keys() and isinstance(cell["metadata"], dict)
    return whole and _is_text(cell["source"])


def _is_text(source: Any) -> bool:
    """Whether a cell's source is what nbformat writes: a text, or a list of its lines."""
    if isinstance(source, Sequence) and not isinstance(source, str):
        return all(isinstance(line, str) for line in source)
    return isinstance(source, str)
