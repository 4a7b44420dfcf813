"""The published test vectors, found at collection time so that each case is a test of its own."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
VECTORS = Path(os.environ.get("VECTORS_DIR") or PROJECT.parent / "shared" / "vectors")

needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no published vectors in {VECTORS}: set VECTORS_DIR")


def files(folder: str, pattern: str = "**/*.json") -> list[object]:
    """Return one parameter a file; one skipped parameter where the folder is absent."""
    found = sorted((VECTORS / folder).glob(pattern))
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no vectors in {VECTORS / folder}"))]
    return [pytest.param(path, id=str(path.relative_to(VECTORS / folder).with_suffix(""))) for path in found]
