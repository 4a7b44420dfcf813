"""
Read an editor's cut: which clips are in the film, and which frames of them.

``read_cut`` takes the bytes of an OpenTimelineIO file, a CMX 3600 edit decision list or a table, and returns events in
the order of the file; ``generation.core.cut.matching`` finds the shots that they are. Pure functions of bytes; a file
that cannot be read is one problem that names the line (or the place) and the field.

Left out: where in the film an event lies, effects and transitions. What is in the cut needs its papers, however it is
shown.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from generation.core.cut.edl import read_edl
from generation.core.cut.event import CutFile
from generation.core.cut.otio import read_otio
from generation.core.cut.table import read_table

READERS: Mapping[str, Callable[[bytes], CutFile]] = MappingProxyType(
    {"otio": read_otio, "edl": read_edl, "csv": read_table}
)


def read_cut(data: bytes, format_: str) -> CutFile:
    """Read a cut of one of ``READERS``; raises ``UnreadableCut``."""
    return READERS[format_](data)
