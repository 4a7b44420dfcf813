"""The verifier installed alone: a wheel in a fresh environment with four packages and what these need, and one file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from config import verifier
from registry.core.envelope import canonical
from tests.papers import new_chain, papers
from tests.records import made
from tests.tile_logs import TileLog, entry

# Loaded by every process of the environment: no connection is opened, whatever is asked of it.
WATCH = """
import os, sys
def watch(event, arguments):
    if event.startswith(("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "sqlite3.")):
        sys.stderr.write(f"opened {event}\\n")
        os._exit(99)
sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return verifier.build(tmp_path_factory.mktemp("verifier"))


@pytest.fixture(scope="module")
def alone(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment: the wheel is installed by pip, what it needs stands beside it, and nothing else does."""
    place = tmp_path_factory.mktemp("alone")
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    (packages,) = place.glob("lib/python3*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([*pip, str(built[0])], check=True, env=environment)
    for name in sorted({"c2pa-python", "cedarpy", "cryptography", "rfc8785"}):
        for needed in (name, *_needed_by(name)):
            _link(needed, packages)
    (packages / "watched.py").write_text(WATCH)
    (packages / "watched.pth").write_text("import watched\n")  # a `sitecustomize` of the system goes first
    return place


def _needed_by(name: str) -> Iterator[str]:
    for text in distribution(name).requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def _link(name: str, packages: Path) -> None:
    """Put an installed package beside the verifier, as pip would where there is an index."""
    found = distribution(name)
    tops = {Path(str(file)).parts[0] for file in found.files or [] if not str(file).startswith("..")}
    for top in tops - {"__pycache__"}:
        if not (packages / top).exists():
            (packages / top).symlink_to(Path(str(found.locate_file(top))).resolve())


def run(command: list[str], folder: Path) -> tuple[int, str, str]:
    """Run a command far away from the source, with nothing of our environment."""
    clean = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(params=["wheel", "zipapp"])
def command(request: pytest.FixtureRequest, alone: Path, built: tuple[Path, Path]) -> list[str]:
    if request.param == "wheel":
        return [str(alone / "bin" / "proviso-verify")]
    return [str(alone / "bin" / "python"), "-I", str(built[1])]


def test_a_bundle_is_verified(command: list[str], tmp_path: Path) -> None:
    found = papers(new_chain(tmp_path / "chain"))
    bundle, mp4, trust = map(str, found.write(tmp_path))
    code, out, error = run([*command, bundle, mp4, "--trust", trust], tmp_path)
    assert (code, error) == (0, "")
    assert "PROVEN: this file was cleared and released" in out


def test_a_record_is_verified_and_its_words_are_shown(command: list[str], tmp_path: Path) -> None:
    pdf, trust = made(signed_in="fr", language="fr").write(tmp_path)
    code, out, error = run([*command, pdf, "--trust", trust], tmp_path)
    assert (code, error) == (0, "")
    assert "Consentement à l’utilisation de mon image" in out


def test_a_receipt_and_a_whole_log_are_verified(command: list[str], tmp_path: Path) -> None:
    found = made()
    (tmp_path / "receipt.tlog-proof").write_bytes(found.record.proof.format())
    (tmp_path / "statement.json").write_bytes(canonical(found.record.envelope.format()))
    (tmp_path / "trust.json").write_text(json.dumps(found.trust))
    asked = [*command, "receipt.tlog-proof", "--envelope", "statement.json", "--trust", "trust.json"]
    code, out, error = run(asked, tmp_path)
    assert (code, error) == (0, ""), out
    log = TileLog(folder=tmp_path / "log")
    log.append([entry(number) for number in range(300)])
    trust = log.write_trust(tmp_path / "log.json")
    assert run([*command, "fsck", "log", "--trust", trust], tmp_path)[0] == 0


def test_it_refuses_as_it_does_at_home(command: list[str], tmp_path: Path) -> None:
    pdf, trust = made().write(tmp_path)
    Path(pdf).write_bytes(Path(pdf).read_bytes().replace(b"may not pass it on", b"may now pass it on"))
    code, out, error = run([*command, pdf, "--trust", trust], tmp_path)
    assert (code, error) == (1, "")
    assert "FAILED at step 3, text" in out
    assert run([*command], tmp_path)[0] == 64


def test_what_it_needs_is_four_packages(built: tuple[Path, Path], alone: Path, tmp_path: Path) -> None:
    (told,) = alone.glob("lib/python3*/site-packages/proviso_verify-*.dist-info/METADATA")
    needs = [
        Requirement(line.split(": ", 1)[1]).name for line in told.read_text().splitlines() if "Requires-Dist" in line
    ]
    assert needs == ["c2pa-python", "cedarpy", "cryptography", "rfc8785"]
    for foreign in ("django", "torch", "numpy", "fpdf", "psycopg", "fido2"):
        assert run([str(alone / "bin" / "python"), "-c", f"import {foreign}"], tmp_path)[0] == 1


def test_the_same_source_gives_the_same_files(built: tuple[Path, Path], tmp_path: Path) -> None:
    assert [path.read_bytes() for path in verifier.build(tmp_path)] == [path.read_bytes() for path in built]


def test_the_watch_itself_would_have_seen_a_connection(alone: Path, tmp_path: Path) -> None:
    asked = [str(alone / "bin" / "proviso-verify"), "fsck", "http://127.0.0.1:9"]
    code, _, error = run(asked, tmp_path)
    assert code == 99
    assert "opened socket." in error


def test_a_verifier_that_came_to_need_more_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "ENTRY", "generation.report.pdf")
    with pytest.raises(SystemExit) as stopped:
        verifier.source_files()
    assert "fpdf" in str(stopped.value)
