"""
``manage.py witness``: cosign the checkpoints of other logs, so that none can show two histories.

It needs no database and no key but its own, which it makes in ``--state`` on its first start. Its verifier keys are the
first thing it says, one a line: whoever wants its word lists them beside its address. SIGTERM and Ctrl-C end it; being
killed at any point does no harm (``registry.watch.witness``).
"""

import signal
import socket
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registry.core.errors import DomainError
from registry.watch.witness import Witness
from registry.watch.witness_files import own_signers, read_origins
from registry.watch.witness_server import WitnessServer
from registry.watch.witness_state import States


class Command(BaseCommand):
    help = "cosign checkpoints of logs that never contradict what was cosigned before"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--origins", type=Path, required=True, help="a file: one verifier key of a log a line")
        parser.add_argument("--state", type=Path, required=True, help="a directory; never restore it from a backup")
        parser.add_argument("--listen", default="127.0.0.1:8100", help="HOST:PORT; port 0 takes a free one")
        parser.add_argument("--name", help="of the witness, without spaces or `+`; kept from the first start on")

    def handle(self, *args: Any, origins: Path, state: Path, listen: str, name: str | None, **options: Any) -> None:
        try:
            signers = own_signers(state, name, f"{socket.gethostname()}/witness")
            witness = Witness(logs=read_origins(origins), signers=signers, states=States(folder=state))
            server = WitnessServer(_address(listen), witness)
        except DomainError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"`{listen}` cannot be listened on: {error.strerror}") from error
        for signer in signers:
            self.stdout.write(signer.key.format())
        self.stdout.write("listening on {}:{}".format(*server.server_address[:2]))
        self.stdout.flush()
        _serve(server)


def _serve(server: WitnessServer) -> None:
    """Answer until a signal says otherwise; what is being answered is finished first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    server.server_close()


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise CommandError(f"`{listen}` is no address: HOST:PORT")
    return host.strip("[]"), int(port)
