"""Pages of the reference: one a public package, its modules in turn, what each hands on."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

import techalign

# people reach these through the command line, whose pages are made from its commands
_OTHERWISE = {"cli", "__main__", "workbook"}


def public_packages() -> list[ModuleType]:
    """Import what says, in ``__all__`` of itself or of its modules, what it is for."""
    names = sorted(module.name for module in pkgutil.iter_modules(techalign.__path__))
    modules = [importlib.import_module(f"techalign.{n}") for n in names if n not in _OTHERWISE]
    return [module for module in modules if public_names(module)]


def public_names(package: ModuleType) -> list[tuple[str, str]]:
    """Give the defining module and the name of everything a package hands on, once each.

    A package without ``__all__`` hands on what its modules do.
    """
    if hasattr(package, "__all__") or not hasattr(package, "__path__"):
        names = getattr(package, "__all__", [])
        return [(_home(package, name), name) for name in names]
    modules = (
        importlib.import_module(f"{package.__name__}.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
    )
    return list(dict.fromkeys(pair for module in modules for pair in public_names(module)))


def _home(module: ModuleType, name: str) -> str:
    """Find the module whose source defines a name."""
    found = getattr(module, name)
    if inspect.isfunction(found) or inspect.isclass(found):
        return found.__module__
    # a constant does not say where it comes from
    for node in ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            return _home(importlib.import_module(str(node.module)), name)
    for below in pkgutil.iter_modules(getattr(module, "__path__", [])):
        # packages hand some things on only when they are asked for
        other = importlib.import_module(f"{module.__name__}.{below.name}")
        if name in getattr(other, "__all__", []):
            return _home(other, name)
    return module.__name__


def reference_page(package: ModuleType) -> str:
    """Write one package's page."""
    lines = [f"# {package.__name__}", "", f"::: {package.__name__}", *_options(heading=False), ""]
    homes: dict[str, list[str]] = {}
    for home, name in public_names(package):
        homes.setdefault(home, []).append(name)
    for home, names in sorted(homes.items()):
        if not f"{home}.".startswith(f"{package.__name__}."):
            # it stands on the page of the package it comes from
            links = ", ".join(f"[`{name}`][{home}.{name}]" for name in sorted(names))
            lines += [f"From [`{home}`][{home}]: {links}.", ""]
            continue
        if home != package.__name__:
            lines += [f"::: {home}", *_options(level=2, path=True), ""]
        for name in names:
            lines += [f"::: {home}.{name}", *_options(level=3, members=True), ""]
    return "\n".join(lines)


def _options(
    *, level: int = 2, heading: bool = True, path: bool = False, members: bool = False
) -> list[str]:
    lines = ["    options:", f"      heading_level: {level}"]
    if not heading:
        lines.append("      show_root_heading: false")
    if path:
        lines.append("      show_root_full_path: true")
    if members:
        # what a result can do; fields stand in the list of its attributes
        lines += ["      members: true", "      filters: ['!^_']"]
    return lines
