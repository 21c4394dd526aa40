"""``techalign run --watch``: a round after every change, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from techalign.batch.watch import Change, Watched, broken_code, changes
from techalign.cli.interrupts import ignore_from_now
from techalign.cli.live_pages import LivePages
from techalign.cli.progress import Voice
from techalign.cli.rounds import Asked, Manner, make, summarise
from techalign.cli.telling import say
from techalign.errors import InputError
from techalign.text import some_of
from techalign.warm.owner import shared

__all__ = ["watch"]

_GOES_ON = "TECHALIGN_WATCHES"
_NAMED = 3  # files of a change


def watch(
    asked: Asked, manner: Manner, settings: Path | None, show: Callable[[str], None] | None
) -> None:
    """Make the reports, and again what a change concerns, until Ctrl-C.

    Parameters
    ----------
    asked : Asked
    manner : Manner
    settings : Path or None
        The ``techalign.toml`` that holds, whose change begins anew.
    show : callable or None
        Opens the page at an address; called once.
    """
    goes_on = os.environ.pop(_GOES_ON, "") == "1"
    pages = LivePages(asked.out)
    own = (settings,) if settings else ()
    watched = Watched(
        asked.clients_dir, asked.notebooks_dir, asked.out, (*asked.files, *own), asked.clients
    )
    try:
        for number, change in enumerate(changes(watched)):
            if number == 0:  # what changes from here on is seen, also during the first round
                _round(asked, manner, is_first=not goes_on)
                if show is not None and not goes_on:
                    show(pages.url)
                if not goes_on and manner.voice is not Voice.QUIET:
                    say(f"watching; pages at {pages.url} reload; Ctrl-C ends", err=True)
            elif change is not None:
                _follow(change, asked, manner, pages, own)
    except KeyboardInterrupt:
        ignore_from_now()
        say("stopped watching", err=True)
    finally:
        pages.close()


def _follow(
    change: Change, asked: Asked, manner: Manner, pages: LivePages, own: tuple[Path, ...]
) -> None:
    _tell(change, manner.voice)
    if change.code or any(file.absolute() in change.files for file in own):
        wrong = broken_code(change.code)
        if not wrong:
            _begin_anew(pages)
        say(f"{wrong}; waiting until it is put right", err=True)
        return
    _round(asked, manner, is_first=False)
    pages.tell()


def _round(asked: Asked, manner: Manner, *, is_first: bool) -> None:
    """One round; what is wrong in a profile or a parameter is told, and later waited for."""
    later = replace(manner, force=False, changed_only=True)
    try:
        made = make(asked if is_first else replace(asked, reviews=1), manner if is_first else later)
    except InputError as error:
        if is_first:  # nothing was right yet: most likely what was typed is wrong
            raise
        say(f"techalign: {error}", err=True)
        return
    if is_first:
        summarise(made, manner, ())
        return
    for record in (*made.outcome.failed, *made.reviews.failed):
        say(f"failed: {record.client} {record.notebook}: {record.message}", err=True)
    if made.outcome.reused == made.total and manner.voice in {Voice.PLAIN, Voice.VERBOSE}:
        say("nothing to do", err=True)


def _tell(change: Change, voice: Voice) -> None:
    if voice in {Voice.QUIET, Voice.JSON}:
        return
    named = [f"{file.parent.name}/{file.name}" for file in change.files]
    say(f"changed: {some_of(named, _NAMED)}", err=True)


def _begin_anew(pages: LivePages) -> None:
    """Become a process that has the new code, with the same arguments, at the same address."""
    environment = {**os.environ, **pages.hand_over(), _GOES_ON: "1"}
    shared().close()
    sys.stdout.flush()
    sys.stderr.flush()
    words = [sys.executable, *sys.orig_argv[1:]]
    os.execve(sys.executable, words, environment)  # noqa: S606  this very program
