"""
What a registry lists about one person, held against the log.

The log holds digests and types and no name: which entries concern a person, only the registry can say. So two things
are kept apart, in the code and in the report:

- *proven*: a listed statement stands in the log under the verified checkpoint, at the place that the list says, with
  this digest, this type and this envelope; and what was reported once is listed still, at the same place
- *vouched for*: that the list is complete

An accepted statement may wait for the next checkpoint, but not longer than ``LOGGED_WITHIN_S``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from registry.core.entry import entry_of
from registry.core.envelope import Envelope, parse_statement, verify_signatures
from registry.core.errors import DomainError, Malformed
from registry.core.fields import Reader
from registry.core.jcs import Json, parse_canonical, parse_json
from registry.core.keys import PublicKey
from registry.core.times import format_time, whole_second
from registry.watch.findings import Finding
from registry.watch.source import MAX_JSON_BYTES, Source, Unreachable
from registry.watch.tree import Tree

LOGGED_WITHIN_S: Final = 3600  # a publisher's pass takes seconds
MAX_LISTED: Final = 100_000
PAGE: Final = 200
MAX_PAGES: Final = MAX_LISTED // PAGE  # so that nobody is led on, one statement a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A statement as the registry lists it."""

    digest: str
    type: str
    accepted_at: datetime
    index: int | None  # None: accepted, and not under a checkpoint when the list was made

    @classmethod
    def parse(cls, obj: object, path: str = "statement") -> "Listed":
        body = Reader(obj, path)
        found = cls(
            digest=body.digest("digest"),
            type=body.str("type"),
            accepted_at=_moment(body.str("accepted_at"), body.at("accepted_at")),
            index=body.int("index") if body.raw("index") is not None else None,
        )
        body.finish()
        return found

    def format(self) -> dict[str, Json]:
        return {
            "digest": self.digest,
            "type": self.type,
            "accepted_at": format_time(self.accepted_at),
            "index": self.index,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A statement that is in the log; issuer and signers where the registry showed its envelope, which then matched."""

    listed: Listed
    issuer: str | None = None
    keyids: tuple[str, ...] = ()
    own: bool | None = None  # signed by a key that the person named; None where nobody asked or the issuer is another


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a list came to."""

    proven: tuple[Proven, ...] = ()  # new ones
    waiting: tuple[Listed, ...] = ()  # not yet under the verified checkpoint
    findings: tuple[Finding, ...] = ()


def read_list(api: Source, party: str) -> tuple[Listed, ...]:
    """Read all that the registry lists about a party; raises ``Unreachable``, ``Malformed``."""
    found: list[Listed] = []
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        after = f"&cursor={quote(cursor)}" if cursor else ""
        data = api.read(f"parties/{party}/statements?limit={PAGE}{after}", limit=MAX_JSON_BYTES)
        body = Reader(parse_json(data, max_bytes=MAX_JSON_BYTES), "list")
        page = body.list_of("results", Listed.parse, max_items=PAGE)
        found += page
        pages += 1
        if pages > MAX_PAGES:
            raise Malformed("too_large", field="list", wanted=f"at most {MAX_LISTED} statements")
        cursor = _cursor(body.raw("next")) if page else None
    return tuple(sorted(found, key=lambda one: (one.index is None, one.index or 0, one.accepted_at, one.digest)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A list held against a verified tree."""

    api: Source | None  # asked for envelopes; None: digests and types alone are compared
    tree: Tree
    party: str
    at: datetime
    own_keys: Mapping[str, PublicKey] | None = None  # by id: every key of the person's; None: not known

    def run(self, listed: tuple[Listed, ...], reported: Mapping[str, Listed]) -> Checked:
        """Check what is new against the log, and what was reported before against the list."""
        findings = [*self._vanished(listed, reported)]
        proven: list[Proven] = []
        waiting: list[Listed] = []
        for one in listed:
            if one.digest in reported and reported[one.digest].index is not None:
                continue
            if one.index is None or one.index >= self.tree.size:
                waiting.append(one)
                findings += self._overdue(one)
                continue
            made, found = self._in_log(one)
            proven += [made] if made else []
            findings += found
        return Checked(proven=tuple(proven), waiting=tuple(waiting), findings=tuple(findings))

    def _vanished(self, listed: tuple[Listed, ...], reported: Mapping[str, Listed]) -> Iterator[Finding]:
        now = {one.digest: one for one in listed}
        for digest, one in reported.items():
            facts: dict[str, Json] = {"digest": digest, "type": one.type, "index": one.index}
            if digest not in now:
                yield Finding(code="vanished", facts=facts)
            elif one.index is not None and (now[digest].index, now[digest].type) != (one.index, one.type):
                yield Finding(code="moved", facts=facts | {"now": now[digest].index})

    def _overdue(self, one: Listed) -> Iterator[Finding]:
        waited_s = int((self.at - one.accepted_at).total_seconds())
        if waited_s > LOGGED_WITHIN_S:
            yield Finding(
                code="never_logged", facts={"digest": one.digest, "type": one.type, "minutes": waited_s // 60}
            )

    def _in_log(self, one: Listed) -> tuple[Proven | None, list[Finding]]:
        """Compare one statement with its entry, and with its envelope where that is shown."""
        assert one.index is not None  # such a one waits
        facts: dict[str, Json] = {"digest": one.digest, "type": one.type, "index": one.index}
        entry = self.tree.entry(one.index)
        said = read_entry(entry)
        if said is None or (said["digest"], said["type"]) != (one.digest, one.type):
            return None, [Finding(code="entry_differs", facts=facts)]
        try:
            envelope = self._envelope(one.digest)
        except DomainError:
            return None, [Finding(code="envelope_differs", facts=facts)]
        if envelope is None:
            return Proven(listed=one), []
        if entry_of(envelope) != entry:
            return None, [Finding(code="envelope_differs", facts=facts)]
        return self._signed(one, envelope, facts)

    def _envelope(self, digest: str) -> Envelope | None:
        """Ask for the signed envelope; None where it is not shown, as after erasure or to who may not read it."""
        if self.api is None:
            return None
        try:
            data = self.api.read(f"statements/{digest}", limit=MAX_JSON_BYTES)
        except Unreachable:
            return None
        shown = parse_json(data, max_bytes=MAX_JSON_BYTES)
        return Envelope.parse(shown.get("envelope") if isinstance(shown, dict) else None)

    def _signed(self, one: Listed, envelope: Envelope, facts: dict[str, Json]) -> tuple[Proven | None, list[Finding]]:
        """Say who signed; in the person's own name nobody else's key may have."""
        issuer = parse_statement(envelope.payload).issuer
        keyids = tuple(signature.keyid for signature in envelope.signatures)
        own = None if self.own_keys is None or issuer != self.party else self._by_own_key(envelope, self.own_keys)
        made = Proven(listed=one, issuer=issuer, keyids=keyids, own=own)
        return made, [Finding(code="foreign_key", facts=facts | {"keyids": [*keyids]})] if own is False else []

    def _by_own_key(self, envelope: Envelope, keys: Mapping[str, PublicKey]) -> bool:
        """Say whether one of the person's keys really signed; what other signers say is not looked at."""
        for signature in envelope.signatures:
            if signature.keyid in keys:
                alone = Envelope(payload=envelope.payload, signatures=(signature,))
                try:
                    return bool(verify_signatures(alone, keys))
                except DomainError:
                    return False
        return False


def read_entry(entry: bytes) -> dict[str, str] | None:
    """Read an entry of the log (``docs/formats.md`` section 7); None where it is none."""
    try:
        body = Reader(parse_canonical(entry))
        body.int("v", 1, 1)
        said = {"digest": body.digest("digest"), "envelope": body.digest("envelope"), "type": body.str("type")}
        body.finish()
    except Malformed:
        return None
    return said


def _moment(text: str, path: str) -> datetime:
    """Read a time of the API, which may have a fraction of a second; it is dropped."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("bad_time", field=path, value=text) from error
    if moment.utcoffset() != timedelta(0):
        raise Malformed("bad_time", field=path, value=text)
    return whole_second(moment).astimezone(UTC)


def _cursor(link: Json) -> str | None:
    """Take the cursor out of the address of the next page; its host is not believed."""
    if link is None:
        return None
    found = parse_qs(urlsplit(link).query).get("cursor") if isinstance(link, str) else None
    if not found:
        raise Malformed("bad_value", field="list.next", wanted="an address with a cursor")
    return found[0]
