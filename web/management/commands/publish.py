"""
``manage.py publish``: run the log's publisher until it is told to stop; ``--once`` for a single pass.

One line of JSON a checkpoint. SIGTERM and Ctrl-C end it between two passes; being killed at any point does no harm
(``registry.log.publisher``). A database that is away for a while is waited for; a damaged log ends the command.

Where ``WITNESS_QUORUM`` asks for witnesses and too few answer, nothing is published: a line of JSON on the standard
error says what each of them said, and the next try comes after a second, then after twice as long each time.

Every minute it also tells what ends soon, and throws away what the set-based pass can no longer use; at its start and
every day it sweeps the log's folder (``registry.log.sweeping``).
"""

import json
import signal
import threading
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection

from consent.services import alerting, sheets
from generation.services.deadlines import note_deadlines
from registry import log
from registry.core.errors import DomainError
from registry.locks import clock
from registry.models import Checkpoint

POLL_S = 0.1  # how long a statement may lie before it is numbered
RETRY_S = 1.0  # while the database is away, or too few witnesses answer
LONGEST_RETRY_S = 30.0  # of witnesses: a log that cannot publish should not be what wears them out
TEND_S = 60.0  # between two looks at what ends soon
SWEEP_S = 86_400.0  # between two looks through all files of the log: a second for some ten million entries


class Command(BaseCommand):
    help = "number committed statements, extend the log and sign it"
    retry_s = RETRY_S

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="publish what is there, then end")

        parser.add_argument("--rebuild", action="store_true", help="make missing tiles again first")

    def handle(self, *args: Any, once: bool, rebuild: bool, **options: Any) -> None:
        try:
            if rebuild:
                log.rebuild()
            if once:
                while self._publish() is not None:
                    pass
            else:
                self._run()
        except log.WitnessesMissing as error:
            said = "".join(f"\n  {answer.witness.name}: {answer.code} {answer.detail}" for answer in error.answers)
            raise CommandError(f"{error}{said}") from error
        except log.LogDamaged as error:
            raise CommandError(str(error)) from error

    def _run(self) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        tended, swept = -TEND_S, -SWEEP_S
        while not stopping.is_set():
            try:
                pause_s = self._pass()
                if pause_s and time.monotonic() - tended >= TEND_S:
                    tended = time.monotonic()
                    self._tend()
                if pause_s and time.monotonic() - swept >= SWEEP_S:
                    swept = time.monotonic()
                    log.sweep(now_s=time.time())
            except (OperationalError, InterfaceError) as error:
                self.stderr.write(f"the database cannot answer: {str(error).strip()}; trying again")
                connection.close()
                pause_s = RETRY_S
            stopping.wait(pause_s)

    def _pass(self) -> float:
        """Run one pass and return how long to wait before the next."""
        try:
            pause_s = POLL_S if self._publish() is None else 0.0
        except log.WitnessesMissing as error:
            self.stderr.write(json.dumps({"code": error.code, "size": error.size} | error.extra()))
            pause_s, self.retry_s = self.retry_s, min(2 * self.retry_s, LONGEST_RETRY_S)
        else:
            self.retry_s = RETRY_S
        return pause_s

    def _tend(self) -> None:
        """Nothing that is read here may keep statements from being published."""
        try:
            note_deadlines()
            alerting.run(at=clock())
            sheets.sweep()
        except DomainError as error:
            self.stderr.write(f"what ends soon could not be told: {error}")

    def _publish(self) -> Checkpoint | None:
        began = time.monotonic()
        added = log.publish(at=datetime.now(UTC))
        if added is not None:
            self.stdout.write(json.dumps(_line(added, time.monotonic() - began)))
            self.stdout.flush()
        return added


def _line(added: Checkpoint, took_s: float) -> dict[str, object]:
    return {"size": added.size, "root": bytes(added.root).hex(), "ms": round(took_s * 1000, 1)}
