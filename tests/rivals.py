"""Two threads with sessions of their own, which do two things at one moment, again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

from registry.core.errors import DomainError


class Rivals:
    """Two threads that live as long as the test, each with its own session."""

    def __init__(self) -> None:
        self.start, self.end = threading.Barrier(3), threading.Barrier(3)
        self.acts: list[Callable[[], Any]] = [lambda: None, lambda: None]
        self.outcomes: list[Any] = [None, None]
        self.done = False
        self.threads = [threading.Thread(target=self._live, args=[place]) for place in (0, 1)]
        for thread in self.threads:
            thread.start()

    def race(self, one: Callable[[], Any], other: Callable[[], Any]) -> list[Any]:
        """Do both at one moment; return what each returned, or the code that it was refused with."""
        self.acts = [one, other]
        self.start.wait()
        self.end.wait()
        return self.outcomes

    def close(self) -> None:
        self.done = True
        self.start.wait()
        for thread in self.threads:
            thread.join()

    def _live(self, place: int) -> None:
        try:
            while True:
                self.start.wait()
                if self.done:
                    return
                try:
                    self.outcomes[place] = self.acts[place]()
                except DomainError as error:
                    self.outcomes[place] = error.code
                finally:
                    self.end.wait()
        finally:
            connections.close_all()


def late(act: Callable[[], Any], seconds: float) -> Callable[[], Any]:
    def later() -> Any:
        threading.Event().wait(seconds)
        return act()

    return later
