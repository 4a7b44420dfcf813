"""
Read the text of a deal: YAML with no surprises, and nothing in it left unread.

A deal is written for people, so that YAML's old guesses are switched off: `NO` is Norway and not false, `on` is a word,
a date is text until a field asks for one. A key that stands twice, or that nobody asks for, is an error.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

_MISSING: Final = object()
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class UnreadableDeal(AssertionError):
    """A deal that says something nobody understands."""


class _Plain(yaml.SafeLoader):
    """YAML whose plain words are words, but for `true`, `false`, `null` and whole numbers."""

    yaml_implicit_resolvers = {}  # none of YAML 1.1


_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))
_Plain.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"null\Z"), ["n"])
_Plain.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"(0|[1-9][0-9]*)\Z"), list("0123456789"))


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in found:
            raise UnreadableDeal(f"`{key}` stands twice, line {key_node.start_mark.line + 1}")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Plain.add_constructor("tag:yaml.org,2002:map", _mapping)


class Part:
    """A mapping of a deal; each key is taken once, and ``finish`` refuses those that nobody took."""

    def __init__(self, fields: Any, where: str) -> None:
        if not isinstance(fields, dict):
            raise UnreadableDeal(f"{where}: a list of `key: value` is wanted, not `{fields}`")
        self.where = where
        self._left = dict(fields)

    def take(self, name: str, default: Any = _MISSING) -> Any:
        """Return a value and note that it was read; without a default it has to be there."""
        if name in self._left:
            return self._left.pop(name)
        if default is _MISSING:
            raise UnreadableDeal(f"{self.where}: `{name}` is missing")
        return default

    def has(self, name: str) -> bool:
        return name in self._left

    def list(self, name: str, default: Any = ()) -> list[Any]:
        """Return a list, of one where a single value stands."""
        return as_list(self.take(name, default))

    def part(self, name: str, default: Any = _MISSING) -> "Part":
        return Part(self.take(name, default), f"{self.where}, {name}")

    def each(self) -> Iterator[tuple[str, Any]]:
        """Yield everything that is left, and take it."""
        while self._left:
            name = next(iter(self._left))
            yield name, self._left.pop(name)

    def told(self) -> dict[str, Any]:
        """Return what is left as it was written, and leave it."""
        return dict(self._left)

    def rest(self) -> dict[str, Any]:
        """Take everything that is left."""
        return dict(self.each())

    def one_of(self, names: Any) -> tuple[str, Any]:
        """Return the one key that says what this is, with its value."""
        found = [name for name in self._left if name in names]
        if len(found) != 1:
            raise UnreadableDeal(f"{self.where}: one of {sorted(names)} is wanted; there is {sorted(self._left)}")
        return found[0], self._left.pop(found[0])

    def finish(self) -> None:
        if self._left:
            raise UnreadableDeal(f"{self.where}: nobody knows {sorted(self._left)}")


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def read_deal(text: str, name: str) -> Part:
    """Read the text of one deal."""
    return Part(yaml.load(text, Loader=_Plain), name)  # noqa: S506 - `_Plain` is a SafeLoader


def deal_files() -> list[Path]:
    """Return every deal, by name."""
    return sorted(Path(__file__).with_name("deals").glob("*.yaml"))


def moment(value: Any) -> datetime:
    """Read a day, which is its midnight UTC, or a time `2027-06-01T12:00:00Z`."""
    text = f"{value}T00:00:00Z" if _DAY.fullmatch(str(value)) else str(value)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise UnreadableDeal(f"`{value}` is neither a day nor a time") from error


def time_text(value: Any) -> str:
    """Return a day or time as statements write it."""
    return moment(value).strftime("%Y-%m-%dT%H:%M:%SZ")
