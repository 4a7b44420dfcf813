"""
The settings of the tests: an instance of its own, on a server of its own, in a directory that goes when they end.

The server is shared by all test runs in this checkout, and so is quick to reach; each run has its own database in it.
With ``DATABASE_URL`` and ``MIGRATE_DATABASE_URL`` set the tests run on that server; the owner needs ``CREATEDB`` and
membership in the application's role there, to make databases and to end the sessions in those it drops.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_scratch = tempfile.mkdtemp(prefix="proviso-test-")
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)

os.environ |= {"INSTANCE": "test", "VAR_DIR": _scratch, "UNSAFE_FAST_POSTGRES": "1", "UNSAFE_MAKE_KEYS": "1"}
os.environ["BROKER_URL"] = "memory://"  # nobody hears these rings; child processes get the real broker
os.environ.setdefault("POSTGRES_HOME", str(Path(__file__).resolve().parents[1] / "var" / "test" / "postgres"))

from config.settings import *  # noqa: E402, F403 - the environment must say "test" before they are read
