"""After shots, consents and a revocation the whole registry is sound, and what the vault believes is checked too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from consent.models import Consent, RevokedGrant, Use
from generation.models import Release
from registry.models import ClearanceRow
from tests.studio import Studio, state_of
from web import fsck

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(tmp_path: Path, settings: Any) -> Studio:
    """A shot released, one cancelled, one refused after the revocation."""
    studio = Studio.open(tmp_path, settings)
    released = studio.queued()
    studio.work(released)
    studio.review(released)
    studio.work(released)
    assert state_of(released) == "released"
    cancelled = studio.queued(studio.request(take=2))
    assert studio.post(f"/shots/{cancelled}/cancel").status_code == 200
    studio.revoke()
    assert studio.ask(studio.request(take=3)).status_code == 403
    studio.world.publish()
    return studio


def test_after_a_whole_story_everything_is_sound(story: Studio) -> None:
    report = fsck.run()
    assert report.findings == []
    assert report.counted["clearances"] == 2


FAULTS: list[tuple[Callable[[], object], str]] = [
    (lambda: ClearanceRow.objects.first().delete(), "clearance_missing"),
    (lambda: ClearanceRow.objects.update(expires_at="2999-01-01T00:00:00Z"), "clearance_differs"),
    (lambda: ClearanceRow.objects.update(assets=[]), "clearance_differs"),
    (lambda: ClearanceRow.objects.update(closed_at=None), "clearance_differs"),
    (lambda: ClearanceRow.objects.update(closed_by="0" * 64), "clearance_differs"),
    (lambda: ClearanceRow.objects.create(digest="0" * 64, kind="shot", assets=[], heads=[],
                                         expires_at="2999-01-01T00:00:00Z"), "clearance_stray"),
    (lambda: RevokedGrant.objects.all().delete(), "row_missing"),
    (lambda: Use.objects.update(state="returned"), "row_stray"),
    (lambda: Consent.objects.all().delete(), "row_missing"),
    (lambda: Release.objects.update(output_sha256="0" * 64), "row_stray"),
]  # fmt: skip


def test_a_fault_in_what_follows_from_statements_is_named(story: Studio) -> None:
    for plant, fault in FAULTS:
        with transaction.atomic():
            plant()
            assert fault in {finding.fault for finding in fsck.run().findings}
            transaction.set_rollback(True)
    assert fsck.run().sound
