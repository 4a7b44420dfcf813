"""Papers as files: what a credential says, when its leaf ends, and a shot's papers saved as a user saves them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from generation.core.credential import Credential, Ingredient
from generation.media import certificates
from generation.selectors.bundle import trust
from tests.studio import Studio

CREDENTIAL = Credential(
    clearance="1" * 64,
    proof="c2sp.org/tlog-proof@v1\nindex 0\n\npapers.example/log\n1\nAAAA\n\n— x AAAA\n",
    grounds=(("2" * 64, "recorded"), ("3" * 64, "signed")),
    weights="4" * 64,
    training_root="5" * 64,
    ingredients=(
        Ingredient(role="likeness", relationship="inputTo", sha256="6" * 64),
        Ingredient(role="first_frame", relationship="componentOf", sha256="7" * 64),
        Ingredient(role="likeness", relationship="inputTo", sha256="6" * 64),
    ),
    composite=True,
)


def nearly_ended(*, seconds: int) -> datetime:
    """Return the moment at which a leaf had to be made so that it ends in so many seconds."""
    return datetime.now(UTC) - certificates.LEAF_LIFE + certificates.BACKDATED + timedelta(seconds=seconds)


def fetched(studio: Studio, shot: str, folder: Path) -> list[str]:
    """Save bundle, file and trust as a user does; return the verifier's arguments."""
    answer = studio.get(f"/shots/{shot}/bundle")
    assert answer.status_code == 200, answer.content
    (folder / "bundle.json").write_bytes(answer.content)
    (folder / "out.mp4").write_bytes(studio.get(f"/shots/{shot}/media").content)
    (folder / "trust.json").write_text(json.dumps(trust()))
    return [str(folder / "bundle.json"), str(folder / "out.mp4"), "--trust", str(folder / "trust.json")]
