"""
A producer's desk: who asks for shots, who reviews them, and how a shot is watched until it is done.

Raises ``CommandError`` where a shot goes another way than the story does.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError

from web.demo.client import Api, Problem

STEPS = 16  # of a shot that is released
POLL_S = 0.1
PATIENCE_S = 180.0
PUBLISHED_S = 10  # how long a receipt may take

Bar = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Two people of one producer: whoever asked for a shot does not review it."""

    asking: Api
    reviewer: Api

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.asking.post("/api/v1/shots", request, once())
        return answer

    def refusal(self, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Ask for what must be refused, and return the obstacles."""
        try:
            self.ask(request)
        except Problem as problem:
            if problem.body.get("code") != "not_cleared":
                raise
            obstacles: list[dict[str, Any]] = problem.body["decision"]["obstacles"]
            return obstacles
        raise CommandError("a shot was cleared that must not be")

    def until(
        self,
        shot: str,
        states: set[str],
        bar: Bar | None = None,
        *,
        also: Callable[[dict[str, Any]], bool] = lambda shot: True,
    ) -> dict[str, Any]:
        """Watch a shot until it is in one of these states, and ``also`` holds of it."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            now: dict[str, Any] = self.asking.get(f"/api/v1/shots/{shot}")
            _move(bar, now)
            if now["state"] in states and also(now):
                return now
            if now["state"] in {"failed", "quarantined", "aborted"} - states:
                raise CommandError(f"shot {shot} ended as {now['state']}: {now['outcome']} {now.get('findings')}")
            time.sleep(POLL_S)
        raise CommandError(f"shot {shot} did not get to {' or '.join(sorted(states))} in {PATIENCE_S:.0f} s")

    def preview(self, shot: str) -> bytes:
        return self.reviewer.download(f"/api/v1/shots/{shot}/preview")

    def passes(self, shot: str, note: str) -> None:
        self.reviewer.post(f"/api/v1/shots/{shot}/review", {"verdict": "pass", "note": note})

    def media(self, shot: str) -> bytes:
        return self.asking.download(f"/api/v1/shots/{shot}/media")

    def bundle(self, shot: str) -> bytes:
        """Return a released shot's papers, once its release is under a checkpoint."""
        until = time.monotonic() + PUBLISHED_S
        while True:
            try:
                return self.asking.download(f"/api/v1/shots/{shot}/bundle")
            except Problem as problem:
                if problem.body.get("code") != "not_yet_published" or time.monotonic() > until:
                    raise
                time.sleep(POLL_S)


def once() -> dict[str, str]:
    """A header that makes a call happen once, however often it is sent."""
    return {"Idempotency-Key": secrets.token_hex(8)}


def unchecked(shot: Mapping[str, Any]) -> str:
    """Name the checks that no model made."""
    checks = (shot["checks"] or {}).items()
    return ", ".join(sorted(name for name, verdict in checks if verdict == "unchecked")).replace("_", " ")


def codes_of(obstacles: list[dict[str, Any]]) -> str:
    return ", ".join(sorted({obstacle["code"] for obstacle in obstacles}))


def _move(bar: Bar | None, shot: Mapping[str, Any]) -> None:
    """Show how far a shot is; one that is made is all the way."""
    if bar is not None:
        progress = shot["progress"]
        done = shot["state"] in ("awaiting_approval", "released")
        bar(progress["steps"] if done else progress["step"])
