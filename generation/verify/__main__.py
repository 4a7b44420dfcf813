"""
The command: find out what kind of paper it is given, have it judged, print, exit.

Exit 0: all proven. 1: a signature, hash or replay failed; the first is named. 2: consistent, but a key or anchor is not
in the trust given. 64: wrong usage, or a file that cannot be read as what it should be. The same for every kind.
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
from typing import Final, NoReturn

from generation.core.steps import Judgement
from generation.core.trust import Trust
from generation.verify.files import Unreadable, read_trust, require_file
from generation.verify.papers import judge_bundle, judge_log, judge_receipt, judge_record, judge_resealing
from generation.verify.report import as_json, printable, write

USAGE: Final = 64  # sysexits.h, EX_USAGE
USAGE_CODE: Final = "usage"
COMMANDS: Final = ("fsck", "reseal")
JSON: Final = "--json"
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_EPILOG: Final = """\
exit: 0  every step is proven, by keys that you gave (--trust, --pin)
      1  something is false: the step that failed is named
      2  nothing is false, but a key is not among those that you gave, or words were erased since
      64 nothing is known: the command was wrong, or a file could not be read as what it should be
"""
_DESCRIPTION: Final = """\
Check papers offline.

  %(prog)s bundle.json out.mp4                          a shot: bundle and video
  %(prog)s record.pdf                                   the record of a signed statement
  %(prog)s receipt.tlog-proof --envelope statement.json a receipt
  %(prog)s fsck DIRECTORY|URL                           a whole log, from its files
  %(prog)s reseal old.tlog-proof --envelope statement.json --log DIRECTORY|URL --out new.tlog-proof
"""


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2, which means something else here."""

    def error(self, message: str) -> NoReturn:
        raise _Misused(message)


class _Misused(Exception):
    """What was asked for does not go with the kind of paper, or with anything; the message says what does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = given[0] if given and given[0] in COMMANDS else None
    parser = {"fsck": _fsck_parser, "reseal": _reseal_parser, None: _paper_parser}[command]()
    judge = {"fsck": _fsck, "reseal": _reseal, None: _paper}[command]
    try:
        asked = parser.parse_args(given[1:] if command else given)
        found = judge(asked, None if asked.trust is None else read_trust(asked.trust))
    except _Misused as error:
        parser.print_usage(sys.stderr)
        parser.exit(_nothing_said(parser.prog, str(error), USAGE_CODE, as_json=JSON in given))
    except Unreadable as error:
        return _nothing_said(parser.prog, str(error), error.code, as_json=JSON in given)
    with suppress(BrokenPipeError):  # whoever reads may stop reading; the exit code says all
        _print(found, asked)
    return found.exit_code


def _nothing_said(prog: str, detail: str, code: str, *, as_json: bool) -> int:
    """Say why there is no report: for people in one sentence, for programs by a code."""
    sys.stderr.write(f"{prog}: {printable(detail)} ({code})\n")
    if as_json:
        sys.stdout.write(json.dumps({"v": 1, "exit": USAGE, "code": code, "detail": printable(detail)}) + "\n")
    return USAGE


def _paper(asked: argparse.Namespace, trust: Trust | None) -> Judgement:
    """Tell the kinds apart by how they begin: a name can be anything."""
    if _ADDRESS.match(asked.paper):
        raise _Misused(f"`{asked.paper}` is an address: download it first; a log is checked with `fsck`")
    asked.paper = Path(asked.paper)
    require_file(asked.paper)
    start = _start(asked.paper)
    if start.startswith(b"%PDF-") or asked.paper.suffix.lower() == ".pdf":
        _refuse(asked, file=asked.file, envelope=asked.envelope, why="a record")
        return judge_record(asked.paper, trust=trust, pin=asked.pin)
    if start.startswith(b"c2sp.org/tlog-proof") or asked.paper.suffix == ".tlog-proof":
        _refuse(asked, file=asked.file, pin=asked.pin, why="a receipt")
        if asked.envelope is None:
            raise _Misused("a receipt is checked against the statement that it is of: --envelope statement.json")
        return judge_receipt(asked.paper, asked.envelope, trust=trust)
    _refuse(asked, envelope=asked.envelope, why="a bundle")
    if start[4:8] == b"ftyp":
        raise Unreadable(f"`{asked.paper}` is a video: name its bundle first, then the video", code=USAGE_CODE)
    if asked.file is None:
        raise _Misused(f"`{asked.paper}` is no record and no receipt, and a bundle is checked with its video")
    return judge_bundle(asked.paper, asked.file, trust=trust, pin=asked.pin)


def _fsck(asked: argparse.Namespace, trust: Trust | None) -> Judgement:
    return judge_log(asked.paper, trust=trust, told=_progress)


def _reseal(asked: argparse.Namespace, trust: Trust | None) -> Judgement:
    return judge_resealing(asked.paper, asked.envelope, asked.log, out=asked.out, trust=trust)


def _refuse(asked: argparse.Namespace, *, why: str, **unwanted: object) -> None:
    for name, value in unwanted.items():
        if value is not None:
            shown = "second file" if name == "file" else f"--{name}"
            raise _Misused(f"`{asked.paper}` is {why}, which takes no {shown}")


def _start(path: Path) -> bytes:
    """Return the first bytes of a file; one that cannot be opened is told by whoever reads all of it."""
    try:
        with path.open("rb") as file:
            return file.read(32)
    except OSError:
        return b""


def _progress(done: int, total: int) -> None:
    """Tell how far a long walk is, where a person watches."""
    if sys.stderr.isatty() and (done % (1 << 14) < 256 or done == total):
        sys.stderr.write(f"\r{done:,} of {total:,} entries" + ("\n" if done == total else ""))


def _print(found: Judgement, asked: argparse.Namespace) -> None:
    if asked.json:
        sys.stdout.write(json.dumps(as_json(found), indent=2) + "\n")
    else:
        against = f"{asked.file} against {asked.paper}" if getattr(asked, "file", None) else str(asked.paper)
        sys.stdout.write(printable(against) + "\n\n")
        write(found, sys.stdout, width=shutil.get_terminal_size((100, 24)).columns)
    sys.stdout.flush()


def _pin(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError("a pin is a SHA-256 in 64 lower-case hex digits")
    return text


def _parser(command: str = "", description: str = _DESCRIPTION) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"proviso-verify {command}".strip(),
        description=description,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(JSON, action="store_true", help="print the report as JSON")
    return parser


def _add_trust(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--trust", type=Path, metavar="TRUST.JSON", help="keys that you trust, from somewhere else")
    return group


def _paper_parser() -> argparse.ArgumentParser:
    parser = _parser()
    parser.add_argument("paper", help="bundle.json, record.pdf or receipt.tlog-proof")
    parser.add_argument("file", type=Path, nargs="?", help="the video of a bundle")
    parser.add_argument("--envelope", type=Path, metavar="STATEMENT.JSON", help="the statement of a receipt")
    _add_trust(parser).add_argument(
        "--pin", type=_pin, metavar="SHA256", help="trust the keys of a bundle or record if they hash to this"
    )
    return parser


def _fsck_parser() -> argparse.ArgumentParser:
    parser = _parser("fsck", "Walk a whole log from its files: every entry, every tile, the root that was signed.")
    parser.add_argument("paper", metavar="DIRECTORY|URL", help="where `checkpoint` and `tile/` are")
    _add_trust(parser)
    return parser


def _reseal_parser() -> argparse.ArgumentParser:
    parser = _parser("reseal", "Carry an old receipt over to the newest checkpoint of its log.")
    parser.add_argument("paper", type=Path, metavar="OLD.TLOG-PROOF")
    parser.add_argument("--envelope", type=Path, required=True, metavar="STATEMENT.JSON")
    parser.add_argument("--log", required=True, metavar="DIRECTORY|URL")
    parser.add_argument("--out", type=Path, required=True, metavar="NEW.TLOG-PROOF", help="never written over")
    _add_trust(parser)
    return parser


def run() -> NoReturn:
    """Run the command as a process: its exit code is that of the report."""
    for stream in (sys.stdout, sys.stderr):  # a terminal without UTF-8 shows less, but is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())


if __name__ == "__main__":
    run()
