"""
Make a cluster once, start it and stop it. Runs inside the supervisor, under its lock.

Steps of a start:

1. Make the directories the account's own.
2. Make the cluster, if there is none: `initdb` and the roles in `data.new`, renamed when both are done.
3. Wait for a server that an earlier, killed supervisor left behind: it is shutting down already.
4. Start `postgres` so that the kernel stops it if the supervisor dies.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.death import die_with_parent
from config.postgres import binaries
from config.postgres.account import Account
from config.postgres.home import Home, PostgresError, role_name

STOP_S = 20  # a fast shutdown takes a fraction of a second; after this it is asked less politely
LOG_BYTES = 10_000_000  # a longer log is set aside when the server starts

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",  # threads of several processes and of the tests
    "jit": "off",  # short queries only: compiling them costs more than it saves
    "max_parallel_workers_per_gather": "0",  # leaves /dev/shm alone, which containers keep small
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
UNSAFE_FAST = {"fsync": "off", "full_page_writes": "off"}  # loses data with the machine's power, never with a process


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    home: Home
    account: Account
    programs: Path

    @classmethod
    def of(cls, home: Home, account: Account) -> Cluster:
        return cls(home=home, account=account, programs=binaries.find(account, home.shared))

    def prepare(self, *, unsafe_fast: bool) -> None:
        """Own the directories, make the cluster if there is none, and let an old server finish."""
        _own(self.home.root, self.account)
        self.home.sockets.mkdir(mode=0o700, exist_ok=True)
        _refuse_foreign(self.home.sockets, self.account)
        _own(self.home.sockets, self.account)
        major = binaries.major(self.programs, self.account)
        if not self.home.data.exists():
            self._make(major, unsafe_fast=unsafe_fast)
        made_by = int((self.home.data / "PG_VERSION").read_text())
        if made_by != major:
            raise PostgresError(
                f"the database in `{self.home.data}` was made by PostgreSQL {made_by}, the programs are {major}: "
                "set PG_BIN to the old ones, or move the directory away"
            )
        self._let_old_server_finish()

    def start(self, *, unsafe_fast: bool) -> subprocess.Popen[bytes]:
        settings = SETTINGS | (UNSAFE_FAST if unsafe_fast else {})
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._open_log() as log:
            return subprocess.Popen(
                [self.programs / "postgres", "-D", self.home.data, "-k", self.home.sockets, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home.root,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),  # a fast shutdown
                **self.account.arguments(),
            )

    def _make(self, major: int, *, unsafe_fast: bool) -> None:
        draft = self.home.root / "data.new"
        shutil.rmtree(draft, ignore_errors=True)  # what a killed initdb left
        provider = ["--locale-provider=builtin", "--locale=C.UTF-8"] if major >= 17 else ["--locale=C"]
        with self._password_file() as file, self._open_log() as log:
            self._run(
                log,
                "initdb",
                *("-D", draft, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={file}", "--encoding=UTF8"),
                *(*provider, "--no-instructions", *(["--no-sync"] if unsafe_fast else [])),
            )
            self._run(log, "postgres", "--single", "-D", draft, "postgres", given=self._roles())
        draft.rename(self.home.data)

    def _roles(self) -> str:
        passwords = self.home.passwords()
        owner, app = role_name("owner"), role_name("app")
        return (
            f"CREATE ROLE {owner} LOGIN CREATEDB PASSWORD '{passwords['owner']}'\n"
            f"CREATE ROLE {app} LOGIN PASSWORD '{passwords['app']}'\n"
            f"GRANT {app} TO {owner}\n"  # so that the owner may end the application's sessions when it drops a database
        )

    @contextlib.contextmanager
    def _password_file(self) -> Iterator[Path]:
        path = self.home.root / f"pwfile-{secrets.token_hex(4)}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "w") as file:
                file.write(self.home.passwords()["postgres"])
            _own(path, self.account)
            yield path
        finally:
            path.unlink()

    def _run(self, log: IO[bytes], program: str, *arguments: str | Path, given: str = "") -> None:
        done = subprocess.run(
            [self.programs / program, *arguments],
            input=given.encode(),
            stdout=log,
            stderr=log,
            cwd=self.home.root,
            check=False,
            **self.account.arguments(),
        )
        if done.returncode:
            raise PostgresError(f"`{program}` failed; its last words are in `{self.home.log}`")

    def _open_log(self) -> IO[bytes]:
        if self.home.log.exists() and self.home.log.stat().st_size > LOG_BYTES:
            self.home.log.replace(self.home.log.with_suffix(".old"))
        return self.home.log.open("ab")

    def _let_old_server_finish(self) -> None:
        pid_file = self.home.data / "postmaster.pid"
        hurry = time.monotonic() + STOP_S
        while (pid := _first_number(pid_file)) is not None:
            if not _runs_in(pid, self.home.data):
                pid_file.unlink(missing_ok=True)  # a stale number, which may belong to any other process by now
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT if time.monotonic() < hurry else signal.SIGQUIT)
            time.sleep(0.1)


def stop(server: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: sessions are ended, everything committed is kept."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def _own(path: Path, account: Account) -> None:
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)


def _refuse_foreign(path: Path, account: Account) -> None:
    """A directory of this name in the temporary folder may have been laid there by somebody else."""
    status = path.lstat()
    if path.is_symlink() or status.st_uid not in {os.geteuid(), account.uid} or status.st_mode & 0o077:
        raise PostgresError(f"`{path}` is not a private directory of ours: remove it, or set TMPDIR to another place")


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _runs_in(pid: int, data: Path) -> bool:
    """Whether that process is a server of this cluster: postgres changes into its data directory."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == data.resolve()
    except (FileNotFoundError, PermissionError):
        return False
