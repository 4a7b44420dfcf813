"""
Build the verifier so that it can be installed alone: `python -m config.verifier [FOLDER]` (`make verifier`).

1. Follow the imports from ``generation.verify`` through our own modules; nothing else of the project is taken along.
2. Refuse to build where they reach a package beyond the four that a stranger has to install.
3. Write those files twice: as a wheel, whose dependencies pip brings, and as a zipapp, one file that any Python with
   the four packages runs: `python proviso-verify.pyz record.pdf`. The same source gives the same bytes.

Left out: what the verifier checks (``generation.verify``), and publishing it anywhere.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[1]
ENTRY: Final = "generation.verify.__main__"
OURS: Final = frozenset({"registry", "consent", "generation"})
# What a stranger installs, by the name under which it is imported.
NEEDS: Final[Mapping[str, str]] = {
    "c2pa": "c2pa-python",
    "cedarpy": "cedarpy",
    "cryptography": "cryptography",
    "rfc8785": "rfc8785",
}
DATA: Final = (
    "registry/core/data/*.json",
    "registry/core/data/*.txt",  # under whose licence these are
    "consent/rulepacks/*.cedar",
    "consent/rulepacks/*.cedarschema",
)
NAME: Final = "proviso_verify"
_TIME: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: bytes do not depend on the day
_MAIN: Final = "from generation.verify.__main__ import run\n\nrun()\n"


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    for path in build(Path(given[0]) if given else PROJECT / "var" / "verifier"):
        sys.stdout.write(f"{path}\n")
    return 0


def build(folder: Path) -> tuple[Path, Path]:
    """Write wheel and zipapp into a folder; ends the process where the verifier has come to need more."""
    folder.mkdir(parents=True, exist_ok=True)
    files = source_files()
    wheel = folder / f"{NAME}-{_version()}-py3-none-any.whl"
    wheel.write_bytes(_zipped(files | _described(files)))
    app = folder / "proviso-verify.pyz"
    app.write_bytes(b"#!/usr/bin/env python3\n" + _zipped(files | {"__main__.py": _MAIN.encode()}))
    app.chmod(0o755)
    return wheel, app


def source_files() -> dict[str, bytes]:
    """Return the files of the verifier by path: modules, the packages above them, and the data that they read."""
    paths = {path for module in _reached(ENTRY) for path in _files_of(module)}
    paths |= {path for pattern in DATA for path in PROJECT.glob(pattern)}
    return {path.relative_to(PROJECT).as_posix(): path.read_bytes() for path in sorted(paths)}


def _reached(start: str) -> set[str]:
    """Follow imports; whatever leads out of the standard library and of the four packages ends the build."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        for imported in _imports_of(module):
            top = imported.split(".")[0]
            if top in OURS:
                waiting.append(imported)
            elif top not in NEEDS and top not in sys.stdlib_module_names:
                sys.exit(f"{module} imports `{imported}`, which whoever installs the verifier does not have")
    return reached


def _imports_of(module: str) -> Iterator[str]:
    """Yield what a module imports; of ``from package import name`` the name too, where that is a module."""
    path = _source(module)
    if path is None:
        return
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            named = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in named if name.split(".")[0] in OURS and _source(name) is not None)


def _source(module: str) -> Path | None:
    place = PROJECT.joinpath(*module.split("."))
    found = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in found if path.is_file()), None)


def _files_of(module: str) -> Iterator[Path]:
    """Yield a module's file and those of the packages above it."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        if (path := _source(".".join(parts[:depth]))) is not None:
            yield path


def _described(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what makes a wheel of the files (the binary distribution format of packaging.python.org)."""
    folder = f"{NAME}-{_version()}.dist-info"
    needs = "".join(f"Requires-Dist: {name}>={version(name)}\n" for name in sorted(NEEDS.values()))
    told = {
        f"{folder}/METADATA": (
            f"Metadata-Version: 2.1\nName: {NAME.replace('_', '-')}\nVersion: {_version()}\n"
            f"Summary: Checks the papers of Proviso offline\nRequires-Python: >=3.11\n{needs}"
        ),
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: proviso\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/entry_points.txt": f"[console_scripts]\nproviso-verify = {ENTRY}:run\n",
    }
    described = {path: text.encode() for path, text in told.items()}
    rows = [_row(path, data) for path, data in sorted({**files, **described}.items())]
    return described | {f"{folder}/RECORD": "".join([*rows, f"{folder}/RECORD,,\n"]).encode()}


def _row(path: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}\n"


def _version() -> str:
    return str(tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"])


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            info = zipfile.ZipInfo(path, _TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
