"""What the tests of rotations do again and again: run the command, have the registry say something, walk it all."""

from __future__ import annotations

import io

from django.core.management import call_command
from django.db import transaction

from generation.kinds import WEIGHTS_TRAINED
from registry.custody import custody
from registry.locks import clock
from registry.services.record import record
from web import fsck


def keys(*arguments: str) -> list[str]:
    """Run the command and return the lines it wrote."""
    out = io.StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue().splitlines()


def said(number: int) -> str:
    """Have the registry record something under its own key."""
    digits = f"{number:064x}"
    body = {"weights": digits, "engine": "starter", "root": digits, "manifest_sha256": digits, "run": "shipped"}
    with transaction.atomic():
        return record(WEIGHTS_TRAINED, body | {"clearance": digits}, at=clock())


def sound() -> bool:
    report = fsck.run()
    assert report.findings == []
    return report.sound


def states(role: str) -> list[str]:
    return [version.state for version in custody().versions(role)]
