"""Every type of statement once, and the whole registry is sound: what each wrote is what its replay writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry.models import StatementRow
from tests.whole_scene import every_type
from web import fsck
from web.statements import KINDS

pytestmark = pytest.mark.django_db


def test_after_every_type_of_statement_the_whole_registry_is_sound(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_type(tmp_path, settings, monkeypatch)
    assert {*StatementRow.objects.values_list("type", flat=True)} == {*KINDS}
    assert fsck.run().findings == []
