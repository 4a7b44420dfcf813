"""
Make ``.venv`` and install the pinned packages, if that is not done: ``python3 config/bootstrap.py``.

Standard library only. Two `make` commands started at once wait for each other; the stamp, a digest of
requirements.txt, is written last, so that an interrupted installation is done again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
VENV = PROJECT / ".venv"
NEEDED = (3, 11)


def main() -> int:
    if sys.version_info < NEEDED:
        print(f"Python {NEEDED[0]}.{NEEDED[1]} or later is needed, this is {sys.version.split()[0]}: set PYTHON")
        return 1
    wanted = hashlib.sha256((PROJECT / "requirements.txt").read_bytes()).hexdigest()
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return 0
    VENV.mkdir(exist_ok=True)
    with (VENV / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            _install()
            stamp.write_text(wanted)
    return 0


def _install() -> None:
    print("setting up: installing packages into .venv, once …", flush=True)
    python = VENV / "bin" / "python"
    if not python.exists() or not (VENV / "bin" / "pip").exists():
        _run(sys.executable, "-m", "venv", str(VENV))
    _run(str(python), "-m", "pip", "install", "--quiet", "--requirement", str(PROJECT / "requirements.txt"))


def _run(*command: str) -> None:
    done = subprocess.run(command, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}, check=False)
    if done.returncode:
        sys.exit(f"setting up failed at `{' '.join(command[1:4])}`; its message is above")


if __name__ == "__main__":
    sys.exit(main())
