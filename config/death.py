"""Let no child process outlive its parent, not even one that was killed with -9."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """
    Return a `preexec_fn`: the kernel sends `how` to the child when the thread that started it dies.

    Start children from the main thread, and from a process with one thread only. Linux; elsewhere it does nothing.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before the fork: a child must not load

    def ask() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask
