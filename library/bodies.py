"""
What the sample parties say, as statement bodies in the order in which they can be submitted.

Ids and nonces are fixed: each is drawn from a slug, so that signing again names the same parties and the same files.
The performers are drawn figures; nobody living stands behind a name. Files held out of training are the demo cast's
own and are not registered here.

Left out: keys and signatures (``library.sign``).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.core.assets import Media
from registry.core.jcs import Json, canonical
from registry.core.terms import LABELS, MEDIA, PURPOSES, TERRITORIES
from registry.ingest import read_media

BORN_MS = 1_764_000_000_000  # the timestamp in every id of the library, milliseconds since 1970: any fixed moment
SINCE = "2025-01-01"  # the day from which all of it counts: earlier than any clock that will read it
REFERENCE_PURPOSES = ("evaluation", "in_context_promotion", "making_of", "press", "work")
NOTHING = {"artworks": "none", "locations": "none", "marks": "none", "music": "none", "people": "none"}
OFFICES = {
    "operator": "Proviso Sample Operator",  # trains and renders; every grant of the library names it
    "library": "Proviso Sample Library",  # made the files and holds their rights
    "notary": "Proviso Sample Notary",  # vouches for the performers
}
SHOWN_IN = {  # kind of file -> what can be taken of the person in it, and whether they can be recognised
    "still": (("body", "face"), True),
    "motion": (("body", "performance"), False),
    "voice": (("voice",), True),
}

Entry = Mapping[str, Any]  # one file of index.json


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One statement to be signed: who says it, and what. ``slug`` gives its id and nonce."""

    slug: str
    type: str
    issuer: str  # slug of a party
    body: dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of the library, as the registry will read it."""

    entry: Entry
    asset: str
    sha256: str
    size: int
    media: Media

    @classmethod
    def read(cls, folder: Path, entry: Entry) -> File:
        path = folder / entry["file"]
        data = path.read_bytes()
        with path.open("rb") as file:
            media = read_media(file)
        return cls(
            entry=entry, asset=id_of(f"asset {entry['file']}"), sha256=hashlib.sha256(data).hexdigest(), size=len(data),
            media=media,
        )  # fmt: skip


def id_of(slug: str) -> str:
    """The fixed id of a slug: a UUID of version 7 (RFC 9562) whose random part is drawn from the slug."""
    drawn = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:10], "big")
    value = BORN_MS << 80 | drawn
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


def nonce_of(slug: str) -> bytes:
    """The fixed nonce of a slug."""
    return hashlib.sha256(f"nonce {slug}".encode()).digest()[:16]


def party_id(slug: str) -> str:
    return id_of(f"party {slug}")


def performers(files: Sequence[File]) -> list[str]:
    """The slugs of everybody in the files, sorted."""
    return sorted({person for file in files for person in file.entry["people"]})


def aspects_of(performer: str, files: Sequence[File]) -> list[str]:
    """What of a performer the files show."""
    kinds = {file.entry["kind"] for file in files if performer in file.entry["people"]}
    return sorted({aspect for kind in kinds for aspect in SHOWN_IN[kind][0]})


def acts(files: Sequence[File], keys: Mapping[str, dict[str, Json]]) -> list[tuple[str, list[Act]]]:
    """Return every act by chapter, in order; ``keys`` gives each party's public key as JSON."""
    people = performers(files)
    return [
        ("parties", [*_offices(keys), *(_performer(slug, keys[slug]) for slug in people)]),
        ("identities", [_vouch(slug) for slug in people]),
        ("work", [_work()]),
        ("assets", [_asset(file) for file in files]),
        ("appearances", [_appearance(file, person) for file in files for person in file.entry["people"]]),
        ("title", [_title("picture", ["motion", "picture", "style"]), _title("master", ["sound"])]),
        ("licence", [_licence()]),
        ("consents", [_consent(slug, files) for slug in people]),
    ]


def _offices(keys: Mapping[str, dict[str, Json]]) -> Iterator[Act]:
    for slug, name in OFFICES.items():
        yield _party(slug, name, "organisation", keys[slug])


def _performer(slug: str, key: dict[str, Json]) -> Act:
    return _party(slug, slug.replace("-", " ").title(), "person", key)


def _party(slug: str, name: str, kind: str, key: dict[str, Json]) -> Act:
    body: dict[str, Json] = {
        "party": party_id(slug), "kind": kind, "name": name, "identifiers": {}, "affiliates": [], "born": None,
        "domicile": None, "unions": [], "key": key,
    }  # fmt: skip
    return Act(slug=f"party.registered {slug}", type="party.registered", issuer=slug, body=body)


def _vouch(slug: str) -> Act:
    body: dict[str, Json] = {
        "party": party_id(slug), "level": "document", "checked_on": SINCE,
        "method": "a drawn figure: compared with the index of the sample library; no living person",
    }  # fmt: skip
    return Act(slug=f"identity.vouched {slug}", type="identity.vouched", issuer="notary", body=body)


def _work() -> Act:
    body: dict[str, Json] = {
        "work": id_of("work"), "title": OFFICES["library"], "kind": "other", "identifiers": {},
    }  # fmt: skip
    return Act(slug="work.registered", type="work.registered", issuer="library", body=body)


def _asset(file: File) -> Act:
    people = "listed" if file.entry["people"] else "none"
    body: dict[str, Json] = {
        "asset": file.asset, "kind": file.entry["kind"], "title": file.entry["title"], "sha256": file.sha256,
        "size": file.size, "media": file.media.format(), "inventory": NOTHING | {"people": people},
        "work": id_of("work"),
    }  # fmt: skip
    return Act(slug=f"asset.registered {file.entry['file']}", type="asset.registered", issuer="library", body=body)


def _appearance(file: File, person: str) -> Act:
    aspects, recognisable = SHOWN_IN[file.entry["kind"]]
    body: dict[str, Json] = {
        "asset": file.asset, "performer": party_id(person), "aspects": [*aspects], "spans": None,
        "recognisable": recognisable,
    }  # fmt: skip
    slug = f"appearance.recorded {file.entry['file']} {person}"
    return Act(slug=slug, type="appearance.recorded", issuer="library", body=body)


def _title(right: str, aspects: list[str]) -> Act:
    everything = _scope(
        acts=["alter", "condition", "distribute", "finetune", "scan", "store", "sublicense", "train"],
        aspects=aspects, purposes=PURPOSES.terms, content=LABELS.terms,
    )  # fmt: skip
    body: dict[str, Json] = {
        "claimant": party_id("library"), "subject": {"kind": "work", "id": id_of("work")}, "right": right,
        "nature": "economic", "scopes": [everything], "share": [1, 1], "document_sha256": None,
    }  # fmt: skip
    return Act(slug=f"title.claimed {right}", type="title.claimed", issuer="library", body=body)


def _licence() -> Act:
    aspects = ["motion", "picture", "sound", "style"]
    boxes = [
        _scope(acts=["store", "train"], aspects=aspects, purposes=["work"], media=["internal"]),
        _scope(
            acts=["alter", "condition", "distribute"], aspects=aspects, purposes=REFERENCE_PURPOSES,
            content=LABELS.terms,
        ),
    ]  # fmt: skip
    body: dict[str, Json] = {
        "licensor": party_id("library"), "licensee": party_id("operator"),
        "subjects": [{"id": id_of("work"), "kind": "work"}], "new_assets": True, "scopes": _ordered(boxes),
        "exclusivity": "none", "sublicensable": False, "caps": {"shots": None}, "parent": None, "holdbacks": [],
        "approvals": [], "options": [], "ends_unless": None, "product_categories": [], "document_sha256": None,
        "signed_on": None,
    }  # fmt: skip
    return Act(slug="licence.granted", type="licence.granted", issuer="library", body=body)


def _consent(slug: str, files: Sequence[File]) -> Act:
    aspects = aspects_of(slug, files)
    boxes = [
        _scope(acts=["scan", "store", "train"], aspects=aspects, purposes=["work"], media=["internal"]),
        _scope(acts=["condition", "distribute"], aspects=aspects, purposes=REFERENCE_PURPOSES),
    ]
    body: dict[str, Json] = {
        "performer": party_id(slug), "grantee": party_id("operator"), "scopes": _ordered(boxes),
        "description": "Training of the starter engine, and shots by its operator to try it out",
        "role": None, "scenes": "any", "dialogue": {"kind": "any", "script_sha256": None},
        "replica_use": ["alteration", "background", "employment_based", "independently_created", "synthetic"],
        "replaces_in_person_work": False, "represented": False, "basis": "consent",
        "revocation": {"kind": "at_will", "notice_hours": None}, "approvals": [], "caps": {"shots": None},
        "survives_death": False, "tail": {"condition": "pull", "distribute": "keep"}, "minor": False,
        "strike": "continues", "assignable": False, "future_projects": [], "retention_until": None,
        "cooling_off_until": None, "supersedes": [],
    }  # fmt: skip
    return Act(slug=f"consent.granted {slug}", type="consent.granted", issuer=slug, body=body)


def _scope(
    *, acts: list[str], aspects: list[str], purposes: Sequence[str], media: Sequence[str] = MEDIA.terms,
    content: Sequence[str] = (),
) -> dict[str, Json]:  # fmt: skip
    labels: list[Json] = [*sorted(content)]
    return {
        "acts": [*acts], "aspects": [*aspects], "purposes": [*sorted(purposes)], "media": [*sorted(media)],
        "territories": [*sorted(TERRITORIES.terms)], "languages": ["*"], "projects": ["*"],
        "window": [f"{SINCE}T00:00:00Z", None], "content": {"depicts": labels, "scene": labels},
    }  # fmt: skip


def _ordered(boxes: list[dict[str, Json]]) -> list[Json]:
    return [*sorted(boxes, key=canonical)]
