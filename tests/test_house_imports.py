"""The direction of imports, and that the contracts which hold it would notice."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "registry", "consent", "generation", "web")

RULES = PROJECT / "consent" / "core" / "rules.py"  # alone asks Cedar
CORE = {"cryptography", "rfc8785", "registry", "consent", "generation"}
VIDEO = {"numpy", "torch", "safetensors", "generation"}
# What a function of values has no use for: the clock, chance, the environment, files, the network, other processes.
IMPURE = {
    "os",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "http",
    "sqlite3",
}


def _contracts(project: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--config", project / "pyproject.toml", "--no-cache"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources alone, where faults can be planted."""
    top = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, top / package, ignore=lambda _, names: [n for n in names if _is_other(n)])
    shutil.copy(PROJECT / "pyproject.toml", top)
    return top


def _is_other(name: str) -> bool:
    return name == "__pycache__" or ("." in name and not name.endswith(".py"))


def test_every_contract_is_kept(copy: Path) -> None:
    done = _contracts(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("place", "planted", "contract"),
    [
        ("registry/core/planted.py", "import django", "core knows no framework"),
        ("consent/core/planted.py", "import torch", "core knows no framework"),
        ("generation/core/planted.py", "from PIL import Image", "core knows no framework"),
        ("generation/verify/planted.py", "import torch", "the verifier needs neither"),
        ("generation/video/planted.py", "import av", "video knows tensors only"),
        ("registry/watch/planted.py", "import registry.models", "who watches a log"),
        ("registry/planted.py", "import consent.core", "Apps: "),
        ("consent/planted.py", "import web", "Apps: "),
        ("web/planted.py", "import config.settings", "Apps: "),
        ("consent/core/settled/planted.py", "import consent.core.decision", "The decision: "),
        ("consent/core/asked/planted.py", "import consent.core.available", "The decision: "),
        ("registry/core/planted.py", "import registry.models", "Rooms: "),
        ("registry/selectors/planted.py", "import registry.services", "Rooms: "),
    ],
)
def test_a_planted_import_breaks_its_contract(copy: Path, place: str, planted: str, contract: str) -> None:
    path = copy / place
    path.write_text(planted + "\n")
    try:
        done = _contracts(copy)
    finally:
        path.unlink()
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), done.stdout


@pytest.mark.parametrize(
    ("folder", "allowed", "refused"),
    [
        ("registry/core", CORE, IMPURE),
        ("consent/core", CORE, IMPURE),
        ("generation/core", CORE, IMPURE),
        ("generation/video", VIDEO, {"random", "secrets", "socket", "subprocess", "urllib", "http"}),
    ],
)
def test_nothing_else_is_imported_where_only_values_are_handled(
    folder: str, allowed: set[str], refused: set[str]
) -> None:
    usual = set(sys.stdlib_module_names) - refused
    files = list((PROJECT / folder).rglob("*.py"))
    assert files
    for path in files:
        special = {"cedarpy"} if path == RULES else set()
        for name in _imported(path):
            assert name in allowed | usual | special, f"{path.relative_to(PROJECT)} imports {name}"


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_the_verifier_loads_neither_django_nor_torch_nor_a_database() -> None:
    code = (
        "import sys, importlib.util as u\n"
        "import generation.verify\n"
        "if u.find_spec('generation.verify.__main__'): import generation.verify.__main__\n"
        "bad = {'django', 'rest_framework', 'torch', 'psycopg', 'celery'} & set(sys.modules)\n"
        "sys.exit(f'loads {bad}' if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
