"""
The command: read the files, hand them to ``generation.core.verify``, print, exit.

Exit 0: all proven. 1: a signature, hash or replay failed; the first is named. 2: consistent, but a key or anchor is not
in the trust given. 64: wrong usage, or a file that cannot be read as what it should be.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from generation.core.bundle import Bundle
from generation.core.steps import Judgement
from generation.core.trust import Trust
from generation.core.verify import Papers, verify
from generation.verify.files import Unreadable, open_media, read_bundle, read_trust, sha256_of
from generation.verify.manifest import read_manifest
from generation.verify.report import as_json, printable, write

USAGE = 64  # sysexits.h, EX_USAGE


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2, which means something else here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        bundle = read_bundle(asked.bundle)
        papers = _papers(bundle, _given(asked, bundle), asked.file)
    except Unreadable as error:
        sys.stderr.write(f"generation.verify: {printable(str(error))}\n")
        return USAGE
    found = verify(papers)
    with suppress(BrokenPipeError):  # whoever reads may stop reading; the exit code says all
        _print(found, asked)
    return found.exit_code


def _print(found: Judgement, asked: argparse.Namespace) -> None:
    if asked.json:
        sys.stdout.write(json.dumps(as_json(found), indent=2) + "\n")
    else:
        sys.stdout.write(printable(f"{asked.file} against {asked.bundle}") + "\n\n")
        write(found, sys.stdout, width=shutil.get_terminal_size((100, 24)).columns)
    sys.stdout.flush()


def _papers(bundle: Bundle, given: Trust | None, file: Path) -> Papers:
    """Read the file: its digest, and its credential by all known anchors and by the trusted ones alone."""
    known = bundle.trust if given is None else bundle.trust | given
    with open_media(file) as media:
        digest = sha256_of(media)
        sealed = read_manifest(media, known.c2pa)
        media.seek(0)
        anchored = given is not None and bool(given.c2pa) and read_manifest(media, given.c2pa).state == "Trusted"
    return Papers(bundle=bundle, file_sha256=digest, sealed=sealed, anchored=anchored, given=given)


def _given(asked: argparse.Namespace, bundle: Bundle) -> Trust | None:
    """The trust given: a file of keys, or the bundle's own object where its digest is the pinned one."""
    if asked.trust is not None:
        return read_trust(asked.trust)
    if asked.pin is None:
        return None
    return bundle.trust if asked.pin == bundle.trust.sha256 else Trust(log=(), registry=(), c2pa=())


def _pin(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError("a pin is a SHA-256 in 64 lower-case hex digits")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m generation.verify",
        description="Check a shot's papers, offline.",
        epilog="exit: 0 all proven; 1 a step failed; 2 consistent, but not with the trust given; 64 usage",
    )
    parser.add_argument("bundle", type=Path, help="bundle.json, as the registry handed it out")
    parser.add_argument("file", type=Path, help="the video")
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument("--trust", type=Path, metavar="TRUST.JSON", help="keys that you trust, from somewhere else")
    trust.add_argument("--pin", type=_pin, metavar="SHA256", help="trust the bundle's keys if they hash to this")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):  # a terminal without UTF-8 shows less, but is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
