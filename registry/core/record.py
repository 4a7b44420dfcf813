"""
What the registry is told of parties, their aliases and keys, projects and works.

A record is the value of one body (``docs/formats.md`` section 3). ``PARSERS`` maps a statement's type to the function
that reads its body; each reads a closed object and refuses whatever it does not know. Nothing here looks at signatures
or at other statements. Media files are in ``registry.core.assets``, titles and
licences in ``registry.core.rights``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from math import gcd
from types import MappingProxyType
from typing import Literal

from registry.core.envelope import PublicKey
from registry.core.errors import Malformed
from registry.core.fields import Reader, read_int, read_list, read_str, read_uuid, require_sorted
from registry.core.identifiers import Identifier, Key, fold, keys_of, read_identifiers
from registry.core.terms import TERRITORIES

PARTY_KINDS = ("person", "organisation")
PROJECT_KINDS = ("franchise", "series", "season", "episode", "film")
WORK_KINDS = ("film", "series", "composition", "artwork", "script", "other")
LANGUAGES_SHOWN = ("en", "fr")
VOUCH_LEVELS = ("email", "document", "in_person")
SERVING_LEVELS = frozenset({"document", "in_person"})  # that a consent may rest on


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stood before the signer's eyes, and the digest of what stays private."""

    text_sha256: str
    language: str
    private_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    party: str
    kind: str
    name: str
    identifiers: Mapping[str, str]
    affiliates: frozenset[str]
    born: date | None
    domicile: str | None
    unions: tuple[str, ...]
    key: PublicKey | None

    @property
    def claimed(self) -> frozenset[Key]:
        """What it states that belongs to one party alone."""
        return keys_of(self.identifiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    party: str
    alias: str | None
    disclaims: tuple[Identifier, ...]  # what the party no longer says it is known by

    @property
    def claimed(self) -> frozenset[Key]:
        return frozenset() if self.alias is None else keys_of({"alias": self.alias})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouch:
    party: str
    level: str
    checked_on: date
    method: str
    challenge: str | None = None  # id of the registry's own, which the person answered
    confirms: tuple[Identifier, ...] = ()  # what was checked to be this party's and nobody else's


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdded:
    party: str
    key: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked:
    party: str
    keyid: str
    compromised_from: int | None = None  # from this place in the log on, the key was in other hands


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    project: str
    title: str
    kind: str
    producer: str
    agreement: str | None
    signatory: str | None
    governing_law: str | None
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    work: str
    title: str
    kind: str
    identifiers: Mapping[str, str]


def read_shown(body: Reader) -> Shown:
    """Take the three fields that every body signed by a party carries."""
    return Shown(
        text_sha256=body.digest("text_sha256"),
        language=body.choice("language", LANGUAGES_SHOWN),
        private_sha256=body.opt_digest("private_sha256"),
    )


def parse_party(body: Reader) -> Party:
    key = body.opt_object("key")
    domicile = body.opt_str("domicile")
    if domicile is not None:
        TERRITORIES.mask([domicile], body.at("domicile"))
    return Party(
        party=body.uuid("party"),
        kind=body.choice("kind", PARTY_KINDS),
        name=body.str("name", max_chars=200),
        identifiers=_identifiers(body, ("isni", "ipi", "eidr", "hand")),
        affiliates=frozenset(sorted_list(body, "affiliates", read_uuid)),
        born=_opt_date(body, "born"),
        domicile=domicile,
        unions=sorted_list(body, "unions", read_str),
        key=None if key is None else _key(body, "key"),
    )


def parse_vouch(body: Reader) -> Vouch:
    return Vouch(
        party=body.uuid("party"),
        level=body.choice("level", VOUCH_LEVELS),
        checked_on=read_date(body.raw("checked_on"), body.at("checked_on")),
        method=body.str("method", max_chars=200),
        challenge=body.opt_uuid("challenge"),
        confirms=_confirmed(body),
    )


def parse_alias(body: Reader) -> Alias:
    read = Alias(
        party=body.uuid("party"),
        alias=body.opt_str("alias", max_chars=200),
        disclaims=read_identifiers(body, "disclaims"),
    )
    if read.alias is not None and not fold(read.alias):
        raise Malformed("bad_value", field=body.at("alias"), wanted="something to be seen")
    if read.alias is None and not read.disclaims:
        raise Malformed("bad_value", field=body.at("alias"), wanted="an alias, or something to disclaim")
    if not read.claimed.isdisjoint(one.key for one in read.disclaims):
        raise Malformed("bad_value", field=body.at("disclaims"), wanted="something else than the alias declared")
    return read


def parse_key_added(body: Reader) -> KeyAdded:
    return KeyAdded(party=body.uuid("party"), key=_key(body, "key"))


def parse_key_revoked(body: Reader) -> KeyRevoked:
    return KeyRevoked(
        party=body.uuid("party"), keyid=body.digest("keyid"), compromised_from=body.opt_int("compromised_from")
    )


def parse_project(body: Reader) -> Project:
    return Project(
        project=body.uuid("project"),
        title=body.str("title"),
        kind=body.choice("kind", PROJECT_KINDS),
        producer=body.uuid("producer"),
        agreement=body.opt_str("agreement"),
        signatory=body.opt_str("signatory"),
        governing_law=body.opt_str("governing_law"),
        parent=body.opt_uuid("parent"),
    )


def parse_work(body: Reader) -> Work:
    return Work(
        work=body.uuid("work"),
        title=body.str("title"),
        kind=body.choice("kind", WORK_KINDS),
        identifiers=_identifiers(body, ("eidr", "isan", "iswc")),
    )


def read_date(value: object, path: str) -> date:
    """Check one calendar day, `YYYY-MM-DD`."""
    text = read_str(value, path, max_chars=10)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Malformed("bad_time", field=path, value=text, wanted="a date of the form 2027-01-31") from error
    if day.isoformat() != text:
        raise Malformed("bad_time", field=path, value=text, wanted="a date of the form 2027-01-31")
    return day


def read_fraction(value: object, path: str, *, maximum: int) -> tuple[int, int]:
    """Check a positive fraction `[n, d]` in lowest terms."""
    numbers = read_list(value, path, lambda item, where: read_int(item, where, minimum=1, maximum=maximum))
    if len(numbers) != 2 or gcd(*numbers) != 1:
        raise Malformed("bad_value", field=path, wanted="two whole numbers in lowest terms")
    return numbers[0], numbers[1]


def _key(body: Reader, name: str) -> PublicKey:
    return PublicKey.parse(body.raw(name), body.at(name))


def _confirmed(body: Reader) -> tuple[Identifier, ...]:
    """Take what a voucher checked; an e-mail shows nobody's number."""
    confirms = read_identifiers(body, "confirms")
    if confirms and body.raw("level") not in SERVING_LEVELS:
        raise Malformed("bad_value", field=body.at("confirms"), wanted="nothing at this level")
    return confirms


def _opt_date(body: Reader, name: str) -> date | None:
    value = body.opt_raw(name)
    return None if value is None else read_date(value, body.at(name))


def _identifiers(body: Reader, schemes: tuple[str, ...]) -> Mapping[str, str]:
    held = body.object("identifiers")
    found = {scheme: held.opt_str(scheme, max_chars=80) for scheme in schemes}
    held.finish()
    return MappingProxyType({scheme: text for scheme, text in found.items() if text is not None})


def sorted_list(body: Reader, name: str, read: Callable[[object, str], str]) -> tuple[str, ...]:
    items = body.list_of(name, read)
    require_sorted(items, body.at(name))
    return items


RegistryRecord = Party | Alias | Vouch | KeyAdded | KeyRevoked | Project | Work

PARSERS: Mapping[str, Callable[[Reader], RegistryRecord]] = MappingProxyType(
    {
        "party.registered": parse_party,
        "identity.vouched": parse_vouch,
        "alias.declared": parse_alias,
        "key.added": parse_key_added,
        "key.revoked": parse_key_revoked,
        "project.registered": parse_project,
        "work.registered": parse_work,
    }
)

Effect = Literal["widens", "narrows", "records"]
