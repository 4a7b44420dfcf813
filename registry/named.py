"""
Whom a text names beside the person it is about: each name is sealed apart, under the key of whose it is.

A text is signed as it was shown, and shows people by name and id. It is stored under the key of its one data subject,
or the registry's own, and would keep everybody else's name past their erasure. So ``split`` takes each `name (id)` of
another person out of it and seals the name under that person's key; ``join`` puts the text together again, and leaves
the id alone where the person was erased: then it is no longer the text that was signed, which ``whole`` says.

Format, below the seal: a text that names nobody else is its UTF-8 bytes. Any other begins with a zero byte, which no
text holds, and is a canonical JSON list of texts and of `{"name":"<base64>","person":"<id>"}`.
"""

import base64
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from registry import vault
from registry.core.jcs import Json, canonical, parse_json

MARK: Final = b"\0"
_ID: Final = re.compile(r" \(([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\)")
Names = Callable[[Collection[str]], Mapping[str, str]]  # ids -> names of the persons among them


class Joined(NamedTuple):
    """A text, and who took their name out of it: then it is no longer the one that was signed."""

    text: str
    erased: frozenset[str]  # ids of persons

    @property
    def whole(self) -> bool:
        return not self.erased


def people_in(text: str, subject: str | None) -> list[str]:
    """Return the ids that a text shows behind a name, but for that of whom it is about; sorted."""
    return sorted(set(_ID.findall(text)) - {subject})


def split(text: str, digest: str, names: Mapping[str, str]) -> bytes:
    """Return the bytes to seal: ``names`` are those of the persons whom ``people_in`` found."""
    parts: list[Json] = [text]
    for person, name in sorted(names.items()):
        shown = f"{name} ({person})"
        fragment: Json = {"person": person, "name": _sealed(person, name, digest)}
        parts = [piece for part in parts for piece in _apart(part, shown, fragment, person)]
    return text.encode() if parts == [text] else MARK + canonical(parts)


def join(plains: Mapping[str, bytes]) -> dict[str, Joined]:
    """Put texts together, by digest of their statements; one query for the keys of everybody named."""
    parts = {digest: _parts(plain) for digest, plain in plains.items()}
    sealed = [(digest, part) for digest, held in parts.items() for part in held if isinstance(part, dict)]
    keys = vault.data_keys({f"party:{part['person']}" for _, part in sealed}) if sealed else {}
    left = [(digest, part) for digest, part in sealed if f"party:{part['person']}" in keys]
    opened = iter(vault.open_texts([_fragment(digest, part) for digest, part in left])) if left else iter(())
    return {digest: _joined(held, keys, opened) for digest, held in parts.items()}


def _apart(part: Json, shown: str, fragment: Json, person: str) -> Iterator[Json]:
    if not isinstance(part, str):
        yield part
        return
    first, *rest = part.split(shown)
    yield first
    for piece in rest:
        yield fragment
        yield f" ({person}){piece}"


def _parts(plain: bytes) -> list[Json]:
    if not plain.startswith(MARK):
        return [plain.decode()]
    parts = parse_json(plain[len(MARK) :])
    assert isinstance(parts, list)  # we wrote it
    return parts


def _joined(parts: Iterable[Json], keys: Collection[str], opened: Iterator[bytes]) -> Joined:
    """Where a name is gone the id stands bare, as if nobody had known the name."""
    text, bare, erased = "", None, set[str]()
    for part in parts:
        if isinstance(part, dict):
            person = str(part["person"])
            if f"party:{person}" in keys:
                text += next(opened).decode()
            else:
                erased.add(person)
                bare = person
        else:
            piece = str(part)
            text += piece if bare is None else bare + piece.removeprefix(f" ({bare})")
            bare = None
    return Joined(text=text, erased=frozenset(erased))


def _sealed(person: str, name: str, digest: str) -> str:
    return base64.b64encode(vault.seal_text(f"party:{person}", name.encode(), _aad(digest))).decode()


def _fragment(digest: str, part: Mapping[str, Json]) -> vault.Sealed:
    return vault.Sealed(f"party:{part['person']}", base64.b64decode(str(part["name"])), _aad(digest))


def _aad(digest: str) -> bytes:
    return f"named {digest}".encode()
