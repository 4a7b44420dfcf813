"""Key folders of a test's own: what is rotated there, no other test sees."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from registry.custody import ROLES, Place, custody

Places = tuple[tuple[str, Place], ...]


def places(folder: Path) -> Places:
    """Return where keys would lie in a folder; what is not there is made on first need."""
    return tuple((name, Place(file=folder / role.variable.lower(), may_make=True)) for name, role in ROLES.items())


def copied(folder: Path) -> Places:
    """Copy the keys of this run, so that what it stored can be read, and return where they lie now."""
    folder.mkdir(mode=0o700)
    for name, place in settings.KEY_PLACES:
        if place.file is not None and ROLES[name].needed:
            custody().versions(name)  # made, if nobody has needed it yet
            shutil.copy2(place.file, folder / place.file.name)
    return places(folder)
