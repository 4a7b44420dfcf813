"""
What a checkpoint says, apart from who signed it: the text of C2SP tlog-checkpoint 1.0.

::

    <origin>
    <size>
    <base64 of the root>
    [<extension>…]
"""

from dataclasses import dataclass

from registry.core.errors import BadNote
from registry.core.lines import MAX_NUMBER, at, decode_base64, encode_base64, read_decimal
from registry.core.merkle import HASH_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree that a log commits to; it is believed only under a signature (``registry.core.checkpoint``)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise BadNote(problem="a checkpoint's origin is one line", line=1)
        if not 0 <= self.size <= MAX_NUMBER:
            raise BadNote(problem=f"a checkpoint's size is `0` to `{MAX_NUMBER}`", line=2)
        if len(self.root) != HASH_BYTES:
            raise BadNote(problem="a checkpoint's root has 32 bytes", line=3)
        for place, line in enumerate(self.extensions):
            if not line or "\n" in line:
                raise BadNote(problem="an extension of a checkpoint is one line that is not empty", line=4 + place)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note as a checkpoint."""
        lines = text.split("\n")
        if lines.pop():
            raise BadNote(problem="the last line of a checkpoint ends with a line feed", line=len(lines) + 1)
        if len(lines) < 3:
            raise BadNote(problem="a checkpoint has the lines origin, size and root", line=len(lines) + 1)
        origin, size_text, root_text, *extensions = lines
        with at(2):
            size = read_decimal(size_text)
        with at(3):
            root = decode_base64(root_text)
        return cls(origin=origin, size=size, root=root, extensions=tuple(extensions))

    def format(self) -> str:
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "\n".join(lines) + "\n"
