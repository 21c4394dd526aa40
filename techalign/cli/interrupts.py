"""Ctrl-C while nothing has been begun: the system's way, which ends the process at once.

Python's way is an exception at any instruction. While libraries are being imported it gets lost
in a callback, or a library makes another error of it.
"""

from __future__ import annotations

import signal

__all__ = ["end_at_once", "ignore_from_now", "raise_again"]


def end_at_once() -> None:
    """Let Ctrl-C end the process where it stands, unless it was told to ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def raise_again() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again: from here on there is something to tidy up."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore_from_now() -> None:
    """Let no further Ctrl-C disturb the way out: libraries still put away what they hold."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
