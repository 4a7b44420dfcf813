"""The whole story, as `make demo` tells it: a real stack, real HTTP, real weights, on a database of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
BEATS = (
    "refused, territory_not_covered",
    "asks again: cleared",
    "watches the preview",
    "released: shot-12A.mp4",
    "(exit 0)",
    "refused  (exit 1)",
    "in flight: aborted",
    "once more: refused, revoked",
    "refused, inventory_unknown",
    "sound: ",
)
LEFT = ("bundle.json", "contact-sheet.png", "release.tlog-proof", "shot-12A.mp4", "trust.json", "verification.txt")


@pytest.mark.slow
def test_the_demo_tells_the_whole_story_and_leaves_the_shot_with_its_papers(tmp_path: Path) -> None:
    """Every beat comes in its order; what is left behind can be opened."""
    ours = {name: value for name, value in os.environ.items() if name not in ("BROKER_URL", "DATABASE_URL")}
    ours = {name: value for name, value in ours.items() if name != "MIGRATE_DATABASE_URL"}
    told = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=PROJECT,
        env=ours | {"DJANGO_SETTINGS_MODULE": "config.settings", "INSTANCE": "story", "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    places = [told.stdout.find(beat) for beat in BEATS]
    assert -1 not in places, told.stdout
    assert places == sorted(places)
    assert all((tmp_path / name).stat().st_size for name in LEFT)
    assert json.loads((tmp_path / "bundle.json").read_text("utf-8"))["v"] == 1
    with Image.open(tmp_path / "contact-sheet.png") as sheet:
        assert sheet.width > 1_000
