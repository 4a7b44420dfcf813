"""
Follow a log from one's own machine, and look for what concerns one person. No database is asked.

    manage.py monitor https://registry.example/log --party ID --trust trust.json --token @token.txt
    manage.py monitor https://registry.example/log --party ID --every 3600
    manage.py monitor --evidence fork-0123456789abcdef.json --trust trust.json

The log is an http(s) address or a directory. Whom to believe is given by ``--vkey`` (once a key) or ``--trust``, with
its witnesses; without either, the keys kept from the last look, and at the very first look those that the log states,
which the report says. After a rotation give the new key once, by ``--vkey``, as its operator confirmed it: it is kept,
and what was verified before stays verified by the old one. What was seen is kept in ``--state``, by default under
``~/.local/state/proviso/monitor``. The registry's API is asked under ``--api``, or beside ``/log``, with the person's
token.

Exit: 0 nothing new · 1 the log is at fault (the evidence is a file) · 2 new statements about the person, all in the log
· 3 something could not be checked, so that nothing is known · 64 usage, an unreadable file or state. Of several looks
the gravest: 1, 3, 2, 0. With ``--evidence``: 0 proven · 1 it proves nothing · 2 signed by the log, and the rest is the
keeper's word · 64 usage.
"""

import contextlib
import json
import re
import sys
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from generation.core.trust import Trust
from registry.core.errors import BadNote, DomainError
from registry.core.fields import Reader, read_uuid
from registry.core.jcs import parse_json
from registry.core.keys import PublicKey
from registry.core.note import VerifierKey
from registry.core.times import whole_second
from registry.watch.evidence import MAX_EVIDENCE_BYTES, Evidence
from registry.watch.monitor import Monitor, Report, format_report
from registry.watch.report import Language, lines, plain, verdict, words
from registry.watch.signed import Keys
from registry.watch.source import Folder, Site, Source, Unreachable, open_source, read_vkeys
from registry.watch.state import StateFolder

USAGE: Final = 64
UNCHECKED: Final = 3
GRAVEST_FIRST: Final = (1, UNCHECKED, 2, 0)
MAX_FILE_BYTES: Final = 1024 * 1024
QUIET_S: Final = 5.0  # between two lines of progress


class Refused(DomainError):
    """An option that does not fit the others, or a file that cannot be read."""

    code = "usage"


class Command(BaseCommand):
    help = "follow a log from outside, and report what concerns one person"
    requires_system_checks: list[str] = []  # a stranger's machine has neither database nor broker

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("log", nargs="?", help="address or directory of the log")
        parser.add_argument("--party", help="id of the person or organisation")
        parser.add_argument("--vkey", action="append", default=[], help="a verifier key of the log; once a key")
        parser.add_argument("--trust", type=Path, help="trust.json, with the log's keys and its witnesses")
        parser.add_argument("--state", type=Path, help="where it is kept what was seen; one directory a log")
        parser.add_argument("--api", help="address of the API; by default beside the log")
        parser.add_argument("--token", help="the person's token, or @FILE that holds it")
        parser.add_argument("--own-keys", type=Path, help="a JSON list of the person's keys, as `key.added` writes one")
        parser.add_argument(
            "--compare", type=Path, action="append", default=[], help="a checkpoint or receipt of others"
        )
        parser.add_argument("--quick", action="store_true", help="do not read every new entry")
        parser.add_argument("--evidence", type=Path, help="check a file of evidence, and nothing else")
        parser.add_argument("--language", choices=["en", "fr"], default="en")
        parser.add_argument("--json", action="store_true", help="one JSON object a look")
        often = parser.add_mutually_exclusive_group()
        often.add_argument("--once", action="store_true", help="look once; the default")
        often.add_argument("--every", type=int, metavar="S", help="look again every S seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sys.exit(self._evidence(options) if options["evidence"] else self._monitor(options))
        except Unreachable as error:  # before anything was kept: not even whom to believe is known
            self.stderr.write(plain(f"monitor: {error} ({error.code})"))
            sys.exit(UNCHECKED)
        except DomainError as error:
            self.stderr.write(plain(f"monitor: {error} ({error.code})"))
            sys.exit(USAGE)

    def _monitor(self, options: dict[str, Any]) -> int:
        if options["log"] is None:
            raise Refused("name a log: its address or its directory")
        if options["every"] is not None and options["every"] < 1:
            raise Refused(f"`--every {options['every']}` is no time to wait")
        state = StateFolder(top=options["state"] or _usual_state(options["log"]))
        with state.hold():
            monitor = _monitor(options, state)
            codes: set[int] = set()
            with contextlib.suppress(KeyboardInterrupt):  # how far a walk came is kept
                self._look(monitor, options, codes)
                while options["every"] is not None:
                    time.sleep(options["every"])
                    self._look(monitor, options, codes)
        return next((code for code in GRAVEST_FIRST if code in codes), UNCHECKED)

    def _look(self, monitor: Monitor, options: dict[str, Any], codes: set[int]) -> None:
        language: Language = options["language"]
        report = monitor.look(at=whole_second(datetime.now(UTC)), progress=self._progress(language))
        codes.add(report.exit_code)  # before it is shown: whoever reads it may end us at once
        self._show(report, language, as_json=options["json"])

    def _show(self, report: Report, language: Language, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(format_report(report), ensure_ascii=False))
        else:
            for line in lines(report, language):
                self.stdout.write(line)
        self.stdout.flush()

    def _progress(self, language: Language) -> Any:
        """Return what says from time to time how far a long walk is, to the terminal's other stream."""
        said_s = time.monotonic()

        def progress(walked: int, size: int) -> None:
            nonlocal said_s
            if time.monotonic() - said_s >= QUIET_S:
                said_s = time.monotonic()
                self.stderr.write(words("walking", language, walked=walked, size=size))

        return progress

    def _evidence(self, options: dict[str, Any]) -> int:
        given = _given_keys(options)
        if given is None:
            raise Refused("evidence is checked by keys from elsewhere: give --vkey or --trust")
        evidence = Evidence.parse(_read(options["evidence"], MAX_EVIDENCE_BYTES))
        try:
            found = evidence.verify(given)
        except DomainError as error:
            self.stdout.write(plain(f"{error.code}: {error}"))
            return 1
        for line in verdict(evidence.kind, found, options["language"]):
            self.stdout.write(line)
        return 0 if found.proven else 2


def _monitor(options: dict[str, Any], state: StateFolder) -> Monitor:
    """Put a monitor together from the options and from what was kept."""
    source = open_source(options["log"])
    party = None if options["party"] is None else read_uuid(options["party"], "party")
    api = _api(source, options)
    known = state.load()
    keys = _given_keys(options) or (None if known is None else known.keys)
    first_sight = keys is None
    keys = keys or Keys(log=tuple(map(VerifierKey.parse, read_vkeys(source))))
    if known is not None and known.keys.origin != keys.origin:
        raise Refused(f"`{state.top}` is about `{known.keys.origin}`, not about `{keys.origin}`: give another --state")
    own = options["own_keys"]
    return Monitor(
        source=source,
        state=state,
        keys=keys,
        party=party,
        api=api,
        own_keys=None if own is None else _own_keys(own),
        elsewhere={str(path): _read(path, MAX_FILE_BYTES) for path in options["compare"]},
        walks=not options["quick"],
        first_sight=first_sight,
    )


def _given_keys(options: dict[str, Any]) -> Keys | None:
    """Return whom the options say to believe; None where they say nothing."""
    vkeys = tuple(map(VerifierKey.parse, options["vkey"]))
    if options["trust"] is None:
        return Keys(log=vkeys) if vkeys else None
    trust = Trust.parse(parse_json(_read(options["trust"], MAX_FILE_BYTES)))
    try:
        return Keys(log=vkeys or trust.log, witnesses=trust.witnesses, quorum=trust.quorum)
    except BadNote as error:
        raise Refused(f"`{options['trust']}`: {error}; name one log with --vkey") from error


def _api(source: Source, options: dict[str, Any]) -> Source | None:
    """Return the registry's API with the person's token; None where there is no token to ask with."""
    if options["token"] is None:
        return None
    if options["party"] is None:
        raise Refused("a token is of use with --party only")
    address = options["api"]
    if address is None:
        if isinstance(source, Folder) or not source.name.endswith("/log"):
            raise Refused("the API does not lie beside this log: give its address by --api")
        address = source.name.removesuffix("/log") + "/api/v1"
    token = options["token"]
    if token.startswith("@"):
        token = _read(Path(token[1:]), MAX_FILE_BYTES).decode("ascii", errors="replace").strip()
    return Site(base=address, token=token)


def _own_keys(path: Path) -> dict[str, PublicKey]:
    body = Reader({"keys": parse_json(_read(path, MAX_FILE_BYTES))})
    return {key.keyid: key for key in body.list_of("keys", PublicKey.parse, min_items=1)}


def _usual_state(log: str) -> Path:
    """Name the directory of a log after its address, among what programs keep of a person's (XDG)."""
    name = re.sub(r"[^a-z0-9.]+", "-", log.lower()).strip("-.")[:100]
    return Path.home() / ".local" / "state" / "proviso" / "monitor" / name


def _read(path: Path, limit: int) -> bytes:
    """Read a file that the caller named; raises ``Refused``."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Refused(f"`{path}` cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise Refused(f"`{path}` has more than {limit} bytes")
    return data
