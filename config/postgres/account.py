"""
The system user that runs the server when we are root.

PostgreSQL refuses to run as root. An account of our own, without home or shell, is made once. Nothing else on the
machine changes: no directory that we did not make is opened to it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TypedDict

NAME = "proviso-postgres"


class PopenArguments(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    uid: int
    gid: int

    def arguments(self) -> PopenArguments:
        """What `subprocess` needs to run a program as this user."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account() -> Account:
    """Who runs the server: ourselves, or as root a system user that is made if it is missing."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    entry = _look_up() or _create()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _look_up() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd:
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if tool is None:  # a bare container: `nobody` exists everywhere and may own our directory
        return pwd.getpwnam("nobody")
    command = [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    for _ in range(20):  # two processes may try at once: useradd locks its files and one of them loses
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if entry := _look_up():
            return entry
        time.sleep(0.1)
    raise OSError(f"cannot make the system user `{NAME}` that runs PostgreSQL: {done.stderr.strip()}")
