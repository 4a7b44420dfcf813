"""
What the one who imports says because the file cannot: `terms` beside a file of EMA Avails or ODRL.

`{"ids":{"their identifier":"our id"},"licensor","licensee","acts":[…],"aspects":[…],"purposes":[…],"projects":[…],
"document_sha256","signed_on"}`; each may be left out where the file says it. What neither says is not granted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from registry.core.errors import Malformed
from registry.core.fields import Reader, read_str, read_uuid
from registry.core.jcs import Json, parse_json

MAX_TERMS_BYTES: Final = 256 * 1024
MAX_IDS: Final = 5_000
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SETS: Final = ("acts", "aspects", "purposes", "projects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The terms beside a file; empty where nothing is said."""

    ids: Mapping[str, str] = field(default_factory=dict)
    licensor: str | None = None
    licensee: str | None = None
    sets: Mapping[str, list[Json]] = field(default_factory=dict)
    document_sha256: str | None = None
    signed_on: str | None = None

    def id_of(self, theirs: str) -> str | None:
        """Return our id of a thing: the one given for it, or the one that its identifier holds."""
        if theirs in self.ids:
            return self.ids[theirs]
        found = _UUID.findall(theirs)
        return found[0] if len(found) == 1 else None


def read_given(text: str | None) -> Given:
    """Read `terms`; raises ``Malformed``."""
    if text is None:
        return Given()
    reader = Reader(parse_json(text.encode("utf-8", "surrogatepass"), max_bytes=MAX_TERMS_BYTES), "terms")
    given = Given(
        ids=_read_ids(reader.opt_raw("ids"), reader.at("ids")),
        licensor=reader.opt_uuid("licensor"),
        licensee=reader.opt_uuid("licensee"),
        sets={name: [*sorted(reader.list_of(name, read_str))] for name in _SETS if reader.has(name)},
        document_sha256=reader.opt_digest("document_sha256"),
        signed_on=reader.opt_str("signed_on"),
    )
    reader.finish()
    return given


def _read_ids(value: Json, path: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed("bad_type", field=path, wanted="an object of their identifiers and our ids")
    if len(value) > MAX_IDS:
        raise Malformed("too_large", field=path, wanted=f"at most {MAX_IDS} identifiers")
    return {theirs: read_uuid(ours, f"{path}.{theirs}") for theirs, ours in value.items()}
