"""The sample library goes in as it was signed, once, however often it is submitted."""

import json
import shutil
import time
from pathlib import Path

import pytest
from django.conf import settings as the_settings

from registry.models import Asset, StatementRow, Vouch
from tests.world import World
from web import fsck
from web.library import submit_library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directories")]

LIBRARY = Path(the_settings.BASE_DIR) / "library"


def test_the_shipped_library_goes_in_and_a_second_run_has_nothing_to_do() -> None:
    began = time.monotonic()
    first = submit_library(LIBRARY)
    took_s = time.monotonic() - began
    assert first.accepted == first.statements == StatementRow.objects.count() - 1  # beside the registry's own
    assert first.stored == Asset.objects.count()
    assert Vouch.objects.exists()
    assert took_s < 60  # some ten seconds on two idle cores
    second = submit_library(LIBRARY)
    assert (second.accepted, second.stored) == (0, 0)
    World().publish()
    assert fsck.run().findings == []


def test_what_is_not_pinned_gets_no_exemption(tmp_path: Path) -> None:
    shutil.copytree(LIBRARY / "envelopes", tmp_path / "envelopes")
    shutil.copy(LIBRARY / "assets.json", tmp_path)
    pins = json.loads((LIBRARY / "pins.json").read_text())
    (tmp_path / "pins.json").write_text(json.dumps(pins | {"digests": pins["digests"][:0]}))
    with pytest.raises(Exception, match="is not pinned") as refused:
        submit_library(tmp_path)
    assert refused.value.code == "not_pinned"  # type: ignore[attr-defined]  # a DomainError
    assert StatementRow.objects.count() == 1  # the registry's own
