"""
``manage.py tsa``: stamp the time for other machines (RFC 3161), with the registry's key for that.

A worker on this machine needs none: it asks an authority of its own, for as long as it seals one file. Where several
machines share ``CREDENTIAL_DIR`` or where one alone is to hold the key, run this there and set ``TSA_URL`` on the
others. SIGTERM and Ctrl-C end it; it keeps no state, so being killed does no harm.
"""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from generation import media
from generation.media.stamp_server import listening
from generation.media.stamps import Authority
from registry.core.errors import DomainError


class Command(BaseCommand):
    help = "stamp the time for other machines, as RFC 3161 says"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:8318", help="HOST:PORT; port 0 takes a free one")

    def handle(self, *args: Any, listen: str, **options: Any) -> None:
        host, port = _address(listen)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            _authority()  # a key that cannot be used is said before anybody asks
            with listening(_authority, host=host, port=port) as address:
                self.stdout.write(f"stamping at {address}")
                self.stdout.flush()
                stop.wait()
        except DomainError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"`{listen}` cannot be listened on: {error.strerror}") from error


def _authority() -> Authority:
    """Ask anew each time, in the thread that answers: another process may have rotated the key."""
    try:
        return media.authority()
    finally:
        connections.close_all()


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise CommandError(f"`{listen}` is no address: give HOST:PORT")
    return host, int(port)
