"""The settings of the tests on a PostgreSQL that waits for the disk: for benches, and tests that pull the plug."""

import os
from pathlib import Path

os.environ.setdefault("POSTGRES_HOME", str(Path(__file__).resolve().parents[1] / "var" / "durable" / "postgres"))

from tests.settings import *  # noqa: F403 - the home must be named before they are read

UNSAFE_FAST_POSTGRES = False
