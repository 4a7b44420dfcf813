"""
Sample libraries in the test's database: the shipped one, and small ones whose parties the test can speak for.

    library = SmallLibrary.sign(tmp_path / "library")    two plates and three performers, with their keys
    library.take_in()                                    deposit and submit everything, and publish
    library.withdraw("sample-performer-02")
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from library.bodies import id_of, party_id
from library.sign import Signed, sign, write
from registry import log
from registry.core.envelope import sign_statement
from registry.core.jcs import Json
from registry.locks import clock
from web.drafts import draft
from web.library import submit_library
from web.statements import kind_of, submit

LIBRARY = Path(settings.BASE_DIR) / "library"
FILES = LIBRARY / "assets"
SMALL = (
    "plates/dawn-hills-1.png",
    "plates/night-city-2.png",
    "sheets/sample-performer-01.png",
    "sheets/sample-performer-02.png",
    "sheets/sample-performer-03.png",
)


@cache
def index() -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads((FILES / "index.json").read_text("utf-8")))


def take_in_shipped() -> None:
    """Submit the shipped library, and publish."""
    submit_library(LIBRARY)
    publish()


def publish() -> None:
    while log.publish(at=clock()) is not None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallLibrary:
    """A library like the shipped one, of a few files, signed just now."""

    folder: Path
    signed: Signed

    @classmethod
    def sign(cls, folder: Path, files: Iterable[str] = SMALL) -> SmallLibrary:
        wanted = set(files)
        entries = [entry for entry in index() if entry["file"] in wanted]
        folder.mkdir(parents=True)
        (folder / "assets").symlink_to(FILES)
        signed = sign(entries, FILES, at=datetime.now(UTC).replace(microsecond=0))
        write(signed, folder)
        return cls(folder=folder, signed=signed)

    def submit(self) -> None:
        submit_library(self.folder)

    def take_in(self) -> None:
        self.submit()
        publish()

    def withdraw(self, performer: str) -> str:
        """Withdraw everything that this performer granted to the operator."""
        body: dict[str, Json] = {"performer": party_id(performer), "grants": None, "grantee": party_id("operator")}
        kind = kind_of("consent.revoked")
        drafted = draft(kind, issuer=party_id(performer), body=body, language="en", private=None, at=clock())
        envelope = sign_statement(drafted.payload, self.signed.keys[performer])
        return submit({"envelope": envelope.format(), "text": drafted.text, "private": None}, by=None).digest

    @property
    def samples(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(((file.asset, file.sha256) for file in self.signed.files), key=lambda pair: pair[1]))


def asset_id(file: str) -> str:
    """The id of a file of the library."""
    return id_of(f"asset {file}")
